#!/usr/bin/env python3
# cpus: 1 4
# kernels: debug release
# timeout: 120
"""A person at the shell: what the first issue shows, editing, history, jobs, and the terminal's own line discipline."""
from harness.guest import Expected

PROMPT = r"/ \$ \r\x1b\[4C"
UP, LEFT, BACKSPACE = "\x1b[A", "\x1b[D", "\x7f"
CTRL_C, CTRL_D, CTRL_U, CTRL_W = "\x03", "\x04", "\x15", "\x17"


def line(guest, text, answer=None):
    """Type TEXT; ANSWER is a line that it prints.  Texts are written so that they do not contain what they print."""
    guest.send(text + "\n")
    if answer is not None:
        guest.expect(rf"^(?:.*\r)?{answer}\r?$")
    guest.expect(PROMPT)


def begin(guest, program):
    """PROGRAM runs, or is about to: the terminal is no longer the line editor's."""
    guest.send(f"echo g''o; {program}\n")
    guest.expect(r"^(?:.*\r)?go\r?\n")


def interrupt(guest):
    """Ctrl-C, as often as a person presses it who comes too early, when it is still the shell's, which ignores it."""
    for _ in range(10):
        guest.send(CTRL_C)
        try:
            return guest.expect(PROMPT, seconds=2)
        except Expected:
            continue
    raise Expected("Ctrl-C ends nothing")


def shown_by_the_issue(guest):
    line(guest, "echo hi | cat > /tmp/x && cat /tmp/x | wc", r" +1 +1 +3")
    line(guest, "ls -l /bin | grep ' sh$'", r"-rwxr-xr-x.* sh")
    line(guest, "echo o''k; false; echo $?", r"1")
    line(guest, "nonsense", r"sh: nonsense: .*")
    line(guest, "echo $?", "127")


def jobs(guest):
    line(guest, "sleep 100 &")
    line(guest, "ps | grep -c 'sle[e]p'", "1")
    for program in ("sleep 50", "cat", "cat | cat | cat", "yes > /dev/null"):
        begin(guest, program)
        interrupt(guest)
    line(guest, "ps | grep -c 'sle[e]p'", "1")  # the one in the background lives, and so do we
    line(guest, "ps | grep -c 'y[e]s'", "0")
    line(guest, "echo st''ill here", "still here")
    line(guest, "kill $!; wait; ps | grep -c 'sle[e]p'", "0")
    line(guest, "cat &")
    line(guest, "echo fore''ground", "foreground")


def history(guest):
    line(guest, "echo fir''st", "first")
    line(guest, "echo sec''ond", "second")
    line(guest, UP, "second")
    line(guest, UP * 2, "first")


def editing(guest):
    line(guest, "echo wrong" + BACKSPACE * 5 + "ri''ght", "right")
    line(guest, "garbage" + CTRL_U + "echo af''ter", "after")
    line(guest, "echo one tw''o three" + CTRL_W + "fo''ur", "one two four")
    line(guest, "echo ac''d" + LEFT * 4 + "b", "abcd")
    line(guest, "not to be run" + CTRL_C)


def canonical(guest):
    """cat leaves the terminal to itself: now the kernel edits the lines."""
    begin(guest, "cat")
    for typed, said in (("abc" + BACKSPACE + "d", "abd"), ("no" + CTRL_U + "yes", "yes"),
                        ("one two" + CTRL_W + "three", "one three"), (BACKSPACE * 3 + "x", "x")):
        guest.send(typed + "\n")
        guest.expect(rf"\n{said}\r?\n")
    guest.send("part" + CTRL_D)
    guest.expect("partpart")
    guest.send(CTRL_D)
    guest.expect(PROMPT)
    begin(guest, "cat > /tmp/typed")
    guest.send("from the keyboard\n" + CTRL_D)
    guest.expect(PROMPT)
    line(guest, "wc -c < /tmp/typed", r" *18")


def new_shell(guest):
    guest.send(CTRL_D)
    guest.expect("init: the shell ended with status 0")
    guest.expect(PROMPT)
    line(guest, "echo a''gain", "again")
    guest.send("exit 3\n")
    guest.expect("init: the shell ended with status 3")
    guest.expect(PROMPT)


def test(guest):
    guest.expect(PROMPT)
    shown_by_the_issue(guest)
    history(guest)
    editing(guest)
    canonical(guest)
    jobs(guest)
    new_shell(guest)
    line(guest, "audit_now; echo 'the audit:' $?", "the audit: 0")
    guest.send("poweroff\n")
