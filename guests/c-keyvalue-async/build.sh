#!/usr/bin/env bash
# C → a component over the asynchronous names of key-value stores, whose functions it calls by blocking; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
freestanding c-keyvalue-async 0.2.12 keyvalue.c
