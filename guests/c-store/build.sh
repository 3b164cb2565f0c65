#!/usr/bin/env bash
# C → a wasi:http component that shows what it was granted: environment, configuration, a key-value store, topics; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$WORK/deps
mkdir "$WIT_DEPS"
cp -r "$GUESTS"/../wit/capabilities/{config/deps/wasi-config.wit,embedded/deps/*} "$WIT_DEPS"
freestanding c-store 0.2.12 store.c
