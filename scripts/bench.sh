#!/usr/bin/env bash
# Measures the goals of docs/performance.md, prints them as a table and writes it
# into that file. Takes a few minutes; exits with status 1 when an exact figure is
# beyond its goal. Run it as `make bench`, or with flags of the command: -only,
# -rounds.
set -euo pipefail
cd "$(dirname "$0")/../benchmarks"

export GOWORK=off
exec go run . -markdown ../docs/performance.md "$@"
