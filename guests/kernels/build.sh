#!/usr/bin/env bash
# Builds the kernels: freestanding C, one function `run(rounds) -> checksum` each. Needs guests/toolchains.sh c.
set -euo pipefail
cd "$(dirname "$0")"
for source in *.c; do
    flags=()
    [[ $source == *simd* ]] && flags=(-msimd128)
    clang-22 --target=wasm32 -O2 -Wall -Wextra -Werror -nostdlib -ffreestanding -fno-builtin -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=65536 \
        "${flags[@]}" -o "${source%.c}.wasm" "$source"
done
