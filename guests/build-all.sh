#!/usr/bin/env bash
# guests/build-all.sh [name…]: builds the guests named, or all of them; goes on after a failure and says at the end which failed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[[ $# -gt 0 ]] || set -- $(cd "$here" && for f in */build.sh; do dirname "$f"; done)
failed=()
for name; do
    began=$SECONDS
    "$here/$name/build.sh" && echo "   $name: $((SECONDS - began)) s" || failed+=("$name")
done
[[ ${#failed[@]} -eq 0 ]] || { echo "failed: ${failed[*]}" >&2; exit 1; }
