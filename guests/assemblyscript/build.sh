#!/usr/bin/env bash
# AssemblyScript → a core module and a WASI 0.1 command.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/assemblyscript"
asc=$GUESTS/node_modules/.bin/asc
need "$asc" js
"$asc" core.ts -O3 --noAssert --runtime stub --use abort= -o assemblyscript-core.wasm
"$asc" command.ts -O3 --noAssert --config "../node_modules/@assemblyscript/wasi-shim/asconfig.json" -o assemblyscript.wasm
report "$PWD/assemblyscript-core.wasm"
report "$PWD/assemblyscript.wasm"
