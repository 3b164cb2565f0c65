#!/usr/bin/env bash
# C → wasi:http 0.2 component, freestanding: every way in which a guest can misbehave, by the path of the request.
source "$(dirname "$0")/../lib.sh"
freestanding c-hostile 0.2.12 hostile.c
