#!/usr/bin/env bash
# C → components that are told of changes of a key-value store, one for each name of the watcher, and one that answers requests too; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=${WIT_DEPS:-$GUESTS/../wit/capabilities/embedded/deps}
cd "$GUESTS/c-watch"
for name in draft draft2 wasmcloud http_too; do
    freestanding_core "$WORK/core.wasm" watch.c "-D${name^^}"
    name=${name%_too}
    component "$WORK/core.wasm" "c-watch-$name.wasm" "$name.wit" "c-watch-$name" 0.2.12
    report "$PWD/c-watch-$name.wasm"
done
