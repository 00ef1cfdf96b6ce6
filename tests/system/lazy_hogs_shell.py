#!/usr/bin/env python3
# suite: lazy
# cpus: 4
# mem: 64
# kernels: release
# timeout: 120
"""Twenty hogs at once behind a shell: it answers meanwhile and afterwards, and memory is what it was."""
import re

PROMPT = r"[/?] \$ \r\x1b\[4C"  # the shell that cannot get its directory says ?


def answer(guest, text, pattern):
    """Type TEXT at the prompt; what the line that matches PATTERN says."""
    guest.send(text + "\n")
    found = guest.expect(rf"^(?:.*\r)?{pattern}\r?\n", seconds=60)
    guest.expect(PROMPT, seconds=60)
    return found


def free(guest):
    return answer(guest, "sync; free", r"(\d+)").group(1)


def test(guest):
    guest.expect(PROMPT)
    answer(guest, "echo $((6 * 7))", "42")
    free(guest)  # the shell and the tools have run once from now on
    before = free(guest)
    guest.send("lazy_hogs from-shell &\n")
    guest.expect(PROMPT)
    guest.expect(r"lazy_hogs: out of memory, .*--kill proc\r?\n", seconds=60)
    for i in range(5):
        answer(guest, f"echo $((1000 + {i}))", str(1000 + i))
    answer(guest, "wait $!; echo $((2000 + $?))", "2000")
    answer(guest, "echo $((7 * 191))", "1337")
    after = free(guest)
    if after != before:
        raise AssertionError(f"free memory was {before}, is {after}")
    guest.send("poweroff\n")
