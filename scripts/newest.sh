#!/usr/bin/env bash
# Tests a copy of the root module with the newest aws-sdk-go-v2 and smithy-go that can
# be had, since the go.mod of a user may link newer ones than ours. Changes nothing
# here. The last line of its output says what came of it. Exits with status 1 when
# the tests fail, and with 2 when there is nothing newest to be had. Run it as
# `make newest`.
set -euo pipefail
cd "$(dirname "$0")/.."

export GOWORK=off GOFLAGS="${GOFLAGS:-} -mod=mod"
core=github.com/aws/aws-sdk-go-v2
smithy=github.com/aws/smithy-go

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
# With the nested modules, which go test ./... leaves out: tests read their files.
{ git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f | sed 's|^\./||'; } |
	while IFS= read -r f; do if [ -f "$f" ]; then echo "$f"; fi; done |
	tar -cf - -T - | tar -xf - -C "$copy"
cd "$copy"

if ! { go get "$core@latest" "$smithy@latest" && go mod tidy; }; then
	echo "the newest $core and $smithy could not be had"
	exit 2
fi
versions=$(go list -m -f '{{.Path}} {{.Version}}' "$core" "$smithy" | sed 's|.*/||' | paste -sd ',' | sed 's/,/, /')
echo "== $versions"
if ! go test ./...; then
	echo "the tests fail with $versions"
	exit 1
fi
echo "the tests pass with $versions"
