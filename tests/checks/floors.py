"""The floors as the checks know them (docs/building.md): name, folder, and which others each may see."""
import json
import shlex
from pathlib import Path

FOLDERS = {
    "arch": "arch/include", "abi": "sys/abi", "lib": "lib", "sync": "sync", "mm": "mm", "kern": "kern",
    "dev": "drivers", "dmfs": "fs/dmfs", "fs": "fs", "sys": "sys", "x86": "arch/x86",
}
ALWAYS = ["arch", "abi", "lib"]
SEES = {
    "lib": ALWAYS,
    "sync": ALWAYS + ["sync"],
    "mm": ALWAYS + ["sync", "mm"],
    "kern": ALWAYS + ["sync", "mm", "kern"],
    "dev": ALWAYS + ["sync", "mm", "kern", "dev"],
    "dmfs": ALWAYS + ["dmfs"],
    "fs": ALWAYS + ["sync", "mm", "kern", "dev", "dmfs", "fs"],
    "sys": ALWAYS + ["sync", "mm", "kern", "dev", "dmfs", "fs", "sys"],
    "x86": ALWAYS + ["x86"],
}


def include_folder(source, floor):
    folder = Path(source) / FOLDERS[floor]
    return folder if floor == "arch" else folder / "include"


def headers(source, floor):
    """Public headers of FLOOR, as they are included: mm/vma.h."""
    folder = include_folder(source, floor)
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.h"))


def floor_of(path):
    """The floor to which the file PATH (relative to the source folder) belongs, or None."""
    best = None
    for floor, folder in FOLDERS.items():
        if path.startswith(folder + "/") and (best is None or len(folder) > len(FOLDERS[best])):
            best = floor
    if path.startswith("arch/x86/include/"):
        return "arch"  # the inline half of the contract: every floor gets it through arch/include
    return best


def compile_args(build, floor):
    """The arguments of the compiler for a source of FLOOR, from compile_commands.json; (arguments, folder)."""
    commands = json.loads((Path(build) / "compile_commands.json").read_text())
    for entry in commands:
        if f"{FOLDERS[floor]}/lib{floor}-debug.a.p/" in entry["command"] and entry["file"].endswith(".c"):
            words = shlex.split(entry["command"])
            for flag in ("-o", "-c", "-MF", "-MQ"):
                at = words.index(flag)
                del words[at:at + 2]
            return [w for w in words if w not in ("-MD",)], entry["directory"]
    return None, None
