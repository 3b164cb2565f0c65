#!/usr/bin/env bash
# Requests that only wait: each sleeps 50 ms in the guest, CONNECTIONS at a time (default 10,000), for SECONDS_EACH. The same guest on WASI 0.3 (instances shared, no
# thread held) and 0.2 (an instance and a thread for each). Prints requests per second, resident memory, threads, and the first divided by the second.
#
#   NO_BUILD=1 CONNECTIONS=2000 bench/http/waiting.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
connections=${CONNECTIONS:-10000} seconds=${SECONDS_EACH:-5} work=$(mktemp -d)
ulimit -n "$(ulimit -Hn)"
[ -n "${NO_BUILD:-}" ] || dotnet build -c Release --nologo -v quiet WindhoverHello >&2
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

echo "| guest | req/s | not 2xx | RSS MiB | threads | req/s per MiB |"
echo "| --- | --- | --- | --- | --- | --- |"
for run in "0.3|c-http-p3/c-http-p3.wasm" "0.2|c-http/c-http.wasm"; do
    WAITING_GUESTS=$connections dotnet WindhoverHello/bin/Release/net10.0/WindhoverHello.dll http://127.0.0.1:18120 "$work/cache" "$root/guests/${run#*|}" &
    server=$!
    until curl -sf -o /dev/null http://127.0.0.1:18120/; do sleep 0.2; done
    wrk -t2 -c"$connections" -d2s --timeout 30s http://127.0.0.1:18120/sleep/50 >/dev/null
    wrk -t2 -c"$connections" -d"${seconds}s" --timeout 30s http://127.0.0.1:18120/sleep/50 >"$work/wrk" &
    sleep "$((seconds / 2 + 1))"
    threads=$(awk '/^Threads/ {print $2}' "/proc/$server/status") rss=$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$server/status")
    wait $!
    awk -v guest="${run%|*}" -v threads="$threads" -v rss="$rss" '/Requests\/sec/ {rate = $2} /Non-2xx/ {bad = $NF}
        END {printf "| %s | %.0f | %d | %d | %d | %.1f |\n", guest, rate, bad, rss, threads, rate / rss}' "$work/wrk"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
done
