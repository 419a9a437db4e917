#!/bin/sh
# Does the verdict see a client that is starved, and leave one alone that is not?
#
#   tests/perf/starved_client.sh BIN_DIR [RUNS] [PRIORITY...]
#
# Races of three seconds (60 users, 100 tokens/s each) against a simulated endpoint that has another core: RUNS of
# them (20) with the client's core to itself, with a busy process on that core, and at nice 19 beside that process.
# The first must be VALID, the others SUSPECT for run_queue_wait. Prints how many were, and the time that the client
# spent on the run queue; ends with 1 when one was not. Needs two cores and a quiet machine, or, as root, words that
# lift both programs above what else runs ("chrt -f 50"), which serve for the first kind of run only.
set -eu

bin=$1
runs=${2:-20}
[ $# -ge 2 ] && shift 2 || shift $#
work=$(mktemp -d)
busy=
trap 'kill $simulator $busy 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

"$@" taskset -c 1 "$bin/llmdyno-sim" --profile scripted --ttft 50ms --itl 10ms --port 0 >"$work/sim" 2>&1 &
simulator=$!
url=
while [ -z "$url" ]; do
  kill -0 $simulator || { cat "$work/sim"; exit 1; }
  url=$(grep -o 'http://[0-9.:]*' "$work/sim" | head -1 || true)
done


# race FOLDER WORDS...: one race, the words before it.
race() {
  folder=$1
  shift
  "$@" taskset -c 0 "$bin/llmdyno-race" --base-url "$url" --model simulated --engine sim --dataset synthetic \
    --users 60 --spawn-rate 0 --duration 3s --max-tokens 100 --plain --output-dir "$folder" >"$folder.out" 2>&1
}

# judge NAME EXPECTED WORDS...
failed=0
judge() {
  name=$1
  expected=$2
  shift 2
  good=0
  shares=
  i=0
  while [ $i -lt "$runs" ]; do
    i=$((i + 1))
    mkdir -p "$work/$name-$i"
    race "$work/$name-$i" "$@" || { cat "$work/$name-$i.out"; exit 1; }
    summary=$(echo "$work/$name-$i"/*/summary.json)
    shares="$shares $(grep -m1 -o '"run_queue_wait_share": [0-9.e-]*' "$summary" | sed 's/.* //')"
    if [ "$expected" = VALID ]; then
      if grep -q '"valid": true' "$summary"; then good=$((good + 1)); else grep -A1 '"reasons"' "$summary"; fi
    elif grep -q '"valid": false' "$summary" && grep -q '"code": "run_queue_wait"' "$summary"; then
      good=$((good + 1))
    fi
  done
  echo "$shares" | tr ' ' '\n' | grep . | sort -g | awk -v name="$name" -v good=$good -v runs="$runs" \
    -v expected=$expected '{ v[NR] = 100 * $1 }
      END { printf "%-10s %d of %d %s; run queue wait %.2f %% to %.2f %%, median %.2f %%\n",
            name, good, runs, expected, v[1], v[NR], v[int((NR + 1) / 2)] }'
  [ $good -eq "$runs" ] || failed=1
}

judge unloaded VALID "$@"
taskset -c 0 sh -c 'while :; do :; done' &
busy=$!
judge pinned SUSPECT
judge niced SUSPECT nice -n 19
exit $failed
