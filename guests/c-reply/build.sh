#!/usr/bin/env bash
# C → a component that answers requests by wasmcloud:messaging; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=${WIT_DEPS:-$GUESTS/../wit/capabilities/embedded/deps}
freestanding c-reply 0.2.12 reply.c
