#!/usr/bin/env bash
# C → a middleware of wasi:http 0.3, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-gate-p3 0.3.0 gate.c
