#!/usr/bin/env bash
# Compares the library with the official client and others, all of conformance/
# and without shortcuts, and prints at the end what was compared. SOAK says how
# long the soak takes (3m), FUZZTIME how long each fuzz target (30s). Goes on after
# a failure, and fails at the end. Run it as `make conformance`.
set -euo pipefail
cd "$(dirname "$0")/.."

export GOWORK=off # as in check.sh
soak=${SOAK:-3m}
fuzztime=${FUZZTIME:-30s}
CONFORMANCE_TALLY=$(mktemp)
export CONFORMANCE_TALLY
trap 'rm -f "$CONFORMANCE_TALLY"' EXIT

failed=()
run() { # run NAME COMMAND...
	local name=$1
	shift
	echo "== $name"
	"$@" || failed+=("$name")
}

# The JavaScript SDK, pinned by its lock file; without it its test is skipped.
js=conformance/fake/testdata/js
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "== no Node: the JavaScript SDK is left out"
elif [ ! "$js/node_modules/.package-lock.json" -nt "$js/package-lock.json" ]; then
	echo "== npm ci"
	(cd "$js" && npm ci --silent) || echo "npm ci failed: the JavaScript SDK is left out"
fi

run "go test" go -C conformance test -count=1 -timeout 30m -skip '^TestSoak$' ./...

# With the race detector, where it can be had.
race=-race
cc=$(go env CC)
if [ "$(go env CGO_ENABLED)" != 1 ] || ! command -v "${cc%% *}" >/dev/null; then
	race=
fi
run "soak for $soak $race" env SOAK="$soak" go -C conformance test $race -count=1 -timeout 24h -run '^TestSoak$' ./faults
run "fuzzing for $fuzztime each" bash scripts/fuzz.sh "$fuzztime"

echo "== what was compared"
go -C conformance run ./internal/table "$CONFORMANCE_TALLY"
if [ "${#failed[@]}" -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
