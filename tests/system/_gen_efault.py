#!/usr/bin/env python3
"""The table of system calls for efault.c, made from sys/syscalls.def:  _gen_efault.py DEF OUT.h

Every call is in it, each argument with its kind, whether NULL is allowed, and the size of what it points to.  A kind
or a type that this script does not know ends the build: a new one needs a line here, and efault.c must know how to
break it.
"""
import re
import sys

LINE = re.compile(r"SYSCALL\(\s*(\w+)\s*,\s*(\w+)\s*,\s*\w+\s*((?:,[^,)]+)*)\)$")
VALUES = {"INT", "FD", "PID", "ADDR", "LEN"}
SIMPLE = {"PATH", "STRV", "INBUF", "OUTBUF"}
TYPES = {
    "int": "4", "int2": "8", "time_t": "4", "loff_t": "8", "sigset": "8", "tms": "sizeof(struct abi_tms)",
    "rusage": "sizeof(struct abi_rusage)", "sysinfo": "sizeof(struct abi_sysinfo)",
    "utsname": "sizeof(struct abi_utsname)", "timespec": "sizeof(struct abi_timespec)",
    "timespec64": "sizeof(struct abi_timespec64)", "sigaction": "sizeof(struct abi_sigaction)",
    "stat64": "sizeof(struct abi_stat64)", "user_desc": "sizeof(struct abi_user_desc)",
    "rlimit": "sizeof(struct abi_rlimit)", "rlimit64": "sizeof(struct abi_rlimit64)",
    "pagevec": "4", "word": "4", "shmid64_ds": "sizeof(struct abi_shmid64_ds)",
    "iovec": "sizeof(struct abi_iovec)",
}


def argument(kind):
    """KIND of syscalls.def as an initializer of struct argument."""
    nullable = int(kind.endswith("?"))
    word, _, what = kind.removesuffix("?").partition(":")
    if word in VALUES and not what and not nullable:
        return "{KIND_VALUE, 0, 0}"
    if word in SIMPLE and not what:
        return f"{{KIND_{word}, {nullable}, 0}}"
    if word in ("IN", "OUT", "INOUT") and what in TYPES:
        name = f"KIND_{word}_{what.upper()}" if what in ("iovec", "word") else f"KIND_{word}"
        return f"{{{name}, {nullable}, {TYPES[what]}}}"
    raise ValueError(f"unknown kind of argument {kind!r}")


def calls(path):
    with open(path, encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            match = LINE.match(line)
            if not match:
                sys.exit(f"{path}:{at}: not a SYSCALL line")
            number, name, kinds = match.groups()
            try:
                yield number, name, [argument(k.strip()) for k in kinds.split(",") if k.strip()]
            except ValueError as e:
                sys.exit(f"{path}:{at}: {e}")


def main():
    definitions, output = sys.argv[1:]
    lines = [f'\t{{{number}, "{name}", {len(args)}, {{{", ".join(args) or "{0}"}}}}},'
             for number, name, args in calls(definitions)]
    if not lines:
        sys.exit(f"{definitions}: no system calls")
    with open(output, "w", encoding="utf-8") as out:
        out.write("/* Made by _gen_efault.py from syscalls.def. */\nstatic const struct call calls[] = {\n")
        out.write("\n".join(lines) + "\n};\n")


main()
