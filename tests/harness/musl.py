"""Other people's static programs: a C file compiled against Debian's musl for i386.

musl-dev:i386 is downloaded and unpacked below the build folder, not installed: installing it would remove gcc-multilib.
apt-get gets an architecture and state of its own there, so it needs no right and changes nothing on the system.
"""
import fcntl
import subprocess
from pathlib import Path

APT_CONF = """APT::Architecture "i386";
APT::Architectures {{ "i386"; }};
APT::Sandbox::User "";
Dir::State "{0}";
Dir::State::lists "{0}/lists";
Dir::State::status "{0}/status";
Dir::Cache "{0}/cache";
"""


class Unavailable(Exception):
    """No network, no apt-get, or no such package: a test that needs it is skipped."""


def run(args, **kwargs):
    try:
        result = subprocess.run(args, capture_output=True, text=True, **kwargs)
    except FileNotFoundError as e:
        raise Unavailable(str(e)) from None
    if result.returncode != 0:
        raise Unavailable(f"{' '.join(map(str, args))}: {result.stderr.strip()[-500:]}")
    return result.stdout


def fetch(build):
    """The folder of musl's headers and libraries below BUILD, downloaded at the first use."""
    folder = Path(build) / "musl"
    folder.mkdir(exist_ok=True)
    with open(folder / "lock", "w") as lock:  # two tests may come at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        return fetch_alone(folder, folder / "root")


def fetch_alone(folder, root):
    if (root / "usr/lib/i386-linux-musl/libc.a").exists():
        return root
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "apt.conf").write_text(APT_CONF.format(folder))
    env = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "APT_CONFIG": str(folder / "apt.conf"), "LC_ALL": "C"}
    try:
        run(["apt-get", "update", "-q"], env=env)
    except Unavailable:
        pass  # one list of many that cannot be had does not matter; the download will tell
    run(["apt-get", "download", "-q", "musl-dev"], env=env, cwd=folder)
    packages = list(folder.glob("musl-dev_*.deb"))
    if not packages:
        raise Unavailable("apt-get download left no package")
    run(["dpkg", "-x", packages[0], root])
    return root


def builtins():
    """clang's run-time routines for i386: 64-bit division and the like."""
    folder = Path(run(["clang", "-print-resource-dir"]).strip()) / "lib"
    for path in sorted(folder.rglob("libclang_rt.builtins*.a")):
        if "i386" in str(path):
            return path
    raise Unavailable(f"no libclang_rt.builtins for i386 below {folder}")


def compile_program(build, source, output):
    root = fetch(build)
    lib = root / "usr/lib/i386-linux-musl"
    target = ["clang", "--target=i386-linux-musl", "-march=i686", "-O2", "-fno-pic"]
    run([*target, "-nostdinc", "-isystem", root / "usr/include/i386-linux-musl", "-c", source, "-o", f"{output}.o"])
    run(["ld.lld", "-m", "elf_i386", "-static", "-o", output, lib / "crt1.o", lib / "crti.o", f"{output}.o",
         "--start-group", lib / "libc.a", builtins(), "--end-group", lib / "crtn.o"])
