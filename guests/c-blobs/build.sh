#!/usr/bin/env bash
# C → a component over wasi:blobstore, freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
freestanding c-blobs 0.2.12 blobs.c
