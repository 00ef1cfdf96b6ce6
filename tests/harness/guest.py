"""A guest: one boot of the kernel in QEMU, from its start to the judge's verdict.

QEMU runs in a folder of its own, where kernel, image and records have short names: a path with a blank or a comma
would not survive QEMU's option syntax, and the kernel's command line is short.
"""
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import image, records

QEMU = "qemu-system-i386"
EXIT_PORT, RECORD_PORT = 0xF4, 0xE9
ICOUNT = "shift=0,sleep=off"
CMDLINE_MAX = 4095     # bytes that the kernel takes
OUTPUT_MAX = 64 << 20  # bytes of console output that are kept; a guest that says more is stopped
GRACE = 10             # seconds from the end of the command to power-off
GRACE_PANIC = 1        # seconds in which a panicking kernel may say more


def quote_command(command):
    """COMMAND as the value of run=: the value ends at the first unescaped quote."""
    for plain, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        command = command.replace(plain, escaped)
    return f'run="{command}"'


@dataclass
class Machine:
    """What is booted, and on what."""
    kernel: str
    image: str
    command: str = None      # None: the shell on the console
    cpus: int = 1
    mem: int = 128           # MiB
    root: str = "disk"       # disk: IDE; module: RAM disk, loaded with the kernel; iso: the same, loaded by GRUB; none
    timeout: float = 60      # seconds
    icount: bool = False
    turns: bool = False      # one thread of QEMU is all CPUs in turn
    append: list = field(default_factory=list)  # more words for the kernel
    qemu: list = field(default_factory=list)    # more arguments for QEMU
    persistent: bool = False  # the image keeps what the guest writes
    restarts: bool = False    # a reset starts the machine again; else it ends the run
    blkdebug: str = None      # QEMU's error injection: a file of rules
    disk_size: int = None     # cut the disk to so many bytes
    own_disk: bool = False    # a copy of the image in the folder of the run, which keeps what the guest writes

    def cmdline(self):
        words = [f"debugcon={RECORD_PORT:#x}", f"debugexit={EXIT_PORT:#x}"] + self.append
        if self.command is not None:
            words.append(quote_command(self.command))
        text = " ".join(words)
        if len(text.encode()) > CMDLINE_MAX - len("kernel "):
            raise ValueError(f"the kernel's command line takes {CMDLINE_MAX} bytes, not {len(text.encode())}")
        return text

    def place(self, folder):
        """Give kernel, image and rules their short names in FOLDER."""
        def link(name, target):
            os.symlink(os.path.abspath(target), os.path.join(folder, name))
        if self.root == "iso":  # GRUB escapes quotes in its own way: the command is one word
            words = self.cmdline().replace(quote_command(self.command), f"run={self.command}")
            image.iso(os.path.join(folder, "cd.iso"), self.kernel, self.image, words, seconds=0)
            return
        link("kernel", self.kernel)
        if self.blkdebug:
            link("rules", self.blkdebug)
        if self.needs_copy():
            copy = os.path.join(folder, "image")
            subprocess.run(["cp", "--sparse=always", self.image, copy], check=True)
            if self.disk_size is not None:
                os.truncate(copy, self.disk_size)
        else:
            link("image", self.image)

    def needs_copy(self):
        return bool(self.blkdebug) or self.disk_size is not None or self.own_disk

    def disk_args(self):
        if self.root == "module":
            return ["-initrd", "image"]
        if self.root == "iso":
            return ["-boot", "d", "-cdrom", "cd.iso"]
        if self.root == "none":
            return []
        drive = "file=" + ("blkdebug:rules:image" if self.blkdebug else "image")
        if not (self.needs_copy() or self.persistent):
            drive += ",snapshot=on"
        elif not (self.blkdebug or self.persistent):
            drive += ",cache=unsafe"  # a copy for one run need not reach our disk; the guest sees the same
        return ["-drive", f"{drive},format=raw,if=ide,index=0,media=disk"]

    def args(self, serial="stdio", monitor="none"):
        accel = "tcg,thread=single" if self.turns else "tcg"
        args = [QEMU, "-accel", accel, "-cpu", "qemu32", "-smp", str(self.cpus), "-m", str(self.mem)]
        args += ["-nic", "none", "-display", "none", "-vga", "std", "-serial", serial, "-monitor", monitor]
        args += ["-seed", "1"] + ([] if self.restarts else ["-no-reboot"])
        args += ["-chardev", "file,id=records,path=records"]
        args += ["-device", f"isa-debugcon,iobase={RECORD_PORT:#x},chardev=records"]
        args += ["-device", f"isa-debug-exit,iobase={EXIT_PORT:#x},iosize=4"]
        if self.icount:
            args += ["-rtc", "base=2024-01-01T00:00:00,clock=vm", "-icount", ICOUNT]
        args += self.disk_args() + self.qemu
        return args if self.root == "iso" else args + ["-kernel", "kernel", "-append", self.cmdline()]


