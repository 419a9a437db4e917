#!/usr/bin/env python3
"""Holds result files against the schemas of docs/schemas.

usage: validate.py [--every-kind] FILE-OR-FOLDER...
Which schema a file has is told by what is in it. Of a long log some lines are looked at: the first, the last, one of
every shape and some in between. Exit status 0: all are as they should be; 1: not, or a file has no schema;
77: python3-jsonschema is not installed.
--every-kind: it is an error, too, when for some kind of file there is none.
"""
import csv
import json
import multiprocessing
import os
import re
import sys
import warnings
from pathlib import Path

try:
    import jsonschema
except ImportError:
    print("skipped: python3 has no jsonschema; apt-get install python3-jsonschema, or cmake/install-deps.sh")
    sys.exit(77)

SCHEMAS = Path(__file__).resolve().parent.parent.parent / "docs" / "schemas"
BY_FORMAT = {"llmdyno-summary": "summary", "llmdyno-selftest": "selftest", "llmdyno-comparison": "comparison",
             "llmdyno-level": "level", "llmdyno-records": "record-log"}
KINDS = ["summary", "race-csv", "record-log", "qps-metadata", "qps-results", "level", "serving", "sweep-completion",
         "sweep-simple", "sweep-shapes", "sweep-embedding", "selftest", "comparison", "request-log", "failure-log"]
ANYTHING = ("configuration", "body", "headers")  # members that may hold anything
SAMPLED_LINES = 40  # of a log, beside one of every shape


def kind_of(first):
    """The kind of a file by its JSON, or by the first line of it; None: it is none of ours."""
    if isinstance(first, list):
        return "qps-results" if all(isinstance(level, dict) and "qps_target" in level for level in first) else None
    if not isinstance(first, dict):
        return None
    if isinstance(first.get("metadata"), dict) and first["metadata"].get("format") == "llmdyno-sweep":
        return "sweep-" + str(first["metadata"].get("kind"))
    for member, kind in [("qps_levels", "qps-metadata"), ("num_prompts", "serving"), ("token_sent_ns", "request-log"),
                         ("first_byte_after_s", "failure-log")]:
        if member in first:
            return kind
    return BY_FORMAT.get(first.get("format"))


