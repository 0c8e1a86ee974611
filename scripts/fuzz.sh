#!/usr/bin/env bash
# Runs each fuzz target of the root module for the given time (default 30s), one
# after the other, and stops at the first that fails. Run it as `make fuzz`.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
ran=0
for pkg in $(go list ./...); do
	targets=$(go test -list '^Fuzz' "$pkg") || { echo "$targets"; exit 1; }
	for target in $(grep '^Fuzz' <<<"$targets" || true); do
		echo "== $pkg $target for $time"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$pkg"
		ran=$((ran + 1))
	done
done
echo "$ran fuzz targets passed"
