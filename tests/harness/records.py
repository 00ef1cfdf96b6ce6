"""The judge of a boot: reads what the kernel said on the second channel and says how the run ended.

A record is a line on QEMU's debug console: `boot`, `begin`, `exit N`, `signal N`, `panic TEXT`, or `log TEXT`.
Believed is only a complete sequence boot, begin, end.  What QEMU returned is not asked: a triple fault looks like a
power-off there, and isa-debug-exit has seven bits.
"""
import re
from typing import NamedTuple, Optional

EXIT, SIGNAL, PANIC, OFF, TIMEOUT, LOST = "exit", "signal", "panic", "off", "timeout", "lost"

RECORD = re.compile(r"(boot|begin)$|(exit|signal) ([0-9]+)$|(panic|log)( .*)?$")


class Verdict(NamedTuple):
    kind: str              # one of the names above
    value: Optional[int]   # status of EXIT, number of SIGNAL
    reason: str            # a sentence for a person

    def matches(self, expected):
        """EXPECTED is "exit 0", "signal 11", "off", or "panic REGEX"."""
        kind, _, rest = expected.partition(" ")
        if kind != self.kind:
            return False
        if kind == PANIC:
            return re.search(rest, self.reason) is not None
        return kind == OFF or self.value == int(rest)


def lines_of(data):
    """The complete lines of DATA, and what follows the last of them."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    *lines, tail = text.split("\n")
    return lines, tail


def log_of(data):
    """The kernel's log in DATA, without its prefix."""
    return "\n".join(line[4:] for line in lines_of(data)[0] if line.startswith("log "))


def ended(data):
    """The word after which the guest has nothing more to say, if it has said one; else None."""
    booted = 0
    for line in lines_of(data)[0]:
        word = line.split(" ", 1)[0]
        booted += word == "boot"
        if word in (EXIT, SIGNAL, PANIC) or booted > 1:
            return word
    return None


def judge(data, stopped, command=True):
    """How the run with the records DATA ended.

    STOPPED: the machine left by itself (else the runner's time limit ended it).
    COMMAND: a command was to be run; without one the machine is used from its console, and switched off (OFF).
    """
    lines, tail = lines_of(data)
    words = []
    for line in lines:
        if not RECORD.match(line):
            return Verdict(LOST, None, f"not a record: {line[:100]!r}")
        word, _, rest = line.partition(" ")
        if word == PANIC:
            return Verdict(PANIC, None, f"kernel panic: {rest}")
        if word != "log":
            words.append((word, rest))
    names = [word for word, _ in words]
    if not words:
        return Verdict(TIMEOUT if not stopped else LOST, None, "the kernel never said that it booted" + cut(tail))
    if names.count("boot") > 1:
        return Verdict(LOST, None, "the machine started a second time (triple fault or reset)")
    if names[0] != "boot":
        return Verdict(LOST, None, f"the first record is {names[0]}, not boot")
    return judge_command(words[1:], tail, stopped) if command else judge_session(words[1:], tail, stopped)


def judge_command(words, tail, stopped):
    names = [word for word, _ in words]
    how = "the machine stopped" if stopped else "the time was up"
    kind = LOST if stopped else TIMEOUT
    if not words:
        return Verdict(kind, None, f"{how} before the command began{cut(tail)}")
    if names[0] != "begin" or len(names) > 2 or names[1:] == ["begin"]:
        return Verdict(LOST, None, f"records out of order: boot {' '.join(names)}")
    if len(names) == 1:
        return Verdict(kind, None, f"{how} and the guest never said how the command ended{cut(tail)}")
    word, number = words[1]
    if not stopped:
        return Verdict(TIMEOUT, None, f"the guest said {word} {number}, but the machine did not stop")
    return Verdict(word, int(number), f"{word} {number}")


def judge_session(words, tail, stopped):
    if words or tail:
        return Verdict(LOST, None, f"unexpected record {words[0][0] if words else tail!r}: no command was given")
    if not stopped:
        return Verdict(TIMEOUT, None, "the machine was not switched off")
    return Verdict(OFF, None, "the machine was switched off")


def cut(tail):
    return f" (last, incomplete record: {tail[:80]!r})" if tail else ""
