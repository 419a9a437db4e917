#!/bin/sh
# with_simulator.sh SIMULATOR COMMAND ARGUMENT...: starts the simulated endpoint on a free port, runs the command
# with the address in place of every argument that is URL, and ends as the command does.
set -u
simulator=$1
shift
said=$(mktemp) || exit 1
"$simulator" --port 0 --profile scripted --ttft 5ms --itl 1ms >"$said" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -f "$said"' EXIT

tries=0
until url=$(sed -n 's/^llmdyno-sim: SIMULATED endpoint \([^,]*\),.*/\1/p' "$said") && [ -n "$url" ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 600 ] || ! kill -0 "$pid" 2>/dev/null; then
    echo "the simulated endpoint did not start:" >&2
    cat "$said" >&2
    exit 1
  fi
  sleep 0.05
done

count=$#
while [ "$count" -gt 0 ]; do
  argument=$1
  shift
  [ "$argument" = URL ] && argument=$url
  set -- "$@" "$argument"
  count=$((count - 1))
done
"$@"
