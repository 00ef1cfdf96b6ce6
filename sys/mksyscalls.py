#!/usr/bin/env python3
"""From syscalls.def: the dispatch table (`table`), its page in docs/ (`doc`), the list that tests use (`json`).

usage: mksyscalls.py table|doc|json SYSCALLS.DEF [OUTPUT]

A line that is not well formed ends it with file, line number and reason.  The same parser serves tests/checks.
"""
import json
import re
import sys

LINE = re.compile(r"SYSCALL\(\s*(0x[0-9a-f]+|[0-9]+)\s*,\s*([a-z_][a-z0-9_]*)\s*,"
                  r"\s*(sys_[a-z0-9_]+)\s*((?:,[^,)]+)*)\)$")
KIND = re.compile(r"(INT|FD|PID|ADDR|LEN)$|(PATH|STRV|INBUF|OUTBUF)\??$|(IN|OUT|INOUT):[a-z0-9_]+\??$")
MAX_ARGS = 6     # registers: EBX, ECX, EDX, ESI, EDI, EBP
OWN_START = 0x400
OWN_END = 0x500  # the dispatch table's end: it stays an array


class BadDef(Exception):
    pass


def parse_line(text):
    m = LINE.match(text)
    if not m:
        raise BadDef("not of the form SYSCALL(number, name, handler, kinds...)")
    kinds = [k.strip() for k in m.group(4).split(",") if k.strip()]
    call = {"nr": int(m.group(1), 0), "name": m.group(2), "handler": m.group(3), "kinds": kinds}
    check_call(call)
    return call


def check_call(call):
    kinds = call["kinds"]
    if len(kinds) > MAX_ARGS:
        raise BadDef(f"{len(kinds)} arguments, at most {MAX_ARGS}")
    if not 0 < call["nr"] < OWN_END:
        raise BadDef(f"number {call['nr']} is outside the table")
    for i, kind in enumerate(kinds):
        if not KIND.match(kind):
            raise BadDef(f"unknown kind {kind}")
        follows = kinds[i + 1] if i + 1 < len(kinds) else None
        if kind.rstrip("?") in ("INBUF", "OUTBUF") and follows != "LEN":
            raise BadDef(f"{kind} needs LEN after it")
        if kind.rstrip("?") in ("IN:iovec", "OUT:iovec") and follows != "INT":
            raise BadDef(f"{kind} needs its count after it")
        if kind == "LEN" and (i == 0 or kinds[i - 1].rstrip("?") not in ("INBUF", "OUTBUF")):
            raise BadDef("LEN without a buffer before it")


def parse(path):
    calls, numbers, names = [], {}, {}
    with open(path, encoding="ascii") as f:
        for number, line in enumerate(f, 1):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            try:
                call = parse_line(text)
                for key, seen in (("nr", numbers), ("name", names)):
                    if call[key] in seen:
                        raise BadDef(f"{key} {call[key]} is on line {seen[call[key]]} too")
                    seen[call[key]] = number
            except BadDef as e:
                raise BadDef(f"{path}:{number}: {e}") from None
            calls.append(call)
    if not calls:
        raise BadDef(f"{path}: no system call in it")
    return calls


def number_text(nr):
    return hex(nr) if nr >= OWN_START else str(nr)


def table(calls):
    lines = ["/* Made from sys/syscalls.def: SYSCALL(number, name, handler, count of arguments). */"]
    lines += [f"SYSCALL({number_text(c['nr'])}, {c['name']}, {c['handler']}, {len(c['kinds'])})" for c in calls]
    return "\n".join(lines) + "\n"


def doc(calls):
    lines = [
        "# System calls",
        "",
        "Made from `sys/syscalls.def` by `sys/mksyscalls.py doc sys/syscalls.def docs/syscalls.md`; do not edit.",
        "",
        "The trap is `int $0x80`: number in EAX, arguments in EBX, ECX, EDX, ESI, EDI, EBP, the result in EAX,",
        "an error as the negated errno.  Numbers below 0x400 and the layouts behind them are those of Linux/i386.",
        "What the kinds of",
        "arguments mean stands at the head of `sys/syscalls.def`; a `?` after a pointer allows NULL.",
        "",
        "| number | name | arguments | handler |",
        "|---|---|---|---|",
    ]
    for c in sorted(calls, key=lambda c: c["nr"]):
        lines.append(f"| {number_text(c['nr'])} | `{c['name']}` | {', '.join(c['kinds']) or '–'} | `{c['handler']}` |")
    lines += ["", f"{len(calls)} calls; any other number returns ENOSYS."]
    return "\n".join(lines) + "\n"


def main(argv):
    makers = {"table": table, "doc": doc, "json": lambda calls: json.dumps(calls, indent=1) + "\n"}
    if len(argv) not in (3, 4) or argv[1] not in makers:
        sys.exit(__doc__)
    try:
        text = makers[argv[1]](parse(argv[2]))
    except BadDef as e:
        sys.exit(str(e))
    if len(argv) == 3:
        sys.stdout.write(text)
        return
    with open(argv[3], "w", encoding="utf-8") as out:
        out.write(text)


if __name__ == "__main__":
    main(sys.argv)