def load_validators():
    warnings.simplefilter("ignore", DeprecationWarning)  # of RefResolver; what replaces it is not in Debian 12
    schemas = {path.name: json.loads(path.read_text()) for path in SCHEMAS.glob("*.schema.json")}
    validators = {}
    for name, schema in schemas.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(name, schema, store=schemas)
        validators[name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(schema, resolver=resolver)
    log = schemas["record-log.schema.json"]
    for line_type in ("header", "record", "finish_line"):  # said at once instead of by oneOf: the message is about it
        part = {"$defs": log["$defs"], "$ref": "#/$defs/" + line_type}
        resolver = jsonschema.RefResolver("record-log.schema.json", log, store=schemas)
        validators["record-log." + line_type] = jsonschema.Draft202012Validator(part, resolver=resolver)
    return validators


def problem(validator, value):
    error = jsonschema.exceptions.best_match(validator.iter_errors(value))
    if error is None:
        return None
    where = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return f"{where or '(top)'}: {error.message[:300]}"


def shape_of(value, depth=0):
    """What makes a line another kind of line: members and types, all the way down, and how its request ended."""
    if isinstance(value, dict):
        ended = value.get("class") or value.get("end")
        return (str(ended), tuple((key, shape_of(member, depth + 1)) for key, member in value.items() if key not in ANYTHING))
    if isinstance(value, list):
        return frozenset(map(type, value)) if depth else tuple(map(shape_of, value))
    return type(value)


def sampled(lines):
    step = max(1, len(lines) // SAMPLED_LINES)
    seen = set()
    for number, line in enumerate(lines, 1):
        value = json.loads(line)
        shape = shape_of(value)
        if shape not in seen or number % step == 0 or number == len(lines):
            yield number, value
        seen.add(shape)


def check_lines(text, validators):
    lines = text.split("\n")
    lines.pop()  # behind the last line end: nothing, or a line that was cut by a kill
    if not lines:
        return None, []
    kind = kind_of(json.loads(lines[0]))
    if kind not in validators:
        return None, ["its first line is of no kind that docs/schemas describes"]
    problems = []
    for number, value in sampled(lines):
        line_type = f"{kind}.{value.get('type')}" if isinstance(value, dict) else kind
        found = problem(validators.get(line_type, validators[kind]), value)
        if found:
            problems.append(f"line {number}: {found}")
    if kind == "record-log" and ['"header"' in line[:20] for line in lines].count(True) != 1:
        problems.append("it has not one header")
    return kind, problems


def cell_problem(field, text):
    limits = field["constraints"]
    if len(text) < limits.get("minLength", 0) or not re.search(limits.get("pattern", ""), text):
        return f"'{text[:80]}' is not as {limits}"
    if field["type"] == "integer" and not re.fullmatch(r"-?[0-9]+", text):
        return f"'{text[:80]}' is no integer"
    if field["type"] == "integer" and not limits.get("minimum", -1e99) <= int(text) <= limits.get("maximum", 1e99):
        return f"{text} is out of range"
    return None


def check_csv(path, text):
    fields = json.loads((SCHEMAS / "race-csv.table.json").read_text())["fields"]
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != [field["name"] for field in fields]:
        return None, ["its columns are of no kind that docs/schemas describes"]
    if not text.endswith("\n"):
        rows.pop()  # cut by a kill
    problems = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(fields):
            problems.append(f"row {number}: {len(row)} cells, {len(fields)} expected")
        for field, cell in zip(fields, row):
            found = cell_problem(field, cell)
            if found:
                problems.append(f"row {number}: {field['name']}: {found}")
    return "race-csv", problems


def check_file(path, validators):
    """The file's kind, and what is wrong with it."""
    try:
        text = Path(path).read_text(encoding="utf-8")
        if str(path).endswith(".csv"):
            return check_csv(path, text)
        if str(path).endswith(".jsonl"):
            return check_lines(text, validators)
        try:
            whole = json.loads(text)
        except ValueError:  # of serve with --append-result: an object per line
            return check_lines(text, validators)
        kind = kind_of(whole)
        if kind not in validators:
            return None, ["it is of no kind that docs/schemas describes"]
        found = problem(validators[kind], whole)
        return kind, [found] if found else []
    except (ValueError, OSError) as error:
        return None, [f"cannot be read: {error}"]


def results_below(folder):
    """The result files; not the rows of datasets that were fetched from the hub, which are somebody else's."""
    for path in folder.rglob("*"):
        if path.suffix in (".json", ".jsonl", ".csv") and "datasets" not in path.relative_to(folder).parts[:-1]:
            yield path


def work(path):
    return path, *check_file(path, VALIDATORS)


def main():
    arguments = sys.argv[1:]
    every_kind = "--every-kind" in arguments
    given = [Path(argument) for argument in arguments if argument != "--every-kind"]
    if not given:
        print(__doc__)
        return 1
    files = []
    for path in given:
        files += sorted(results_below(path)) if path.is_dir() else [path]
    global VALIDATORS
    VALIDATORS = load_validators()
    counts = dict.fromkeys(KINDS, 0)
    broken = 0
    with multiprocessing.get_context("fork").Pool(min(len(files), os.cpu_count() or 1) or 1) as pool:
        for path, kind, problems in pool.imap(work, files, 8):
            counts[kind] = counts.get(kind, 0) + 1
            broken += bool(problems)
            for text in problems[:5]:
                print(f"{path}: {text}")
    counts.pop(None, None)
    missing = [kind for kind in KINDS if counts[kind] == 0]
    print(f"{len(files)} files, {broken} not as documented: " + ", ".join(f"{n} {kind}" for kind, n in counts.items() if n))
    if every_kind and missing:
        print("no file of these kinds came: " + ", ".join(missing))
    return 1 if broken or not files or (every_kind and missing) else 0


if __name__ == "__main__":
    sys.exit(main())
