#!/usr/bin/env bash
# C# → a WASI 0.1 command of 3.5 MB: the program and what it needs of .NET, trimmed, linked with Mono's interpreter from NuGet and wasi-libc.
# .NET makes that for browsers only; wasi/ stands between it and WASI. WASI_SYSROOT: where wasi-libc is, when not in /usr.
set -euo pipefail
cd "$(dirname "$0")"
version=10.0.12
missing() { echo "missing: $1" >&2; exit 1; }
clang=$(command -v clang-22 || command -v clang) || missing "clang 19 or later (Debian: clang-22)"
llvm=$(dirname "$(dirname "$(readlink -f "$clang")")")
sysroot=${WASI_SYSROOT:-/usr}
nuget=${NUGET_PACKAGES:-$HOME/.nuget/packages}
mono=$nuget/microsoft.netcore.app.runtime.mono.browser-wasm/$version/runtimes/browser-wasm
out=obj/wasi
[ -e "$sysroot/lib/wasm32-wasip1/libc.a" ] || missing "wasi-libc of 2025 or later (Debian: wasi-libc of trixie-backports; elsewhere: WASI_SYSROOT=…/wasi-sysroot)"
[ -e "$llvm/lib/wasm32-wasi/libc++.a" ] || missing "libc++ for WASI (Debian: libc++-22-dev-wasm32)"
builtins=$("$clang" --target=wasm32-wasi --print-resource-dir)/lib/wasi/libclang_rt.builtins-wasm32.a
[ -e "$builtins" ] || missing "compiler-rt for WASI (Debian: libclang-rt-22-dev-wasm32)"

mkdir -p $out
[ -d "$mono" ] || dotnet restore wasi/toolchain.csproj -v q --nologo
[ -e $out/tables/tables.dll ] || dotnet build wasi/tables -c Release -v q --nologo -o $out/tables >/dev/null
dotnet build app.csproj -c Release -v q --nologo -o $out/app
rm -rf $out/trimmed
dotnet exec --roll-forward Major "$nuget/microsoft.net.illink.tasks/$version/tools/net/illink.dll" -a $out/app/app.dll -d "$mono/lib/net10.0" -d "$mono/native" \
    -out $out/trimmed --trim-mode link --action link -b false --skip-unresolved true --nowarn "IL2026;IL2104;IL2057;IL2070" \
    --feature System.Globalization.Invariant true --feature System.TimeZoneInfo.Invariant true \
    --feature System.Diagnostics.Tracing.EventSource.IsSupported false --feature System.Diagnostics.Debugger.IsSupported false >$out/trim.log || { cat $out/trim.log >&2; exit 1; }

# What the runtime calls by name, and the assemblies, as C.
"$llvm/bin/llvm-nm" --quiet --defined-only --format=just-symbols "$mono"/native/libSystem.Native.a "$mono"/native/libSystem.IO.Compression.Native.a >$out/symbols
sed -nE 's/.*:wasm_invoke_([vildf]+)$/\1/p' "$mono/native/dotnet.native.js.symbols" | sort -u >$out/signatures
dotnet $out/tables/tables.dll $out/symbols $out/signatures $out $out/trimmed/*.dll
{
    echo '#include "runtime.h"'
    i=0 rows=
    for dll in "$PWD/$out"/trimmed/*.dll; do
        printf 'static const unsigned char a%d[] = {\n#embed "%s"\n};\n' $i "$dll"
        rows+="{\"$(basename "$dll")\", a$i, sizeof a$i}, "
        i=$((i + 1))
    done
    echo "const struct bundled bundled_assemblies[] = {$rows{0, 0, 0}};"
    echo 'const char *const entry_assembly = "app";'
} >$out/assemblies.c

objects=()
for source in "$mono"/native/src/{runtime,pinvoke}.c $out/assemblies.c wasi/native/{libc,runtime,command}.c; do
    objects+=("$out/${#objects[@]}.o")
    "$clang" --target=wasm32-wasip1 --sysroot="$sysroot" -std=gnu23 -O2 -w -DGEN_PINVOKE=1 -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN \
        -Iwasi/native -I$out -I"$mono/native/include/mono-2.0" -I"$mono/native/include/wasm" -c "$source" -o "${objects[-1]}"
done
libraries=()
for library in monosgen-2.0 mono-ee-interp mono-component-debugger-stub-static mono-component-diagnostics_tracing-stub-static \
    mono-component-hot_reload-stub-static mono-component-marshal-ilgen-static mono-icall-table mono-wasm-nosimd System.Native \
    System.IO.Compression.Native z brotlienc brotlidec brotlicommon; do
    libraries+=("$mono/native/lib$library.a")
done
wraps=()
for function in mmap munmap mprotect clock_gettime clock_getres stat lstat fstat open readdir dup fcntl; do wraps+=("--wrap=$function"); done
"$llvm/bin/wasm-ld" -m wasm32 "${wraps[@]}" --allow-multiple-definition --strip-all --stack-first -z stack-size=5242880 \
    -L"$sysroot/lib/wasm32-wasip1" -L"$llvm/lib/wasm32-wasi" "$sysroot/lib/wasm32-wasip1/crt1-command.o" "${objects[@]}" "${libraries[@]}" \
    -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid -lc -lc++ -lc++abi "$builtins" -o app.wasm
