#!/usr/bin/env python3
"""Doxygen's INPUT_FILTER: prints a header with its plain // comments as documentation comments.

  python3 docs/api/filter.py include/llmdyno/base/random.h

Our headers are written for those who open them, so their comments are plain. README.md beside this file says what
becomes what, and what need not be documented. Every line stays where it is, so that the line numbers of doxygen's
warnings are the header's. Leaves strings, parameter lists and the bodies of functions alone; relies on the layout
that clang-format gives.
"""
import os
import re
import sys

# The description of what need not have one: draws nothing.
NOTHING_TO_SAY = "/** &zwj; */ "
# What stands before a brace behind which declarations follow.
SCOPE = re.compile(r'^\s*(template\s*<.*>\s*)?(inline\s+)?(?:(namespace|class|struct|union|enum)\b|(extern)\s*"C")(?!.*\()', re.S)
ACCESS = re.compile(r"\s*(public|private|protected):\s*")
TOKEN = re.compile(r"""//.*|/\*.*?\*/|"(?:\\.|[^"\\])*"|(?<!\w)'(?:\\.|[^'\\])'|[{}();,]""")


class Line:
    """One line of a header: what stands before its // and behind it, and the statement to which it belongs."""

    def __init__(self, text):
        self.text = text
        self.code = text
        self.comment = None  # what stands behind the //
        self.column = None  # of the //
        self.begins = False  # a statement among declarations begins here, or could
        self.ends = False  # no statement is open at its end
        self.statement = None  # the one that was open last: a list of one text

    def is_comment(self):
        return self.comment is not None and not self.code.strip()


class Scanner:
    """Follows braces and parentheses from line to line."""

    def __init__(self):
        self.scopes = []  # of each open brace: what opened it, None for a body or an initializer
        self.parentheses = 0
        self.statement = [""]
        self.in_directive = False  # the line before was one of the preprocessor's and goes on

    def scan(self, line):
        line.begins = self.among_declarations() and not self.statement[0].strip()
        directive = self.in_directive or line.text.startswith("#")
        self.in_directive = directive and line.text.endswith("\\")
        if not directive:
            end = 0
            for token in TOKEN.finditer(line.text):
                if token.group().startswith("//"):
                    line.code, line.column, line.comment = line.text[: token.start()], token.start(), token.group()[2:]
                    break
                self.add(line, line.text[end : token.start()])
                self.take(line, token.group())
                end = token.end()
            self.add(line, line.code[end:])
            self.statement[0] += " "
            if ACCESS.fullmatch(self.statement[0]):
                self.finish()
        line.ends = self.among_declarations() and not self.statement[0].strip()

    def among_declarations(self):
        return all(self.scopes) and self.parentheses == 0

    def add(self, line, text):
        self.statement[0] += text
        if text.strip():
            line.statement = line.statement if line.begins and line.statement else self.statement

    def finish(self):
        self.statement = [""]

    def take(self, line, mark):
        declarations = self.among_declarations()
        self.add(line, mark)
        if mark == "(":
            self.parentheses += 1
        elif mark == ")":
            self.parentheses -= 1
        elif mark == "{":
            scope = SCOPE.match(self.statement[0]) if declarations else None
            self.scopes.append((scope.group(3) or scope.group(4)) if scope else None)
            if scope:
                self.finish()
        elif mark == "}":
            scope = self.scopes.pop()
            # Behind the body of a function nothing follows; behind an initializer and a scope a semicolon does.
            if scope in ("namespace", "extern") or (self.among_declarations() and is_function(self.statement[0])):
                self.finish()
        elif mark == ";" and declarations:
            self.finish()
        elif mark == "," and declarations and self.scopes and self.scopes[-1] == "enum":
            self.finish()


def is_function(statement):
    """Whether a parenthesis comes before any initializer, arguments of templates apart."""
    text = re.sub(r"operator\W+\(", "operator(", statement)
    text = re.sub(r"\(\*(\w+)\)\(", r"\1 = (", text)  # a pointer to a function is a field
    shorter = None
    while shorter != text:
        shorter, text = text, re.sub(r"<[^<>]*>", "", text)
    return "(" in re.split(r"=|\{", text)[0]


