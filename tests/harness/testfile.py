"""Test files: what the comment at the head of a file asks for.

tests/system/NAME.c is a user program, NAME.sh a script for the guest's shell, NAME.py a Python test that sits at the
guest's console.  Lines `// word: value` (in .sh and .py: `# word: value`) before the first line of code say how it is
booted and what must come of it; docs/testing.md lists them.
"""
import difflib
import itertools
import re
from dataclasses import dataclass, field
from pathlib import Path

KINDS = {".c", ".sh", ".py"}
LINE = re.compile(r"(?://|#)\s*([a-z-]+):\s*(.*?)\s*$")
WORDS = {
    "run", "cpus", "mem", "kernels", "suite", "timeout", "end", "expect", "reject", "log", "root", "append", "qemu",
    "blkdebug", "disk-size", "fsck", "icount", "links", "with", "libc", "selftest", "turns",
}
MANY = {"expect", "reject", "log"}  # may stand on several lines


class BadTest(Exception):
    pass


@dataclass
class TestFile:
    path: Path
    words: dict = field(default_factory=dict)

    @property
    def name(self):
        return self.path.stem

    def text(self, word, default=""):
        return self.words.get(word, default)

    def numbers(self, word, default):
        return [int(n, 0) for n in self.words[word].split()] if word in self.words else default

    def command(self):
        """What the guest's shell is given; None: the test sits at the console."""
        if self.path.suffix == ".py":
            return self.words.get("run")
        default = self.name if self.path.suffix == ".c" else f"sh /bin/{self.name}.sh"
        return self.words.get("run", default)

    def end(self):
        return self.text("end", "exit 0" if self.command() is not None else "off")

    def boots(self):
        """(kernel, cpus, MiB) of each boot."""
        kernels = self.text("kernels", "debug").split()
        return list(itertools.product(kernels, self.numbers("cpus", [1]), self.numbers("mem", [128])))

    def title(self, kernel, cpus, mem):
        title = f"{self.name}-{kernel}-{cpus}cpu"
        return title if len(self.numbers("mem", [128])) == 1 else f"{title}-{mem}m"


def parse(path):
    path = Path(path)
    test = TestFile(path)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.lstrip().startswith(("//", "#!", "# ", "/*", "*", "   ", '"""')) and line != "#":
            break
        match = LINE.match(line.strip())
        if not match:
            continue
        word, value = match.groups()
        if word not in WORDS:
            if difflib.get_close_matches(word, WORDS, cutoff=0.7):
                raise BadTest(f"{path}:{number}: unknown directive {word!r} (known: {', '.join(sorted(WORDS))})")
            continue  # prose
        if word in MANY:
            test.words.setdefault(word, []).append(value)
        elif word in test.words:
            raise BadTest(f"{path}:{number}: a second {word!r}")
        else:
            test.words[word] = value
    check(test)
    return test


def check(test):
    for kernel in test.text("kernels", "debug").split():
        if kernel not in ("debug", "release"):
            raise BadTest(f"{test.path}: kernel {kernel!r}")
    try:
        if not all(1 <= n <= 8 for n in test.numbers("cpus", [1])):
            raise BadTest(f"{test.path}: from 1 to 8 CPUs")
        test.numbers("mem", [])
        float(test.text("timeout", "1"))
    except ValueError as e:
        raise BadTest(f"{test.path}: {e}") from None
    if not re.match(r"(exit|signal) [0-9]+$|off$|panic .", test.end()):
        raise BadTest(f"{test.path}: end is exit N, signal N, off, or panic REGEX, not {test.end()!r}")
    if test.text("selftest", "off") != "off":
        raise BadTest(f"{test.path}: selftest: off, or nothing at all")
    for word in MANY:
        for pattern in test.words.get(word, []):
            try:
                re.compile(pattern)
            except re.error as e:
                raise BadTest(f"{test.path}: {word}: {pattern!r}: {e}") from None


def files(folder):
    return sorted(p for p in Path(folder).iterdir() if p.suffix in KINDS and not p.name.startswith(("_", ".")))
