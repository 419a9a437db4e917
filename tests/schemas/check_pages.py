#!/usr/bin/env python3
"""Says where the schemas of docs/schemas and the pages that explain them name different members.

usage: check_pages.py DOCS
Each property of a schema has to stand in `backticks` on a page of its files; each key that the tables of these pages
list, and each word_with_underscores in backticks, has to be something that a schema knows. Exit status 1 otherwise.
"""
import json
import re
import sys
from pathlib import Path

# What explains a schema's members; everything else is explained by the first two.
USUAL = ["result-files.md", "metrics.md"]
PAGES = {"record-log": ["record-log.md"], "request-log": ["simulator.md"], "run-spec": ["run-spec.md"]}
EXAMPLES = {"csv_2"}  # of names that are not ours to list; those of Prometheus begin with llmdyno_ and are in no JSON
INPUT = {"run-spec"}  # what programs are given: has a page and a test of its own


def known_of(schema, properties, values, patterns):
    """Collects the names of properties, the words that values are taken from, and patterns of further names."""
    if isinstance(schema, list):
        for item in schema:
            known_of(item, properties, values, patterns)
    if not isinstance(schema, dict):
        return
    properties.update(schema.get("properties", {}))
    patterns.update(schema.get("patternProperties", {}))
    names = schema.get("propertyNames", {})
    properties.update(names.get("enum", []))
    patterns.update(filter(None, [names.get("pattern")]))
    values.update(v for v in [*schema.get("enum", []), schema.get("const")] if isinstance(v, str))
    properties.update(field["name"] for field in schema.get("fields", []))
    for key, part in schema.items():
        if key in ("properties", "patternProperties", "$defs"):
            for member in part.values():
                known_of(member, properties, values, patterns)
        elif key not in ("enum", "const", "required", "dependentRequired"):
            known_of(part, properties, values, patterns)


def quoted(text):
    return set(re.findall(r"`([^`\s]+)`", text))


def listed_keys(text):
    """In the tables of a page, what the column of names holds: the first, or the second behind a number."""
    keys = set()
    lines = text.splitlines()
    for number, line in enumerate(lines):
        is_head = number + 1 < len(lines) and re.match(r"\|[ :|-]+\|$", lines[number + 1])
        if not line.startswith("|") or is_head or re.match(r"\|[ :|-]+\|$", line):
            continue
        cells = line.split("|")
        cell = cells[2] if cells[1].strip().isdigit() else cells[1]
        keys |= {word for word in quoted(cell) if re.fullmatch(r"[a-z][a-z0-9_]*", word)}
    return keys


def section_of(text, heading):
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def problems(schemas, pages):
    """`schemas` by name, `pages` by file name: texts."""
    named_by = {}
    everything = (set(), set(), set())
    for name, schema in schemas.items():
        own = (set(), set(), set())
        known_of(schema, *own)
        for mine, all_of in zip(own, everything):
            all_of |= mine
        explained = [page for page in PAGES.get(name, USUAL) if page in pages]
        words = set().union(*(quoted(pages[page]) for page in explained))
        for page in explained:
            named_by.setdefault(page, set()).update(own[0])
        if name not in INPUT:
            for property_name in sorted(own[0] - words):
                yield f"{' or '.join(explained)}: does not explain '{property_name}' of the schema '{name}'"
    properties, values, patterns = everything
    known = properties | values

    def fits(word):  # metrics of vLLM's file are named without what stands around them
        names = [word, f"mean_{word}_ms"]
        return word in known | EXAMPLES or word.startswith("llmdyno_") or any(re.search(pattern, name) for pattern in patterns for name in names)

    for page in ("result-files.md", "record-log.md"):
        for word in sorted(listed_keys(pages[page])):
            if not fits(word):
                yield f"{page}: '{word}' is in a table and in no schema"
        for word in sorted(quoted(pages[page])):
            if re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", word) and not fits(word):
                yield f"{page}: '{word}' is in no schema"
    for word in sorted(listed_keys(section_of(pages["simulator.md"], "The log"))):
        if not fits(word):
            yield f"simulator.md: '{word}' is in a table and in no schema"
    for heading in ("Per request", "Per token", "Per run"):
        for word in sorted(listed_keys(section_of(pages["metrics.md"], heading))):
            if not fits(word):
                yield f"metrics.md: '{word}' is in a table and in no schema"


def read(docs):
    schemas = {path.name.split(".")[0]: json.loads(path.read_text(encoding="utf-8")) for path in (docs / "schemas").glob("*.json")}
    pages = {path.name: path.read_text(encoding="utf-8") for path in docs.glob("*.md")}
    return schemas, pages


def main():
    schemas, pages = read(Path(sys.argv[1]))
    found = list(problems(schemas, pages))
    print("\n".join(found) if found else f"{len(schemas)} schemas and their pages name the same members")
    return 1 if found or not schemas else 0


if __name__ == "__main__":
    sys.exit(main())
