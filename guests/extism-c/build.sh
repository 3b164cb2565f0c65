#!/usr/bin/env bash
# Plain C against Extism's interface → a core module, no toolkit of Extism needed.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/extism-c"
freestanding_core extism-c.wasm plugin.c
report "$PWD/extism-c.wasm"
