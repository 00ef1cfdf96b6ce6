"""The checks can fail: what each of them is there to find is put before it here."""
import tempfile
import unittest
from pathlib import Path

import floors
import layering
import sources


class SourcesTest(unittest.TestCase):
    def found(self, name, text):
        return [line.split(": ", 1)[1] for line in sources.complaints(name, text)]

    def test_assembly_is_for_arch_x86(self):
        for text in ('__asm__ volatile("hlt");\n', 'asm("nop");\n', '\tasm volatile ("nop");\n'):
            self.assertEqual(self.found("kern/sched.c", text), ["assembly outside arch/x86"])
            self.assertEqual(self.found("arch/x86/idt.c", text), [])
            self.assertEqual(self.found("usr/libc/start.c", text), [])
        self.assertEqual(self.found("mm/copy.S", "nop\n"), ["an assembly file outside arch/x86"])

    def test_a_comment_may_speak_of_assembly(self):
        self.assertEqual(self.found("kern/sched.c", "/* asm volatile(...) is for arch/x86 */\n// __asm__(x)\n"), [])

    def test_machine_headers_are_for_the_contract(self):
        text = "#include <machine/cpu.h>\n"
        self.assertEqual(len(self.found("mm/frame.c", text)), 1)
        self.assertEqual(self.found("arch/include/arch/cpu.h", text), [])

    def test_functions_have_sixty_lines_at_most(self):
        def body(lines):
            return "void f(void)\n{\n" + "\tg();\n" * lines + "}\n"
        self.assertEqual(self.found("kern/a.c", body(60)), [])
        self.assertEqual(len(self.found("kern/a.c", body(61))), 1)

    def test_lines_have_120_columns_at_most(self):
        self.assertEqual(self.found("lib/a.c", "\t" + "x" * 112 + "\n"), [])
        self.assertEqual(len(self.found("lib/a.c", "\t" + "x" * 113 + "\n")), 1)
        self.assertEqual(len(self.found("lib/a.c", "x \n")), 1)

    def test_unfinished_work_is_found(self):
        self.assertEqual(self.found("lib/a.c", "/* FIX" + "ME later */\n"), ["unfinished work"])


class FloorsTest(unittest.TestCase):
    def test_the_floor_of_a_file(self):
        for path, floor in (("mm/vma.c", "mm"), ("fs/file.c", "fs"), ("fs/dmfs/dir.c", "dmfs"), ("sys/exec.c", "sys"),
                            ("sys/abi/include/abi/stat.h", "abi"), ("arch/x86/trap.c", "x86"), ("drivers/ide.c", "dev"),
                            ("arch/include/arch/cpu.h", "arch"), ("arch/x86/include/machine/cpu.h", "arch"),
                            ("usr/sh/exec.c", None)):
            self.assertEqual(floors.floor_of(path), floor, path)

    def test_nobody_sees_a_floor_above(self):
        order = ["lib", "sync", "mm", "kern", "dev", "fs", "sys"]
        for at, floor in enumerate(order):
            for above in order[at + 1:]:
                self.assertNotIn(above, floors.SEES[floor])

    def test_a_header_from_above_is_found_among_the_includes(self):
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder) / "b"
            build.mkdir()
            for name in ("mm/vma.c", "fs/include/fs/vnode.h", "lib/include/lib/list.h"):
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
            deps = [("mm/libmm-debug.a.p/vma.c.o", ["../mm/vma.c", "../lib/include/lib/list.h"])]
            self.assertEqual(self.complaints(folder, build, deps), [])
            deps[0][1].append("../mm/../fs/include/fs/vnode.h")
            self.assertEqual(self.complaints(folder, build, deps),
                             ["mm/libmm-debug.a.p/vma.c.o includes fs/include/fs/vnode.h"])

    def complaints(self, source, build, deps):
        """What the check says of mm when ninja knows DEPS."""
        old = layering.dependencies
        layering.dependencies = lambda _: deps
        try:
            wrong, _ = layering.check_includes(source, build)
        finally:
            layering.dependencies = old
        self.assertTrue(any("ninja knows no object" in line for line in wrong))  # of the other floors
        return [line for line in wrong if "ninja knows no object" not in line]


if __name__ == "__main__":
    unittest.main()
