#!/usr/bin/env bash
# C# on Mono's interpreter → WASI 0.1 command, into artifacts/guests.
source "$(dirname "$0")/../lib.sh"
source "$GUESTS/csharp/relink.sh"
out=$ARTIFACTS/guests/csharp-cli.wasm
mkdir -p "${out%/*}"
relink csharp-cli "$out" "$SYSROOT/lib/wasm32-wasip1/crt1-command.o" -- command.c
report "$out"
