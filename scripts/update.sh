#!/usr/bin/env bash
# Writes golden files anew: the exported declarations in api/, and what the tests
# write with -update, in every package, of whichever module, that defines that
# flag. Run it as `make update`.
set -euo pipefail
cd "$(dirname "$0")/.."

go run ./internal/api -update

dirs=$(grep -rl --include='*_test.go' 'flag\.Bool("update"' . | xargs -n 1 dirname | sort -u) || true
if [ -z "$dirs" ]; then
	echo "no package has golden files"
	exit 0
fi
for dir in $dirs; do
	(cd "$dir" && go test . -update)
done
