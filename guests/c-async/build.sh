#!/usr/bin/env bash
# C → a component whose functions are async, without WASI.
source "$(dirname "$0")/../lib.sh"
freestanding c-async - async.c
