#!/usr/bin/env bash
# Checks every module of the repository: formatting, api/, tidiness, checksums of
# what it depends on, vet, staticcheck, tests, and that the examples run. Changes
# nothing but bin/, stops at the first failure. Reports at the end whether the tests
# pass with the newest core. Run it as `make check`.
set -euo pipefail
cd "$(dirname "$0")/.."

export GOWORK=off # what is checked is what users get, not somebody's workspace

# Programs under examples/ that run by themselves: no network, no AWS account.
examples="quickstart event-worker opentelemetry"

go_version=$(go env GOVERSION)

# step NAME WHERE COMMAND...: one line of output, and the command's own only
# when it fails.
step() {
	local name=$1 where=$2 output
	shift 2
	printf '%-12s %-20s ' "$name" "$where"
	if ! output=$("$@" 2>&1); then
		printf 'FAILED\n%s\n' "$output"
		echo "check failed: $name in $where" >&2
		exit 1
	fi
	echo ok
}

skip() { printf '%-12s %-20s skipped: %s\n' "$1" "$2" "$3"; }

# files SUFFIX: the repository's files of that name, ignored ones left out.
files() {
	{ git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f | sed 's|^\./||'; } |
		grep -E "(^|[/.])$1\$" | sort -u | while IFS= read -r f; do
		if [ -f "$f" ]; then echo "$f"; fi # git lists deleted files too
	done
}

formatted() {
	local unformatted
	unformatted=$(files go | tr '\n' '\0' | xargs -0 gofmt -l) || return
	if [ -n "$unformatted" ]; then
		printf 'not formatted, run "make fmt":\n%s\n' "$unformatted"
		return 1
	fi
}

# watched: whether dependabot looks at every module.
watched() {
	local mod dir missing=0
	for mod in go.mod $nested; do
		dir=$(dirname "/$mod")
		if ! grep -qxF "      - $dir" .github/dependabot.yml; then
			echo "$dir is missing in .github/dependabot.yml"
			missing=1
		fi
	done
	return $missing
}

# at_least WANT: whether the installed Go is WANT (1.26, 1.26.3) or newer.
at_least() {
	awk -v have="${go_version#*go}" -v want="$1" 'BEGIN {
		split(have, h, /[^0-9]+/); split(want, w, /[^0-9]+/)
		for (i = 1; i <= 3; i++) if (h[i] + 0 != w[i] + 0) exit (h[i] + 0 < w[i] + 0)
	}'
}

# in_dir DIR COMMAND...
in_dir() { (cd "$1" && shift && "$@"); }

race=-race
cc=$(go env CC)
if [ "$(go env CGO_ENABLED)" != 1 ] || ! command -v "${cc%% *}" >/dev/null; then
	race=
	echo "no cgo or no C compiler: the tests run without the race detector"
fi

step format . formatted

step "exported API" . go run ./internal/api

staticcheck=
if at_least 1.26; then
	step "build lint" tools go build -C tools -o ../bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	staticcheck=$PWD/bin/staticcheck
else
	skip "build lint" tools "staticcheck wants Go 1.26, this is $go_version"
fi

nested=$(files 'go\.mod' | grep / | grep -v testdata/)
step updates . watched
for mod in go.mod $nested; do
	dir=$(dirname "$mod")
	wants=$(awk '$1 == "go" { print $2 }' "$mod")
	if ! at_least "$wants"; then
		skip module "$dir" "it wants Go $wants, this is $go_version"
		continue
	fi
	step tidy "$dir" go -C "$dir" mod tidy -diff
	step verify "$dir" go -C "$dir" mod verify
	step vet "$dir" go -C "$dir" vet ./...
	[ -z "$staticcheck" ] || step staticcheck "$dir" in_dir "$dir" "$staticcheck" ./...
	short=
	[ "$dir" != conformance ] || short=-short # all of it is `make conformance`
	step "test $race $short" "$dir" go -C "$dir" test $race $short ./...
	# Exact figures are others under the race detector, where pools forget at random.
	[ -z "$race" ] || step "test exact" "$dir" go -C "$dir" test -run 'Allocations|ExactFigures' ./...
done

for example in $examples; do
	step run "examples/$example" go -C examples run "./$example"
done
# A release of others must not fail a check of ours: this only reports. The workflow
# newest fails on it.
printf '%-12s %-20s ' newest .
if report=$(bash scripts/newest.sh 2>&1); then
	tail -n 1 <<<"$report"
else
	printf 'not passed, see "make newest": %s\n' "$(tail -n 1 <<<"$report")"
fi

echo "all checks passed"
