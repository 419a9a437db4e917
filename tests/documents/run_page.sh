#!/bin/bash
# Runs what a page of the documents tells its reader to run, so that it cannot rot.
#
#   run_page.sh PAGE BIN WORK
#
# PAGE is a Markdown file, BIN the folder of the programs, WORK a folder that is made anew. Of the page it takes,
# in order:
#
#   ```sh recipe            commands, run by bash in WORK; they have to end with status 0
#   ```sh recipe status=7   the same, with this status
#   ```sh recipe needs=X    left out, with the output that belongs to it, where there is no program X
#   ```json file=NAME       a file of WORK that the commands need (any language will do)
#   ```text output          lines that the commands above it printed, in this order; … stands for anything
#
# Other blocks are for people only. The address of an endpoint is all that is replaced, as a comment on the page says:
#
#   <!-- tried with: http://localhost:8000 = --simulate h100-llama-3.1-8b --virtual-time -->
#       puts these flags in place of `--base-url http://localhost:8000` (or another flag that names the endpoint)
#   <!-- tried with: http://localhost:8000 = llmdyno-sim --profile fast -->
#       starts this endpoint on a free port and puts its address there
set -u
page=$1
bin=$(cd "$2" && pwd)
work=$3

rm -rf "$work"
mkdir -p "$work/room" "$work/steps"
work=$(cd "$work" && pwd)
export PATH="$bin:$PATH" LC_ALL=C.UTF-8 TZ=UTC
unset OPENAI_API_KEY OPENAI_BASE_URL http_proxy https_proxy all_proxy

fail() {
  echo "$page: $*" >&2
  exit 1
}

# One file per block, named by its order and line: 003-57.run holds the commands, 004-61.output the lines.
awk -v steps="$work/steps" -v page="$page" '
  !inside && /^```/ {
    inside = 1; kind = ""; argument = ""; program = ""
    count = split($0, word, /[ `]+/)
    for (i = 1; i <= count; ++i) {
      if (word[i] == "recipe") kind = "run"
      else if (word[i] == "output") kind = "output"
      else if (word[i] ~ /^file=/) { kind = "file"; argument = substr(word[i], 6) }
      else if (word[i] ~ /^status=/) argument = substr(word[i], 8)
      else if (word[i] ~ /^needs=/) program = substr(word[i], 7)
    }
    if (kind != "") {
      target = sprintf("%s/%03d-%d.%s", steps, ++blocks, NR, kind)
      printf "" > target
      print argument > (target ".argument"); close(target ".argument")
      print program > (target ".needs"); close(target ".needs")
    }
    next
  }
  inside && /^```$/ { inside = 0; if (kind != "") close(target); next }
  inside && kind != "" { print > target }
  END { if (inside) { print page ": a block is not closed" > "/dev/stderr"; exit 1 } }
' "$page" || exit 1
ls "$work"/steps/*.run >/dev/null 2>&1 || fail "has no block of commands (\`\`\`sh recipe)"

pids=()
stop_endpoints() { [ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null; }
trap stop_endpoints EXIT

# The address that llmdyno-sim says it listens on, once it does.
start_endpoint() {
  local log="$work/endpoint-${#pids[@]}.txt"
  "$@" --port 0 >"$log" 2>&1 &
  pids+=($!)
  for _ in $(seq 600); do
    address=$(grep -o -m1 'http://[0-9.]*:[0-9]*' "$log") && return
    kill -0 "${pids[-1]}" 2>/dev/null || break
    sleep 0.1
  done
  fail "'$*' did not start: $(cat "$log")"
}

script="$work/replace.sed"
: >"$script"
while IFS='=' read -r url stand_in; do
  url=$(echo "$url" | sed 's/ *$//')
  stand_in=$(echo "$stand_in" | sed 's/^ *//; s/ *$//')
  if [[ $stand_in == llmdyno-sim* ]]; then
    # shellcheck disable=SC2086
    start_endpoint $stand_in
    echo "s#${url}#${address}#g" >>"$script"
  else
    echo "s#--(base-url|api-base|api_base|endpoint|host) ${url}(/[a-z/0-9]*)?#${stand_in}#g" >>"$script"
  fi
done < <(sed -n -E 's/^<!-- tried with: (.*) -->$/\1/p' "$page" | sed 's/ = /=/')

# Every line of the first file, in its order, is a line of the second.
shown_lines_are_in() {
  awk '
    function squeeze(line) { gsub(/[ \t]+/, " ", line); sub(/^ /, "", line); sub(/ $/, "", line); return line }
    function matches(line, pattern,    piece, count, i, at) {
      count = split(pattern, piece, "…")
      if (count < 2) return line == pattern
      for (i = 1; i <= count; ++i) {
        piece[i] = squeeze(piece[i])
        if (piece[i] == "") continue
        at = index(line, piece[i])
        if (at == 0 || (i == 1 && at != 1)) return 0
        line = substr(line, at + length(piece[i]))
      }
      return piece[count] == "" || squeeze(line) == ""
    }
    FNR == NR { if (squeeze($0) != "" && squeeze($0) != "…") wanted[++n] = squeeze($0); next }
    next_one <= n && matches(squeeze($0), wanted[next_one]) { ++next_one }
    BEGIN { next_one = 1 }
    END {
      if (next_one > n) exit 0
      print "  the page shows: " wanted[next_one]
      exit 1
    }
  ' "$1" "$2"
}

cd "$work/room" || exit 1
printed="$work/printed.txt"
left_out=
for step in "$work"/steps/*.run "$work"/steps/*.output "$work"/steps/*.file; do
  [ -e "$step" ] && echo "$step"
done | sort | while read -r step; do
  line=$(basename "$step" | sed 's/^[0-9]*-\([0-9]*\)\..*/\1/')
  argument=$(cat "$step.argument")
  case $step in
    *.file) sed -E -f "$script" "$step" >"$argument" ;;
    *.run)
      needs=$(cat "$step.needs")
      left_out=
      if [ -n "$needs" ] && ! command -v "$needs" >/dev/null; then
        left_out=1
        continue
      fi
      sed -E -f "$script" "$step" >"$step.replaced"
      bash -e -o pipefail "$step.replaced" >"$printed" 2>&1 </dev/null
      status=$?
      [ "$status" = "${argument:-0}" ] ||
        fail "line $line: status $status in place of ${argument:-0}:
$(cat "$step.replaced")
$(tail -n 40 "$printed")"
      ;;
    *.output)
      [ -n "$left_out" ] || shown_lines_are_in "$step" "$printed" ||
        fail "line $line: the commands above it print something else:
$(cat "$printed")"
      ;;
  esac
done || exit 1
echo "$page: $(ls "$work"/steps/*.run | wc -l) blocks of commands"
