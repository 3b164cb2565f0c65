# Sourced by every build.sh: where the tools are, and how a core module becomes a component.
# A build installs nothing. It says what is missing and names the line of toolchains.sh that brings it.
set -euo pipefail

GUESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ARTIFACTS=${WINDHOVER_ARTIFACTS:-$(cd "$GUESTS/.." && pwd)/artifacts}
TOOLS=$ARTIFACTS/toolchains
SYSROOT=$TOOLS/sysroot/usr
LLVM=/usr/lib/llvm-22
BUILTINS=$LLVM/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a
JCO=$GUESTS/node_modules/.bin/jco
WASI_WIT=$GUESTS/node_modules/@bytecodealliance/jco/lib/wit/builtin
export NPM_CONFIG_UPDATE_NOTIFIER=false

# need PATH-OR-COMMAND TOOLCHAIN: ends the build when a tool is not there.
need() {
    if [[ $1 == /* ]]; then [[ -e $1 ]] && return; else command -v "$1" >/dev/null && return; fi
    echo "missing: $1 — run guests/toolchains.sh $2" >&2
    exit 2
}

# A scratch folder that goes away with the shell.
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# component CORE OUT WIT-FILE WORLD WASI-VERSION [ENCODING] [jco-new options …]
# Embeds the world's type in the core module and wraps it. WASI's own WIT comes with jco; WASI-VERSION is 0.2.12, 0.3.0 or - for none.
component() {
    local core=$1 out=$2 wit=$3 world=$4 version=$5 encoding=${6:-utf8}
    shift $(($# < 6 ? $# : 6))
    need "$JCO" js
    rm -rf "$WORK/wit"
    mkdir -p "$WORK/wit/deps"
    cp $wit "$WORK/wit/" # one file or several
    [[ $version == - ]] || cp -r "$WASI_WIT/$version"/. "$WORK/wit/deps/"
    "$JCO" embed "$core" --wit "$WORK/wit" -n "$world" --string-encoding "$encoding" -o "$WORK/embedded.wasm" >/dev/null
    "$JCO" new "$WORK/embedded.wasm" "$@" -o "$out" >/dev/null
}

# wasi_command OUT SOURCE… [flags]: C or C++ → a WASI 0.1 command, linked with wasi-libc.
wasi_command() {
    local out=$1 object=() flags=() libs=() source n=0
    shift
    need clang-22 c
    need "$SYSROOT/lib/wasm32-wasip1/libc.a" c
    for source; do
        case $source in
            *.c | *.cpp) object+=("$source") ;;
            -l* | --wrap=* | *.a) libs+=("$source") ;;
            *) flags+=("$source") ;;
        esac
    done
    local objects=()
    for source in "${object[@]}"; do
        n=$((n + 1))
        clang-22 --target=wasm32-wasip1 --sysroot="$SYSROOT" -O2 "${flags[@]}" -c "$source" -o "$WORK/$n.o"
        objects+=("$WORK/$n.o")
    done
    wasm-ld-22 -m wasm32 --strip-all --stack-first -z stack-size=1048576 -L"$SYSROOT/lib/wasm32-wasip1" -L"$LLVM/lib/wasm32-wasi" \
        "$SYSROOT/lib/wasm32-wasip1/crt1-command.o" "${objects[@]}" "${libs[@]}" -lc "$BUILTINS" -o "$out"
}

# report FILE: one line that says what was built.
report() { printf '%-44s %9d bytes\n' "${1#"$GUESTS/../"}" "$(stat -c %s "$1")"; }
