#!/usr/bin/env bash
# Rust → WASI 0.1 command.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/rust-cli"
rust_build wasm32-wasip1 bin "$SYSROOT/lib/wasm32-wasip1/crt1-command.o"
cp "$WORK/rust.wasm" rust-cli.wasm
report "$PWD/rust-cli.wasm"
