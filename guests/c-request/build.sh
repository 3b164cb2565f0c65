#!/usr/bin/env bash
# C → a component that asks by both names of messaging, and answers by wasi:messaging; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=${WIT_DEPS:-$GUESTS/../wit/capabilities/embedded/deps}
freestanding c-request 0.2.12 request.c
