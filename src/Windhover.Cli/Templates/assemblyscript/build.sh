#!/bin/sh
# AssemblyScript → a WASI 0.1 command.
set -e
[ -d node_modules ] || npm install --no-audit --no-fund --silent
npx asc main.ts --config node_modules/@assemblyscript/wasi-shim/asconfig.json -O -o app.wasm
