#!/usr/bin/env bash
# Rust → wasi:http 0.2 component that imports outgoing-handler. The bindings carry the world's type, so `jco new` needs no WIT.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/rust-proxy"
rust_build wasm32-wasip2 "$SYSROOT/lib/wasm32-wasip2/crt1-reactor.o"
need "$JCO" js
"$JCO" new "$WORK/rust.wasm" -o rust-proxy.wasm >/dev/null
report "$PWD/rust-proxy.wasm"
