/* What the files of sys/ share. */
#ifndef SYS_PRIV_H
#define SYS_PRIV_H

#include <arch/trapframe.h>
#include <kern/usercopy.h>
#include <lib/status.h>

struct proc;

/* Every handler of sys/syscalls.def. => the result, or a negated errno. */
typedef int32_t (*syscall_fn)(const struct syscall_args *a);
#define SYSCALL(nr, name, handler, nargs) int32_t handler(const struct syscall_args *a);
#include "syscall_table.inc"
#undef SYSCALL

/* hooks.syscall, hooks.gate40 (sys/xv6/gate.c). */
int32_t syscall_dispatch(uint32_t nr, struct syscall_args *args);
int32_t xv6_dispatch(uint32_t nr, user_ptr_t args);

/* Replace the program of the current process by PATH, with argument and environment strings ready in memory.
   => E_* and nothing changed, or OK: the user frame is set, old memory is gone. */
struct exec_args;
enum status exec_program(const char *path, const struct exec_args *args) must_check;
/* exec of the gate of xv6 programs: PATH is in kernel memory, no environment, and the limits of <abi/xv6.h>.
   => also E_2BIG, E_FAULT. */
int32_t exec_xv6(const char *path, user_ptr_t argv) must_check;
/* For init: ARGV of N strings, no environment. */
enum status exec_kernel(const char *path, const char *const *argv, unsigned n) must_check;

/* Sync, record how the run ended, power off or, with a debug-exit port, end QEMU.  STATUS as wait4 has it. */
void machine_end(int32_t status) noreturn_fn;
enum machine_action { MACHINE_POWER_OFF, MACHINE_RESET, MACHINE_HALT };
void machine_shutdown(enum machine_action what) noreturn_fn;

/* Frames that are free or that can be had on demand, exactly; drops what is only cached.  May sleep. */
uint32_t memory_available(void);
/* RAM that the kernel keeps for itself outside the frame pool: image, frame table, boot data. */
uint32_t memory_kernel_bytes(void);
/* From now on sys_selftest exists. */
void selftest_enable(void);
/* Calls of sys_selftest (sys/audit.c). => OK, E_UCLEAN; OK, E_INVAL, E_FAULT. */
int32_t selftest_audit(void) must_check;
int32_t selftest_damage(uint32_t what, vaddr_t va, int32_t by) must_check;
/* The record of how long the boot took, from init's first instruction on. */
uint64_t boot_cycles(void);

#endif
