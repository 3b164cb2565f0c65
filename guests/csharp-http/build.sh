#!/usr/bin/env bash
# C# on Mono's interpreter → wasi:http 0.2 component, into artifacts/guests.
# Wizer runs `guest_initialize` now and keeps the memory that it leaves: an instance starts with .NET loaded and one request behind it.
# What was drawn at random by then, such as the seed of string hashes, is the same in all instances; cryptographic randomness is drawn when asked for.
source "$(dirname "$0")/../lib.sh"
source "$GUESTS/csharp/relink.sh"
out=$ARTIFACTS/guests/csharp-http.wasm
mkdir -p "${out%/*}"
relink csharp-http "$WORK/core.wasm" "$SYSROOT/lib/wasm32-wasip1/crt1-reactor.o" --no-entry -- http.c
wizer=$GUESTS/node_modules/.bin/wizer
need "$wizer" js
"$wizer" --allow-wasi --wasm-bulk-memory true --wasm-reference-types true --wasm-multi-value true --wasm-simd true \
    --init-func guest_initialize "$WORK/core.wasm" -o "$WORK/initialized.wasm"
component "$WORK/initialized.wasm" "$out" "$GUESTS/csharp-http/world.wit" csharp-http 0.2.12 utf8 --wasi-reactor
report "$out"
