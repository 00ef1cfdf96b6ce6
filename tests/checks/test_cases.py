"""tests/run-tests.sh over small folders of cases: what passes, and everything that must not."""
import contextlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import cases  # noqa: E402

RUN_TESTS = Path(__file__).resolve().parents[1] / "run-tests.sh"


class CasesTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="run tests ")  # a blank in all paths
        self.addCleanup(folder.cleanup)
        self.here = Path(folder.name)
        self.cases = self.here / "tests"
        self.cases.mkdir()

    def write(self, name, text):
        (self.cases / name).write_text(text)

    def case(self, number, run, out="", err="", rc="0\n", **more):
        """A case; more of its files by their ending, and None for one that is not there."""
        for kind, text in dict(run=run, out=out, err=err, rc=rc, **more).items():
            if text is not None:
                self.write(f"{number}.{kind}", text)

    def start(self, *args, **environment):
        return subprocess.Popen([RUN_TESTS, *args], cwd=self.here, env={**os.environ, **environment}, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run_tests(self, *args, **environment):
        """(status, the lines of its output)"""
        with self.start(*args, **environment) as process:
            text = process.communicate()[0]
        return process.returncode, text.splitlines()

    def see(self, status, *lines, args=(), absent=(), **environment):
        """The cases end with STATUS, and LINES are among what was said, in this order; none of ABSENT is."""
        found, output = self.run_tests(*args, **environment)
        self.assertEqual(found, status, output)
        self.assertEqual([line for line in output if line in lines], list(lines), output)
        for line in absent:
            self.assertNotIn(line, output)

    def left(self, name, folder="tests-out"):
        return (self.here / folder / name).read_text()


class VerdictTest(CasesTest):
    def test_a_case_passes_when_output_errors_and_code_are_as_written(self):
        self.case(1, "echo out; echo err >&2; exit 3", "out\n", "err\n", "3\n")
        self.see(0, "test 1: passed", "1 passed, 0 failed")
        self.assertEqual((self.left("1.out"), self.left("1.err"), self.left("1.rc")), ("out\n", "err\n", "3\n"))

    def test_wrong_output_fails_and_is_shown(self):
        self.case(1, "echo this", "that\n")
        self.see(1, "test 1: 1.out incorrect", "-that", "+this", "0 passed, 1 failed")

    def test_a_blank_too_many_or_a_missing_newline_is_wrong_output(self):
        for text in ("a \n", "a", "a\n\n", ""):
            self.case(1, "echo a", text)
            self.see(1, "test 1: 1.out incorrect")

    def test_wrong_errors_fail_and_are_shown(self):
        self.case(1, "echo oops >&2")
        self.see(1, "test 1: 1.err incorrect", "+oops", absent=["test 1: 1.out incorrect"])

    def test_a_wrong_code_fails_and_is_shown(self):
        self.case(1, "exit 4")
        self.see(1, "test 1: 1.rc incorrect", "-0", "+4", absent=["test 1: 1.out incorrect"])

    def test_a_code_is_a_number_with_or_without_a_newline(self):
        self.case(1, "exit 12", rc="12")
        self.see(0, "test 1: passed")
        self.case(1, "exit 12", rc="1\n")
        self.see(1, "test 1: 1.rc incorrect")

    def test_nothing_to_compare_with_is_a_failure(self):
        for kind in ("out", "err", "rc"):
            self.case(1, "true")
            (self.cases / f"1.{kind}").unlink()
            self.see(1, f"test 1: there is no tests/1.{kind} to compare with", "0 passed, 1 failed")

    def test_a_further_file_of_the_case_is_compared(self):
        self.case(1, "echo more >tests-out/1.other", other="more\n")
        self.see(0, "test 1: passed")
        self.case(1, "true")  # what the first run left does not count
        self.see(1, "test 1: 1.other was not written")

    def test_the_time_limit_ends_what_hangs_and_all_it_started(self):
        self.case(1, "sleep 1000 & echo $! >pid\nwait", post="echo cleared >post")
        self.case(2, "true")
        self.see(1, "test 1: not done after 1 seconds", "test 2: passed", args=["-c"], TEST_TIMEOUT="1")
        self.assertEqual((self.here / "post").read_text(), "cleared\n")
        self.assert_gone()

    def assert_gone(self):
        pid = (self.here / "pid").read_text().strip()
        state = Path(f"/proc/{pid}/stat")
        self.assertTrue(not state.exists() or ") Z " in state.read_text(), "it is still there")

    def test_an_interrupt_ends_the_case_and_the_tester(self):
        self.case(1, "sleep 1000 & echo $! >pid\nwait")
        with self.start() as process:
            while not (self.here / "pid").exists() or not (self.here / "pid").read_text():
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assert_gone()


class OrderTest(CasesTest):
    def three(self):
        self.case(2, "echo no")
        self.case(10, "true")
        self.case(1, "true")

    def test_the_first_failure_stops(self):
        self.three()
        self.see(1, "test 1: passed", "test 2: 2.out incorrect", "1 passed, 1 failed", absent=["test 10: passed"])

    def test_c_goes_on(self):
        self.three()
        self.see(1, "test 1: passed", "test 2: 2.out incorrect", "test 10: passed", "2 passed, 1 failed", args=["-c"])

    def test_t_runs_one(self):
        self.three()
        self.see(0, "test 10: passed", "1 passed, 0 failed", args=["-t", "10"], absent=["test 1: passed"])
        self.see(1, "run-tests.sh: test 3 does not exist: no tests/3.run", args=["-t", "3"])

    def test_d_is_another_folder(self):
        self.case(1, "true")
        self.cases.rename(self.here / "other cases")
        self.see(0, "test 1: passed", args=["-d", "other cases"])
        self.see(1, "run-tests.sh: no folder tests")

    def test_v_shows_what_is_run(self):
        self.case(1, "echo a", "a\n", desc="says a\n", pre="true before\n", post="true after\n")
        lines = ["running test 1: says a", "pre-test:  true before", "post-test: true after", "test 1: passed"]
        self.see(0, *lines, args=["-v"])
        self.see(0, "test 1: passed", absent=lines[:3])

    def test_no_cases_are_no_success(self):
        self.see(1, "run-tests.sh: no cases (N.run) in tests")
        self.write("notes.run", "true")
        self.see(1, "run-tests.sh: no cases (N.run) in tests")

    def test_results_go_elsewhere_when_asked(self):
        self.case(1, "echo a", "a\n")
        self.see(0, "test 1: passed", TESTS_OUT="build/results")
        self.assertEqual(self.left("1.out", "build/results"), "a\n")
        self.assertFalse((self.here / "tests-out").exists())


class BeforeAndAfterTest(CasesTest):
    def test_the_file_pre_runs_once_and_not_with_s(self):
        self.write("pre", "echo once >>log\n")
        self.case(1, "cat log", "once\n")
        self.case(2, "cat log", "once\n")
        self.see(0, "doing one-time pre-test (use -s to suppress)", "2 passed, 0 failed")
        self.see(0, "2 passed, 0 failed", args=["-s"])

    def test_no_case_runs_when_pre_fails(self):
        self.write("pre", "exit 7")
        self.case(1, "true")
        self.see(1, "run-tests.sh: pre failed with 7: no case was run", absent=["test 1: passed"])

    def test_pre_and_post_of_a_case_are_around_it_in_one_shell(self):
        self.case(1, 'echo "$word"; echo run >>log', "hello\n", pre="word=hello; echo pre >>log\n",
                  post='echo "post $word" >>log\n')
        self.see(0, "test 1: passed")
        self.assertEqual((self.here / "log").read_text(), "pre\nrun\npost hello\n")

    def test_post_runs_when_the_case_fails_or_leaves_its_shell(self):
        for run in ("false", "exit 1", "kill -KILL $BASHPID", "cd /"):
            self.case(1, run, post="echo x >>log\n")
            self.run_tests()
        self.assertEqual((self.here / "log").read_text(), "x\n" * 4)

    def test_their_failure_is_told_and_does_not_judge(self):
        self.case(1, "true", pre="false\n", post="(exit 3)\n")
        self.see(0, "run-tests.sh: 1.pre returned 1", "run-tests.sh: 1.post returned 3", "test 1: passed")

    def test_a_pre_that_leaves_the_shell_fails_the_case(self):
        self.case(1, "true", pre="exit 5\n")
        self.see(1, "test 1: its shell ended early, with 5", "0 passed, 1 failed")

    def test_a_case_changes_nothing_for_the_next(self):
        self.case(1, "cd /; word=changed; exit 0")
        self.case(2, 'echo "$word"; ls -d tests', "\ntests\n")
        self.see(0, "2 passed, 0 failed")

    def test_a_case_of_several_lines_and_with_the_signals_of_a_shell(self):
        self.case(1, "if true\nthen\n\techo a\nfi\nsh -c 'kill -INT $$; echo not here'\ncat\necho $?\n", "a\n0\n")
        self.see(0, "test 1: passed")


class UsageTest(CasesTest):
    def test_help(self):
        for word in ("-h", "--help"):
            status, lines = self.run_tests(word)
            self.assertEqual((status, lines[0]), (0, "usage: run-tests.sh [-h] [-v] [-t N] [-c] [-s] [-d DIR]"))
            self.assertIn("no limit", " ".join(lines))

    def test_wrong_options_run_nothing(self):
        self.case(1, "true")
        for args in (["-x"], ["-t"], ["-t", "one"], ["-t", "-1"], ["-d"], ["1"]):
            status, lines = self.run_tests(*args)
            self.assertEqual((status, lines[-1][:6]), (2, "usage:"), args)
            self.assertNotIn("test 1: passed", lines)
        self.assertEqual(self.run_tests(TEST_TIMEOUT="soon")[0], 2)


class ListingTest(CasesTest):
    """What Meson is told of a folder."""

    def listing(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            cases.listing(self.cases)
        return said.getvalue().split()

    def test_a_case_belongs_to_its_topic_or_else_to_its_folder(self):
        self.case(10, "true", desc="kmalloc: five hundred blocks\n")
        self.case(9, "true", desc="what a shell prints: a prompt\n")
        self.case(11, "true")
        self.assertEqual(self.listing(), ["9|tests", "10|kmalloc", "11|tests"])

    def test_a_folder_without_cases_is_an_error(self):
        self.assertRaises(FileNotFoundError, self.listing)


if __name__ == "__main__":
    unittest.main()
