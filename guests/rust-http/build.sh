#!/usr/bin/env bash
# Rust → wasi:http 0.2 component. The bindings carry the world's type, so `jco new` needs no WIT.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/rust-http"
rust_build wasm32-wasip2 "$SYSROOT/lib/wasm32-wasip2/crt1-reactor.o"
need "$JCO" js
"$JCO" new "$WORK/rust.wasm" -o rust-http.wasm >/dev/null
report "$PWD/rust-http.wasm"
