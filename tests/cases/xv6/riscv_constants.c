/* Each constant of the headers of RISC-V xv6 has the value that is documented for it, or this machine's. */
#include "kernel/param.h"
#include "kernel/types.h"
#include "kernel/stat.h"
#include "user/user.h"
#include "kernel/fcntl.h"
#include "kernel/fs.h"
#include "kernel/memlayout.h"
#include "kernel/riscv.h"
#include "kernel/syscall.h"
#include "kernel/vm.h"
#include "kernel/sysinfo.h"
#include "kernel/spinlock.h"
#include "kernel/sleeplock.h"
#include "kernel/file.h"
#include "kernel/pstat.h"

#include "as_riscv.h"
#include "case.h"

static void of_types(void)
{
	CHECK(sizeof(uchar) == 1);
	CHECK(sizeof(ushort) == 2);
	CHECK(sizeof(uint) == 4);
	CHECK(sizeof(uint8) == 1);
	CHECK(sizeof(uint16) == 2);
	CHECK(sizeof(uint32) == 4);
	CHECK(sizeof(uint64) == 4);
	CHECK(sizeof(pde_t) == 4);
	CHECK(sizeof(size_t) == 4);
	CHECK(sizeof(off_t) == 4);
	CHECK((uint)(uint64)-1 == 0xffffffff);
	CHECK((char)-1 == 255);
}

static void of_stat(void)
{
	CHECK(T_DIR == 1);
	CHECK(T_FILE == 2);
	CHECK(T_DEVICE == 3);
	CHECK(T_SYMLINK == 4);
	CHECK(sizeof(struct stat) == 16);
}

static void of_fcntl(void)
{
	CHECK(O_RDONLY == 0);
	CHECK(O_WRONLY == 1);
	CHECK(O_RDWR == 2);
	CHECK(O_CREATE == 0x200);
	CHECK(O_TRUNC == 0x400);
	CHECK(O_NOFOLLOW == 0x800);
	CHECK(PROT_NONE == 0);
	CHECK(PROT_READ == 1);
	CHECK(PROT_WRITE == 2);
	CHECK(PROT_EXEC == 4);
	CHECK(MAP_SHARED == 1);
	CHECK(MAP_PRIVATE == 2);
	CHECK((unsigned int)MAP_FAILED == 0xffffffff);
}

static void of_fs(void)
{
	CHECK(ROOTINO == 1);
	CHECK(BSIZE == 1024);
	CHECK(FSMAGIC == 0x10203040);
	CHECK(NDIRECT == 12);
	CHECK(NINDIRECT == 256);
	CHECK(MAXFILE == 268);
	CHECK(DIRSIZ == 14);
	CHECK(IPB == 16);
	CHECK(BPB == 8192);
	CHECK(sizeof(struct dirent) == 16);
	CHECK(sizeof(struct dinode) == 64);
	CHECK(sizeof(struct superblock) == 32);
}

static void of_param(void)
{
	CHECK(NPROC == 64);
	CHECK(NCPU == 8);
	CHECK(NOFILE == 16);
	CHECK(NFILE == 100);
	CHECK(NINODE == 50);
	CHECK(NDEV == 10);
	CHECK(ROOTDEV == 1);
	CHECK(MAXARG == 32);
	CHECK(MAXOPBLOCKS == 10);
	CHECK(LOGBLOCKS == 30);
	CHECK(NBUF == 30);
	CHECK(FSSIZE == 2000);
	CHECK(MAXPATH == 4096);
	CHECK(USERSTACK == 16);
}

static void of_memlayout(void)
{
	CHECK(KERNBASE == 0x80000000);
	CHECK(TRAMPOLINE == MAXVA - 4096);
	CHECK(TRAPFRAME == MAXVA - 8192);
}

static void of_riscv(void)
{
	CHECK(PGSIZE == 4096);
	CHECK(PGSHIFT == 12);
	CHECK(PGROUNDUP(4097) == 8192);
	CHECK(PGROUNDDOWN(8191) == 4096);
	CHECK(PTE_V == 1);
	CHECK(PTE_R == 2);
	CHECK(PTE_W == 4);
	CHECK(PTE_X == 8);
	CHECK(PTE_U == 16);
}

static void of_calls(void)
{
	CHECK(SYS_fork == 1);
	CHECK(SYS_pipe == 4);
	CHECK(SYS_read == 5);
	CHECK(SYS_kill == 6);
	CHECK(SYS_exec == 7);
	CHECK(SYS_chdir == 9);
	CHECK(SYS_dup == 10);
	CHECK(SYS_getpid == 11);
	CHECK(SYS_sleep == 13);
	CHECK(SYS_uptime == 14);
	CHECK(SYS_open == 15);
	CHECK(SYS_write == 16);
	CHECK(SYS_mknod == 17);
	CHECK(SYS_unlink == 18);
	CHECK(SYS_link == 19);
	CHECK(SYS_mkdir == 20);
	CHECK(SYS_close == 21);
	CHECK(SYS_exit == 22);
	CHECK(SYS_wait == 23);
	CHECK(SYS_fstat == 24);
	CHECK(SYS_sbrk == 25);
	CHECK(SYS_pause == 26);
}

static void of_vm(void)
{
	CHECK(SBRK_EAGER == 1);
	CHECK(SBRK_LAZY == 2);
}

static void of_sysinfo(void)
{
	CHECK(sizeof(struct sysinfo) == 8);
}

static void of_spinlock(void)
{
	CHECK(sizeof(struct spinlock) == 12);
}

static void of_sleeplock(void)
{
	CHECK(sizeof(struct sleeplock) == 24);
}

static void of_file(void)
{
	CHECK(CONSOLE == 1);
	CHECK(major(0x50007) == 5);
	CHECK(minor(0x50007) == 7);
	CHECK(mkdev(5, 7) == 0x50007);
}

static void of_pstat(void)
{
	CHECK(sizeof(struct pstat) == 1024);
}

/* What the headers define beside numbers. */
static void some_use(void)
{
	uint64 bytes = PHYSTOP - KERNBASE, sp = r_sp();
	uint64 all = 0xffffffffffffffffUL;

	CHECK(bytes > 100 << 20 && bytes <= 128 << 20 && bytes % PGSIZE == 0);
	CHECK(sp > MAXVA && sp < KERNBASE && (uint64)&sp - sp < 4096 && r_fp() >= sp && r_time() != 0);
	CHECK(all == 0xffffffffffffffff && (uint64)SBRK_ERROR == 0xffffffffffffffffULL && sizeof(pagetable_t) == 4);
	printf("%d %ld %lu %lx %x %p %s %c %% %l %u|%lld|%llx\n", -1, -2L, 3UL, 0xabcUL, 0xdef, (void *)0x1234, "text",
	       'c', 4L, 5U, -6LL, 0x123456789abcLL);
	fprintf(1, "%s %z %d\n", (char *)0, 7);
}

int main(void)
{
	of_types();
	of_stat();
	of_fcntl();
	of_fs();
	of_param();
	of_memlayout();
	of_riscv();
	of_calls();
	of_vm();
	of_sysinfo();
	of_spinlock();
	of_sleeplock();
	of_file();
	of_pstat();
	some_use();
	done("constants");
}
