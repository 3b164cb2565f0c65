#!/usr/bin/env bash
# C → a component that satisfies an import of another one, freestanding.
source "$(dirname "$0")/../lib.sh"
freestanding c-rates 0.2.12 rates.c
