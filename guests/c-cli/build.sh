#!/usr/bin/env bash
# C + wasi-libc → a WASI 0.1 command, and the same as a 0.2 component through jco's command adapter.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/c-cli"
wasi_command c-cli.wasm cli.c -Wall -Wextra -Werror
need "$JCO" js
"$JCO" new c-cli.wasm --wasi-command -o c-cli-p2.wasm >/dev/null
report "$PWD/c-cli.wasm"
report "$PWD/c-cli-p2.wasm"
