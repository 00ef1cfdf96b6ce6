#!/usr/bin/env python3
"""Each public header compiles alone, with no more than its floor may see.  usage: headers.py SOURCE BUILD"""
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from floors import SEES, compile_args, headers


def alone(job):
    args, folder, floor, header = job
    # Twice: a header without a guard, or with another's, shows itself.
    text = f"#include <{header}>\n#include <{header}>\nint empty;\n"
    result = subprocess.run([*args, "-Werror", "-fsyntax-only", "-xc", "-"], input=text, capture_output=True, text=True,
                            cwd=folder)
    return None if result.returncode == 0 else f"<{header}> with what {floor} sees:\n{result.stderr}"


def main(source, build):
    jobs = []
    for floor in SEES:
        args, folder = compile_args(build, floor)
        if args is None:
            sys.exit(f"{floor}: no source of it is compiled")
        if floor != "x86":  # <machine/...> is half of a header of arch/include
            jobs += [(args, folder, floor, header) for header in headers(source, floor)]
        if floor == "lib":
            jobs += [(args, folder, floor, header) for other in ("arch", "abi") for header in headers(source, other)]
    with ThreadPoolExecutor(2) as pool:
        wrong = [w for w in pool.map(alone, jobs) if w]
    print("\n".join(wrong))
    print(f"{len(jobs)} headers, {len(wrong)} do not compile alone")
    return 1 if wrong or not jobs else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
