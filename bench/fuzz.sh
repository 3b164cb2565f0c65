#!/usr/bin/env bash
# The tests on random input, for a time instead of a number of inputs. Usage: bench/fuzz.sh MINUTES [abi] [decoder] [wit]   (none named: all, one after the other)
#
#   abi       random types: values lowered and lifted again, lifting from memory that holds anything
#   decoder   damaged components, and random sections
#   wit       damaged WIT files (with WINDHOVER_SUITES also those of the reference suite)
#
# Runs a build of its own, so the repository may be rebuilt meanwhile. What is found is printed with its seed or input, and the exit status is 1: make
# it a permanent case of the test that found it. At night:   nohup nice bench/fuzz.sh 120 >fuzz.log 2>&1 &
set -uo pipefail
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export WINDHOVER_FUZZ_MINUTES=$1
shift
[ $# -gt 0 ] || set -- abi decoder wit
work=$root/artifacts/fuzz-$$ # inside of the repository, whose guests and WIT files the tests look for
trap 'rm -rf "$work"' EXIT
failed=0

fuzz() {
    local project=$1
    shift
    [ -d "$work/$project" ] || dotnet build -c Release --nologo -v quiet -p:RunAnalyzers=false -o "$work/$project" "$root/tests/$project" >&2 || exit 1
    local filters=() name
    for name; do filters+=(-method "$name"); done
    echo "== $* ($(date -u +%H:%M), $WINDHOVER_FUZZ_MINUTES minutes each)"
    "$work/$project/$project" -noLogo -noColor -showLiveOutput "${filters[@]}" </dev/null || failed=1
}

for target; do
    case $target in
    abi) fuzz Windhover.Components.Tests '*AbiFuzzTests*' ;;
    decoder) fuzz Windhover.Components.Tests '*HostileInputTests.Mutations_never_escape' '*HostileInputTests.Random_sections_never_escape' ;;
    wit) fuzz Windhover.Wit.Tests '*MutationTests.Damaged_files_never_crash_or_hang' ;;
    *) echo "fuzz.sh: no target '$target' (abi, decoder, wit)" >&2; exit 2 ;;
    esac
done
exit $failed
