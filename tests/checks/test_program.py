"""How foreign files become programs (usr/program.py), and which word of ./dev boot is the command."""
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "usr")]

import program  # noqa: E402
import run  # noqa: E402


class DialectTest(unittest.TestCase):
    def test_includes_decide(self):
        for text, kind in (('#include "types.h"\n#include "stat.h"\n#include "user.h"\n', "x86"),
                           ('#include "kernel/types.h"\n#include "user/user.h"\n', "riscv"),
                           ('#include "user/user.h"\n', "riscv"),
                           ('# include  "types.h"\n\t#include "user.h" // ulib\n', "x86"),
                           ("#include <stdio.h>\n", "posix"), ('#include "user.h"\n', "posix"), ("", "posix"),
                           ('#include "types.h"\n#include "defs.h"\n', "posix")):
            self.assertEqual(program.dialect(text), kind, text)

    def test_comments_and_strings_do_not(self):
        self.assertEqual(program.dialect('/*\n#include "kernel/types.h"\n*/\n#include <stdio.h>\n'), "posix")
        self.assertEqual(program.dialect('// #include "user/user.h"\nint x;\n'), "posix")
        self.assertEqual(program.dialect('char *s = "/*";\n#include "kernel/types.h"\n'), "riscv")

    def copy_of(self, text, kind):
        with tempfile.TemporaryDirectory() as folder:
            return Path(program.foreign_copy("/somewhere/a.c", text, kind, folder)).read_text()

    def test_all_ones_are_minus_one_where_uint64_has_32_bits(self):
        text = ("if(a == 0xffffffffffffffffLL || b == 0xFFFFFFFFFFFFFFFF || "
                "c == 0xffffffff || d == 0xffffffffffffffff0)")
        self.assertEqual(self.copy_of(text, "riscv"), '#line 1 "/somewhere/a.c"\nif(a == (-1UL) || b == (-1UL) || '
                         "c == 0xffffffff || d == 0xffffffffffffffff0)")
        self.assertTrue(self.copy_of(text, "x86").endswith(text))


class PlaceTest(unittest.TestCase):
    def test_a_program_is_in_bin_and_where_xv6_has_it_a_file_in_the_root(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, content, places in (("prog.c", b"", ["/bin/prog", "/prog"]),
                                          ("sh.c", b"", ["/sh"]), ("init.c", b"", ["/init"]),
                                          ("notes.txt", b"text", ["/notes.txt"]),
                                          ("_elf", b"\x7fELF...", ["/bin/_elf", "/_elf"])):
                (Path(folder) / name).write_bytes(content)
                self.assertEqual(program.places(f"{folder}/{name}"), places)


class CommandTest(unittest.TestCase):
    def words(self, *words):
        args = run.parser().parse_args(["boot", *words])
        command = args.command if args.command is not None else run.command_among(args.add)
        return run.files_of(args.add), command

    def test_the_command_may_stand_anywhere(self):
        for words in (("--add", "a.c", "b.c", "cmd x"), ("cmd x", "--add", "a.c", "b.c"),
                      ("--add", "a.c", "--add", "b.c", "cmd x"),
                      ("--add", "a.c", "b.c", "cmd x", "--mem", "64"), ("--add", "a.c", "b.c", "--mem", "64", "cmd x"),
                      ("--add", "a.c", "cmd x", "--add", "b.c")):
            self.assertEqual(self.words(*words), (["a.c", "b.c"], "cmd x"), words)

    def test_files_alone_are_no_command(self):
        self.assertEqual(self.words("--add", "a.c"), (["a.c"], None))
        self.assertEqual(self.words("--add", "a.c", "--add", "b.c"), (["a.c", "b.c"], None))


if __name__ == "__main__":
    unittest.main()
