#!/usr/bin/env bash
# JavaScript on QuickJS → wasi:http 0.3 component.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/js-p3"
quickjs http.js world.wit js-p3 js-p3.wasm 0.3.0 --opt-size
