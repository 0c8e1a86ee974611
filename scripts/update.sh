#!/usr/bin/env bash
# Writes golden files anew: runs the tests with -update in every package, of
# whichever module, whose tests define that flag. Run it as `make update`.
set -euo pipefail
cd "$(dirname "$0")/.."

dirs=$(grep -rl --include='*_test.go' 'flag\.Bool("update"' . | xargs -n 1 dirname | sort -u) || true
if [ -z "$dirs" ]; then
	echo "no package has golden files"
	exit 0
fi
for dir in $dirs; do
	(cd "$dir" && go test . -update)
done
