#!/bin/bash
# Checks the flags that a page of the documents names.
#
#   check_flags.sh PAGE BIN THEIRS
#
# - Commands in blocks and in `inline code` that begin with `llmdyno COMMAND` have flags of that command only.
# - Where a table has `llmdyno COMMAND` in a cell of its header, the flags below it in that column are of that command.
# - Any other `--flag` in inline code is a flag of some program of ours, of theirs (of the file THEIRS), or of an engine
#   (of engines.txt).
# - THEIRS has a flag of the other tool on each line. Each has a row: the page says something about all of them.
#   Where the file does not exist nothing is known of theirs, and any flag in the first column of a table is one.
set -u
page=$1
bin=$(cd "$2" && pwd)
theirs=$3
engines=$(dirname "$0")/engines.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
problems=0

problem() {
  echo "$page:$1" >&2
  problems=$((problems + 1))
}

commands="race offline qps serve sweep simple shapes embed selftest sim report plugins"
declare -A known
load() {
  [ -n "${known[$1]+x}" ] && return
  # shellcheck disable=SC2086
  known[$1]=" $("$bin/llmdyno" $1 --help=json 2>/dev/null | sed -n 's/^ *"name": "\(.*\)",$/\1/p' | tr '\n' ' ')help version "
}
for command in $commands "report show" "report compare" "report cost" "report definitions" "report plot" "report write"; do load "$command"; done

# has COMMAND FLAG: also by another name of the flag, which the list leaves out.
has() {
  local name=${2#--}
  name=${name//_/-}
  [[ ${known[$1]} == *" $name "* ]] && return 0
  [[ $1 == report* || $1 == sim || $1 == selftest ]] && return 1
  # shellcheck disable=SC2086
  ! "$bin/llmdyno" $1 "$2" 2>&1 </dev/null | grep -q "unknown flag"
}

# Lines of: line number, command (or - for any; = for the first column), flag.
awk '
  function command_of(text,    word, count) {
    if (text !~ /^llmdyno[- ][a-z]+/) return ""
    sub(/^llmdyno[- ]/, "", text)
    count = split(text, word, " ")
    if (word[1] == "compare" || word[1] == "cost" || word[1] == "plot") return "report " word[1]
    if (word[1] == "report" && word[2] ~ /^(show|compare|cost|definitions|plot|write)$/) return "report " word[2]
    if (word[1] == "sweep" && word[2] == "simple") return "simple"
    if (word[1] == "qps" && word[2] == "serve") return "serve"
    return word[1]
  }
  function flags(line, command, text,    flag) {
    while (match(text, /(^|[ \t`(\[\x27"])--[a-z][-_a-z0-9]*/)) {
      flag = substr(text, RSTART, RLENGTH); sub(/^[^-]*/, "", flag)
      print line "\t" command "\t" flag
      text = substr(text, RSTART + RLENGTH)
    }
  }
  # Inline code of a text; alone: whose flags are those that stand without a command.
  function spans(line, text, alone,    part, count, i, command) {
    count = split(text, part, "`")
    for (i = 2; i <= count; i += 2) {
      command = command_of(part[i])
      flags(line, command == "" ? alone : command, part[i])
    }
  }
  /^```/ { inside = !inside; joined = ""; next }
  inside {
    joined = joined $0
    if (sub(/\\$/, " ", joined)) next
    sub(/^ *([A-Z_]+=[^ ]* +)*/, "", joined)
    if (command_of(joined) != "") flags(NR, command_of(joined), joined)
    joined = ""
    next
  }
  /^\|/ {
    count = split($0, cell, "|")
    if (!table) { for (i in column) delete column[i]
      for (i = 2; i < count; ++i) if (match(cell[i], /`llmdyno [a-z ]+`/)) column[i] = command_of(substr(cell[i], RSTART + 1, RLENGTH - 2)) }
    table = 1
    for (i = 2; i < count; ++i) spans(NR, cell[i], (i in column) ? column[i] : i == 2 ? "=" : "-")
    next
  }
  { table = 0; spans(NR, $0, "-") }
' "$page" >"$work/named"

while IFS=$'\t' read -r line command flag; do
  case $command in
    "=") ;;
    "-")
      found=
      [ -e "$theirs" ] && grep -qxF -- "$flag" "$theirs" && found=1
      grep -qxF -- "$flag" "$engines" && found=1
      grep -qxF -- "$(printf '=\t%s' "$flag")" <(cut -f2- "$work/named") && found=1
      for each in "${!known[@]}"; do
        [ -n "$found" ] && break
        [[ ${known[$each]} == *" ${flag#--} "* ]] && found=1
      done
      [ -n "$found" ] || has qps "$flag" || problem "$line: no program has the flag $flag"
      ;;
    *)
      if [ -z "${known[$command]+x}" ]; then
        case $command in
          completions | man-page | COMMAND) ;;
          *) problem "$line: there is no 'llmdyno $command'" ;;
        esac
      elif ! has "$command" "$flag"; then
        problem "$line: llmdyno $command has no flag $flag"
      fi
      ;;
  esac
done <"$work/named"

if [ -e "$theirs" ]; then
  while read -r flag; do
    case $flag in "" | "#"*) continue ;; esac
    grep -qxF -- "$(printf '=\t%s' "$flag")" <(cut -f2- "$work/named") ||
      grep -qE -- "^\\|[^|]*\`$flag[\` ]" "$page" ||
      problem " no row of a table begins with their flag $flag"
  done <"$theirs"
fi
[ "$problems" = 0 ] || exit 1
echo "$page: $(wc -l <"$work/named") flags"
