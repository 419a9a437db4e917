#!/usr/bin/env bash
# Measures what docs/performance.md states, on this machine, and prints the table. Needs two processor cores: the
# simulated endpoint is pinned to one and the client to another. Takes about five minutes.
#
#   tests/perf/run.sh               everything
#   tests/perf/run.sh paced         rows whose name begins like this
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release --target llmdyno-race-app llmdyno-sweep-app llmdyno-embed-app llmdyno-sim-app llmdyno-perf llmdyno-count-calls >&2
exec build/release/bin/llmdyno-perf "$@"
