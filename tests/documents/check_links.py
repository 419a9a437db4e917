#!/usr/bin/env python3
"""Says which links, anchors and paths in the Markdown files below ROOT lead nowhere.

usage: check_links.py ROOT
Checked are: relative links with their anchors; paths of the repository in `backticks`; that the table of modules in
docs/architecture.md is that of lib/CMakeLists.txt; that lists of pages name every page of their folder.
Exit status 1 when anything is wrong.
"""
import re
import sys
from pathlib import Path
from urllib.parse import unquote

NOT_OURS = {"build", ".git", "wrong"}  # the last: pages that are wrong on purpose
LISTS = ["docs/README.md", "docs/adr/README.md", "docs/cli/README.md", "docs/recipes/README.md", "docs/migrating/README.md"]


def pages(root):
    for path in sorted(root.rglob("*.md")):
        if not NOT_OURS & set(path.relative_to(root).parts):
            yield path


def prose_lines(text):
    """Lines with their numbers, without blocks of code."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line


def anchors(text):
    """Those of the headings, as GitHub makes them."""
    found = {}
    for _, line in prose_lines(text):
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if not heading:
            continue
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if n == 0 else f"{slug}-{n}" for slug, last in found.items() for n in range(last + 1)}


def broken_links(page, text):
    for number, line in prose_lines(text):
        bare = re.sub(r"`[^`]*`", "", line)
        for target in re.findall(r"\]\(([^)\s]+)[^)]*\)", bare) + re.findall(r"^\[[^\]]+\]:\s*(\S+)", bare):
            if re.match(r"[a-z+]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = (page.parent / unquote(name)).resolve() if name else page
            if not file.exists():
                yield number, f"the link to '{target}' leads to no file"
            elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text(encoding="utf-8")):
                yield number, f"the link to '{target}' leads to no heading of {file.name}"


def missing_paths(root, page, text):
    tops = {path.name for path in root.iterdir() if path.is_dir()} - {"build"}
    for number, line in prose_lines(text):
        for path in re.findall(r"`(\w[\w.+-]*(?:/[\w.+-]+)+/?)`", line):
            parts = path.strip("/").split("/")
            if any(re.fullmatch(r"M|x(_test)?\.\w+", part) for part in parts):
                continue  # stands for any name
            if path.startswith(("lib/llmdyno", "lib/cmake", "lib/pkgconfig")):
                continue  # below the prefix that one installs to
            if parts[0] == "llmdyno" and path.endswith(".h"):
                places = [root / "include", page.parent]
            elif parts[0] in tops or (page.parent / parts[0]).is_dir():
                places = [root, page.parent]
            else:
                continue  # something of the reader's
            if not any((place / path).exists() for place in places):
                yield number, f"there is no '{path}'"


def wrong_modules(root):
    page = root / "docs" / "architecture.md"
    text = page.read_text(encoding="utf-8")
    built = set(re.findall(r"llmdyno_module\((\w+)", (root / "lib" / "CMakeLists.txt").read_text(encoding="utf-8")))
    section = re.search(r"^\| module \|.*?(?=^\s*$)", text, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"^\| `(\w+)` \|", section[0], re.MULTILINE)) if section else set()
    for module in sorted(built - named):
        yield f"{page.relative_to(root)}: the table of modules does not name '{module}' of lib/CMakeLists.txt"
    for module in sorted(named - built):
        yield f"{page.relative_to(root)}: the module '{module}' is not in lib/CMakeLists.txt"
    for module in sorted(built):
        if not list((root / "include" / "llmdyno" / module).glob("*.h")):
            yield f"include/llmdyno/{module} has no header of the module '{module}'"


def unlisted_pages(root):
    for name in LISTS:
        page = root / name
        if not page.exists():
            continue
        text = page.read_text(encoding="utf-8")
        for other in sorted(page.parent.glob("*.md")):
            if other != page and f"({other.name}" not in text:
                yield f"{name}: does not name {other.name}"


def problems(root):
    for page in pages(root):
        text = page.read_text(encoding="utf-8")
        for number, what in sorted([*broken_links(page, text), *missing_paths(root, page, text)]):
            yield f"{page.relative_to(root)}:{number}: {what}"
    yield from wrong_modules(root)
    yield from unlisted_pages(root)


def main():
    root = Path(sys.argv[1]).resolve()
    found = list(problems(root))
    print("\n".join(found) if found else f"{len(list(pages(root)))} pages, every link and path leads somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
