#!/usr/bin/env python3
"""What the compiler does not see in the sources: assembly outside arch/x86, <machine/...> outside the contract, long
functions, long lines, unfinished work.  usage: sources.py SOURCE
"""
import re
import sys
from pathlib import Path

KERNEL = ("arch", "lib", "sync", "mm", "kern", "drivers", "fs", "sys")
OURS = KERNEL + ("usr", "tools", "tests")
NOT_OURS = {"tests/bench/kbench.c"}  # the same program as on other kernels, byte for byte
FOREIGN = "usr/extra/"  # what anybody drops there
ASM = re.compile(r"\b(__asm__|__asm|asm)\b\s*(volatile|goto|__volatile__|\()")
MACHINE = re.compile(r"#\s*include\s*[<\"]machine/")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
LINE_MAX, FUNCTION_MAX, TAB = 120, 60, 8


def files(source):
    source = Path(source)
    for folder in OURS:
        for path in sorted((source / folder).rglob("*")):
            name = str(path.relative_to(source))
            if path.suffix in (".c", ".h", ".S", ".py", ".sh") and path.is_file() and name not in NOT_OURS \
                    and not name.startswith(FOREIGN):
                if not any(parent.is_symlink() for parent in path.parents):
                    yield name, path.read_text(encoding="utf-8")


def without_comments(text):
    return re.sub(r"/\*.*?\*/|//[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.S)


def assembly(name, text):
    if not name.startswith(KERNEL) or name.startswith("arch/x86/"):
        return
    if name.endswith(".S"):
        yield 1, "an assembly file outside arch/x86"
    for number, line in enumerate(text.split("\n"), 1):
        if ASM.search(line):
            yield number, "assembly outside arch/x86"
        if MACHINE.search(line) and not name.startswith("arch/include/"):
            yield number, "<machine/...> is for arch/include only"


def long_functions(name, text):
    """A body is between a { and a } in the first column; a header's inline functions count too."""
    if not name.endswith((".c", ".h")):
        return
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if line == "{":
            start = number
        elif line.startswith("}") and start is not None:
            if number - start - 1 > FUNCTION_MAX:
                yield start, f"a function of {number - start - 1} lines (at most {FUNCTION_MAX})"
            start = None


def long_lines(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        if len(line.expandtabs(TAB)) > LINE_MAX:
            yield number, f"{len(line.expandtabs(TAB))} columns (at most {LINE_MAX})"
        if line != line.rstrip():
            yield number, "blanks at the end"


def unfinished(name, text):
    for number, line in enumerate(text.split("\n"), 1):
        if UNFINISHED.search(line) and not name.startswith("tests/checks/sources"):
            yield number, "unfinished work"


def complaints(name, text):
    code = without_comments(text) if name.endswith((".c", ".h")) else text
    for found in (assembly(name, code), long_functions(name, code), long_lines(name, text), unfinished(name, text)):
        for number, what in found:
            yield f"{name}:{number}: {what}"


def main(source):
    looked, wrong = 0, []
    for name, text in files(source):
        looked += 1
        wrong += complaints(name, text)
    print("\n".join(wrong))
    print(f"{looked} files, {len(wrong)} complaints")
    return 1 if wrong or looked < 10 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
