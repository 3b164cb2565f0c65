#!/usr/bin/env bash
# Every value type of the component model in both directions: generated C → three components, one for each string encoding.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/values"
need node js
node generate.mjs wit >values.wit
node generate.mjs c >"$WORK/generated.c"
build() { # OUT ENCODING [flags]
    freestanding_core "$WORK/core.wasm" "$WORK/generated.c" -Wno-unused-function "${@:3}"
    component "$WORK/core.wasm" "$1" "values.wit resources.wit" values - "$2"
    report "$PWD/$1"
}
build values.wasm utf8
build values-utf16.wasm utf16 -DUTF16
build values-latin1.wasm compact-utf16 -DLATIN1
