#!/usr/bin/env bash
# Requests that only wait 50 ms, CONNECTIONS at a time (default 10,000), for SECONDS_EACH after a WARM_UP of 10 s, on WASI 0.3 (instances shared, no thread held) and 0.2 (an instance and a thread
# for each). Two kinds: `sleep` waits for a timer in the guest (the same C guest on both), `upstream` asks a server in another process that answers after 50 ms
# (guests/c-proxy-p3 and guests/rust-proxy).
#
# Both servers' collectors have a limit of HEAP_LIMIT (hexadecimal, default 402 MB), as in a container that has one: without it, what 10,000 waiting requests leave behind is let
# lie until there is a gigabyte, since the machine has the room.
#
#   NO_BUILD=1 CONNECTIONS=2000 bench/http/waiting.sh [sleep] [upstream]
#
# The server of 0.3 has at most four pool threads (DOTNET_ThreadPool_ForceMaxWorkerThreads), which run everything: guests, Kestrel, the HTTP client. `workers` counts them;
# `threads` counts all of the process (collector, sockets' event loops, timer, compiler), and for 0.2 those that guests block. MaxConcurrentRequestsPerInstance is 100, so
# 10,000 requests of 0.3 take 100 instances. Answers other than 2xx are no throughput.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
connections=${CONNECTIONS:-10000} seconds=${SECONDS_EACH:-8} work=$(mktemp -d)
ulimit -n 65536 2>/dev/null || ulimit -n "$(ulimit -Hn)"
[ -n "${NO_BUILD:-}" ] || for project in KestrelHello WindhoverHello; do dotnet build -c Release --nologo -v quiet "$project" >&2; done
export DOTNET_GCHeapHardLimit=${HEAP_LIMIT:-18000000}
server= upstream=
trap 'for p in $server $upstream; do kill "$p" 2>/dev/null || true; done; rm -rf "$work"' EXIT

run() { # kind, guest's name, file, path
    export WAITING_GUESTS=$connections
    [ "$2" = 0.3 ] && export DOTNET_ThreadPool_ForceMaxWorkerThreads=4 || unset DOTNET_ThreadPool_ForceMaxWorkerThreads
    dotnet WindhoverHello/bin/Release/net10.0/WindhoverHello.dll http://127.0.0.1:18120 "$work/cache" "$root/guests/$3" 2>"$work/errors" &
    server=$!
    until curl -s -o /dev/null "http://127.0.0.1:18120$4"; do sleep 0.2; done
    wrk -t1 -c"$connections" -d"${WARM_UP:-10}s" --timeout 30s "http://127.0.0.1:18120$4" >/dev/null
    wrk -t1 -c"$connections" -d"${seconds}s" --timeout 30s "http://127.0.0.1:18120$4" >"$work/wrk" &
    sleep "$((seconds / 2 + 1))"
    threads=$(awk '/^Threads/ {print $2}' "/proc/$server/status") rss=$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$server/status")
    instances=$(curl -s -m 20 http://127.0.0.1:18120/instances || echo 0)
    workers=$(cat /proc/"$server"/task/*/comm 2>/dev/null | grep -c 'TP Worker' || true)
    wait $!
    awk -v kind="$1" -v guest="$2" -v threads="$threads" -v workers="$workers" -v rss="$rss" -v instances="${instances:-0}" '/requests in/ {all = $1} /Requests\/sec/ {rate = $2} /Non-2xx/ {bad = $NF} /Socket errors/ {gsub(",", ""); late = $10}
        END {if (all) rate *= (all - bad) / all; printf "| %s | %s | %.0f | %d | %d | %d | %d | %d | %d | %.1f |\n", kind, guest, rate, bad, late, rss, instances, workers, threads, rate / rss}' "$work/wrk"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=
}

echo "| waits for | WASI | 2xx/s | not 2xx | timeouts | RSS MiB | core instances | workers | threads | 2xx/s per MiB |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for kind in ${*:-sleep upstream}; do
    case $kind in
    sleep)
        run "$kind" 0.3 c-http-p3/c-http-p3.wasm /sleep/50
        run "$kind" 0.2 c-http/c-http.wasm /sleep/50 ;;
    upstream)
        dotnet KestrelHello/bin/Release/net10.0/KestrelHello.dll http://127.0.0.1:18121 &
        upstream=$!
        export UPSTREAM=http://127.0.0.1:18121
        until curl -sf -o /dev/null "$UPSTREAM/"; do sleep 0.2; done
        run "$kind" 0.3 c-proxy-p3/c-proxy-p3.wasm /127.0.0.1:18121/wait/50
        run "$kind" 0.2 rust-proxy/rust-proxy.wasm /127.0.0.1:18121/wait/50 ;;
    *) echo "waiting.sh: no kind '$kind' (sleep, upstream)" >&2; exit 2 ;;
    esac
done
