#!/usr/bin/env bash
# Rust → core module without WASI.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/rust-core"
rust_build wasm32-unknown-unknown
cp "$WORK/rust.wasm" rust-core.wasm
report "$PWD/rust-core.wasm"
