#!/usr/bin/env bash
# C → wasi:http 0.2 component, freestanding: no libc, so no WASI 0.1 adapter.
source "$(dirname "$0")/../lib.sh"
freestanding c-http 0.2.12 http.c
