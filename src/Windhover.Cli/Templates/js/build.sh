#!/bin/sh
# JavaScript → a component that exports wasi:http. jco brings WASI's WIT as 0.2.12, while its engine is made for 0.2.10: the same functions under that number.
set -e
[ -d node_modules ] || npm install --no-audit --no-fund --silent
rm -rf wit/deps
mkdir -p wit/deps
cp -r node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12/. wit/deps/
for file in $(find wit/deps -name '*.wit'); do
  sed 's/@0\.2\.12/@0.2.10/g; /@unstable(feature = network-error-code)/d' "$file" >"$file.new"
  mv "$file.new" "$file"
done
npx jco componentize main.js --wit wit -n app -o app.wasm
