#!/usr/bin/env bash
# A race to 1,000,000 output tokens against the built-in simulated endpoint: installs what is missing, builds, runs.
# Flags of llmdyno-race may follow, such as --users 200.
set -euo pipefail
cd "$(dirname "$0")/.."

cmake/install-deps.sh
cmake --preset release -DLLMDYNO_BUILD_TESTS=OFF -DLLMDYNO_BUILD_EXAMPLES=OFF >/dev/null
cmake --build --preset release

# Six hundred users at a hundred tokens a second each: a large node, or a rack of small ones.
exec build/release/bin/llmdyno race --simulate 'scripted:ttft=150ms,itl=10ms,output_tokens=200-400,lockstep=true' \
  --users 600 --spawn-rate 200 --price-per-hour 12 "$@"
