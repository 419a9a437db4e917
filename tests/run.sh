#!/usr/bin/env bash
# Installs what is missing, builds, and runs every test. Exit status 0 when all of them pass.
#
#   tests/run.sh                    the release preset
#   tests/run.sh --preset asan      another preset of CMakePresets.json: dev, asan, tsan, coverage
#   tests/run.sh -R 'race'          everything else goes to ctest
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
if [ "${1:-}" = --preset ]; then
  preset=${2:?"--preset needs a name"}
  shift 2
fi

cmake/install-deps.sh
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
exec ctest --preset "$preset" -j "$(nproc)" "$@"
