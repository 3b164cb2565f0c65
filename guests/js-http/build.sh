#!/usr/bin/env bash
# JavaScript on StarlingMonkey → wasi:http 0.2 component, 12 MB, into artifacts/guests.
# Its fetch event is tied to the engine's wasi 0.2.10, while jco brings the WIT of 0.2.12: it is renumbered, and one gate is opened as in the engine's.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/js-http"
out=$ARTIFACTS/guests/js-http.wasm
mkdir -p "${out%/*}"
wit_folder world.wit 0.2.12
find "$WORK/wit" -name '*.wit' -exec sed -i 's/@0\.2\.12/@0.2.10/g; /@unstable(feature = network-error-code)/d' {} +
"$JCO" componentize http.js --wit "$WORK/wit" -n js-http -o "$out" >/dev/null
report "$out"
