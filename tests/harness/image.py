"""File-system images: a folder is put together on the host, and mkfs.dmfs makes an image of it."""
import os
import shutil
import subprocess
from pathlib import Path

FOLDERS = ("bin", "etc", "tmp", "dev")
LINK = "link:"
ELF = b"\x7fELF"
TIME = "1704067200"  # of all files: the same input makes the same image


class Unavailable(Exception):
    """A tool that only some images need is not there."""


def is_elf(path):
    with open(path, "rb") as f:
        return f.read(4) == ELF


def put_link(stage, target, name):
    """TARGET becomes another name of the file NAME in the image, in place of a file, but not of a folder."""
    if not target.is_dir():
        target.unlink(missing_ok=True)
        os.link(Path(stage) / name.lstrip("/"), target)


def put(stage, guest_path, host_path, strip):
    """HOST_PATH, a file or a folder, at GUEST_PATH below STAGE; `link:PATH` is another name of a file that is there.
    Programs become executable, and lose their symbols with the program STRIP (None: as they are)."""
    target = Path(stage) / guest_path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if str(host_path).startswith(LINK):
        return put_link(stage, target, str(host_path)[len(LINK):])
    if not target.is_dir():
        target.unlink(missing_ok=True)  # not the file itself: it may have other names
    if os.path.isdir(host_path):
        shutil.copytree(host_path, target, symlinks=True, dirs_exist_ok=True)
        return
    if is_elf(host_path) and strip:
        subprocess.run([strip, "-o", target, host_path], check=True)
        target.chmod(0o755)
        return
    shutil.copyfile(host_path, target)
    with open(host_path, "rb") as f:
        target.chmod(0o755 if f.read(4).startswith((b"#!", ELF)) else 0o644)


def stage(folder, entries, strip, as_is=()):
    """ENTRIES are pairs of guest path and host path; AS_IS are guest paths of programs that keep their symbols."""
    for name in FOLDERS:
        (Path(folder) / name).mkdir(parents=True, exist_ok=True)
    (Path(folder) / "tmp").chmod(0o1777)
    for guest_path, host_path in entries:
        put(folder, guest_path, host_path, None if guest_path in as_is else strip)


def make(image, folder, mkfs, size):
    """SIZE in MiB."""
    Path(image).unlink(missing_ok=True)
    subprocess.run([mkfs, "-t", TIME, "-s", f"{size}M", str(image), str(folder)], check=True, stdout=subprocess.DEVNULL)


def build(image, entries, mkfs, strip, size, as_is=()):
    folder = Path(str(image) + ".d")
    shutil.rmtree(folder, ignore_errors=True)
    stage(folder, entries, strip, as_is)
    make(image, folder, mkfs, size)


def extended(base, entries, folder, mkfs, strip):
    """The image BASE and ENTRIES, made in FOLDER: its path."""
    tree = Path(folder) / "added.d"
    subprocess.run(["cp", "-a", str(base) + ".d", tree], check=True)  # names of one file stay that
    stage(tree, entries, strip)
    extra = sum(os.path.getsize(path) for _, path in entries if os.path.isfile(path))
    make(Path(folder) / "added.img", tree, mkfs, (os.path.getsize(base) + extra + (1 << 20) - 1) >> 20)
    return str(Path(folder) / "added.img")


GRUB_CFG = """set timeout={}
menuentry "Dormouse" {{
	multiboot /boot/dormouse.elf {}
	module /boot/root.img
}}
"""


def iso(output, kernel, root_image, words="", seconds=3):
    """A CD or disk image that GRUB 2 boots after so many SECONDS; WORDS for the kernel, without quotes."""
    if not all(shutil.which(tool) for tool in ("grub-mkrescue", "xorriso", "mformat")):
        raise Unavailable("grub-mkrescue, xorriso or mtools is not installed")
    folder = Path(str(output) + ".d")
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "boot" / "grub").mkdir(parents=True)
    shutil.copyfile(kernel, folder / "boot" / "dormouse.elf")
    shutil.copyfile(root_image, folder / "boot" / "root.img")
    (folder / "boot" / "grub" / "grub.cfg").write_text(GRUB_CFG.format(seconds, words))
    subprocess.run(["grub-mkrescue", "-o", output, str(folder)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    shutil.rmtree(folder)
