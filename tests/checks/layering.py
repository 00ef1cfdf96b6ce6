#!/usr/bin/env python3
"""No floor sees one above it.  Asked of the compiler (headers), of ninja (includes) and of the archives (symbols).

usage: layering.py headers|includes|symbols SOURCE BUILD

Each check says how much it looked at, and fails when that is nothing.
"""
import re
import subprocess
import sys
from pathlib import Path

from floors import FOLDERS, SEES, compile_args, floor_of, headers

MADE_LATER = {"kernel_symtab"}  # the symbol table, linked after all floors


def run(args, **kwargs):
    return subprocess.run(args, capture_output=True, text=True, **kwargs)


def check_headers(source, build):
    """With the arguments of a floor's own sources, the headers it may see are found, and those above are not."""
    wrong, asked = [], 0
    for floor, sees in SEES.items():
        args, folder = compile_args(build, floor)
        if args is None:
            wrong.append(f"{floor}: no source of it is compiled")
            continue
        lines, count = [], {True: 0, False: 0}
        for other in FOLDERS:
            if other == "x86":
                continue  # it exports <machine/...>, which sources.py looks after
            for header in headers(source, other):
                visible = other in sees
                lines.append(f"#if {'!' if visible else ''}__has_include(<{header}>)\n"
                             f'#error "{header} is {"not " if visible else ""}found"\n#endif')
                count[visible] += 1
        asked += len(lines)
        result = run([*args, "-fsyntax-only", "-xc", "-"], input="\n".join(lines) + "\nint empty;\n", cwd=folder)
        wrong += [f"{floor}: {line}" for line in re.findall(r'error: "(.*)"', result.stderr)]
        if result.returncode and not wrong:
            wrong.append(f"{floor}: {result.stderr}")
        if count[True] == 0 or (count[False] == 0 and floor != "sys"):
            wrong.append(f"{floor}: no header to try (visible {count[True]}, forbidden {count[False]})")
    return wrong, f"{asked} questions to the compiler"


def dependencies(build):
    """(object, [files it was made of]) as ninja recorded them."""
    target, files = None, []
    for line in run(["ninja", "-C", str(build), "-t", "deps"], check=True).stdout.splitlines():
        if line.startswith("    "):
            files.append(line.strip())
        elif ": #deps" in line:
            target, files = line.split(":")[0], []
        elif not line and target:
            yield target, files
            target = None
    if target:
        yield target, files


def check_includes(source, build):
    wrong, objects, looked = [], dict.fromkeys(SEES, 0), 0
    source, build = Path(source).resolve(), Path(build).resolve()
    for target, files in dependencies(build):
        match = re.match(r"(.*)/lib(\w+?)(?:-small)?-(debug|release|host)\.a\.p/", target)
        if not match or FOLDERS.get(match.group(2)) != match.group(1):
            continue
        floor = match.group(2)
        objects[floor] += 1
        for name in files:
            path = (build / name).resolve()
            if source not in path.parents or build in path.parents:
                continue
            looked += 1
            owner = floor_of(str(path.relative_to(source)))
            fake = str(path.relative_to(source)).startswith("tests/unit/fake/") and match.group(3) == "host"
            if owner not in SEES[floor] and not fake:
                wrong.append(f"{target} includes {path.relative_to(source)}")
    wrong += [f"{floor}: ninja knows no object of it" for floor, n in objects.items() if n == 0]
    return wrong, f"{looked} includes of {sum(objects.values())} objects"


def symbols(build, floor):
    """(defined, undefined) in the archive of FLOOR."""
    archive = Path(build) / FOLDERS[floor] / f"lib{floor}-debug.a"
    defined, undefined = set(), set()
    for line in run(["llvm-nm", "--format=posix", str(archive)], check=True).stdout.splitlines():
        fields = line.split()
        if len(fields) >= 2 and not line.endswith(":"):
            (undefined if fields[1] in "Uw" else defined).add(fields[0])
    return defined, undefined - defined


def contract(source):
    """Every word of the headers in arch/include: what the machine layer and the floors may take from each other."""
    text = "".join(p.read_text() for p in (Path(source) / "arch/include").rglob("*.h"))
    text += "".join(p.read_text() for p in (Path(source) / "arch/x86/include").rglob("*.h"))
    return set(re.findall(r"[A-Za-z_]\w*", text))


def check_symbols(source, build):
    """Each archive takes only what floors below define, or what the contract with the machine names."""
    table = {floor: symbols(build, floor) for floor in SEES}
    words = contract(source)
    linker = set(re.findall(r"[a-z]\w*", (Path(source) / "arch/x86/kernel.ld").read_text()))
    wrong, looked = [], 0
    for floor, (_, undefined) in table.items():
        below = set().union(*(table[other][0] for other in SEES[floor] if other in table))
        builtin = table["x86"][0] & {"memcpy", "memmove", "memset", "memcmp"}  # clang emits calls of these by itself
        for name in sorted(undefined - below - builtin - words - MADE_LATER - (linker if floor == "x86" else set())):
            owner = next((other for other in table if name in table[other][0]), "nobody")
            wrong.append(f"{floor} takes {name}, which {owner} defines")
        looked += len(undefined)
        if not table[floor][0]:
            wrong.append(f"{floor}: its archive defines nothing")
    return wrong, f"{looked} symbols of {len(table)} floors"


def main(what, source, build):
    checks = {"headers": check_headers, "includes": check_includes, "symbols": check_symbols}
    wrong, looked = checks[what](source, build)
    print("\n".join(wrong))
    print(f"layering by {what}: {looked}, {len(wrong)} wrong")
    return 1 if wrong or looked.startswith("0 ") else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
