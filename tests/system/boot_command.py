#!/usr/bin/env python3
# timeout: 100
"""`./dev boot`: the grammar of run=, output as it is, exit statuses, time limits, panics; all on one image."""
import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).resolve().parents[1] / "run.py"
LONGEST = 3900  # bytes: the rest of the 4095 is for the other words of the command line

CASES = [  # command, output, status
    ("echo hello; false", "hello\n", 1),
    ("exit 0", "", 0),
    ("exit 255", "", 255),
    ("exit 42", "", 42),
    ("""echo "two  blanks" 'single "quoted"' """, "two  blanks single \"quoted\"\n", 0),
    (r"printf() { echo nothing; }; echo 'back\slash' \\", "back\\slash \\\n", 0),
    ("echo one\necho two\n", "one\ntwo\n", 0),
    ("echo a=b root=none init=/nothing", "a=b root=none init=/nothing\n", 0),
    ("echo " + "x" * LONGEST, "x" * LONGEST + "\n", 0),
    ("echo error >&2; kill -9 $$", "error\n", 137),
    ("sleep 1000 & echo left behind", "left behind\n", 0),
]


def run(build, *words):
    done = subprocess.run([sys.executable, "-B", RUN, "--build", build, "boot", *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=60)
    return done.stdout, done.returncode, done.stderr


def expect(build, words, output, status):
    got, code, errors = run(build, *words)
    assert got == output, f"{words[-1][:80]!r} prints {got[:400]!r}, not {output[:400]!r}; {errors}"
    assert code == status, f"{words[-1][:80]!r} exits {code}, not {status}; {errors}"


def test(guest):
    build = str(Path(guest.machine.kernel).parent)
    for command, output, status in CASES:
        expect(build, [command], output, status)
    _, code, errors = run(build, "--timeout", "2", "sleep 1000")
    assert code == 124, (code, errors)
    _, code, errors = run(build, "--timeout", "30", "--mem", "64", "echo " + "x" * 5000)
    assert code == 125 and "command line" in errors, (code, errors)
    expect(build, ["--smp", "8", "--mem", "64", "--root", "module", "--icount", "echo eight"], "eight\n", 0)
    guest.expect(r"\$ ")
    guest.send("poweroff\n")
