#!/usr/bin/env python3
"""The one runner: boots the kernel in QEMU and judges what came of it.  ./dev calls it, and so does Meson."""
import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(1, str(Path(__file__).resolve().parent.parent / "usr"))
sys.dont_write_bytecode = True

import program  # noqa: E402
from harness import bench, cases, debugger, failures, image, musl, records, suite, system, testfile  # noqa: E402
from harness.config import Config, default_build  # noqa: E402
from harness.guest import Folder, Guest, Machine  # noqa: E402

EXIT_TIMEOUT, EXIT_LOST = 124, 125
EXIT_SKIPPED = 77  # what Meson takes for a skipped test


def added_entries(config, files, folder):
    """Where the files of --add go (usr/program.py says it): pairs for image.stage."""
    entries = []
    for path in files:
        if not os.path.exists(path):
            raise FileNotFoundError(f"--add: no file {path}")
        built = path
        if program.kind_of(path) == "c":
            built = str(Path(folder) / (Path(path).stem + ".program"))
            commands = json.loads(Path(config.data["program_commands"]).read_text())
            if not program.compile_program(commands, path, built):
                sys.exit(EXIT_LOST)
        first, *others = program.places(path)
        entries += [(first, built)] + [(name, image.LINK + first) for name in others]
    return entries


def image_with(config, files, folder):
    """The root image, or one of this run with FILES added."""
    if not files:
        return config.image()
    entries = added_entries(config, files, folder)
    return image.extended(config.image(), entries, folder, config.path("mkfs"), None)


def files_of(groups):
    return [path for group in groups for path in group]


def command_among(groups):
    """`--add a.c b.c COMMAND`: the last word behind an --add of several is the command when there is no other.  It is
    taken out of GROUPS; None: there is none."""
    for group in reversed(groups):
        if len(group) > 1:
            return group.pop()
    return None


