#!/usr/bin/env bash
# C++ (libc++, without exceptions) → WASI 0.1 command.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/cpp-cli"
need "$LLVM/lib/wasm32-wasi/libc++.a" cpp
wasi_command cpp-cli.wasm cli.cpp -std=c++20 -fno-exceptions -Wall -Wextra -Werror \
    -isystem "$LLVM/include/wasm32-wasi/c++/v1" -lc++ -lc++abi
report "$PWD/cpp-cli.wasm"
