"""sys/syscalls.def is well formed, its page in docs/ is up to date, and a mistake in it is refused."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sys"))

import mksyscalls  # noqa: E402

DEF = ROOT / "sys" / "syscalls.def"


class SyscallsTest(unittest.TestCase):
    def refused(self, text):
        with tempfile.NamedTemporaryFile("w", suffix=".def") as f:
            f.write(text)
            f.flush()
            with self.assertRaises(mksyscalls.BadDef, msg=text):
                mksyscalls.parse(f.name)

    def test_the_file_is_well_formed(self):
        self.assertGreater(len(mksyscalls.parse(DEF)), 50)

    def test_the_page_in_docs_is_up_to_date(self):
        page = (ROOT / "docs" / "syscalls.md").read_text(encoding="utf-8")
        self.assertEqual(page, mksyscalls.doc(mksyscalls.parse(DEF)),
                         "run: sys/mksyscalls.py doc sys/syscalls.def docs/syscalls.md")

    def test_mistakes_are_refused(self):
        good = "SYSCALL(3, read, sys_read, FD, OUTBUF, LEN)\n"
        for bad in ("", "# only a comment\n", good + good, good + good.replace("3", "4"),
                    good.replace("read,", "Read,", 1),
                    good.replace("FD", "FILE"), good.replace(", LEN", ""), good.replace("OUTBUF, LEN", "LEN"),
                    good.replace(")", ""), good.replace("FD", "INT, INT, INT, INT, FD"), good.replace("3", "0x500"),
                    good.replace("sys_read", "read"), "SYSCALL(145, readv, sys_readv, FD, OUT:iovec)\n"):
            self.refused(bad)

    def test_the_table_has_a_line_for_each_call(self):
        calls = mksyscalls.parse(DEF)
        lines = [line for line in mksyscalls.table(calls).splitlines() if line.startswith("SYSCALL(")]
        self.assertEqual(len(lines), len(calls))
        self.assertIn("SYSCALL(3, read, sys_read, 3)", lines)
        self.assertIn("SYSCALL(0x400, freemem, sys_freemem, 0)", lines)


if __name__ == "__main__":
    unittest.main()
