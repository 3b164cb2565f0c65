#!/usr/bin/env bash
# Windhover beside its peers over HTTP, on loopback, in interleaved rounds; prints markdown tables. Bounded: about ROUNDS × SECONDS × 7, and 2 minutes.
#
#   bench/http/run.sh                                    everything
#   ROUNDS=5 SECONDS_EACH=3 bench/http/run.sh hello js   these groups only: hello, js, echo, start
#
# Needs wrk and curl (apt) and node; workerd and jco come from npm (package.json). The group js needs artifacts/guests/js-http.wasm
# (guests/js-http/build.sh), or JS_HTTP=FILE; start takes it along when it is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
groups=${*:-hello js echo start}
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-3} connections=${CONNECTIONS:-32}
js=${JS_HTTP:-$root/artifacts/guests/js-http.wasm}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v wrk >/dev/null && command -v curl >/dev/null || apt-get install -y --no-install-recommends wrk curl >/dev/null
[ -d node_modules/workerd ] || npm install --no-audit --no-fund --no-package-lock --ignore-scripts >/dev/null
if [ -z "${NO_BUILD:-}" ]; then
    for project in KestrelHello WindhoverHello; do dotnet build -c Release --nologo -v quiet "$project" >&2; done
fi

guest=$root/guests/c-http/c-http.wasm
workerd=$PWD/node_modules/@cloudflare/workerd-linux-64/bin/workerd
published=$root/artifacts/bench # ReadyToRun: what a server is started from in earnest
# A folder of a native program has that, another one a library for `dotnet`.
program() { [ -x "$1/$2" ] && [ ! -f "$1/$2.dll" ] && printf '"%s"' "$1/$2" || printf '"dotnet","%s"' "$1/$2.dll"; }
kestrel() { printf '{"name":"Kestrel%s","url":"http://127.0.0.1:%d/","echo":"http://127.0.0.1:%d/echo","command":[%s,"http://127.0.0.1:%d"]}' \
    "${2:+, $2}" "$1" "$1" "$(program "${3:-$PWD/KestrelHello/bin/Release/net10.0}" KestrelHello)" "$1"; }
windhover() { printf '{"name":"Windhover, %s","url":"http://127.0.0.1:%d/","echo":"http://127.0.0.1:%d/echo","command":[%s,"http://127.0.0.1:%d","%s","%s"]}' \
    "$2" "$1" "$1" "$(program "${4:-$PWD/WindhoverHello/bin/Release/net10.0}" WindhoverHello)" "$1" "$work/cache" "$3"; }
unspinning() { printf '%s' "${1/'"command":['/'"command":["env","DOTNET_ThreadPool_UnfairSemaphoreSpinLimit=0",'}"; } # as the package sets it for Windhover's
peer() { printf '{"name":"%s","url":"http://127.0.0.1:%d/","command":%s}' "$1" "$2" "$3"; }

list=()
for group in $groups; do
    case $group in
    hello) list+=("{\"kind\":\"throughput\",\"title\":\"Hello over HTTP\",\"connections\":$connections,\"servers\":[$(kestrel 18101),$(windhover 18102 'fresh instance per request' "$guest"),$(windhover 18113 'shared instance (0.3)' "$root/guests/c-http-p3/c-http-p3.wasm"),$(
        peer 'workerd (JavaScript, isolate kept)' 18103 "[\"$workerd\",\"serve\",\"$PWD/peers/workerd.capnp\",\"--socket-addr\",\"http=127.0.0.1:18103\"]"),$(
        peer 'Node' 18104 "[\"node\",\"$PWD/peers/node-hello.mjs\",\"18104\"]")]}") ;;
    js)
        [ -f "$js" ] || { echo "run.sh: $js is missing: guests/js-http/build.sh makes it" >&2; exit 2; }
        list+=("{\"kind\":\"throughput\",\"title\":\"A JavaScript component (StarlingMonkey)\",\"connections\":4,\"servers\":[$(
            peer 'jco serve' 18105 "[\"$PWD/node_modules/.bin/jco\",\"serve\",\"$js\",\"--port\",\"18105\",\"--host\",\"127.0.0.1\",\"--isolate-requests\",\"${JCO_ISOLATION:-instance}\"]"),$(
            windhover 18106 'fresh instance per request' "$js")]}") ;;
    echo)
        truncate -s 100000000 "$work/100MB"
        truncate -s 1000000000 "$work/1GB"
        list+=("{\"kind\":\"echo\",\"title\":\"Echo of large bodies\",\"rounds\":3,\"bodies\":[{\"name\":\"100 MB\",\"bytes\":100000000,\"file\":\"$work/100MB\"},{\"name\":\"1 GB\",\"bytes\":1000000000,\"file\":\"$work/1GB\"}],\"servers\":[$(kestrel 18107),$(windhover 18108 'guest' "$guest")]}") ;;
    start)
        for project in KestrelHello WindhoverHello; do
            [ -z "${NO_BUILD:-}" ] || continue
            dotnet publish -c Release --nologo -v quiet -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o "$published/$project" "$project" >&2
            dotnet publish -c Release --nologo -v quiet -r linux-x64 -p:Native=true -o "$published/$project-native" "$project" >&2
        done
        servers=$(kestrel 18109),$(windhover 18110 c-http "$guest"),$(kestrel 18111 ReadyToRun "$published/KestrelHello"),$(
            windhover 18112 'c-http, ReadyToRun' "$guest" "$published/WindhoverHello"),$(kestrel 18116 'Native AOT' "$published/KestrelHello-native"),$(
            windhover 18117 'c-http, Native AOT' "$guest" "$published/WindhoverHello-native")
        [ ! -f "$js" ] || servers+=,$(windhover 18114 'js-http (14 MB)' "$js"),$(windhover 18115 'js-http (14 MB), ReadyToRun' "$js" "$published/WindhoverHello"),$(
            windhover 18118 'js-http (14 MB), Native AOT' "$js" "$published/WindhoverHello-native")
        list+=("{\"kind\":\"starts\",\"title\":\"Process start to first response, compile cache warm\",\"rounds\":${ROUNDS:-9},\"servers\":[$servers]}") ;;
    *) echo "run.sh: no group '$group' (hello, js, echo, start)" >&2; exit 2 ;;
    esac
done
IFS=,
printf '{"rounds":%d,"seconds":%d,"warmup":2,"groups":[%s]}' "$rounds" "$seconds" "${list[*]}" >"$work/config.json"
node measure.mjs "$work/config.json"
