#!/usr/bin/env python3
"""The table of docs/xv6.md: numbers and meanings from sys/abi/include/abi/xv6.h, handlers from sys/xv6/calls.def.

usage: mkxv6.py [docs/xv6.md]     writes the table into the page, or prints it

The two name the same calls, each once, and the numbers have no gap; else it says which line is wrong.
"""
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADER = HERE.parent / "abi" / "include" / "abi" / "xv6.h"
CALLS = HERE / "calls.def"
BEGIN, END = "<!-- mkxv6.py: begin -->", "<!-- end -->"
NUMBER = re.compile(r"#define XV6_([A-Za-z_0-9]+) (\d+) */\* (.*) \*/$")
CALL = re.compile(r"(CALL|CALL_RV|SET_ASIDE)\((\w+)(?:, (\w+), (\d))?\)$")
SECTION = re.compile(r"/\* ---- (.*) ---- \*/$")


class BadTable(Exception):
    pass


def numbers(text):
    """What the header says: [(number, name, meaning)], up to its constants."""
    found, aside = [], False
    for line in text.splitlines():
        section = SECTION.match(line)
        if section and section.group(1) == "constants":
            break
        aside = aside or line.startswith("/* Set aside")
        m = NUMBER.match(line)
        if m and m.group(1) != "CALLS":
            found.append((int(m.group(2)), m.group(1), m.group(3)))
        elif aside and re.match(r"#define XV6_\w+ \d+$", line):
            name, number = line[len("#define XV6_"):].split()
            found.append((int(number), name, "set aside: -1"))
    return found


def handlers(text):
    """What the table says: {name: handler, or None}."""
    found = {}
    for line in re.sub(r"/\*.*?\*/", "", text, flags=re.S).splitlines():
        if not line.strip():
            continue
        m = CALL.match(line)
        if not m or (m.group(1) == "SET_ASIDE") == bool(m.group(3)):
            raise BadTable(f"calls.def: {line}")
        name = ("RV_" if m.group(1) == "CALL_RV" else "") + m.group(2)
        if name in found:
            raise BadTable(f"calls.def: {name} is there twice")
        found[name] = m.group(3)
    return found


def rows(header, calls):
    known, served = numbers(header), handlers(calls)
    if [n for n, _, _ in known] != list(range(1, len(known) + 1)):
        raise BadTable(f"the numbers of the header are not 1 to {len(known)}")
    if {name for _, name, _ in known} != set(served):
        raise BadTable(f"only in one: {sorted({name for _, name, _ in known} ^ set(served))}")
    return [(n, name, meaning, served[name]) for n, name, meaning in known]


def table(header, calls):
    lines = ["| number | call | arguments, result | handler |", "|---|---|---|---|"]
    for n, name, meaning, handler in rows(header, calls):
        text = meaning.replace("|", "\\|")
        lines.append(f"| {n} | `{name}` | {text} | {f'`{handler}`' if handler else '–'} |")
    return "\n".join(lines) + "\n"


def with_table(page, new):
    head, rest = page.split(BEGIN + "\n", 1)
    return head + BEGIN + "\n" + new + END + rest.split(END, 1)[1]


def main(argv):
    try:
        new = table(HEADER.read_text(encoding="ascii"), CALLS.read_text(encoding="ascii"))
    except BadTable as e:
        sys.exit(str(e))
    if len(argv) == 1:
        sys.stdout.write(new)
        return
    page = Path(argv[1])
    page.write_text(with_table(page.read_text(encoding="utf-8"), new), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv)
