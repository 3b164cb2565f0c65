#!/usr/bin/env bash
# C → wasi:http 0.3 component, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-http-p3 0.3.0 http.c
