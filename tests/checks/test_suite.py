"""What ./dev test counts and selects, and what ./dev bench reads: made-up logs in, figures out."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import bench, suite  # noqa: E402

KBENCH = "noise\nKBENCH-BEGIN\nnull_syscall_getpid\t120.5\tt\nfork_exit_wait\t90000\tt\nKBENCH-END\n"


class CountTest(unittest.TestCase):
    def test_all_passed(self):
        lines, status = suite.summary([("a", "OK"), ("b", "OK")], 2)
        self.assertEqual((lines[-1], status), ("2 passed, 0 failed", 0))

    def test_a_failure_shows_how_to_repeat_it(self):
        for bad in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"):
            lines, status = suite.summary([("a", "OK"), ("b", bad)], 2)
            self.assertEqual((lines[-1], status), ("1 passed, 1 failed", 1))
            self.assertTrue(any("./dev test b" in line for line in lines))

    def test_names_lose_their_project_and_suite(self):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write('{"name": "dormouse:unit / test_vma", "result": "OK"}\n{"name": "bare", "result": "FAIL"}\n')
            f.flush()
            self.assertEqual(suite.results(f.name), [("test_vma", "OK"), ("bare", "FAIL")])
        self.assertEqual(suite.results("/nonexistent"), [])

    def test_nothing_run_is_a_failure(self):
        self.assertEqual(suite.summary([], 0), (["0 passed, 0 failed"], 1))
        self.assertEqual(suite.summary([("a", "SKIP")], 1)[1], 1)

    def test_a_test_that_left_no_line_has_failed(self):
        lines, status = suite.summary([("a", "OK")], 3)
        self.assertEqual((lines[-1], status), ("1 passed, 2 failed", 1))

    def test_skipped_tests_are_named_and_not_counted(self):
        lines, status = suite.summary([("a", "OK"), ("format", "SKIP")], 2)
        self.assertEqual((lines[-1], status), ("1 passed, 0 failed", 0))
        self.assertIn("skipped: format", lines)


class SelectTest(unittest.TestCase):
    TESTS = [("fork-debug-1cpu", ["dormouse:system"]), ("fork-release-4cpu", ["dormouse:lazy"]),
             ("forkbomb-debug-1cpu", ["dormouse:system"]), ("test_lib_fmt", ["dormouse:unit"])]

    def test_by_file_by_full_name_and_by_suite(self):
        both = ["debug", "release"]
        self.assertEqual(suite.select(self.TESTS, ["fork"], both), ["fork-debug-1cpu", "fork-release-4cpu"])
        self.assertEqual(suite.select(self.TESTS, ["fork-debug-1cpu"], both), ["fork-debug-1cpu"])
        self.assertEqual(suite.select(self.TESTS, ["unit"], both), ["test_lib_fmt"])
        self.assertEqual(suite.select(self.TESTS, [], both, ["unit"]), ["test_lib_fmt"])
        self.assertEqual(suite.select(self.TESTS, [], both, ["fork"]), [])  # a file, and no suite
        together = suite.select(self.TESTS, ["fork-debug-1cpu"], both, ["unit"])
        self.assertEqual(together, ["fork-debug-1cpu", "test_lib_fmt"])
        self.assertEqual(len(suite.select(self.TESTS, [], both)), 4)
        self.assertEqual(suite.select(self.TESTS, ["nonsense"], both), [])

    def test_a_kernel_leaves_out_the_other_kernels_tests_only(self):
        self.assertEqual(suite.select(self.TESTS, [], ["release"]), ["fork-release-4cpu", "test_lib_fmt"])


class BenchTest(unittest.TestCase):
    def test_rows_are_read_between_the_marks(self):
        self.assertEqual(bench.rows_of(KBENCH)["null_syscall_getpid"], ("120.5", "t"))

    def test_a_run_that_was_cut_is_refused(self):
        for text in ("", KBENCH.replace("KBENCH-END\n", ""), "KBENCH-BEGIN\nKBENCH-END\n"):
            with self.assertRaises(ValueError):
                bench.rows_of(text)

    def test_a_row_over_its_bar_or_missing_is_noticed(self):
        bars = {"null_syscall_getpid": {"bar": "263"}, "fork_exit_wait": {"bar": "69068"}, "gone": {"bar": "1"}}
        table = bench.compare(bench.rows_of(KBENCH), {}, bars)
        self.assertEqual(bench.over(table), ["fork_exit_wait", "gone"])

    def test_every_row_with_a_bar_has_a_baseline(self):
        here = Path(__file__).resolve().parents[1] / "bench"
        bars, baseline = bench.table_of(here / "bars.tsv"), bench.table_of(here / "baseline.tsv")
        self.assertGreater(len(bars), 30)
        self.assertEqual(set(bars), set(baseline))

    def test_the_page_keeps_what_stands_outside_the_marks(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "performance.md"
            page.write_text(f"before\n{bench.BEGIN}\nold\n{bench.END}\nafter\n")
            bench.write(page, "new")
            bench.write(page, "newer")
            self.assertEqual(page.read_text(), f"before\n{bench.BEGIN}\nnewer\n{bench.END}\nafter\n")


if __name__ == "__main__":
    unittest.main()
