#!/usr/bin/env python3
"""Make the kernel's embedded table of function names (the format: lib/include/lib/symtab.h).

  mksymtab.py --empty OUT.S          the table of the first link pass: no names
  mksymtab.py NM.txt OUT.S           from the text of `nm -n KERNEL` (also with -S)
  mksymtab.py --check NM1 NM2        fail unless both passes put every function at the same address

Functions are the symbols of text (nm's t, T, w, W).  Of several names at one address the first global one is taken,
else the first in the alphabet.  Local labels (.L...) and assembler temporaries are left out.
"""
import re
import sys

MAGIC = 0x544D5953
LAST_SIZE = 4096  # bytes the last function is believed to have, when nm did not print sizes
LINE = re.compile(r"^([0-9a-fA-F]+)\s+(?:([0-9a-fA-F]+)\s+)?([tTwW])\s+(\S+)\s*$")


def read_functions(path):
    """Return ({address: name}, end)."""
    best, end = {}, 0
    with open(path) as f:
        for line in f:
            m = LINE.match(line)
            if not m or m.group(4).startswith((".L", "$")):
                continue
            addr, size = int(m.group(1), 16), int(m.group(2) or "0", 16)
            rank = (m.group(3) not in "TW", m.group(4))
            if addr not in best or rank < best[addr]:
                best[addr] = rank
            end = max(end, addr + size)
    if best:
        last = max(best)
        end = end if end > last else last + LAST_SIZE
    return {a: r[1] for a, r in best.items()}, end


def words(values):
    values = list(values)
    return [".long " + ", ".join("0x%x" % v for v in values[i:i + 8]) for i in range(0, len(values), 8)]


def render(functions, end):
    addrs = sorted(functions)
    pool, offsets, pool_lines = {}, [], []
    size = 0
    for a in addrs:
        name = functions[a]
        if name not in pool:  # file-local functions may share a name
            pool[name] = size
            size += len(name.encode()) + 1
            pool_lines.append('.asciz "%s"' % name.replace("\\", "\\\\").replace('"', '\\"'))
        offsets.append(pool[name])
    out = ["/* Made by lib/mksymtab.py; the format is in lib/symtab.h. */",
           '.section .symtab_embedded, "a", @progbits', ".balign 4", ".globl kernel_symtab",
           ".type kernel_symtab, @object", "kernel_symtab:"]
    out += words([MAGIC, len(addrs), end, size])
    out += words(addrs) + words(offsets) + pool_lines
    out += [".balign 4", ".size kernel_symtab, . - kernel_symtab", '.section .note.GNU-stack, "", @progbits']
    return "\n".join(out) + "\n"


def check(first, second):
    a, b = read_functions(first)[0], read_functions(second)[0]
    if not a:
        return "%s: no functions" % first
    for addr in sorted(set(a) | set(b)):
        if a.get(addr) != b.get(addr):
            return "0x%x: %s in the first pass, %s in the second" % (addr, a.get(addr), b.get(addr))
    return None


def main(argv):
    if len(argv) == 4 and argv[1] == "--check":
        return check(argv[2], argv[3])
    if len(argv) != 3:
        return __doc__
    if argv[1] == "--empty":
        functions, end = {}, 0
    else:
        functions, end = read_functions(argv[1])
        if not functions:
            return "%s: no functions: is this the output of nm -n?" % argv[1]
    with open(argv[2], "w") as f:
        f.write(render(functions, end))
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv))
