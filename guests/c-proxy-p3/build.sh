#!/usr/bin/env bash
# C → wasi:http 0.3 component that imports the client, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-proxy-p3 0.3.0 proxy.c
