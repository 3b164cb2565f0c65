#!/usr/bin/env bash
# C → wasi:http 0.2 component, freestanding: no libc, so no WASI 0.1 adapter.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/c-http"
need clang-22 c
clang-22 --target=wasm32 -O2 -std=c23 -ffreestanding -nostdlib -mbulk-memory -Wall -Wextra -Werror -I../common http.c \
    -fuse-ld="$(command -v wasm-ld-22)" -Wl,--no-entry,--strip-all,--stack-first,-z,stack-size=8192 -o "$WORK/core.wasm"
component "$WORK/core.wasm" c-http.wasm world.wit c-http 0.2.12
report "$PWD/c-http.wasm"
