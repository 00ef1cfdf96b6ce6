#!/usr/bin/env python3
"""Make the system-call stubs of libc from syscalls.def:  mkstubs.py DEF OUT.S OUT.h

Each call gets a stub __sys_NAME that loads the registers, traps, and turns a result in [-4095, -1] into -1 and errno.
Calls whose C function is nothing but the call bear its name too (C_NAMES), so that read() costs no second jump.
Assembly was preferred to inline asm: six arguments need EBP, which C code cannot give away.
"""
import re
import sys

LINE = re.compile(r"^SYSCALL\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*((?:,[^,)]+)*)\)\s*$")
REGISTERS = ["ebx", "ecx", "edx", "esi", "edi", "ebp"]
CALLEE_SAVED = {"ebx", "esi", "edi", "ebp"}
C_TYPES = {
    "INT": "int", "FD": "int", "PID": "int", "LEN": "size_t", "ADDR": "const void *", "PATH": "const char *",
    "STRV": "char *const *", "INBUF": "const void *", "OUTBUF": "void *", "IN": "const void *", "OUT": "void *",
    "INOUT": "void *",
}
SAME_NAME = """read write close waitpid link unlink execve chdir time getpid pause access sync kill rename mkdir
    rmdir dup pipe times setpgid umask dup2 getppid getpgrp setsid munmap wait4 sysinfo fsync uname getpgid readv writev
    symlink getsid mprotect madvise msync mincore readlink readlinkat sched_yield nanosleep gettid clock_gettime freemem
    shmget shmctl shmat shmdt getprocs klog kstat openshmem closeshmem""".split()
C_NAMES = dict({name: name for name in SAME_NAME}, stat64="stat", lstat64="lstat", fstat64="fstat",
               fstatat64="fstatat", getuid32="getuid", getgid32="getgid", geteuid32="geteuid", getegid32="getegid",
               exit_group="_exit", prlimit64="prlimit")


def parse(path):
    """The calls of PATH as (number, name, kinds); any line that is neither comment nor call is an error."""
    calls = []
    with open(path, encoding="utf-8") as lines:
        for at, line in enumerate(lines, 1):
            line = line.split("#")[0].strip()
            if not line:
                continue
            found = LINE.match(line)
            if not found:
                sys.exit(f"{path}:{at}: not a SYSCALL line: {line}")
            kinds = [kind.strip() for kind in found.group(4).split(",") if kind.strip()]
            calls.append((int(found.group(1), 0), found.group(2), kinds))
    if not calls:
        sys.exit(f"{path}: no system calls")
    return calls


def stub(number, name, kinds):
    regs = REGISTERS[: len(kinds)]
    saved = [reg for reg in regs if reg in CALLEE_SAVED]
    first = 4 * (len(saved) + 1)
    labels = [f"__sys_{name}"] + ([C_NAMES[name]] if name in C_NAMES else [])
    out = [f'\t.section .text.{labels[-1]},"ax",@progbits']
    for label in labels:
        out += [f"\t.globl {label}", f"\t.type {label}, @function", f"{label}:"]
    out += [f"\tpushl %{reg}" for reg in saved]
    out += [f"\tmovl {first + 4 * i}(%esp), %{reg}" for i, reg in enumerate(regs)]
    out += [f"\tmovl ${number:#x}, %eax", "\tint $0x80"]
    out += [f"\tpopl %{reg}" for reg in reversed(saved)]
    out += ["\tcmpl $-4096, %eax", "\tja __sys_error", "\tret"]
    out += [f"\t.size {label}, . - {label}" for label in labels]
    return "\n".join(out)


ERROR = """\t.section .text.__sys_error,"ax",@progbits
\t.globl __sys_error
\t.type __sys_error, @function
__sys_error:
\tnegl %eax
\tmovl %eax, errno
\tmovl $-1, %eax
\tret
\t.size __sys_error, . - __sys_error
"""


def prototype(name, kinds):
    types = [C_TYPES[kind.rstrip("?").split(":")[0]] for kind in kinds]
    return f"long __sys_{name}({', '.join(types) or 'void'});"


def main():
    definitions, assembly, header = sys.argv[1:]
    calls = parse(definitions)
    known = {name for _, name, _ in calls}
    for missing in sorted(set(C_NAMES) - known):
        sys.exit(f"{definitions}: libc needs the call {missing}")
    with open(assembly, "w", encoding="utf-8") as out:
        print("/* Made by mkstubs.py from syscalls.def. */", file=out)
        print(ERROR, file=out)
        print("\n".join(stub(*call) for call in calls), file=out)
        print('\t.section .note.GNU-stack,"",@progbits', file=out)
    with open(header, "w", encoding="utf-8") as out:
        print("/* Made by mkstubs.py from syscalls.def: the bare calls; a failed one gives -1 and errno. */", file=out)
        print("#ifndef LIBC_SYSSTUBS_H\n#define LIBC_SYSSTUBS_H\n\n#include <stddef.h>\n", file=out)
        for number, name, kinds in calls:
            print(prototype(name, kinds), file=out)
        print("\n/* numbers, for programs that trap by themselves */", file=out)
        for number, name, _ in calls:
            print(f"#define SYS_{name} {number:#x}", file=out)
        print("\n#endif", file=out)


main()
