#!/usr/bin/env bash
# The shop's rules in three languages: C, Rust and JavaScript. Needs guests/toolchains.sh c js rust; the binaries are in the repository.
source "$(dirname "$0")/../../../guests/lib.sh"
cd "$GUESTS/../samples/Shop/plugins"

# jco wants a package of one world: the others are left out.
world() { { grep -v '^world ' ../wit/shop.wit; grep "^world $1 " ../wit/shop.wit; } >"$WORK/$1.wit"; }
for name in pricing-plugin tax-plugin search-plugin; do world $name; done

c_plugin() { # OUT [flags]
    freestanding_core "$WORK/core.wasm" src/pricing.c -I"$GUESTS/common" "${@:2}"
    component "$WORK/core.wasm" "$1" "$WORK/pricing-plugin.wit" pricing-plugin -
    report "$PWD/$1"
}

c_plugin pricing-c.wasm
c_plugin pricing-summer.wasm -DSUMMER
c_plugin pricing-hostile.wasm -DHOSTILE -Wno-unreachable-code
quickjs src/search.js "$WORK/search-plugin.wit" search-plugin search-js.wasm - --sync --stub-wasi --opt-size
[[ ${1:-} == --no-rust ]] && exit
cd src/tax-rust
rust_build wasm32-unknown-unknown
cd ../..
component "$WORK/rust.wasm" tax-rust.wasm "$WORK/tax-plugin.wit" tax-plugin -
report "$PWD/tax-rust.wasm"