def is_exempt(statement):
    """Whether it belongs to what README.md says need not be documented."""
    statement = statement.strip()
    if statement[0] in "}#" or re.match(r"(using namespace|class \w+;|struct \w+;|public|private|protected)", statement):
        return False
    if re.match(r"using [a-z_]+ =", statement):
        return True  # a name that the standard library prescribes
    if not is_function(statement):
        # A field, an enumerator, a friend: not a type of its own, a name for one or a namespace.
        return not re.match(r"(template|inline namespace|class|struct|union|enum|using|typedef|namespace|extern)\b", statement)
    if re.search(r"\)[ \w]*(= (default|delete);|\boverride\b)", statement) or "operator" in statement:
        return True
    # A destructor, or an accessor that is named like the member that it returns.
    return re.match(r"(virtual )?~", statement) or re.search(r"\b[a-z_0-9]+\(\) const (noexcept )?(;|\{)", statement)


def escaped(text):
    """The text with nothing in it that doxygen would take for a command, a tag, a reference or a style."""
    parts = re.split(r"(`[^`]*`)", text)
    for i in range(0, len(parts), 2):
        parts[i] = re.sub(r"[\\@<>#&%*|~\[\]_$]", r"\\\g<0>", parts[i]).replace("\\_", "_").replace("--", "\\--")
    return "".join(parts)


def rendered(comments):
    """The lines of one comment as doxygen's. What is set off behind an empty line by three spaces stays as it is."""
    if not any(is_set_off(comments, k) for k in range(len(comments))):
        return ["///" + escaped(text) for text in comments]
    # Between /** and */, for doxygen shows the slashes of what it is to leave alone.
    out = []
    verbatim = False
    for k, text in enumerate(comments):
        if not verbatim and is_set_off(comments, k):
            out[-1] += "@verbatim"
            verbatim = True
        if verbatim and not text.strip():
            out.append("@endverbatim")
            verbatim = False
        else:
            out.append(text if verbatim else escaped(text))
    return ["/**" + out[0]] + out[1:-1] + [out[-1] + (" @endverbatim */" if verbatim else " */")]


def is_set_off(comments, k):
    return comments[k].startswith("   ") and k > 0 and not comments[k - 1].strip()


def end_of_comment(lines, begin):
    end = begin
    while end < len(lines) and lines[end].is_comment():
        end += 1
    return end


def is_describable(code):
    """Whether a comment above this line is about what begins there."""
    return code.startswith("#define") or (code.strip() != "" and code.strip()[0] not in "}#")


def heads_a_group(lines, first):
    """Whether a comment above this line is of a run of fields: the first of them has one of its own."""
    line = lines[first]
    if line.comment is None or not line.ends or line.statement is None:
        return False
    return not is_function(line.statement[0]) and not re.match(r"(class|struct|enum|using)\b", line.code.strip())


def described_behind(line):
    """The line with its trailing comment as the description of what it declares."""
    return f"{line.code}///<{escaped(line.comment)}"


def marked_exempt(line):
    indent = len(line.code) - len(line.code.lstrip())
    return line.text[:indent] + NOTHING_TO_SAY + line.text[indent:]


