#!/usr/bin/env bash
# C → components against Spin's interfaces, freestanding. The apps around them are in apps/, each with the spin.toml that its author would write.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/c-spin"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
for name in store todo; do
    freestanding_core "$WORK/$name-core.wasm" "$name.c"
    component "$WORK/$name-core.wasm" "$name.wasm" "$name.wit" "$name" 0.2.12
    report "$PWD/$name.wasm"
done
