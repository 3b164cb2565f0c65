#!/usr/bin/env bash
# Every value type of the component model in both directions: generated C → three components, one for each string encoding.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/values"
need clang-22 c
need node js
node generate.mjs wit >values.wit
node generate.mjs c >"$WORK/generated.c"
build() { # OUT ENCODING [flags]
    clang-22 --target=wasm32 -O2 -std=c23 -ffreestanding -nostdlib -mbulk-memory -Wall -Wextra -Werror -Wno-unused-function "${@:3}" \
        -I. -I../common "$WORK/generated.c" \
        -fuse-ld="$(command -v wasm-ld-22)" -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=16384 -o "$WORK/core.wasm"
    component "$WORK/core.wasm" "$1" "values.wit resources.wit" values - "$2"
    report "$PWD/$1"
}
build values.wasm utf8
build values-utf16.wasm utf16 -DUTF16
build values-latin1.wasm compact-utf16 -DLATIN1
