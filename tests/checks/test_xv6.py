"""The table of the second gate: header, calls and the page in docs/ say the same, and a mistake is refused."""
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sys" / "xv6"))

import mkxv6  # noqa: E402


class Xv6Test(unittest.TestCase):
    def setUp(self):
        self.header = mkxv6.HEADER.read_text(encoding="ascii")
        self.calls = mkxv6.CALLS.read_text(encoding="ascii")

    def test_the_first_calls_have_the_numbers_of_xv6(self):
        names = ("fork exit wait pipe read kill exec fstat chdir dup getpid sbrk sleep uptime open write mknod unlink "
                 "link mkdir close").split()
        self.assertEqual([row[1] for row in mkxv6.rows(self.header, self.calls)][:21], names)

    def test_the_page_in_docs_is_up_to_date(self):
        page = (ROOT / "docs" / "xv6.md").read_text(encoding="utf-8")
        self.assertEqual(page, mkxv6.with_table(page, mkxv6.table(self.header, self.calls)),
                         "run: sys/xv6/mkxv6.py docs/xv6.md")

    def test_mistakes_are_refused(self):
        for header, calls in ((self.header.replace("XV6_mmap 27", "XV6_mmap 26"), self.calls),
                              (self.header.replace("#define XV6_kill 6 ", "#define XV6_kil 6 "), self.calls),
                              (self.header, self.calls.replace("CALL(dup, sys_dup, 1)\n", "")),
                              (self.header, self.calls + "CALL(dup, sys_dup, 1)\n"),
                              (self.header, self.calls.replace("CALL(dup, sys_dup, 1)", "CALL(dup, sys_dup)")),
                              (self.header, self.calls.replace("SET_ASIDE(join)", "SET_ASIDE(join, sys_dup, 1)"))):
            with self.assertRaises(mkxv6.BadTable):
                mkxv6.table(header, calls)


if __name__ == "__main__":
    unittest.main()
