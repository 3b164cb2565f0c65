#!/usr/bin/env bash
# Builds everything and runs all tests. Usage: ./test.sh [--suites DIR] [--no-format] [FILTER]
#
#   --suites DIR   also run outside suites found in DIR (component-model/, wasi-testsuite-base/, wasm-tools/ …); as WINDHOVER_SUITES=DIR
#   --no-format    leave out `dotnet format --verify-no-changes`
#   FILTER         only tests whose full name (Windhover.Cli.Tests.RunTests.…) contains it; leaves out the format check
#
# The last line is `N passed, N failed` (and `, N skipped`), over all test projects. The exit status is 0 only when nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

configuration=Release
seconds_per_project=900
results=artifacts/test-results
format=1
filter=

# What tests need from Debian: a command that proves it is there, and the package that brings it.
needed=(
    git:git
    find:findutils
    flock:util-linux
    redis-server:redis-server
    setpriv:util-linux
    psql:postgresql
    npm:npm # an S3 server
    curl:curl # the tutorial
    chromium:chromium # what people see is tested in a browser
    script:bsdutils # a terminal, for the tests of colours and progress lines
)

while [ $# -gt 0 ]; do
    case $1 in
    --suites)
        [ $# -ge 2 ] || { echo "test.sh: --suites needs a folder" >&2; exit 2; }
        export WINDHOVER_SUITES=$2
        shift
        ;;
    --suites=*) export WINDHOVER_SUITES=${1#*=} ;;
    --no-format) format= ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "test.sh: unknown option $1 (see --help)" >&2; exit 2 ;;
    *)
        [ -z "$filter" ] || { echo "test.sh: more than one filter" >&2; exit 2; }
        filter=$1
        format=
        ;;
    esac
    shift
done
if [ -n "${WINDHOVER_SUITES:-}" ]; then
    [ -d "$WINDHOVER_SUITES" ] || { echo "test.sh: the folder of suites $WINDHOVER_SUITES does not exist" >&2; exit 2; }
    WINDHOVER_SUITES=$(cd "$WINDHOVER_SUITES" && pwd)
fi

step() { printf '== %s (%d s)\n' "$1" "$SECONDS"; }

install_missing() {
    local missing=() entry
    for entry in "${needed[@]}"; do
        command -v "${entry%%:*}" >/dev/null || missing+=("${entry#*:}")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    step "installing ${missing[*]}"
    local root=()
    [ "$(id -u)" = 0 ] || root=(sudo -n)
    export DEBIAN_FRONTEND=noninteractive
    "${root[@]}" apt-get update -qq </dev/null && "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null && return 0
    echo "test.sh: could not install ${missing[*]}: run apt-get install ${missing[*]} as root" >&2
    return 1
}

# Into a file: build servers outlive the build and would hold a pipe open for whoever waits for its end.
logged() {
    local log=$results/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null && return 0
    grep -E '(error|warning) ' "$log" | sort -u | head -n 60
    echo "test.sh: all of it is in $log"
    return 1
}

passed=0 failed=0 skipped=0
finish() {
    # Once more at the end: a record of the run that keeps only its last lines still says what failed.
    [ $failed = 0 ] || awk '/\[FAIL\]$/ { on = 1; print; next } /^ {6}/ { if (on) print; next } { on = 0 }' "$results"/*.out 2>/dev/null | head -n 200
    grep -ohE '[[:alnum:]_./@-]+: [0-9]+ of [0-9]+[^<]*' "$results"/*.out "$results"/*.xml 2>/dev/null | sort -u
    echo "$passed passed, $failed failed$([ $skipped = 0 ] || echo ", $skipped skipped")"
    [ $failed = 0 ]
    exit
}

broken() {
    echo "FAILED: $1"
    failed=$((failed + 1))
}

# Counts from the runner's last line; a project without one has crashed or hung.
count() {
    local summary
    summary=$(grep -aoE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+, Not Run: [0-9]+' "$2" | tail -n 1)
    if [ -z "$summary" ]; then
        # Nothing in this project fits the filter.
        [ -n "$filter" ] && [ "$3" = 0 ] && grep -aq 'Total: 0$' "$2" && return
        broken "$1 ended with status $3 and no summary"
        return
    fi
    local total errors bad left_out not_run
    read -r total errors bad left_out not_run < <(echo "$summary" | tr -c '0-9\n' ' ')
    passed=$((passed + total - bad - left_out - not_run))
    failed=$((failed + errors + bad))
    skipped=$((skipped + left_out))
    [ "$3" = 0 ] || [ $((errors + bad)) != 0 ] || broken "$1 ended with status $3"
}

rm -rf "$results"
mkdir -p "$results"
if ! command -v dotnet >/dev/null; then
    broken "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
    finish
fi
install_missing || { broken "tools are missing"; finish; }

step "building"
if ! logged build dotnet build Windhover.slnx --configuration $configuration --nologo --verbosity quiet; then
    broken "the build"
    finish
fi

if [ -n "$format" ]; then
    step "checking the format"
    # By environment, since it has no option for it: the source generator that it loads is the one just built.
    Configuration=$configuration logged format dotnet format Windhover.slnx --verify-no-changes --no-restore --verbosity quiet || broken "dotnet format --verify-no-changes"
fi

for project in tests/*/*.csproj; do
    name=$(basename "$project" .csproj)
    program=tests/$name/bin/$configuration/net10.0/$name
    step "$name"
    arguments=(-noLogo -noColor -xml "$results/$name.xml")
    [ -z "$filter" ] || arguments+=(-method "*$filter*")
    timeout --kill-after=10 $seconds_per_project "$program" "${arguments[@]}" </dev/null 2>&1 | tee "$results/$name.out" | grep -avE '^ *(Discovering|Discovered|Starting|Finished): '
    count "$name" "$results/$name.out" "${PIPESTATUS[0]}"
done
step "done"
[ -z "$filter" ] || [ $((passed + failed + skipped)) != 0 ] || broken "no test's name contains $filter"
finish
