#!/usr/bin/env bash
# C → a component that moves bytes and does nothing else, without WASI.
source "$(dirname "$0")/../lib.sh"
freestanding c-stream - stream.c
