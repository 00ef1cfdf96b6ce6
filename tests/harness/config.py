"""What the build folder knows: Meson writes tests/runner.json there, with the paths of what was built and how."""
import json
import os
import sys
from pathlib import Path


class Config:
    def __init__(self, build):
        self.build = Path(build).resolve()
        try:
            self.data = json.loads((self.build / "tests" / "runner.json").read_text())
        except FileNotFoundError:
            sys.exit(f"{build} is not configured: use ./dev")
        self.source = Path(self.data["source"])

    def path(self, word):
        return str(self.build / self.data[word])  # of an absolute path this is the path itself

    def kernel(self, flavour):
        return str(self.build / f"dormouse-{flavour}.elf")

    def image(self):
        return str(self.build / "root.img")

    def test_image(self):
        return str(self.build / "tests" / "system" / "test.img")

    def runs(self):
        return str(self.build / "runs")


def default_build():
    return os.environ.get("DORMOUSE_BUILD") or str(Path(__file__).resolve().parents[2] / "build")
