#!/usr/bin/env bash
# C → wasi:http 0.2 component, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-http-fields 0.2.12 fields.c
