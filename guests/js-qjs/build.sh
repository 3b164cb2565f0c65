#!/usr/bin/env bash
# JavaScript on QuickJS → component without WASI or async.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/js-qjs"
quickjs plugin.js world.wit js-qjs js-qjs.wasm - --sync --stub-wasi --opt-size