class Converter:
    """Walks through a header whose lines have been scanned."""

    def __init__(self, lines, module, own_class):
        self.lines = lines
        self.module = module  # the group to which all of it belongs; groups.dox describes them
        self.own_class = own_class  # the class that the header is named for
        self.head = ""  # what the header opens with
        self.described = False  # what comes next has a comment above it
        self.behind = None  # the column of the comment behind the declaration above
        self.in_group = False

    def convert(self):
        begin = end_of_comment(self.lines, 0)
        if begin == 0 or [line.text for line in self.lines[begin : begin + 2]] != ["#pragma once", ""]:
            return ["/// @file", "/// @begin_with_a_comment_and_pragma_once"]  # which doxygen reports as unknown
        out = rendered([""] + [line.comment for line in self.lines[:begin]])
        out[0] += " @file"
        is_block = out[-1].endswith(" */")
        out[-1] = out[-1].removesuffix(" */") + f" @ingroup {self.module}" + is_block * " */"
        self.head = " ".join(escaped(line.comment.strip()) or "<p>" for line in self.lines[:begin])
        i = begin + 1  # without the pragma, in whose stead there is a line with @file
        while i < len(self.lines):
            line = self.lines[i]
            if line.is_comment() and self.behind is not None and line.column == self.behind:
                out.append(described_behind(line))
                i += 1
            elif line.is_comment():
                end = end_of_comment(self.lines, i)
                out += self.comment(i, end)
                self.behind = None
                i = end
            else:
                out.append(self.code(line))
                i += 1
        return out

    def comment(self, begin, end):
        """Those of the lines from begin to end, which are nothing but comment."""
        block = self.lines[begin:end]
        follows = self.lines[end] if end < len(self.lines) else None
        self.described = block[0].begins and follows is not None and is_describable(follows.code)
        if not self.described:
            return [line.text for line in block]
        if heads_a_group(self.lines, end) and not self.in_group:
            self.in_group = True
            title = " ".join(escaped(line.comment.strip()) for line in block)
            return [f"{block[0].code}/** @name {title} */ /** @{{ */"] + [""] * (len(block) - 1)
        return [block[0].code + text for text in rendered([line.comment for line in block])]

    def code(self, line):
        described, self.described, self.behind = self.described, False, None
        if self.in_group and line.begins and line.code.strip() in ("", "};"):
            self.in_group = False
            return "/** @} */" + line.text
        if line.code.startswith("namespace llmdyno {"):
            return f"{line.code} /** @addtogroup {self.module} */ /** @{{ */"
        if line.text == "}  // namespace llmdyno":
            return "/** @} */ " + line.text
        if not line.statement or not line.code.strip() or line.text.startswith("#"):
            return line.text
        if line.comment is not None and line.ends and line.code.strip()[0] != "}" and line.code.rstrip()[-1] != "{":
            self.behind = line.column
            return described_behind(line)
        if line.begins and not described:
            if re.match(rf"(class|struct) {self.own_class}\b[^;]*$", line.code):
                return f"/** {self.head} */ {line.text}"
            if is_exempt(line.statement[0]):
                return marked_exempt(line)
        return line.text


def page(text, path):
    """A page of docs: what it links to beside the pages of its folder becomes plain text, and anchors go."""

    def link(match):
        target = os.path.normpath(os.path.join(os.path.dirname(path), match.group(2).split("#")[0]))
        docs = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        is_page = target.endswith(".md") and os.path.dirname(target) == docs and target != path
        return f"[{match.group(1)}]({os.path.relpath(target, os.path.dirname(path))})" if is_page else match.group(1)

    return re.sub(r"\[([^\]\[]*)\]\(((?!https?:)[^)\s]+)\)", link, text)


def c_header(text):
    """A header for C, whose comments are all /* */: the first is the file's, the others those of declarations."""
    text = re.sub(r"^( *)/\*(?!\*)", r"\1/**", text, flags=re.M)
    text = re.sub(r"^( *[^/\s*].*?)/\*(?!\*)", r"\1/**<", text, flags=re.M)
    head, rest = text.split("*/", 1)
    return f"{head}@ingroup c\n@file */" + rest.replace("\n\n", "\n", 1)  # a line more, an empty one less


def main():
    path = os.path.abspath(sys.argv[1])
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".md"):
        print(page(text, path), end="")
        return
    if text.startswith("/*"):
        print(c_header(text), end="")
        return
    lines = [Line(line) for line in text.split("\n")]
    scanner = Scanner()
    for line in lines:
        scanner.scan(line)
    folder, name = os.path.split(path)
    own_class = "".join(word.capitalize() for word in name[: -len(".h")].split("_"))
    print("\n".join(Converter(lines, os.path.basename(folder), own_class).convert()), end="")


if __name__ == "__main__":
    main()
