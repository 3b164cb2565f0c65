#!/usr/bin/env bash
# C → a component over every synchronous name of key-value stores, freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
freestanding c-keyvalue 0.2.12 keyvalue.c
