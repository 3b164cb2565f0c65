#!/usr/bin/env bash
# C → a component over both names of PostgreSQL, freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/postgres/deps
freestanding c-postgres 0.2.12 postgres.c
