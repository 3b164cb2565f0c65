#!/usr/bin/env bash
# C → a component that answers HTTP and tells of itself by wasi:otel, freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=${WIT_DEPS:-$GUESTS/../wit/capabilities/otel/deps}
freestanding c-otel 0.2.12 otel.c
