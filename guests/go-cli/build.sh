#!/usr/bin/env bash
# Go → WASI 0.1 command, 4.5 MB, into artifacts/guests.
source "$(dirname "$0")/../lib.sh"
cd "$GUESTS/go-cli"
goroot=$TOOLS/go/usr/lib/go-1.27
need "$goroot/bin/go" go
out=$ARTIFACTS/guests/go-cli.wasm
mkdir -p "${out%/*}"
GOROOT=$goroot GOPATH=$WORK/gopath GOCACHE=$TOOLS/go-cache GOFLAGS=-mod=mod GOPROXY=off GOTOOLCHAIN=local GOOS=wasip1 GOARCH=wasm \
    "$goroot/bin/go" build -trimpath -ldflags='-s -w' -o "$out" .
report "$out"
