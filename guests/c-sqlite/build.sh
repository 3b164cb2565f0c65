#!/usr/bin/env bash
# C → a component over both names of embedded databases, freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
freestanding c-sqlite 0.2.12 sqlite.c
