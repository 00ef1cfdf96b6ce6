"""`./dev test`: meson test, and what it said, counted from its log and not from its words."""
import json
import os
import subprocess
import sys

PASSED = {"OK", "EXPECTEDFAIL"}
SKIPPED = {"SKIP"}


def known_tests(config):
    text = subprocess.run(["meson", "introspect", "--tests", str(config.build)], check=True, capture_output=True).stdout
    return [(t["name"], t["suite"]) for t in json.loads(text)]


def flavour_of(name):
    words = name.split("-")
    return next((w for w in ("debug", "release") if w in words), None)


def select(tests, names, flavours, only_suites=()):
    """Names of the tests that NAMES ask for (a test, the file of several, or a suite), or that are in one of
    ONLY_SUITES; with neither, all."""
    def asked(name, suites):
        short = {s.split(":")[-1] for s in suites}
        return bool(short & {*names, *only_suites}) or any(name == n or name.startswith(n + "-") for n in names)
    return [name for name, suites in tests
            if (not (names or only_suites) or asked(name, suites)) and flavour_of(name) in (None, *flavours)]


def results(path):
    """(name, result) of each test in Meson's log."""
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return [(t["name"].split(" / ")[-1], t["result"]) for t in map(json.loads, f)]  # project:suite / name
    except FileNotFoundError:
        return []


def count(outcomes):
    passed = sum(result in PASSED for _, result in outcomes)
    skipped = sum(result in SKIPPED for _, result in outcomes)
    return passed, len(outcomes) - passed - skipped, skipped


def summary(outcomes, expected):
    """What to print at the end, and the exit status."""
    passed, failed, skipped = count(outcomes)
    lost = expected - len(outcomes)  # Meson was stopped, or a test left no line
    lines = [f"{result:8} {name:40} again: ./dev test {name}" for name, result in outcomes
             if result not in PASSED | SKIPPED]
    lines += [f"skipped: {name}" for name, result in outcomes if result in SKIPPED]
    if lost > 0:
        lines.append(f"{lost} tests never ended")
    failed += max(lost, 0)
    lines.append(f"{passed} passed, {failed} failed")
    return lines, 0 if failed == 0 and passed > 0 else 1


def run(config, names, flavours, only_suites=()):
    tests = known_tests(config)
    wanted = select(tests, names, flavours, only_suites)
    for name in names:
        if not select(tests, [name], flavours):
            sys.exit(f"no test is called {name} (meson test -C {config.build} --list)")
    for name in only_suites:
        if not select(tests, [], flavours, [name]):
            sys.exit(f"no suite is called {name} (meson test -C {config.build} --list)")
    log = config.build / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    status = subprocess.run(["meson", "test", "-C", str(config.build), "--print-errorlogs", *wanted],
                            env=dict(os.environ, MESON_TESTTHREADS=str(os.cpu_count() or 1))).returncode
    lines, verdict = summary(results(log), len(wanted))
    print("\n".join(lines))
    return verdict or (1 if status else 0)
