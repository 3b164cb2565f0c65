#!/usr/bin/env bash
# A bounded number of requests of every kind against one server, watched for leaks. Usage: bench/soak.sh [REQUESTS, 5000000]
#
#   c-http under /: /, /headers, /echo, /splice, /trap, /sleep/1, /memory/4, /status/404;   rust-http as rust.localhost: /, /words, /primes/100
#   and clients that leave: in the middle of what they send, and without reading the answer
#
# Samples resident memory, memory maps and threads; prints PASS or FAIL for each promise, and exits with 1 when one failed.
# It ends by itself: after the requests, or after SOAK_SECONDS (7200).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd .. && pwd)
[ -n "${NO_BUILD:-}" ] || dotnet build -c Release --nologo -v quiet http/WindhoverHello >&2
cache=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$cache"' EXIT
port=${PORT:-18120}
dotnet http/WindhoverHello/bin/Release/net10.0/WindhoverHello.dll "http://127.0.0.1:$port" "$cache" \
    "rust.localhost=$root/guests/rust-http/rust-http.wasm" "$root/guests/c-http/c-http.wasm" >/dev/null &
server=$!
node soak.mjs "$port" "$server" "${1:-5000000}" "${SOAK_SECONDS:-7200}"
