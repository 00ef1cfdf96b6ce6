/* Each call of RISC-V xv6 and of what courses add, once at least: its arguments arrive, its result comes back, its
   error is -1.  What the calls do in depth is tested elsewhere (broad.h, filemap.h, ...). */
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "kernel/fcntl.h"
#include "kernel/file.h"
#include "kernel/fs.h"
#include "kernel/memlayout.h"
#include "kernel/pstat.h"
#include "kernel/riscv.h"
#include "kernel/sysinfo.h"
#include "kernel/vm.h"
#include "user/user.h"

#include "as_riscv.h"
#include "case.h"
#include "calls.h"

static int status_of(void (*deed)(int), int arg)
{
	int status = 12345, pid = fork();

	if (pid == 0) {
		deed(arg);
		exit(0);
	}
	return wait(&status) == pid ? status : -2;
}

static void leave_with(int status)
{
	exit(status);
}

static void touch_nothing(int arg)
{
	*(volatile int *)arg = 1;
}

static void below_stack(int pages)
{
	char *sp = (char *)r_sp();

	(void)*(volatile char *)(sp - pages * PGSIZE);
}

static void own_forms(void)
{
	struct stat st;
	int fd = open("/README", O_RDONLY);

	CHECK(status_of(leave_with, 747) == 747 && status_of(leave_with, -7) == -7);
	CHECK(status_of(leave_with, 0x12345678) == 0x12345678);
	CHECK(status_of(touch_nothing, 0) == -1 && status_of(below_stack, USERSTACK) == -1);
	if (fork() == 0)
		exit(1);
	CHECK(wait(0) > 0 && wait(0) == -1);
	CHECK(fstat(fd, &st) == 0 && st.type == T_FILE && st.size > 1000 && st.nlink == 1 && st.ino > 1);
	CHECK(fstat(99, &st) == -1 && stat("/nothing", &st) == -1 && stat("/", &st) == 0 && st.type == T_DIR);
	close(fd);
}

/* Eager memory is there at once, or refused; lazy memory may be all that fits the address space. */
static void two_kinds_of_heap(void)
{
	struct sysinfo before, after;
	char *start = sbrk(0);

	CHECK(sysinfo(&before) == 0 && sbrk(100 * PAGE) == start && sysinfo(&after) == 0);
	CHECK(before.freemem - after.freemem >= 100 * PAGE && before.freemem - after.freemem < 110 * PAGE);
	CHECK(sbrk(-100 * PAGE) == start + 100 * PAGE && sysinfo(&after) == 0);
	CHECK(before.freemem - after.freemem < 10 * PAGE);
	CHECK(sbrk((int)(PHYSTOP - KERNBASE)) == SBRK_ERROR && sbrk(0) == start);
	CHECK(sys_sbrk(1 << 30, SBRK_LAZY) == start && sbrklazy(0) == start + (1 << 30));
	CHECK(sbrklazy((int)(TRAPFRAME - PGSIZE - (uint64)start - (1 << 30))) == start + (1 << 30));
	CHECK(sys_sbrk(PGSIZE, SBRK_EAGER) == (char *)TRAPFRAME - PGSIZE && sbrklazy(1) == SBRK_ERROR);
	CHECK(sbrk(-(int)(TRAPFRAME - (uint64)start)) == (char *)TRAPFRAME && sbrk(0) == start);
}

int main(void)
{
	common_calls();
	own_forms();
	two_kinds_of_heap();
	done("calls");
}
