#!/usr/bin/env python3
# suite: mmap
# kernels: debug release
"""The command `vmas PID` of tools/gdb, in a gdb that stops the machine, says what /proc/PID/maps says."""
import re
import shutil
import subprocess
from pathlib import Path

from harness.image import Unavailable

PROMPT = r"/ \$ \r\x1b\[4C"
SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "gdb" / "dormouse.py"


def maps_of(guest, pid):
    """(start, end, rwx, inode) of each region, as the guest tells."""
    guest.send(f'cat /proc/{pid}/maps; echo that is "all"\n')
    before = guest.seen
    guest.expect(r"that is all\r\n")
    text = bytes(guest.console[before:guest.seen]).decode()
    found = re.findall(r"([0-9a-f]{8})-([0-9a-f]{8}) ([rwx-]{3})[ps] [0-9a-f]{8} \S+ (\d+)", text)
    return [(start, end, mode, int(inode)) for start, end, mode, inode in found]


def gdb(guest, *commands):
    args = ["gdb", "-q", "-nx", "-batch", "-ex", "set architecture i386", "-ex", f"file {guest.machine.kernel}",
            "-x", str(SCRIPT), "-ex", "target remote gdb.sock"]
    for command in commands:
        args += ["-ex", command]
    done = subprocess.run([*args, "-ex", "detach"], cwd=guest.folder, capture_output=True, text=True)
    return done.stdout + done.stderr


def regions(text):
    found = re.findall(r"^([0-9a-f]{8})-([0-9a-f]{8}) ([rwx-]{3}) \S+ +\S+(?: inode (\d+))?", text, re.MULTILINE)
    return [(start, end, mode, int(inode or 0)) for start, end, mode, inode in found]


def test(guest):
    if not shutil.which("gdb"):
        raise Unavailable("gdb is not installed")
    guest.expect(PROMPT)
    maps = maps_of(guest, 1)
    assert len(maps) >= 4, maps
    guest.expect(PROMPT)
    guest.monitor("gdbserver unix:gdb.sock,server=on,wait=off")
    said = gdb(guest, "vmas 1")
    assert [region for region in regions(said) if region[0] != region[1]] == maps, f"{said}\n{maps}"
    assert re.search(r"^1 \S+: \d+ regions, \d+ of \d+ pages there$", said, re.MULTILINE), said
    assert " stack " in said and " inode " in said, said
    assert "there is no process 9999" in gdb(guest, "vmas 9999")
    assert "usage: vmas PID" in gdb(guest, "vmas")
    guest.send("poweroff\n")
