"""`./dev failures`: runs alloc_fail without comparing and puts the table of what it found into docs/."""
import re
import sys

from . import records
from .guest import Folder, Guest, Machine

TIMEOUT = 300  # seconds
HEAD = """# Where memory may be missing

Made by `./dev failures`; do not edit.  `tests/system/alloc_fail.c` compares with it at every run: any difference is a
failure, also one point less.  How it is measured: [testing.md](testing.md#failure-injection).

A point is a request for memory (kmalloc, or a frame) that the call makes in this scenario, with cold caches.  Each is
made to fail twice: alone, and with all requests that follow until the call returns.  The call was then
**R**efused with ENOMEM and had changed nothing; or was **s**hort: it answered with what it had done so far; or did
without (**a**bsorbed: what is only kept for speed, what the reserve was drawn on for, what was asked for again, what is
done later); or it was no call, but the program's own access to its memory, and the process was **k**illed.

| call | scenario | points | alone: R | s | a | k | and all after: R | s | a | k |
|---|---|---|---|---|---|---|---|---|---|---|
"""


def table(console):
    rows = [row.split("|") for row in re.findall(r"row\|(.*)", console.replace("\r", ""))]
    return HEAD + "".join(f"| `{call}` | {' | '.join(rest)} |\n" for call, *rest in rows), len(rows)


def run(config, flavour, path, only):
    machine = Machine(kernel=config.kernel(flavour), image=config.test_image(), timeout=TIMEOUT, append=["selftest"],
                      command=" ".join(["alloc_fail measure", *only]))
    with Folder(config.runs(), "failures") as folder, Guest(machine, folder.path) as guest:
        verdict = guest.finish()
        console = guest.console.decode(errors="replace")
        log = records.log_of(guest.records())
    if only or not verdict.matches("exit 0"):
        print(f"{console}\n{log}\nfailures: {verdict.reason}")
        return 0 if verdict.matches("exit 0") else 1
    text, count = table(console)
    path.write_text(text, encoding="utf-8")
    print(f"{count} scenarios written into {path}", file=sys.stderr)
    return 0
