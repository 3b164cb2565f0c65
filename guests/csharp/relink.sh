# Sourced by the C# guests: Mono's static libraries from NuGet, linked with wasi-libc and the program's trimmed assemblies into one module.
# Both halves of that are meant for the browser; csharp/native stands between them and WASI.

MONO_VERSION=10.0.12
NUGET=$TOOLS/nuget
MONO=$NUGET/microsoft.netcore.app.runtime.mono.browser-wasm/$MONO_VERSION/runtimes/browser-wasm
NATIVE=$GUESTS/csharp/native

# trimmed PROJECT FOLDER: compiles the project and leaves what it needs of itself and of .NET in FOLDER.
trimmed() {
    local name=$1 folder=$2 illink=$NUGET/microsoft.net.illink.tasks/$MONO_VERSION/tools/net/illink.dll
    need dotnet csharp
    need "$illink" csharp
    need "$MONO" csharp
    dotnet build "$GUESTS/$name/$name.csproj" -c Release -v q --nologo -o "$WORK/app" >/dev/null
    dotnet exec --roll-forward Major "$illink" -a "$WORK/app/$name.dll" $([[ $name == *-http ]] && echo all) -d "$MONO/lib/net10.0" -d "$MONO/native" -out "$folder" \
        --trim-mode link --action link -b false --skip-unresolved true --nowarn "IL2026;IL2104;IL2057;IL2070" \
        --feature System.Globalization.Invariant true --feature System.TimeZoneInfo.Invariant true \
        --feature System.Diagnostics.Tracing.EventSource.IsSupported false --feature System.Diagnostics.Debugger.IsSupported false >"$WORK/illink.log" ||
        { cat "$WORK/illink.log" >&2; return 1; }
}

# assemblies FOLDER NAME OUT: C with the assemblies of FOLDER in it; NAME is the program's own.
assemblies() {
    local dll i=0 rows=
    {
        echo '#include "runtime.h"'
        for dll in "$1"/*.dll; do
            printf 'static const unsigned char a%d[] = {\n#embed "%s"\n};\n' $i "$dll"
            rows+="{\"$(basename "$dll")\", a$i, sizeof a$i}, "
            i=$((i + 1))
        done
        echo "const struct bundled bundled_assemblies[] = {$rows{0, 0, 0}};"
        echo "const char *const entry_assembly = \"$2\";"
    } >"$3"
}

# relink NAME OUT LINK-ARGUMENT… -- SOURCE…: the module with the program NAME and these sources of csharp/native.
relink() {
    local name=$1 out=$2 arguments=() objects=() libraries=() wraps=() source library
    shift 2
    for (( ; $#; )); do [[ $1 == -- ]] && break || arguments+=("$1"); shift; done
    shift
    need clang-22 c
    need "$LLVM/lib/wasm32-wasi/libc++.a" cpp
    need "$SYSROOT/lib/wasm32-wasip1/libc.a" c
    trimmed "$name" "$WORK/trimmed"
    for library in monosgen-2.0 mono-ee-interp mono-component-debugger-stub-static mono-component-diagnostics_tracing-stub-static \
        mono-component-hot_reload-stub-static mono-component-marshal-ilgen-static mono-icall-table mono-wasm-nosimd System.Native \
        System.IO.Compression.Native z brotlienc brotlidec brotlicommon; do
        libraries+=("$MONO/native/lib$library.a")
    done

    dotnet build "$GUESTS/csharp/tables/tables.csproj" -c Release -v q --nologo -o "$WORK/tables" >/dev/null
    llvm-nm-22 --quiet --defined-only --format=just-symbols "$MONO"/native/libSystem.Native.a "$MONO"/native/libSystem.IO.Compression.Native.a >"$WORK/symbols"
    sed -nE 's/.*:wasm_invoke_([vildf]+)$/\1/p' "$MONO/native/dotnet.native.js.symbols" | sort -u >"$WORK/signatures"
    dotnet "$WORK/tables/tables.dll" "$WORK/symbols" "$WORK/signatures" "$WORK" "$WORK"/trimmed/*.dll
    assemblies "$WORK/trimmed" "$name" "$WORK/assemblies.c"

    for source in "$MONO"/native/src/{runtime,pinvoke}.c "$WORK/assemblies.c" "$NATIVE"/{libc,runtime}.c "${@/#/$NATIVE/}"; do
        objects+=("$WORK/${#objects[@]}.o")
        clang-22 --target=wasm32-wasip1 --sysroot="$SYSROOT" -std=gnu23 -O2 -w -DGEN_PINVOKE=1 -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_MMAN \
            -I"$NATIVE" -I"$GUESTS/common" -I"$WORK" -I"$MONO/native/include/mono-2.0" -I"$MONO/native/include/wasm" -c "$source" -o "${objects[-1]}"
    done
    for source in mmap munmap mprotect clock_gettime clock_getres stat lstat fstat open readdir dup fcntl; do wraps+=("--wrap=$source"); done
    # Two libraries bring a copy of the same zlib.
    wasm-ld-22 -m wasm32 "${wraps[@]}" --allow-multiple-definition --strip-all --stack-first -z stack-size=5242880 "${arguments[@]}" \
        -L"$SYSROOT/lib/wasm32-wasip1" -L"$LLVM/lib/wasm32-wasi" "${objects[@]}" "${libraries[@]}" \
        -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid -lc -lc++ -lc++abi "$BUILTINS" -o "$out"
}