def show(data):
    """Console output as it comes; a reader that went away ends the run, not with a traceback."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def command_boot(config, args):
    if args.command is None and (words := command_among(args.add)) is not None:
        args.command = words
    if args.command is None:
        print("dev boot: which COMMAND?", file=sys.stderr)
        return 2
    with Folder(config.runs(), "boot") as folder:
        machine = Machine(
            kernel=config.kernel(args.flavour), image=image_with(config, files_of(args.add), folder.path),
            command=args.command, cpus=args.smp, mem=args.mem, root=args.root, timeout=args.timeout, icount=args.icount,
            append=["console=serial"] + args.append)
        with Guest(machine, folder.path, echo=show) as guest:
            verdict = guest.finish()
            if args.log:
                print(records.log_of(guest.records()), file=sys.stderr)
    if verdict.kind == records.EXIT:
        return verdict.value & 255
    if verdict.kind == records.SIGNAL:
        return 128 + verdict.value
    print(f"dev boot: {verdict.reason}", file=sys.stderr)
    return EXIT_TIMEOUT if verdict.kind == records.TIMEOUT else EXIT_LOST


def command_run(config, args):
    """The shell in this terminal; what it writes to the disk is there the next time, unless files are added."""
    disk = config.build / "run.img"
    if not disk.exists() or disk.stat().st_mtime < os.path.getmtime(config.image()):
        subprocess.run(["cp", "--sparse=always", config.image(), disk], check=True)
    with Folder(config.runs(), "run") as folder:
        if args.add:
            disk = image_with(config, files_of(args.add), folder.path)
        machine = Machine(kernel=config.kernel(args.flavour), image=str(disk), cpus=args.smp, mem=args.mem,
                          root=args.root, persistent=True, restarts=True, append=args.append)
        machine.place(folder.path)
        qemu = machine.args(serial="mon:stdio")
        qemu[qemu.index("-monitor"):qemu.index("-monitor") + 2] = []
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the guest's
        subprocess.run(qemu, cwd=folder.path)
        data = (folder.path / "records").read_bytes()
    verdict = records.judge(data, True, command=False)
    if verdict.kind == records.PANIC or data.count(b"\nboot\n") > 0:
        print(f"dev run: {verdict.reason}", file=sys.stderr)
        return EXIT_LOST
    return 0


def command_debug(config, args):
    return debugger.run(config, args.flavour, args.command, args.smp, args.mem)


def command_console(config, _args):
    return debugger.console(config)


def command_test(config, args):
    flavours = [args.only] if args.only else ["debug", "release"]
    return suite.run(config, args.names, flavours, args.suite)


def command_bench(config, args):
    return bench.run(config, args.flavour, args.write)


def command_failures(config, args):
    path = Path(__file__).resolve().parent.parent / "docs" / "allocation-failures.md"
    return failures.run(config, args.flavour, path, args.call)


def command_system(config, args):
    try:
        return 0 if system.run(args.file, config, args.kernel, args.smp, args.mem, args.keep, args.args,
                               args.timeout) else 1
    except (musl.Unavailable, image.Unavailable) as e:
        print(f"skipped: {e}")
        return EXIT_SKIPPED


def command_image(_config, args):
    guest = [entry.removesuffix("=") for entry in args.entries[::2]]
    image.build(args.output, list(zip(guest, args.entries[1::2])), args.mkfs, args.strip, args.size,
                args.as_is)
    return 0


def command_iso(_config, args):
    image.iso(args.output, args.kernel, args.image)
    return 0


def list_system(folders):
    try:
        for folder in folders:
            system.listing(folder)
    except testfile.BadTest as e:
        sys.exit(str(e))


def list_unit(folder):
    """For Meson: a line for each unit test: name, libraries, further sources, further suites."""
    for path in sorted(Path(folder).glob("test_*.c")):
        test = testfile.parse(path)
        print("|".join([path.stem, test.text("links"), test.text("with"), test.text("suite")]))


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return value


def machine_options(parser, mem, timeout=None):
    parser.add_argument("--smp", type=positive, default=1, metavar="N", help="CPUs, 1 to 8")
    parser.add_argument("--mem", type=positive, default=mem, metavar="MiB")
    if timeout:
        parser.add_argument("--timeout", type=float, default=timeout, metavar="S")


def kernel_options(parser):
    parser.add_argument("--root", choices=("disk", "module"), default="disk")
    parser.add_argument("--append", action="append", default=[], metavar="WORD",
                        help="a word for the kernel's command line: overcommit=strict, selftest")


def add_option(parser):
    parser.add_argument("--add", action="append", nargs="+", default=[], metavar="FILE")


def flavour_options(parser, default):
    parser.add_argument("--debug", dest="flavour", action="store_const", const="debug", default=default)
    parser.add_argument("--release", dest="flavour", action="store_const", const="release")


def parser():
    top = argparse.ArgumentParser(prog="run.py", description=__doc__)
    top.add_argument("--build", default=default_build())
    commands = top.add_subparsers(dest="word", required=True)

    p = commands.add_parser("run")
    machine_options(p, 128)
    flavour_options(p, "release")
    kernel_options(p)
    add_option(p)
    p.set_defaults(do=command_run)

    p = commands.add_parser("boot")
    machine_options(p, 128, 120)
    flavour_options(p, "release")
    kernel_options(p)
    p.add_argument("--icount", action="store_true")
    p.add_argument("--log", action="store_true", help="the kernel's log on standard error, at the end")
    add_option(p)
    p.add_argument("command", nargs="?")
    p.set_defaults(do=command_boot)

    p = commands.add_parser("debug")
    machine_options(p, 128)
    flavour_options(p, "debug")
    p.add_argument("command", nargs="?")
    p.set_defaults(do=command_debug)

    commands.add_parser("console").set_defaults(do=command_console)

    p = commands.add_parser("test")
    p.add_argument("--debug", dest="only", action="store_const", const="debug")
    p.add_argument("--release", dest="only", action="store_const", const="release")
    p.add_argument("--suite", action="append", default=[], metavar="NAME",
                   help="the tests of a suite (unit, system, lazy, mmap, cases, checks ...); may be repeated")
    p.add_argument("names", nargs="*", help="a test, the file of several, or a suite; with no NAME and no --suite: all")
    p.set_defaults(do=command_test)

    p = commands.add_parser("bench")
    flavour_options(p, "release")
    p.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    p.set_defaults(do=command_bench)

    p = commands.add_parser("failures")
    flavour_options(p, "debug")
    p.add_argument("call", nargs="*", help="only these scenarios, on the terminal")
    p.set_defaults(do=command_failures)

    p = commands.add_parser("system")
    machine_options(p, 128)
    p.add_argument("--kernel", choices=("debug", "release"), default="debug")
    p.add_argument("--keep", action="store_true", help="keep the folder of the run")
    p.add_argument("--args", metavar="WORDS", help="for the test's program")
    p.add_argument("--timeout", type=float, metavar="S", help="instead of the file's own")
    p.add_argument("file")
    p.set_defaults(do=command_system)

    p = commands.add_parser("image")
    for word in ("mkfs", "strip", "output"):
        p.add_argument("--" + word, required=True)
    p.add_argument("--size", type=positive, required=True, metavar="MiB")
    p.add_argument("--as-is", action="append", default=[], metavar="GUEST", help="a program that is not stripped")
    p.add_argument("entries", nargs="+", metavar="GUEST= HOST", help="pairs of words: where in the image, which file")
    p.set_defaults(do=command_image)

    p = commands.add_parser("iso")
    for word in ("kernel", "image", "output"):
        p.add_argument("--" + word, required=True)
    p.set_defaults(do=command_iso)
    return top


def stop(number, _frame):
    """Asked to end: leave by the way on which guests are ended and folders removed."""
    sys.exit(128 + number)


def main():
    if sys.argv[1:2] == ["list-system"]:
        return list_system(sys.argv[2:])
    if sys.argv[1:2] == ["list-cases"]:
        return cases.listing(sys.argv[2])
    if sys.argv[1:2] == ["list-unit"]:
        return list_unit(sys.argv[2])
    args = parser().parse_args()
    if args.word in ("image", "iso"):  # a step of the build
        return args.do(None, args)
    signal.signal(signal.SIGTERM, stop)
    try:
        return args.do(Config(args.build), args)
    except (OSError, ValueError, subprocess.CalledProcessError) as e:
        print(f"run.py {args.word}: {e}", file=sys.stderr)
        return EXIT_LOST
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
