#!/usr/bin/env python3
# timeout: 60
# kernels: debug release
"""What is written stays over power-off and reboot, without an explicit sync; and the disk is found whole afterwards."""
import dataclasses
import os
import subprocess
from pathlib import Path

from harness.guest import Folder, Guest

PROMPT = r"/ \$ \r\x1b\[4C"


def session(guest, commands, last):
    guest.expect(PROMPT)
    for command in commands:
        guest.send(command + "\n")
        guest.expect(PROMPT)
    guest.send(last + "\n")
    return guest.finish()


def boot(machine, folder, commands, last):
    with Folder(folder) as place, Guest(machine, place.path) as guest:
        verdict = session(guest, commands, last)
        assert verdict.matches("off"), verdict.reason


def read_back(machine, folder, command):
    with Folder(folder) as place, Guest(dataclasses.replace(machine, command=command), place.path) as guest:
        verdict = guest.finish()
        assert verdict.matches("exit 0"), verdict.reason
        return guest.console.decode()


def fsck(machine, image):
    tool = Path(machine.kernel).parent / "subprojects" / "mkfs" / "fsck.dmfs"
    done = subprocess.run([tool, image], capture_output=True, text=True)
    assert done.returncode == 0, f"fsck: {done.stdout}{done.stderr}"


def test(guest):
    disk = os.path.join(guest.folder, "disk")
    subprocess.run(["cp", "--sparse=always", guest.machine.image, disk], check=True)
    machine = dataclasses.replace(guest.machine, image=disk, persistent=True)
    boot(machine, guest.folder, ["echo first > /tmp/kept", "mkdir -p /tmp/d/e", "cp /bin/sh /tmp/d/e/sh"], "poweroff")
    fsck(machine, disk)
    boot(machine, guest.folder, ["echo second >> /tmp/kept", "mv /tmp/d/e/sh /tmp/d/copy", "rmdir /tmp/d/e"], "reboot")
    fsck(machine, disk)
    said = read_back(machine, guest.folder, "cat /tmp/kept; ls /tmp/d; cat /bin/sh > /tmp/new; wc -c < /tmp/d/copy")
    fsck(machine, disk)
    lines = said.split()
    assert lines[:3] == ["first", "second", "copy"], said
    assert int(lines[3]) > 10000, said
    said = read_back(machine, guest.folder, "wc -c < /tmp/new; rm -r /tmp/d /tmp/new /tmp/kept")
    assert said.split() == lines[3:], said  # the end of run= wrote everything, too
    fsck(machine, disk)
    guest.expect(PROMPT)
    guest.send("poweroff\n")
