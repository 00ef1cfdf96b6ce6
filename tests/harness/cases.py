"""Cases in the courses' form: what Meson needs to know of them (tests/run-tests.sh runs them)."""
import re
from pathlib import Path

TOPIC = re.compile(r"([a-z0-9_]+): ")


def listing(folder):
    """A line for each case: its number, and its suite: the word at the head of N.desc, else the folder's name."""
    folder = Path(folder)
    numbers = sorted(int(path.stem) for path in folder.glob("*.run") if path.stem.isdigit())
    if not numbers:
        raise FileNotFoundError(f"no cases (N.run) in {folder}")
    for number in numbers:
        about = folder / f"{number}.desc"
        topic = TOPIC.match(about.read_text()) if about.exists() else None
        print(f"{number}|{topic.group(1) if topic else folder.name}")
