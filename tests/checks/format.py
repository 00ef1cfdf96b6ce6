#!/usr/bin/env python3
"""Are all C files as clang-format would have them?  usage: format.py SOURCE [--fix]

Versions of clang-format differ in details; the files follow version 14, and with any other this is skipped.
"""
import re
import subprocess
import sys
from pathlib import Path

VERSION = 14
SKIP = 77  # what Meson takes for a skipped test
FOLDERS = ("arch", "lib", "sync", "mm", "kern", "drivers", "fs", "sys", "usr", "tools", "tests")
NOT_OURS = {"tests/bench/kbench.c"}
FOREIGN = "usr/extra/"


def tool():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        try:
            text = subprocess.run([name, "--version"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            continue
        if re.search(rf"version {VERSION}\.", text):
            return name
    return None


def files(source):
    source = Path(source)
    found = (p for folder in FOLDERS for p in sorted((source / folder).rglob("*.[ch]")))
    names = (str(p.relative_to(source)) for p in found if not any(parent.is_symlink() for parent in p.parents))
    return [name for name in names if name not in NOT_OURS and not name.startswith(FOREIGN)]


def main(source, fix):
    name = tool()
    if not name:
        print(f"clang-format {VERSION} is not installed")
        return SKIP
    names = files(source)
    if not names:
        print("no file to look at")
        return 1
    mode = ["-i"] if fix else ["--dry-run", "-Werror", "--ferror-limit=1"]
    result = subprocess.run([name, *mode, *names], cwd=source, stderr=subprocess.PIPE, text=True)
    wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if ": error: " in line})
    print("\n".join(wrong))
    print(f"{len(names)} files, {len(wrong)} not formatted"
          + (" (ninja -C build format mends that)" if wrong else ""))
    return 1 if result.returncode else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:] == ["--fix"]))
