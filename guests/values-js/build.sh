#!/usr/bin/env bash
# Every value type through JavaScript on QuickJS. The world is that of guests/values without resources and text.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/values-js"
{ sed '/^world /,$d' ../values/values.wit; printf 'world values-js {\n  import roundtrip;\n  export roundtrip;\n}\n'; } >"$WORK/values.wit"
quickjs values.js "$WORK/values.wit" values-js values-js.wasm - --sync --stub-wasi --opt-size
