"""The judge of a boot, the command line, the directives: made-up records in, verdicts out."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness import records, system, testfile  # noqa: E402
from harness.guest import Expected, Guest, Machine, quote_command  # noqa: E402
from harness.records import judge  # noqa: E402


class JudgeTest(unittest.TestCase):
    def verdict(self, text, stopped=True, command=True):
        return judge(text.encode(), stopped, command)

    def test_a_complete_sequence_is_believed(self):
        v = self.verdict("boot\nlog hello\nbegin\nexit 0\n")
        self.assertEqual((v.kind, v.value), ("exit", 0))
        self.assertTrue(v.matches("exit 0"))
        self.assertFalse(v.matches("exit 1"))
        self.assertFalse(v.matches("signal 0"))

    def test_log_lines_may_follow_the_end(self):
        self.assertEqual(self.verdict("boot\nbegin\nexit 3\nlog synced\n").value, 3)

    def test_a_signal_is_an_end(self):
        self.assertTrue(self.verdict("boot\nbegin\nsignal 11\n").matches("signal 11"))

    def test_no_records_at_all(self):
        self.assertEqual(self.verdict("").kind, "lost")
        self.assertEqual(self.verdict("", stopped=False).kind, "timeout")

    def test_every_proper_prefix_is_refused(self):
        whole = "boot\nbegin\nexit 0\n"
        for cut in range(len(whole)):
            for stopped in (True, False):
                v = self.verdict(whole[:cut], stopped)
                self.assertIn(v.kind, ("lost", "timeout"), whole[:cut])
                self.assertFalse(v.matches("exit 0"))

    def test_a_record_without_its_newline_is_not_believed(self):
        v = self.verdict("boot\nbegin\nexit 0")
        self.assertEqual(v.kind, "lost")
        self.assertIn("incomplete", v.reason)

    def test_each_missing_record_is_noticed(self):
        for text in ("begin\nexit 0\n", "boot\nexit 0\n", "boot\nbegin\n", "exit 0\n"):
            self.assertEqual(self.verdict(text).kind, "lost", text)

    def test_a_second_boot_is_noticed_wherever_it_comes(self):
        for text in ("boot\nboot\nbegin\nexit 0\n", "boot\nbegin\nboot\nbegin\nexit 0\n",
                     "boot\nbegin\nexit 0\nboot\n"):
            v = self.verdict(text)
            self.assertEqual(v.kind, "lost", text)
            self.assertIn("second time", v.reason)

    def test_a_panic_counts_even_after_the_end(self):
        for text in ("boot\npanic no init\n", "boot\nbegin\nexit 0\npanic in sync\n", "panic early\n"):
            self.assertEqual(self.verdict(text).kind, "panic", text)
        self.assertTrue(self.verdict("boot\nbegin\npanic double fault at 0x1\n").matches("panic double fault"))
        self.assertFalse(self.verdict("boot\nbegin\npanic double fault\n").matches("panic triple"))

    def test_a_panic_that_was_expected_but_never_came_fails(self):
        self.assertFalse(self.verdict("boot\nbegin\nexit 0\n").matches("panic ."))

    def test_two_ends_or_two_begins_are_out_of_order(self):
        for text in ("boot\nbegin\nexit 0\nexit 0\n", "boot\nbegin\nbegin\nexit 0\n",
                     "boot\nbegin\nexit 0\nsignal 9\n"):
            self.assertEqual(self.verdict(text).kind, "lost", text)

    def test_a_line_that_is_no_record_is_refused(self):
        for text in ("boot\nbegin\nexit zero\n", "boot\nbegin\nexit -1\n", "boots\n", "boot\nhello\n",
                     "boot\nbegin now\n"):
            self.assertEqual(self.verdict(text).kind, "lost", text)

    def test_a_log_line_cannot_forge_a_record(self):
        v = self.verdict("boot\nbegin\nlog exit 0\n")
        self.assertEqual(v.kind, "lost")

    def test_a_machine_that_does_not_stop_after_its_last_word(self):
        self.assertEqual(self.verdict("boot\nbegin\nexit 0\n", stopped=False).kind, "timeout")

    def test_a_session_without_command_ends_with_power_off(self):
        self.assertTrue(self.verdict("boot\nlog x\n", command=False).matches("off"))
        self.assertEqual(self.verdict("boot\n", stopped=False, command=False).kind, "timeout")
        for text in ("boot\nbegin\n", "boot\nexit 0\n", "boot\nboot\n", "", "boot\nbeg"):
            self.assertEqual(self.verdict(text, command=False).kind, "lost", text)

    def test_when_the_runner_need_not_wait_any_longer(self):
        for text in ("boot\nbegin\nexit 0\n", "boot\npanic x\n", "boot\nboot\n", "boot\nbegin\nsignal 6\n"):
            self.assertTrue(records.ended(text.encode()), text)
        for text in ("", "boot\n", "boot\nbegin\n", "boot\nbegin\nexit 0", "boot\nlog panic\n"):
            self.assertFalse(records.ended(text.encode()), text)

    def test_the_log_is_what_bears_its_prefix(self):
        self.assertEqual(records.log_of(b"boot\nlog one\nbegin\nlog two\nexit 0\n"), "one\ntwo")


class CommandLineTest(unittest.TestCase):
    def test_quotes_backslashes_and_newlines_are_escaped(self):
        self.assertEqual(quote_command('echo "a\\b"\nls'), 'run="echo \\"a\\\\b\\"\\nls"')

    def test_a_line_that_the_kernel_cannot_take_is_refused(self):
        with self.assertRaises(ValueError):
            Machine("k", "i", command="x" * 4095).cmdline()
        Machine("k", "i", command="x" * 3900).cmdline()

    def test_tests_never_write_to_the_image(self):
        self.assertIn("snapshot=on", " ".join(Machine("k", "i").disk_args()))
        self.assertNotIn("snapshot=on", " ".join(Machine("k", "i", persistent=True).disk_args()))

    def test_kvm_is_never_used(self):
        args = Machine("k", "i").args()
        self.assertEqual(args[args.index("-accel") + 1], "tcg")

    def test_cpus_run_at_the_same_time_but_where_they_take_turns(self):
        for turns in (False, True):
            self.assertEqual("thread=single" in " ".join(Machine("k", "i", turns=turns).args()), turns)


class DirectiveTest(unittest.TestCase):
    def parse(self, text, suffix=".c"):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / ("fork" + suffix)
            path.write_text(text)
            return testfile.parse(path)

    def test_defaults(self):
        test = self.parse("/* Forks. */\nint main(void)\n")
        self.assertEqual((test.command(), test.end(), test.boots()), ("fork", "exit 0", [("debug", 1, 128)]))

    def test_a_boot_for_each_kernel_cpu_count_and_memory(self):
        test = self.parse("// kernels: debug release\n// cpus: 1 4\n// mem: 8 64\n")
        self.assertEqual(len(test.boots()), 8)
        titles = {test.title(*boot) for boot in test.boots()}
        self.assertIn("fork-release-4cpu-8m", titles)
        self.assertEqual(len(titles), 8)

    def test_directives_end_where_the_code_begins(self):
        test = self.parse("// run: fork -x\n/* prose\n   with: no directive */\n#include <x.h>\n// cpus: 4\n")
        self.assertEqual((test.command(), test.boots()), ("fork -x", [("debug", 1, 128)]))

    def test_prose_may_have_a_colon(self):
        self.assertEqual(self.parse("// It starts itself\n// anew: twice.\n// cpus: 4\n").boots(), [("debug", 4, 128)])

    def test_mistakes_are_refused(self):
        for text in ("// cpu: 4\n", "// kernel: debug\n", "// time-out: 3\n", "// cpus: 9\n", "// cpus: many\n",
                     "// kernels: fast\n", "// end: maybe\n", "// selftest: on\n",
                     "// expect: (\n", "// run: a\n// run: b\n", "// timeout: long\n"):
            with self.assertRaises(testfile.BadTest, msg=text):
                self.parse(text)

    def test_a_script_is_run_by_the_shell_and_a_session_has_no_command(self):
        self.assertEqual(self.parse("#!/bin/sh\n# cpus: 2\n", ".sh").command(), "sh /bin/fork.sh")
        session = self.parse("# mem: 32\n", ".py")
        self.assertEqual((session.command(), session.end()), (None, "off"))

    def test_a_command_that_ends_well_is_followed_by_the_audit(self):
        self.assertEqual(system.command(self.parse("// cpus: 2\n")), "fork && audit_now")
        self.assertEqual(system.command(self.parse("// run: fork -x\n"), "7 9"), "fork -x 7 9 && audit_now")
        self.assertEqual(system.command(self.parse("# cpus: 2\n", ".sh")), "sh /bin/fork.sh && audit_now")
        for text in ("// end: exit 1\n", "// end: panic all\n", "// selftest: off\n", "// root: iso\n"):
            self.assertEqual(system.command(self.parse(text)), "fork", msg=text)
        self.assertIsNone(system.command(self.parse("# mem: 32\n", ".py")))

    def test_every_kernel_but_those_that_decline_has_the_selftest(self):
        self.assertEqual(system.words(self.parse("// append: one two\n")), ["selftest", "one", "two"])
        self.assertEqual(system.words(self.parse("// selftest: off\n// append: one\n")), ["one"])

    def test_what_a_run_is_blamed_for(self):
        test = self.parse("// expect: one\n// expect: two\n// reject: bad\n// log: slow\n")
        fine = judge(b"boot\nbegin\nexit 0\n", True)
        self.assertEqual(system.complaints(test, fine, "one\ntwo\n", "slow disk"), [])
        self.assertEqual(len(system.complaints(test, fine, "two\none\n", "slow disk")), 1)  # order counts
        self.assertEqual(len(system.complaints(test, fine, "one two bad", "")), 2)
        self.assertEqual(len(system.complaints(test, judge(b"boot\n", True), "one two", "slow")), 1)


class FakeQemuTest(unittest.TestCase):
    """The guest's life with a shell script in QEMU's place: what the runner sees of a real one."""

    def guest(self, script, **kwargs):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        machine = Machine("/dev/null", "/dev/null", command="x", **kwargs)
        machine.args = lambda **_: ["sh", "-c", script]
        return Guest(machine, temporary.name)

    def test_the_console_and_the_end_are_seen(self):
        with self.guest("printf 'boot\\nbegin\\n' >records; echo hello; printf 'exit 7\\n' >>records") as guest:
            verdict = guest.finish()
        self.assertEqual((bytes(guest.console), verdict.kind, verdict.value), (b"hello\n", "exit", 7))

    def test_a_lie_in_the_exit_status_is_not_believed(self):
        with self.guest("printf 'boot\\nbegin\\n' >records; exit 0") as guest:
            self.assertEqual(guest.finish().kind, "lost")

    def test_the_time_limit_ends_a_guest_that_hangs(self):
        with self.guest("printf 'boot\\nbegin\\n' >records; exec sleep 60", timeout=0.5) as guest:
            self.assertEqual(guest.finish().kind, "timeout")

    def test_what_qemu_complains_of_is_shown(self):
        with self.guest("echo no such cpu >&2; exit 1") as guest:
            self.assertIn("no such cpu", guest.finish().reason)

    def test_expect_reads_on_from_its_last_match(self):
        with self.guest("echo one two; read x; echo got $x; cat >/dev/null") as guest:
            guest.expect("one")
            guest.send("three\n")
            self.assertEqual(guest.expect("got (.*)$").group(1), b"three")
            with self.assertRaises(Expected):
                guest.expect("one", seconds=0.3)


if __name__ == "__main__":
    unittest.main()
