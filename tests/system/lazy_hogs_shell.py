#!/usr/bin/env python3
# suite: lazy
# cpus: 4
# mem: 64
# kernels: debug release
# timeout: 120
"""Twenty hogs at once, started by the shell: it answers afterwards, and free memory is what it was, to the byte."""

PROMPT = r"/ \$ \r\x1b\[4C"


def answer(guest, text, pattern):
    """Type TEXT at the prompt; a line that matches PATTERN comes, and the prompt again."""
    guest.send(text + "\n")
    guest.expect(rf"^(?:.*\r)?{pattern}\r?\n", seconds=60)
    guest.expect(PROMPT)


def test(guest):
    guest.expect(PROMPT)
    # In the first round the shell gets pages that it keeps; from then on the same line finds all of them there.
    hogs = "sync; a=$(free); lazy_hogs from-shell; e=$?; sync; b=$(free); echo e$e"
    answer(guest, hogs, "e0")
    for _ in range(2):
        answer(guest, hogs, "e0")
        answer(guest, "echo lost $((a - b)) bytes", "lost 0 bytes")
    answer(guest, "ls -l /bin | grep ' sh$'", r"-rwxr-xr-x.* sh")
    guest.send("poweroff\n")
