#!/usr/bin/env bash
# Rust → WASI 0.1 command, and a WASI 0.2 component without the 0.1 adapter.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/rust-cli"
need "$JCO" js
rust_build wasm32-wasip1 "$SYSROOT/lib/wasm32-wasip1/crt1-command.o"
cp "$WORK/rust.wasm" rust-cli.wasm
rm -rf "$WORK/target"
rust_build wasm32-wasip2 "$SYSROOT/lib/wasm32-wasip2/crt1-command.o"
"$JCO" new "$WORK/rust.wasm" -o rust-cli-p2.wasm >/dev/null
report "$PWD/rust-cli.wasm"
report "$PWD/rust-cli-p2.wasm"
