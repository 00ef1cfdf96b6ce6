#!/usr/bin/env python3
# suite: mmap
# timeout: 120
"""Dirty pages of mappings reach the disk by msync, fsync and sync before the call returns: the machine dies at once,
and the next one finds them.  Those of munmap, exit and memory pressure are there when the machine was switched off."""
import dataclasses
import os
import subprocess

from harness.guest import Folder, Guest

PROMPT = r"/ \$ \r\x1b\[4C"


def dies_after(machine, folder, how):
    machine = dataclasses.replace(machine, command=f"mmap_persist {how}")
    with Folder(folder) as place, Guest(machine, place.path) as guest:
        guest.expect(r"written\r?\n")  # leaving here kills the machine


def ends_after(machine, folder, command):
    with Folder(folder) as place, Guest(dataclasses.replace(machine, command=command), place.path) as guest:
        verdict = guest.finish()
        assert verdict.matches("exit 0"), f"{command}: {verdict.reason}\n{guest.console.decode(errors='replace')}"
        return guest.console.decode()


def test(guest):
    disk = os.path.join(guest.folder, "disk")
    subprocess.run(["cp", "--sparse=always", guest.machine.image, disk], check=True)
    machine = dataclasses.replace(guest.machine, image=disk, persistent=True)
    for how in ("msync", "fsync", "sync"):
        dies_after(machine, guest.folder, how)
        assert f"{how} is there" in ends_after(machine, guest.folder, f"mmap_persist check {how}")
    for how in ("munmap", "exit"):
        ends_after(machine, guest.folder, f"mmap_persist {how}")
    ends_after(dataclasses.replace(machine, mem=8), guest.folder, "mmap_persist pressure")
    said = ends_after(machine, guest.folder, "mmap_persist check msync fsync sync munmap exit pressure")
    assert said.count("is there") == 6, said
    guest.expect(PROMPT)
    guest.send("poweroff\n")
