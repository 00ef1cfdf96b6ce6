#!/usr/bin/env python3
"""The tables for alloc_fail.c:  _gen_alloc_fail.py SYSCALLS.DEF TABLE.md OUT.h

From sys/syscalls.def all calls, each of which needs a scenario; from docs/allocation-failures.md what every scenario is
expected to do.
"""
import re
import sys

CALL = re.compile(r"SYSCALL\(\s*(\w+)\s*,\s*(\w+)\s*,")
ROW = re.compile(r"\| `([^`|]+)` \| ([^|]*?) ?\| (\d+) \|" + r" (\d+) \|" * 8 + "$")


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [m.groups() for m in map(ROW.match, lines) if m]


def calls(path):
    with open(path, encoding="utf-8") as lines:
        return [m.groups() for m in map(CALL.match, lines) if m]


def main():
    definitions, table, output = sys.argv[1:]
    found = calls(definitions)
    if not found:
        sys.exit(f"{definitions}: no system calls")
    with open(output, "w", encoding="utf-8") as out:
        out.write("/* Made by _gen_alloc_fail.py from syscalls.def and docs/allocation-failures.md. */\n")
        out.write("static const struct known_call calls[] = {\n")
        out.writelines(f'\t{{{number}, "{name}"}},\n' for number, name in found)
        out.write("};\nstatic const struct row expected[] = {\n")
        out.writelines(f'\t{{"{call}", "{name}", {points}, '
                       f'{{{{{", ".join(ends[:4])}}}, {{{", ".join(ends[4:])}}}}}}},\n'
                       for call, name, points, *ends in rows(table))
        out.write("};\n")


if __name__ == "__main__":
    main()
