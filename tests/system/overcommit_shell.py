#!/usr/bin/env python3
# suite: lazy
# mem: 16 64
# append: overcommit=strict
# reject: out of memory.*--kill
"""Everything that may be promised is promised and touched, for as long as somebody wants: the shell works on, new
programs are refused, and nobody is ended."""
PROMPT = r"/ \$ \r\x1b\[4C"


def answer(guest, text, pattern):
    """Type TEXT at the prompt; what the line that matches PATTERN says."""
    guest.send(text + "\n")
    found = guest.expect(rf"^(?:.*\r)?{pattern}\r?\n", seconds=60)
    guest.expect(PROMPT, seconds=60)
    return found


def free(guest):
    return answer(guest, "sync; free", r"(\d+)").group(1)


def work_without_memory(guest):
    """What shell and user do while nothing is left."""
    guest.send("overcommit_strict hold &\n")
    guest.expect(r"holds \d+ KiB\r?\n", seconds=60)
    guest.send("\n")
    guest.expect(PROMPT)
    for i in range(5):
        answer(guest, f"for i in 1 2 3; do x=$((x + i)); done; echo $((1000 + {i}))", str(1000 + i))
    answer(guest, "ls; echo status $?", r"status [1-9]\d*")
    guest.send("fg\n")
    guest.expect(r"overcommit_strict hold\r?\n", seconds=60)
    guest.send("\x03")
    guest.expect(PROMPT, seconds=60)
    answer(guest, "echo $((7 * 191))", "1337")


def test(guest):
    guest.expect(PROMPT)
    work_without_memory(guest)  # the shell has done all of it once from now on
    free(guest)
    before = free(guest)
    work_without_memory(guest)
    after = free(guest)
    if after != before:
        raise AssertionError(f"free memory was {before}, is {after}")
    guest.send("poweroff\n")
