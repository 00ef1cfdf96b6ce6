#!/usr/bin/env python3
"""Tests of the shell on the build machine: run.py [--no-faults] PATH_OF_SH [WORD...]
WORD...: only the tests whose names have all of these words.  --no-faults: the shell was linked without faults.c, so the
tests in which calls fail are left out.

cases.txt is a table of scripts and what they give; the tests below are those that want a terminal, or calls that fail.
A test is a function whose docstring is its name; it fails by AssertionError."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

FAULTS = "--no-faults" not in sys.argv
SH, *WORDS = [a for a in sys.argv[1:] if a != "--no-faults"] or sys.exit(__doc__)
SH = os.path.abspath(SH)
HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT = 20  # seconds of one run
TESTS = []


def environment(**more):
    env = {"PATH": "/bin:/usr/bin", "HOME": "/home/user", "TERM": "vt100", "SH": SH, "LC_ALL": "C",
           "ASAN_OPTIONS": "detect_leaks=0:allocator_may_return_null=1", "UBSAN_OPTIONS": "halt_on_error=1"}
    env.update(more)
    return env


def run(args, stdin=b"", cwd=None, **more):
    """=> (stdout, stderr, status); a sanitizer's report is a failure of its own."""
    done = subprocess.run([SH] + args, input=stdin, cwd=cwd, env=environment(**more), timeout=LIMIT,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = done.stdout.decode("latin-1"), done.stderr.decode("latin-1")
    for mark in ("AddressSanitizer", "runtime error:"):
        assert mark not in err and mark not in out, err
    return out, err, done.returncode


def test(function):
    TESTS.append((function.__doc__, function))
    return function


def fault_test(function):
    return test(function) if FAULTS else function


# ---- the table ----

class Case:
    def __init__(self, name):
        self.name, self.script, self.out, self.err, self.rc, self.how = name, "", "", "", 0, ["c", "file"]

    def run(self):
        for how in self.how:
            folder = tempfile.mkdtemp(prefix="sh-test-")
            try:
                self.run_in(how, folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def run_in(self, how, folder):
        script = self.script.replace("@TMP@", folder)
        if how == "c":
            out, err, rc = run(["-c", script], cwd=folder)
        elif how == "stdin":
            out, err, rc = run([], stdin=script.encode(), cwd=folder)
        else:
            with tempfile.NamedTemporaryFile("w", prefix="sh-script-") as f:
                f.write(script)
                f.flush()
                out, err, rc = run([f.name], cwd=folder)
        where = "(run by %s)" % how
        assert out == self.out, "%s stdout is %r, not %r; stderr %r" % (where, out, self.out, err)
        assert re.fullmatch(self.err, err, re.IGNORECASE), "%s stderr is %r, not like %r" % (where, err, self.err)
        assert rc == self.rc, "%s status is %d, not %d; stderr %r" % (where, rc, self.rc, err)


def cases_read(path):
    case = part = None
    cases = []
    for line in open(path):
        if line.startswith("== "):
            case, part = Case(line[3:].strip()), "script"
            cases.append((case.name, case.run))
        elif line.startswith("-- "):
            part, _, value = line[3:].rstrip("\n").partition(" ")
            if part == "err":
                case.err = value
            elif part == "rc":
                case.rc = int(value)
            elif part == "how":
                case.how = value.split()
        elif case and part == "script":
            case.script += line
        elif case and part == "out":
            case.out += line
    return cases


# ---- a terminal ----

class Screen:
    """As much of a VT100 as the editor uses: what the user sees is in rows."""

    def __init__(self, columns, rows):
        self.columns, self.height = columns, rows
        self.cells, self.row, self.column, self.edge = [[" "] * columns for _ in range(rows)], 0, 0, False
        self.pending = ""

    def line_feed(self):
        if self.row + 1 < self.height:
            self.row += 1
        else:
            self.cells = self.cells[1:] + [[" "] * self.columns]

    def sequence(self, number, letter):
        self.edge = False
        if letter == "A":
            self.row = max(0, self.row - (number or 1))
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + (number or 1))
        elif letter == "H":
            self.row = self.column = 0
        elif letter == "J":
            first = 0 if number == 2 else self.row
            for row in range(first, self.height):
                start = self.column if row == self.row and number != 2 else 0
                self.cells[row][start:] = [" "] * (self.columns - start)
        else:
            assert letter == "m", "the editor sent ESC [ %r" % letter

    def put(self, c):
        if self.edge:
            self.column, self.edge = 0, False
            self.line_feed()
        self.cells[self.row][self.column] = c
        if self.column + 1 < self.columns:
            self.column += 1
        else:
            self.edge = True

    def feed(self, text):
        text = self.pending + text
        self.pending = ""
        while text:
            found = re.match(r"\x1b\[(\d*)([@-~])", text)
            if found:
                self.sequence(int(found.group(1) or 0), found.group(2))
                text = text[found.end():]
                continue
            if text[0] == "\x1b":
                self.pending = text
                return
            if text[0] == "\r":
                self.column, self.edge = 0, False
            elif text[0] == "\n":
                self.edge = False
                self.line_feed()
            elif text[0] == "\b":
                self.column, self.edge = max(0, self.column - 1), False
            elif text[0] >= " ":
                self.put(text[0])
            text = text[1:]

    def rows(self):
        rows = ["".join(row).rstrip() for row in self.cells]
        while rows and not rows[-1]:
            rows.pop()
        return rows


class Terminal:
    """An interactive shell on a pseudo-terminal, in a folder of its own."""

    def __init__(self, columns=80, rows=24, args=(), **more):
        self.folder = tempfile.mkdtemp(prefix="sh-pty-")
        self.screen, self.raw = Screen(columns, rows), ""
        env = environment(PS1="$ ", **more)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(self.folder)
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execve(SH, ["sh"] + list(args), env)
            finally:
                os._exit(127)  # a child that goes on would run the tests, too, and fork as we do
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.status = None

    def __enter__(self):
        self.until(lambda: self.screen.rows() == ["$"])
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536).decode("latin-1")
        except OSError:
            return False
        self.raw += data
        assert "Sanitizer" not in self.raw, self.raw
        self.screen.feed(data)
        return bool(data)

    def until(self, condition, what=""):
        end = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < end, "never came: %s; the screen shows %r" % (what, self.screen.rows())
            self.read(0.05)

    def send(self, text):
        data = text.encode("latin-1")
        while data:
            if select.select([], [self.fd], [], 0.01)[1]:
                data = data[os.write(self.fd, data[:1000]):]
            self.read(0)

    def shows(self, *rows):
        """The last rows of the screen become these."""
        self.until(lambda: self.screen.rows()[-len(rows):] == list(rows), "rows %r" % (rows,))

    def line(self, text, *rows):
        self.send(text + "\r")
        self.shows(*rows)

    def ends(self):
        self.until(lambda: not self.alive(), "the end of the shell")
        return os.waitstatus_to_exitcode(self.status)

    def alive(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is None


UP, DOWN, RIGHT, LEFT, HOME, END, DELETE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1bOF", "\x1b[3~"


@test
def edit_keys():
    """text is inserted and deleted where the cursor is"""
    with Terminal() as t:
        t.line("echo ac" + LEFT + "b", "$ echo abc", "abc", "$")
        t.line("xcho hi" + HOME + DELETE + "e", "$ echo hi", "hi", "$")
        t.line("cho one" + "\x01e\x05 two\x7f\x7f\x7fTWO", "$ echo one TWO", "one TWO", "$")
        t.line("echo word gone\x17\x17kept", "$ echo kept", "kept", "$")
        t.line("junk\x15echo u", "$ echo u", "u", "$")
        t.line("echo k junk" + LEFT * 5 + "\x0b", "$ echo k", "k", "$")
        t.line("echo ab\x14", "$ echo ba", "ba", "$")
        t.line("echo xyz\x02\x02\x04\x06" + END + "!", "$ echo xz!", "xz!", "$")
        t.line("echo y\x17\x19 z", "$ echo y z", "y z", "$")
        t.line("echo \x1b[9~\x1b[99;99;99xq\x07", "$ echo q", "q", "$")


@test
def edit_history():
    """the arrows bring back lines and keep the half-typed one"""
    with Terminal() as t:
        t.line("echo first", "$ echo first", "first", "$")
        t.line("echo second", "$ echo second", "second", "$")
        t.send("half")
        t.shows("$ half")
        t.send(UP)
        t.shows("$ echo second")
        t.send(UP)
        t.shows("$ echo first")
        t.send(UP + UP + UP)
        t.send(DOWN)
        t.shows("$ echo second")
        t.send(DOWN)
        t.shows("$ half")
        t.send("\x15" + UP + "!")
        t.shows("$ echo second!")
        t.line("", "second!", "$")
        t.line("history", "1  echo first", "2  echo second", "3  echo second!", "4  history", "$")


@test
def history_limit():
    """the history holds 500 lines"""
    with Terminal() as t:
        for i in range(520):
            t.send(":%d\r" % i)
        t.send("history | wc -l\r")
        t.shows("500", "$")


@test
def edit_interrupt():
    """Ctrl-C clears the line and gives a new prompt"""
    with Terminal() as t:
        t.send("echo no\x03")
        t.shows("$ echo no^C", "$")
        t.line("echo $?", "$ echo $?", "130", "$")
        t.send("echo 'abc\r")
        t.shows("$ echo 'abc", ">")
        t.send("x\x03")
        t.shows("> x^C", "$")
        t.line("echo ok", "ok", "$")


@test
def edit_end():
    """Ctrl-D on an empty line ends the shell with the last status"""
    with Terminal() as t:
        t.send("false\r")
        t.shows("$ false", "$")
        t.send("\x04")
        assert t.ends() == 1


@test
def edit_wrap():
    """a line longer than the terminal is wide is drawn right"""
    with Terminal(columns=20, rows=10) as t:
        text = "echo " + "0123456789" * 4
        t.send(text)
        t.shows("$ echo 0123456789012", "34567890123456789012", "3456789")
        t.send(HOME + RIGHT * 5 + "X")
        t.shows("$ echo X012345678901", "23456789012345678901", "23456789")
        t.send(END + "\x7f" * 9)
        t.shows("$ echo X012345678901", "2345678901234567890")
        t.send("z")
        t.shows("$ echo X012345678901", "2345678901234567890z")
        t.send("y")
        t.shows("$ echo X012345678901", "2345678901234567890z", "y")
        t.send("\x7f\x7f")
        t.line("", "X0123456789012345678", "901234567890", "$")
        t.send(UP + "\x15")
        t.shows("$")


@test
def edit_tall():
    """a line with more rows than the screen shows those around the cursor"""
    with Terminal(columns=10, rows=4) as t:
        t.send("echo " + "".join(chr(97 + i % 26) for i in range(60)))
        t.until(lambda: len(t.screen.rows()) == 4 and t.screen.rows()[-1].endswith("h"), "the end of the text")
        t.send(HOME)
        t.until(lambda: t.screen.rows()[0] == "$ echo abc", "the start of the text")
        t.send("\x03")
        t.until(lambda: t.screen.rows()[-1] == "$", "a prompt")


@test
def edit_flood():
    """a line of 100 kB is taken"""
    with Terminal(rows=50, columns=200) as t:
        t.send("x=" + "y" * 100000 + "\r")
        t.send("echo ${#x}\r")
        t.shows("100000", "$")


@test
def edit_garbage():
    """random bytes do not hurt the editor"""
    import random
    rng = random.Random(7)
    with Terminal() as t:
        for _ in range(30):
            junk = "".join(chr(rng.choice([27, 91, 65, 66, 67, 68, 9, 1, 5, 2, 6, 11, 21, 23, 20, 25, 8, 127, 200, 128,
                                           32, 97, 47, rng.randrange(5, 256)])) for _ in range(200))
            t.send(junk.replace("\r", "").replace("\n", "") + "\x03")
        t.send("\x03echo alive\r")
        t.shows("alive", "$")


@test
def edit_complete():
    """Tab completes commands and paths"""
    with Terminal() as t:
        os.mkdir(os.path.join(t.folder, "folder"))
        for name in ("file_one", "file_two", "with space"):
            open(os.path.join(t.folder, name), "w").close()
        t.line("echo fo\t", "folder/", "$")
        t.line("echo fi\t", "file_", "$")
        t.send("echo file_\t\t")
        t.shows("file_one  file_two", "$ echo file_")
        t.line("o\t.", "file_one .", "$")
        t.line("echo wi\t", "with space", "$")
        t.line("histo\t| wc -l", "5", "$")
        t.send("ech\t./fi\to\t")
        t.shows("$ echo ./file_one")
        t.send("\x15/bin/unam\t\r")
        t.shows("Linux", "$")
        t.send("nosuchthing\t\t\t\x15\r")
        t.shows("$", "$")


@test
def edit_continues():
    """unfinished commands ask for more with the second prompt"""
    with Terminal() as t:
        t.send("echo 'a\rb'\r")
        t.shows("$ echo 'a", "> b'", "a", "b", "$")
        t.send("for i in 1 2; do\recho $i\rdone\r")
        t.shows("> echo $i", "> done", "1", "2", "$")
        t.send("cat <<E\rx\rE\r")
        t.shows("> x", "> E", "x", "$")
        t.line("echo )", "sh: line 1: syntax error near ')'".replace("line 1", "line 9"), "$")


@test
def edit_clear():
    """Ctrl-L clears the screen and keeps the line"""
    with Terminal() as t:
        t.line("echo a", "a", "$")
        t.send("echo b\x0c")
        t.until(lambda: t.screen.rows() == ["$ echo b"], "a clear screen")


@test
def edit_dumb():
    """a dumb terminal gets plain lines and prompts"""
    with Terminal(TERM="dumb") as t:
        t.line("echo a", "$ echo a", "a", "$")
        assert "\x1b" not in t.raw
        t.send("\x04")
        assert t.ends() == 0


@test
def prompt_folder():
    """the prompt is the folder and a dollar sign"""
    with Terminal() as t:
        t.send("cd /usr; unset PS1\r")
        t.shows("/usr $")
        t.send("PS1='[\\w]\\$ '\r")
        t.shows("[/usr]$")
        t.send("PS1='\x16'\r")
        t.send("PS1=$(printf '\\033[1m>\\033[m ')\r")
        t.until(lambda: t.screen.rows()[-1] == ">", "a prompt in bold")
        t.send("a" * 77)
        t.until(lambda: t.screen.rows()[-1] == "> " + "a" * 77, "text behind a prompt that has escapes")


@test
def job_interrupt():
    """Ctrl-C ends the program and the rest of its line, not the shell"""
    with Terminal() as t:
        t.send("for i in 1 2 3; do sleep 100; done; echo no\r")
        t.until(lambda: b"sleep" in children(t.pid), "sleep")
        t.send("\x03")
        t.shows("$")
        t.line("echo $?", "130", "$")
        t.send("sleep 100 | cat\r")
        t.until(lambda: b"sleep" in children(t.pid) and b"cat" in children(t.pid), "sleep and cat")
        t.send("\x03")
        t.line("echo ok", "ok", "$")
        t.send("x=$(sleep 100)\r")
        t.until(lambda: b"sleep" in children(t.pid), "sleep")
        t.send("\x03")
        t.line("echo ok2", "ok2", "$")


def children(pid):
    """=> the names of the processes whose parent is `pid` or one of its children"""
    table = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = open("/proc/%s/stat" % entry, "rb").read()
            except OSError:
                continue
            name, rest = text[text.index(b"(") + 1:text.rindex(b")")], text[text.rindex(b")") + 2:].split()
            table[int(entry)] = (name, int(rest[1]), rest[0])
    family = {pid}
    for _ in range(3):
        family |= {p for p, (_, parent, _) in table.items() if parent in family}
    return [name for p, (name, _, state) in table.items() if p in family and p != pid and state != b"Z"]


@test
def job_background():
    """a background job survives Ctrl-C, is listed, and is told when done"""
    with Terminal() as t:
        t.send("sleep 0.3 &\r")
        t.until(lambda: re.search(r"^\[1\] \d+$", "\n".join(t.screen.rows()), re.M), "[1] PID")
        t.line("jobs", "[1] Running  sleep 0.3", "$")
        t.send("\x03")
        t.shows("$ ^C", "$")
        t.line("sleep 0.5", "[1] Done  sleep 0.3", "$")
        t.line("(exit 3) & sleep 0.2", "[1] Exit 3  (exit 3)", "$")
        t.send("sleep 100 &\r")
        t.until(lambda: b"sleep" in children(t.pid), "sleep")
        t.send("cat\r")
        t.until(lambda: b"cat" in children(t.pid), "cat")
        t.send("\x03")
        t.shows("^C", "$")
        t.line("jobs", "[1] Running  sleep 100", "$")
        t.line('/bin/sh -c "kill $!"; sleep 0.2', "[1] Terminated  sleep 100", "$")


@test
def job_foreground():
    """a job comes to the foreground, and Ctrl-C then ends it"""
    with Terminal() as t:
        t.line("bg", "sh: bg: no stopped jobs", "$")
        t.send("sleep 100 &\r")
        t.until(lambda: b"sleep" in children(t.pid), "sleep")
        t.send("fg %1\r")
        t.shows("sleep 100")
        time.sleep(0.2)
        t.send("\x03")
        t.line("jobs; echo none", "none", "$")


@test
def job_stopped():
    """Ctrl-Z stops a job, fg goes on with it"""
    with Terminal() as t:
        t.send("cat\r")
        t.until(lambda: b"cat" in children(t.pid), "cat")
        t.send("\x1a")
        t.shows("[1] Stopped  cat", "$")
        t.send("fg\r")
        t.shows("$ fg", "cat")
        time.sleep(0.2)
        t.send("hello\r")
        t.shows("hello", "hello")
        t.send("\x04")
        t.line("echo $?", "0", "$")


@test
def job_signal_message():
    """a program that dies of a signal is told about"""
    with Terminal() as t:
        t.line("/bin/sh -c 'kill -SEGV $$'", "Segmentation fault", "$")
        t.line("echo $?", "139", "$")


@test
def job_terminal():
    """a foreground program owns the terminal, and it is given back at the end"""
    with Terminal() as t:
        t.send("cat > got\r")
        t.until(lambda: b"cat" in children(t.pid), "cat")
        t.send("typed\r\x04")
        t.line("cat got", "typed", "$")
        t.send(SH + " -c 'cat'\r")
        t.until(lambda: b"cat" in children(t.pid), "cat")
        t.send("through\r")
        t.shows("through", "through")
        t.send("\x04")
        t.send(SH + "\r")
        t.until(lambda: t.screen.rows()[-1] == "$" and t.screen.rows()[-2].endswith(SH[-10:]), "a shell in the shell")
        t.line("exit 7", "$")
        t.line("echo $?", "7", "$")


@test
def job_typed_ahead():
    """what is typed ahead goes to the program that reads it"""
    with Terminal() as t:
        t.send("sleep 0.2; read x; echo got $x\rahead\recho next\r")
        t.until(lambda: "next" in t.screen.rows() and "got ahead" in t.screen.rows(), "both")


# ---- input that is hostile, calls that fail ----

@test
def deep_nesting():
    """nesting beyond the limit is an error, not a crash"""
    for opener, closer in (("(", ")"), ("{ ", "; }"), ("if ", "; then :; fi"), ("$(", ")"), ("echo ${x:-", "}"),
                           ('"$(', ')"'), ("while ! ", "; do :; done"), ("$((", "))"), ("f() { ", "; }")):
        for depth in (10000, 120):
            out, err, rc = run([], stdin=(opener * depth + "true" + closer * depth).encode())
            assert rc != 0 or depth == 120, (opener, rc)
            assert depth == 120 or "nested too deeply" in err, (opener, err)
    out, err, rc = run(["-c", "echo $((" + "(" * 5000 + "1" + ")" * 5000 + "))"])
    assert rc == 1 and "nested too deeply" in err, err
    out, err, rc = run(["-c", "test " + "\\( " * 5000 + "1" + " \\)" * 5000])
    assert rc == 2, err


@test
def binary_input():
    """any bytes as a script end in a status"""
    import random
    rng = random.Random(11)
    for round in range(60):
        data = bytes(rng.randrange(256) for _ in range(rng.choice([1, 50, 3000])))
        run([], stdin=data.replace(b"&", b"").replace(b">", b""))
    pieces = ["if ", "then ", "fi ", "case ", "esac ", "in ", "do ", "done ", "for ", "while ", "{ ", "} ", "( ", ") ",
              "; ", ";; ", "| ", "&& ", "|| ", "! ", "< /dev/null ", "<<E ", "\nE\n", "\n", "'", '"', "`", "$(", "${",
              "$((", "))", "}", "x", "x=1 ", ": ", "true ", "\\", "#", "$@", "$1", "*", "[", "2>&1 ", "()", "%", ":-"]
    for round in range(300):
        run(["-c", "".join(rng.choice(pieces) for _ in range(rng.randrange(1, 25)))], stdin=b"")


@test
def long_lines():
    """lines of 100 kB and more pass"""
    out, err, rc = run([], stdin=b"echo " + b"a" * 300000 + b"\n")
    assert len(out) == 300001 and rc == 0, err
    out, err, rc = run([], stdin=b"nosuch" * 50000 + b"\n")
    assert rc in (126, 127) and len(err) < 1000
    out, err, rc = run(["-c", "echo '" + "q" * 100000])
    assert rc == 2 and len(err) < 1000


@fault_test
def fork_fails():
    """a fork that fails gives status 1, ends what was started, and the shell lives"""
    script = "sleep 100 | cat | cat; echo $?; /bin/echo after; wait"
    for n in (1, 2, 3):
        out, err, rc = run(["-c", script + "; true"], SH_FAIL_fork=str(n))
        assert out == "1\nafter\n" and "cannot fork" in err and rc == 0, (n, out, err)
    for text in ("x=$(echo a)", "(true)", "/bin/true", "true &", "{ true; } | true", "cat <<E\n%s\nE" % ("x" * 70000)):
        out, err, rc = run(["-c", text + "\necho $?; echo lives"], SH_FAIL_fork="1")
        assert out == "1\nlives\n" and "cannot fork" in err, (text, out, err)
    out, err, rc = run(["-c", "/bin/true; echo $?; cat <<E\n%s\nE\necho $?" % ("x" * 70000)], SH_FAIL_fork="1+")
    assert out == "1\n1\n", out


@fault_test
def pipe_fails():
    """a pipe that cannot be had gives status 1"""
    for n in (1, 2):
        out, err, rc = run(["-c", "sleep 100 | cat | cat; echo $?; echo $(echo x)"], SH_FAIL_pipe=str(n))
        assert out == "1\nx\n" and "pipe" in err, (n, out, err)
    out, err, rc = run(["-c", "echo $(echo x); echo $?; cat <<E\nE\necho $?"], SH_FAIL_pipe="1+")
    assert out == "1\n1\n", (out, err)


@fault_test
def memory_fails():
    """each allocation may fail: it is told, the command is abandoned, nothing crashes"""
    script = ("x=1; f() { echo $1; }; f a | cat; for i in 1 2; do echo \"$i$x\" > /dev/null; done; export y=2\n"
              "case $x in 1) echo ${x:-d} ${x%?} $((x+1)) *; esac; echo $(echo sub) `echo b`; set -- a b; shift\n"
              "cat <<E\n$x\nE\n(echo sub); eval 'echo e'; true & wait; z=1 env > /dev/null; [ -d / ] && type cat\n")
    for n in range(1, 400):
        out, err, rc = run([], stdin=script.encode(), SH_FAIL_malloc=str(n))
        assert rc in (0, 1, 2, 126, 127), (n, rc, err)
        if "out of memory" not in err:
            break
    assert n > 30, "only %d allocations were tried" % n
    for n in (5, 30, 80):
        out, err, rc = run([], stdin=script.encode(), SH_FAIL_malloc="%d+" % n)
        assert "out of memory" in err and rc >= 0, (n, rc, err)


@test
def descriptors_kept():
    """no descriptor leaks, and those of the shell are closed at an exec"""
    script = ("ls /proc/$$/fd > fds; wc -l < fds\necho )\n echo a | cat; x=$(cat </dev/null; nosuch); . ./nosuch\n"
              "cat < nosuch; { echo; } < nosuch; echo 3>&9; eval 'echo )'; eval 'x=${'\n"
              "f() { return; } > /dev/null; f; (exit 3)\n"
              "cat <<E > /dev/null\n$(nosuch)\nE\nfor i in 1 2; do break; done > /dev/null; sleep 0 & wait\n"
              "exec 4>&9; ls /proc/$$/fd > fds; wc -l < fds\n")
    with Terminal() as t:
        t.send("exec 2> /dev/null\r")
        with open(os.path.join(t.folder, "s"), "w") as f:
            f.write(script.replace("echo )\n", ""))
        t.send(SH + " s > out 2> /dev/null; . ./s > out2; cat out out2 | tr '\\n' ' '; echo .\r")
        t.until(lambda: any(re.fullmatch(r"(\d+) *\$?", r) for r in t.screen.rows()) or
                any(re.fullmatch(r"\d+ .*\d+ \.", r) for r in t.screen.rows()), "counts")
        found = [[w for w in r.split() if w.isdigit()] for r in t.screen.rows() if re.fullmatch(r"\d+ .*\d+ \.", r)]
    with tempfile.TemporaryDirectory() as folder:
        out, err, rc = run([], stdin=script.replace("echo )\n", "").encode(), cwd=folder)
    numbers = [line for line in out.split("\n") if line.isdigit()]
    assert len(numbers) == 2 and numbers[0] == numbers[1], (out, err)
    assert found and len(found[-1]) == 4 and found[-1][0::2] == found[-1][1::2], found
    out, err, rc = run(["-c", "ls /proc/self/fd > /dev/null; { ls /proc/self/fd; } > /dev/null; ls /proc/self/fd"])
    assert out.split() == ["0", "1", "2", "3"], out  # 3 is the folder that ls reads
    with tempfile.NamedTemporaryFile("w") as f:
        f.write("ls /proc/self/fd | cat; { ls /proc/self/fd; true; } 2> /dev/null; x=$(ls /proc/self/fd); echo $x")
        f.flush()
        out, err, rc = run([f.name])
        assert out.split() == ["0", "1", "2", "3"] * 3, out


@test
def interactive_without_terminal():
    """-i prompts without a terminal and goes on after errors"""
    out, err, rc = run(["-i"], stdin=b"echo a\necho )\necho $?\ntrue &\nwait\nexit 4\n", PS1="P ")
    assert out == "a\n2\n" and rc == 4 and err.count("P ") == 6, (out, err)


@test
def closed_standard_descriptors():
    """a shell with its standard descriptors closed still runs"""
    done = subprocess.run(["/bin/sh", "-c", '"$0" -c \'echo $(echo a | cat) >&2; echo b | cat >&2\' 0<&- 1>&-', SH],
                          env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
    assert done.stderr == b"a\nb\n", done.stderr


def main():
    chosen = cases_read(os.path.join(HERE, "cases.txt")) + TESTS
    chosen = [(name, function) for name, function in chosen if all(word in name for word in WORDS)]
    failed = 0
    for name, function in chosen:
        try:
            function()
        except Exception as error:
            failed += 1
            print("FAIL  %s\n      %s: %s" % (name, type(error).__name__, error), flush=True)
    print("%d tests of the shell, %d failed" % (len(chosen), failed))
    if not chosen:
        print("no test has that name")
    return 1 if failed or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
