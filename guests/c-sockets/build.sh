#!/usr/bin/env bash
# C + wasi-libc for WASI 0.2 → command component with sockets, without the 0.1 adapter.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/c-sockets"
target=wasm32-wasip2 wasi_command "$WORK/core.wasm" sockets.c -Wall -Wextra -Werror
need "$JCO" js
"$JCO" new "$WORK/core.wasm" -o c-sockets.wasm >/dev/null
report "$PWD/c-sockets.wasm"
