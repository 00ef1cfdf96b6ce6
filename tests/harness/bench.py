"""`./dev bench`: kbench twice under -icount, compared, and shown beside the bars and the best of other kernels."""
import csv
import sys
from pathlib import Path

from . import records
from .guest import Folder, Guest, Machine

TIMEOUT = 1800  # seconds; about a minute is usual
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


def rows_of(console):
    """{row: (value, unit)} between KBENCH-BEGIN and KBENCH-END; ValueError if they are not whole."""
    lines = console.replace("\r", "").split("\n")
    if "KBENCH-BEGIN" not in lines or "KBENCH-END" not in lines:
        raise ValueError("kbench did not run to its end")
    rows = {}
    for line in lines[lines.index("KBENCH-BEGIN") + 1:lines.index("KBENCH-END")]:
        fields = line.split("\t")
        if len(fields) >= 3:
            rows[fields[0]] = (fields[1], fields[2])
    if not rows:
        raise ValueError("kbench printed no row")
    return rows


def table_of(path, key="row"):
    with open(path, encoding="utf-8") as f:
        return {line[key]: line for line in csv.DictReader(f, delimiter="\t")}


def machine(config, flavour):
    return Machine(kernel=config.kernel(flavour), image=config.image(), command="/bin/kbench", mem=512, root="module",
                   timeout=TIMEOUT, icount=True)


def once(config, flavour):
    """(console, log) of one run."""
    with Folder(config.runs(), "bench") as folder, Guest(machine(config, flavour), folder.path) as guest:
        verdict = guest.finish()
        console, log = guest.console.decode(errors="replace"), records.log_of(guest.records())
        if not verdict.matches("exit 0"):
            sys.exit(f"{console}\nbench: {verdict.reason}")
        return console, log


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def shown(value):
    return "–" if value is None else f"{value:,.3f}" if abs(value) < 10 else f"{value:,.0f}"


def compare(rows, baseline, bars):
    """(row, unit, ours, bar, best other, its kernel, floor) for each row that has a bar; OURS is None if missing."""
    table = []
    for row, bar in bars.items():
        ours = number(rows[row][0]) if row in rows else None
        other = baseline.get(row, {})
        table.append((row, other.get("unit", ""), ours, number(bar["bar"]), number(other.get("best", "")),
                      other.get("best_kernel", ""), number(other.get("floor", ""))))
    return table


def over(table):
    return [row for row, _, ours, bar, *_ in table if ours is None or ours > bar]


def markdown(table, boot):
    lines = ["| row | unit | Dormouse | bar | best other | floor (paper) |", "|---|---|---:|---:|---:|---:|"]
    for row, unit, ours, bar, best, kernel, floor in table:
        mark = "" if ours is not None and ours <= bar else " **over**"
        cells = (row, unit, shown(ours) + mark, shown(bar), f"{shown(best)} {kernel}".rstrip(), shown(floor))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines + [""] + boot)


def boot_lines(log):
    """The kernel's own words on how long it took to init: `boot: N instructions to init`."""
    return [f"From the first instruction of boot.S to the first of init: {int(line.split()[1]):,} instructions."
            for line in log.split("\n") if line.startswith("boot: ") and line.endswith("instructions to init")]


def write(path, text):
    page = Path(path).read_text(encoding="utf-8") if Path(path).exists() else f"# Performance\n\n{BEGIN}\n{END}\n"
    if BEGIN not in page or END not in page:
        sys.exit(f"{path} has no {BEGIN} and {END}")
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    Path(path).write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8")


def run(config, flavour, write_page):
    first, log = once(config, flavour)
    second, _ = once(config, flavour)
    try:
        rows = rows_of(first)
        again = rows_of(second)
    except ValueError as e:
        sys.exit(f"{first}\nbench: {e}")
    differ = [row for row in rows if rows[row] != again.get(row)] + [row for row in again if row not in rows]
    here = config.source / "tests" / "bench"
    table = compare(rows, table_of(here / "baseline.tsv"), table_of(here / "bars.tsv"))
    text = markdown(table, boot_lines(log))
    print(text)
    extra = [f"{row}: {value} {unit}" for row, (value, unit) in rows.items() if row not in table_of(here / "bars.tsv")]
    print("\nOther rows:\n" + "\n".join(extra))
    for row in differ:
        print(f"NOT REPEATABLE: {row}: {rows.get(row)} and {again.get(row)}")
    for row in over(table):
        print(f"over the bar: {row}")
    if write_page:
        write(config.source / "docs" / "performance.md", text)
    return 1 if differ or over(table) else 0