class Folder:
    """A folder under the build folder for one run; kept when KEEP is set before the end."""

    def __init__(self, base, name="run"):
        os.makedirs(base, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(prefix=name + ".", dir=base))
        self.keep = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.keep:
            shutil.rmtree(self.path, ignore_errors=True)


class Expected(Exception):
    """The guest did not say what a test waited for."""


class Guest:
    """One QEMU.  Either wait() for its end, or talk to it with send() and expect(), then finish()."""

    def __init__(self, machine, folder, echo=None):
        self.machine, self.folder, self.echo = machine, folder, echo
        self.console = bytearray()
        self.seen = 0        # bytes of the console that expect() has passed
        self.stopped = False  # by itself, not by us
        self.stuck = []       # where each CPU was when we stopped it
        machine.place(folder)
        self.deadline = time.monotonic() + machine.timeout
        with open(os.path.join(folder, "qemu.err"), "wb") as errors:
            self.process = subprocess.Popen(
                machine.args(monitor="unix:monitor,server=on,wait=off"), cwd=folder, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=errors, start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def records(self):
        try:
            return (Path(self.folder) / "records").read_bytes()
        except FileNotFoundError:
            return b""

    def qemu_says(self):
        return (Path(self.folder) / "qemu.err").read_text(errors="replace").strip()

    def pump(self, seconds):
        """Take what the console says within SECONDS.  False: QEMU has closed it."""
        out = self.process.stdout.fileno()
        if not select.select([out], [], [], max(0, seconds))[0]:
            return True
        data = os.read(out, 65536)
        self.console += data
        if data and self.echo:
            self.echo(data)
        return bool(data)

    def wait(self):
        """Until the machine stops, the time is up, or the guest said its last word and does not leave."""
        until = self.deadline
        ending = False
        while self.pump(0.05):
            if not ending and (last_word := records.ended(self.records())):
                ending = True
                until = time.monotonic() + (GRACE if last_word in (records.EXIT, records.SIGNAL) else GRACE_PANIC)
            if time.monotonic() > until or len(self.console) > OUTPUT_MAX:
                self.stuck = self.where()
                self.kill()
                return
        self.process.wait()
        self.stopped = True

    def verdict(self):
        if len(self.console) > OUTPUT_MAX:
            return records.Verdict(records.LOST, None, f"more than {OUTPUT_MAX >> 20} MiB of console output")
        verdict = records.judge(self.records(), self.stopped, self.machine.command is not None)
        if not self.records() and self.qemu_says():
            return verdict._replace(reason=f"{verdict.reason}; QEMU: {self.qemu_says()}")
        return verdict

    def kill(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            stream.close()

    # For tests that sit at the console.

    def send(self, text):
        self.process.stdin.write(text.encode() if isinstance(text, str) else text)
        self.process.stdin.flush()

    def expect(self, pattern, seconds=20):
        """Wait for the regular expression PATTERN in what the console says next; the match."""
        pattern = re.compile(pattern.encode() if isinstance(pattern, str) else pattern, re.M)
        until = min(self.deadline, time.monotonic() + seconds)
        while True:
            match = pattern.search(bytes(self.console), self.seen)
            if match:
                self.seen = match.end()
                return match
            if time.monotonic() > until or not self.pump(0.1):
                raise Expected(f"waited for {pattern.pattern.decode()!r}, the console went on with "
                               f"{bytes(self.console[self.seen:])[-400:].decode(errors='replace')!r}")

    def monitor(self, command):
        """The answer of QEMU's monitor to COMMAND (sendkey, info registers, xp ...)."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            folder = os.open(self.folder, os.O_DIRECTORY)
            try:
                s.connect(f"/proc/self/fd/{folder}/monitor")  # the name of a socket has 107 bytes at most
            finally:
                os.close(folder)
            self.until_prompt(s)
            s.sendall(command.encode() + b"\n")
            answer = self.until_prompt(s)
        return answer.decode(errors="replace")

    def where(self):
        """A line for each CPU: its number, whether in user or kernel mode, and the function if it is the kernel's."""
        try:
            text = self.monitor("info registers -a")
        except OSError:
            return []
        cpus = re.findall(r"EIP=([0-9a-f]{8}) .*CPL=([03])", text)
        names = subprocess.run(["llvm-addr2line", "-f", "-s", "-e", self.machine.kernel, *(eip for eip, _ in cpus)],
                               capture_output=True, text=True).stdout.split("\n")[0::2]
        return [f"cpu {n} eip {eip} " + ("in user mode" if cpl == "3" else f"in {name}")
                for n, ((eip, cpl), name) in enumerate(zip(cpus, names))]

    @staticmethod
    def until_prompt(s):
        data = b""
        while not data.endswith(b"(qemu) "):
            data += s.recv(65536)
        return data

    def finish(self):
        """The machine is expected to leave by itself now."""
        self.wait()
        return self.verdict()
