#!/usr/bin/env python3
"""Text and data of the release kernel stay below their limit; the symbol table is not counted, nor what is zero.

usage: size.py KERNEL.elf
"""
import subprocess
import sys

LIMIT = 300 << 10  # bytes
COUNTED = {".boot", ".text", ".rodata", ".exception_table", ".data"}
NOT_COUNTED = {".symtab_embedded", ".bss", ".symtab", ".strtab", ".shstrtab", ".comment"}


def sections(path):
    """[(name, bytes)], debug information apart."""
    text = subprocess.run(["llvm-readelf", "-SW", path], check=True, capture_output=True, text=True).stdout
    found = []
    for line in text.splitlines():
        fields = line.replace("[ ", "[").split()
        if fields and fields[0].startswith("[") and fields[0] != "[Nr]" and len(fields) > 6:
            if not fields[1].startswith(".debug") and fields[1] != "NULL":
                found.append((fields[1], int(fields[5], 16)))
    return found


def main(path):
    found = sections(path)
    unknown = [name for name, size in found if name not in COUNTED | NOT_COUNTED and size > 0]
    if unknown or not any(name == ".text" and size > 0 for name, size in found):
        print(f"sections that size.py does not know: {unknown}; all: {found}")
        return 1
    total = sum(size for name, size in found if name in COUNTED)
    for name, size in found:
        print(f"{size:8} {name}{'' if name in COUNTED else ' (not counted)'}")
    print(f"{total:8} bytes of {LIMIT}")
    return 0 if total < LIMIT else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
