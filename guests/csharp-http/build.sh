#!/usr/bin/env bash
# C# on Mono's interpreter → wasi:http 0.2 component, into artifacts/guests.
source "$(dirname "$0")/../lib.sh"
source "$GUESTS/csharp/relink.sh"
out=$ARTIFACTS/guests/csharp-http.wasm
mkdir -p "${out%/*}"
relink csharp-http "$WORK/core.wasm" "$SYSROOT/lib/wasm32-wasip1/crt1-reactor.o" --no-entry -- http.c
component "$WORK/core.wasm" "$out" "$GUESTS/csharp-http/world.wit" csharp-http 0.2.12 utf8 --wasi-reactor
report "$out"
