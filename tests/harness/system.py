"""One system test: boot the guest once as its file asks, and compare what came of it."""
import importlib.util
import re
import shlex
import subprocess
import sys
import traceback
from pathlib import Path

from . import image, musl, records, testfile
from .guest import Folder, Guest, Machine


def words(test):
    """What the kernel is told beside the command."""
    return ([] if test.text("selftest") == "off" else ["selftest"]) + shlex.split(test.text("append"))


def is_audited(test):
    """Does the machine live on after the test's command, with a shell and a disk to run another?"""
    return test.end() == "exit 0" and test.text("selftest") != "off" and test.text("root", "disk") in ("disk", "module")


def command(test, args=None):
    """What the guest's shell is given: the test with more words ARGS, and the audit after it; None: nothing."""
    text = test.command()
    if text is None:
        return None
    return text + (f" {args}" if args else "") + (" && audit_now" if is_audited(test) else "")


def machine_for(test, config, kernel, cpus, mem, args=None):
    folder = test.path.parent
    return Machine(
        kernel=config.kernel(kernel), image=config.test_image(), command=command(test, args), cpus=cpus, mem=mem,
        root=test.text("root", "disk"), timeout=float(test.text("timeout", "60")), icount=test.text("icount") == "yes",
        turns=test.text("turns") == "yes",
        append=words(test), qemu=shlex.split(test.text("qemu")),
        blkdebug=str(folder / test.words["blkdebug"]) if "blkdebug" in test.words else None,
        disk_size=int(test.words["disk-size"], 0) if "disk-size" in test.words else None,
        own_disk=test.text("fsck") == "yes")


def in_order(patterns, text):
    """The first of PATTERNS that does not come in TEXT after those before it, or None."""
    at = 0
    for pattern in patterns:
        match = re.compile(pattern, re.M).search(text, at)
        if not match:
            return pattern
        at = match.end()
    return None


def complaints(test, verdict, console, log):
    """What is wrong with a run, a sentence each."""
    found = []
    if not verdict.matches(test.end()):
        found.append(f"expected to end with {test.end()!r}, but: {verdict.reason}")
    missing = in_order(test.words.get("expect", []), console)
    if missing is not None:
        found.append(f"the console does not say {missing!r} (in that order)")
    missing = in_order(test.words.get("log", []), log)
    if missing is not None:
        found.append(f"the log does not say {missing!r} (in that order)")
    found += [f"the console says {p!r}" for p in test.words.get("reject", []) if re.search(p, console, re.M)]
    return found


def fsck(config, folder):
    """What is wrong with the disk after the run."""
    done = subprocess.run([config.path("fsck"), str(folder.path / "image")], capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"fsck: {done.stdout}{done.stderr}"]


def drive(test, guest):
    """Let a Python test sit at the console; what went wrong, if anything did."""
    spec = importlib.util.spec_from_file_location(f"system_{test.name}", test.path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        module.test(guest)
    except Exception:  # whatever a test may raise is its failure, shown with the console
        return [traceback.format_exc(limit=-3).strip()]
    return []


def run(path, config, kernel, cpus, mem, keep=False, args=None, timeout=None):
    """True: passed.  Else everything that helps to see why is printed.  ARGS are more words for its command; TIMEOUT
    is in seconds, where the file's own will not do for them."""
    test = testfile.parse(path)
    with Folder(config.runs(), test.title(kernel, cpus, mem)) as folder:
        folder.keep = keep
        machine = machine_for(test, config, kernel, cpus, mem, args)
        if timeout:
            machine.timeout = timeout
        if test.text("libc") == "musl":
            program = str(folder.path / test.name)
            musl.compile_program(config.build, str(test.path.resolve()), program)
            machine.image = image.extended(machine.image, [(f"/bin/{test.name}", program)], folder.path,
                                           config.path("mkfs"), config.data["strip"])
        with Guest(machine, folder.path) as guest:
            found = drive(test, guest) if test.path.suffix == ".py" else []
            if found:
                guest.deadline = 0  # no use in waiting for its end
            verdict = guest.finish()
            console = guest.console.decode(errors="replace").replace("\r\n", "\n")
            log = records.log_of(guest.records())
            if not (found and verdict.kind == records.TIMEOUT):
                found += complaints(test, verdict, console, log)
            if test.text("fsck") == "yes":
                found += fsck(config, folder)
            if found or keep:
                report(test, found, verdict, console, guest, folder)
    return not found


def report(test, found, verdict, console, guest, folder):
    print(f"--- console of {test.name} ---\n{console.rstrip()}")
    print(f"--- records and log ---\n{guest.records().decode(errors='replace').rstrip()}")
    if guest.qemu_says():
        print(f"--- QEMU ---\n{guest.qemu_says()}")
    print("\n".join([f"--- how it ended: {verdict.reason}", *guest.stuck]))
    for line in found:
        print(f"FAILED: {line}")
    if folder.keep:
        print(f"kept: {folder.path}")
    sys.stdout.flush()


def listing(folder):
    """For Meson: a line for each boot, with fields separated by bars."""
    suite = "system" if Path(folder).name == "system" else "libc"
    for path in testfile.files(folder):
        test = testfile.parse(path)
        for kernel, cpus, mem in test.boots():
            seconds = int(float(test.text("timeout", "60"))) + 30
            print("|".join([test.title(kernel, cpus, mem), str(path), kernel, str(cpus), str(mem),
                            test.text("suite", suite), str(seconds), test.text("with"), test.text("libc")]))
