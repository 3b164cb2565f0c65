#!/usr/bin/env bash
# A bounded number of requests of every kind against one server, watched for leaks. Usage: bench/soak.sh [REQUESTS, 5000000]
#
#   c-http under /: /, /headers, /echo, /splice, /trap, /sleep/1, /memory/4, /status/404;   rust-http as rust.localhost: /, /words, /primes/100
#   where they were built (guests/build-all.sh js-http csharp-http): js-http as js.localhost, csharp-http as csharp.localhost, 1 % each
#   and clients that leave: in the middle of what they send, and without reading the answer
#
# Samples resident memory, memory maps and threads; prints PASS or FAIL for each promise, and exits with 1 when one failed. Server and guests are
# copies of its own, so the repository may be rebuilt meanwhile. It ends by itself: after the requests, or after SOAK_SECONDS (7200). 5 million
# take 20 minutes to an hour:   nohup nice bench/soak.sh >soak.log 2>&1 &
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd .. && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
dotnet publish -c Release --nologo -v quiet -o "$work/server" http/WindhoverHello >&2
cp soak.mjs "$work"
cp "$root"/guests/{c-http/c-http,rust-http/rust-http}.wasm "$work"
guests=("rust.localhost=$work/rust-http.wasm")
for name in js csharp; do
    [ -f "$root/artifacts/guests/$name-http.wasm" ] || { echo "soak.sh: without $name: guests/build-all.sh $name-http makes it" >&2; continue; }
    cp "$root/artifacts/guests/$name-http.wasm" "$work"
    guests+=("$name.localhost=$work/$name-http.wasm")
done
cd "$work"
port=${PORT:-18120}
dotnet server/WindhoverHello.dll "http://127.0.0.1:$port" "$work/cache" "${guests[@]}" "$work/c-http.wasm" >/dev/null &
server=$!
node soak.mjs "$port" "$server" "${1:-5000000}" "${SOAK_SECONDS:-7200}" "${guests[@]%%.*}"
