"""`./dev debug`: QEMU that waits for gdb, and a gdb that knows the kernel's symbols and the program's."""
import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import termios
import tty
from pathlib import Path

from .guest import Folder, Machine

CONSOLE = "console"  # a link in the build folder to the running guest's socket
LEAVE = b"\x1d"      # Ctrl-]


def program_of(config, command):
    """The unstripped ELF file of the program that COMMAND starts with, or None."""
    word = Path(shlex.split(command)[0]).name if command and shlex.split(command) else "sh"
    programs = dict(entry.split("=", 1) for entry in config.data["programs"])
    return programs.get(word)


def gdb_args(config, kernel, program):
    args = ["gdb", "-q", "-ex", "set pagination off", "-ex", "set architecture i386", "-ex", f"file {kernel}"]
    args += ["-x", str(config.source / "tools" / "gdb" / "dormouse.py")]  # vmas PID
    if program:  # linked at its own address, below KERNBASE: both sets of symbols fit beside each other
        args += ["-ex", "set confirm off", "-ex", f"add-symbol-file {program}", "-ex", "set confirm on"]
    return args + ["-ex", f"set substitute-path .. {config.source}", "-ex", "target remote gdb.sock"]


def run(config, flavour, command, cpus, mem):
    kernel = config.kernel(flavour)
    with Folder(config.runs(), "debug") as folder:
        machine = Machine(kernel=kernel, image=config.image(), command=command, cpus=cpus, mem=mem)
        machine.place(folder.path)
        qemu = machine.args(serial="chardev:console")
        qemu += ["-chardev", "socket,id=console,path=console.sock,server=on,wait=off,logfile=console.log"]
        qemu += ["-S", "-chardev", "socket,id=gdb,path=gdb.sock,server=on,wait=off", "-gdb", "chardev:gdb"]
        link = config.build / CONSOLE
        link.unlink(missing_ok=True)
        link.symlink_to(folder.path)
        print("The guest stands before its first instruction.  Try: break kernel_main, continue\n"
              f"Its console, in another terminal (Ctrl-] leaves it): {sys.argv[0]} --build {config.build} console")
        guest = subprocess.Popen(qemu, cwd=folder.path, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is gdb's
            wait_for(folder.path / "gdb.sock", guest)
            return subprocess.run(gdb_args(config, kernel, program_of(config, command)), cwd=folder.path).returncode
        finally:
            guest.kill()
            guest.wait()
            link.unlink(missing_ok=True)


def wait_for(path, process):
    while not path.exists() and process.poll() is None:
        select.select([], [], [], 0.02)


def console(config):
    """This terminal as the console of the guest that `./dev debug` runs."""
    folder = config.build / CONSOLE
    if not folder.exists():
        print("no guest is being debugged", file=sys.stderr)
        return 1
    os.chdir(folder)
    with socket.socket(socket.AF_UNIX) as s:
        s.connect("console.sock")
        old = termios.tcgetattr(0)
        try:
            tty.setraw(0)
            while relay(s):
                pass
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, old)
    return 0


def relay(s):
    for source in select.select([s, 0], [], [])[0]:
        data = s.recv(4096) if source is s else os.read(0, 4096)
        if not data or (source == 0 and LEAVE in data):
            return False
        if source is s:
            os.write(1, data)
        else:
            s.sendall(data)
    return True
