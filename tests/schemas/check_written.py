#!/usr/bin/env python3
"""Holds what tests had written against the schemas, and then shows that a wrong file would have been found.

usage: check_written.py FOLDER PROGRAM...
The tests tagged [every_kind] of each PROGRAM are run first, so that every kind of file is there whichever tests ran.
"""
import copy
import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import validate  # ends with status 77 where there is no jsonschema


def number_paths(value, path=()):
    """Where the numbers of a JSON value are."""
    if isinstance(value, dict):
        for key, member in value.items():
            if key not in ("configuration", "body"):  # anything may be there
                yield from number_paths(member, path + (key,))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from number_paths(item, path + (index,))
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield path


def with_member(value, path, member):
    changed = copy.deepcopy(value)
    at = changed
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = member
    return changed


def wrong_values(value):
    """What is wrong, and the value with it. The value is an object, or a list of objects."""
    top = (0,) if isinstance(value, list) else ()
    yield "an unknown member", with_member(value, top + ("no_such_member",), 12345)
    members = value[0] if top else value
    first = next(iter(members))
    without = copy.deepcopy(value)
    del (without[0] if top else without)[first]
    yield f"no '{first}'", without
    paths = list(number_paths(value))
    for path in (paths[0], paths[len(paths) // 2], paths[-1]):
        # Not a text: some members are numbers or words ("short", 200).
        yield f"an object at {path}", with_member(value, path, {"ms": 12})


def wrong_texts(kind, path):
    text = path.read_text(encoding="utf-8")
    if kind == "race-csv":
        rows = list(csv.reader(io.StringIO(text, newline="")))
        for what, change in [("a column of another name", (0, 6)), ("a word as status", (1, 11)), ("a word as TTFT", (1, 6))]:
            row, column = change
            changed = copy.deepcopy(rows)
            changed[row][column] = "slow"
            out = io.StringIO(newline="")
            csv.writer(out, lineterminator="\n").writerows(changed)
            yield what, out.getvalue()
    elif path.suffix == ".jsonl":
        lines = text.splitlines()
        at = len(lines) // 2
        for what, value in wrong_values(json.loads(lines[at])):
            yield what, "\n".join(lines[:at] + [json.dumps(value)] + lines[at + 1:]) + "\n"
    else:
        for what, value in wrong_values(json.loads(text)):
            yield what, json.dumps(value)


def plant(kind, path, folder, validators):
    """How many planted errors were found; ends the program at one that was not."""
    found = 0
    for what, text in wrong_texts(kind, path):
        planted = folder / f"planted{path.suffix}"
        planted.write_text(text, encoding="utf-8")
        if not validate.check_file(planted, validators)[1]:
            sys.exit(f"{kind}: {what} was not found in {planted}, made from {path}")
        planted.unlink()
        found += 1
    return found


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for program in sys.argv[2:]:
        environment = dict(os.environ, LLMDYNO_WRITTEN_FILES=str(folder))
        run = subprocess.run([program, "[every_kind]"], env=environment, capture_output=True, text=True)
        if run.returncode != 0:
            sys.exit(f"{program} [every_kind] failed:\n{run.stdout[-3000:]}{run.stderr[-1000:]}")
    sys.argv = ["validate.py", "--every-kind", str(folder)]
    if validate.main() != 0:
        return 1

    validators = validate.load_validators()
    smallest = {}
    for path in sorted(validate.results_below(folder)):
        kind = validate.check_file(path, validators)[0]
        text = path.read_text(encoding="utf-8")
        has_something = text.strip() != "[]" and (path.suffix != ".csv" or text.count("\n") > 1)
        if kind and has_something:
            if kind not in smallest or path.stat().st_size < smallest[kind].stat().st_size:
                smallest[kind] = path
    planted = {kind: plant(kind, path, folder, validators) for kind, path in smallest.items()}
    print(f"{sum(planted.values())} planted errors were found, in {len(planted)} kinds of files")
    return 0 if sorted(planted) == sorted(validate.KINDS) else 1


if __name__ == "__main__":
    sys.exit(main())
