#!/usr/bin/env bash
# Runs each fuzz target of the root module for the given time (default 30s), one
# after the other, and says at the end which failed. Run it as `make fuzz`.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:-30s}
ran=0 inputs=0
failed=()
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# By default a worker may spend a minute on making one input shorter.
fuzz() { go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 100x "$pkg" | tee "$log"; }
for pkg in $(go list ./...); do
	targets=$(go test -list '^Fuzz' "$pkg") || { echo "$targets"; exit 1; }
	for target in $(grep '^Fuzz' <<<"$targets" || true); do
		echo "== $pkg $target for $time"
		if ! fuzz; then
			# At the end of its time the engine at times fails by its own deadline, with
			# no input that failed.
			if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input' "$log"; then
				echo "the engine ran into its own deadline: again"
				fuzz || failed+=("$pkg $target")
			else
				failed+=("$pkg $target")
			fi
		fi
		ran=$((ran + 1))
		execs=$(sed -n 's/.*execs: \([0-9]*\).*/\1/p' "$log" | tail -n 1)
		inputs=$((inputs + ${execs:-0}))
	done
done
if [ -n "${CONFORMANCE_TALLY:-}" ]; then # see conformance/internal/tally
	printf '{"area":"Fuzzing","what":"targets, %s each, %d inputs in all","with":"encoding/json and rules","cases":%d,"differences":%d}\n' \
		"$time" "$inputs" "$ran" "${#failed[@]}" >>"$CONFORMANCE_TALLY"
fi
echo "$ran fuzz targets, $inputs inputs, ${#failed[@]} failed"
if [ "${#failed[@]}" -gt 0 ]; then
	printf 'failed: %s\n' "${failed[@]}" >&2
	exit 1
fi
