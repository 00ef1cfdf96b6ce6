#!/usr/bin/env python3
"""How one .c file becomes a program: plain POSIX C against usr/libc, or either dialect of xv6 against usr/xv6.
The dialect follows from what the file includes.

usage: program.py COMMANDS.json SOURCE OUTPUT [DEPFILE]   compile and link
       program.py --list FOLDER                           the files in FOLDER, a line each: kind|name|path|places...
"""
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*["<]([^">\n]+)[">]', re.M)
# All ones in 64 bits: -1 of a uint64, which here has 32 bits.  Left alone it would equal no value at all.
ALL_ONES = re.compile(r"\b0[xX][fF]{16}(?:[uU]?[lL]{0,2}|[lL]{1,2}[uU])\b")
OURS = {"sh", "init"}  # the machine starts with these two, whatever anybody brings
NOT_FILES = {"README", "README.md", "meson.build"}


def without_comments(text):
    return COMMENT.sub(lambda m: m.group() if m.group().startswith('"') else " ", text)


def dialect(text):
    """posix, x86 or riscv."""
    includes = INCLUDE.findall(without_comments(text))
    if any(name.startswith(("kernel/", "user/")) for name in includes):
        return "riscv"
    return "x86" if {"types.h", "user.h"} <= set(includes) else "posix"


def foreign_copy(source, text, kind, folder):
    """SOURCE as the compiler shall see it.  It lies alone in FOLDER, so that headers beside the original (a whole xv6
    may be there) do not come before ours; messages name the original."""
    if kind == "riscv":
        text = ALL_ONES.sub("(-1UL)", text)
    copy = Path(folder) / Path(source).name
    copy.write_text(f'#line 1 "{source}"\n{text}', encoding="utf-8", errors="surrogateescape")
    return str(copy)


def compile_program(commands, source, output, depfile=None):
    """=> whether it worked; the compiler has said why not."""
    source = str(Path(source).resolve())
    text = Path(source).read_text(encoding="utf-8", errors="surrogateescape")
    kind = dialect(text)
    with tempfile.TemporaryDirectory() as folder:
        names = {"@SOURCE@": source if kind == "posix" else foreign_copy(source, text, kind, folder),
                 "@FOLDER@": str(Path(source).parent), "@OBJECT@": str(Path(folder) / "object.o"),
                 "@OUTPUT@": str(output)}
        for step in ("compile", "link"):
            line = [names.get(word, word) for word in commands[kind][step]]
            if step == "compile" and depfile:
                line += ["-MD", "-MF", depfile, "-MT", str(output)]
            if subprocess.run(line).returncode != 0:
                return False
    if depfile:  # the copy is gone: the build must not look for it
        rules = Path(depfile).read_text()
        Path(depfile).write_text(rules.replace(names["@SOURCE@"], source))
    return True


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == b"\x7fELF"


def kind_of(path):
    """c: to be compiled; elf: a program as it is; file: anything else."""
    if str(path).endswith(".c"):
        return "c"
    return "elf" if Path(path).is_file() and is_elf(path) else "file"


def places(path):
    """Where in the image PATH goes: its place, and, for programs, where xv6 has them too (only there, if the machine
    needs its own of that name)."""
    kind = kind_of(path)
    name = Path(path).stem if kind == "c" else Path(path).name
    return [f"/{name}"] if kind == "file" or name in OURS else [f"/bin/{name}", f"/{name}"]


def listing(folder):
    for path in sorted(Path(folder).iterdir()):
        if path.is_file() and path.name not in NOT_FILES and not path.name.startswith("."):
            name = path.stem if path.suffix == ".c" else path.name
            print("|".join([kind_of(path), name, str(path)] + [place.lstrip("/") for place in places(path)]))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--list":
        return listing(sys.argv[2])
    if len(sys.argv) not in (4, 5):
        sys.exit(__doc__)
    commands = json.loads(Path(sys.argv[1]).read_text())
    return 0 if compile_program(commands, *sys.argv[2:]) else 1


if __name__ == "__main__":
    sys.exit(main())
