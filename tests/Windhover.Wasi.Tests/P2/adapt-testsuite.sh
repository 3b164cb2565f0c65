#!/usr/bin/env bash
# Makes components of WASI 0.2 out of the wasi-testsuite's 0.1 programs, with jco's adapter, for WasiTestsuiteTests:
#   WINDHOVER_SUITES=… tests/Windhover.Wasi.Tests/P2/adapt-testsuite.sh
# They go to artifacts/wasi-testsuite-p2 (not in git; another place: WINDHOVER_ARTIFACTS). 72 programs, about a minute.
. "$(dirname "${BASH_SOURCE[0]}")/../../../guests/lib.sh"
need "$JCO" js
suite=${WINDHOVER_SUITES:?the folder that holds wasi-testsuite-base/}/wasi-testsuite-base/tests
for language in assemblyscript c rust; do
    out=$ARTIFACTS/wasi-testsuite-p2/$language
    mkdir -p "$out"
    for program in "$suite/$language"/testsuite/wasm32-wasip1/*.wasm; do
        [[ -s $out/${program##*/} ]] || "$JCO" new "$program" --wasi-command -o "$out/${program##*/}" >/dev/null
    done
done
find "$ARTIFACTS/wasi-testsuite-p2" -name '*.wasm' | wc -l
