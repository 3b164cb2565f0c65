#!/usr/bin/env bash
# C → WASI 0.3 command, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-hostile-p3 0.3.0 hostile.c
