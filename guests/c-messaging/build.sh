#!/usr/bin/env bash
# C → a component that sends by both names of messaging, handles by wasi:messaging, and logs; freestanding.
source "$(dirname "$0")/../lib.sh"
WIT_DEPS=$GUESTS/../wit/capabilities/embedded/deps
freestanding c-messaging 0.2.12 messaging.c
