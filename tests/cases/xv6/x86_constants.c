/* Each constant of the headers of x86 xv6 has the value that is documented for it. */
#include "types.h"
#include "stat.h"
#include "user.h"
#include "x86.h"
#include "fcntl.h"
#include "fs.h"
#include "param.h"
#include "memlayout.h"
#include "mmu.h"
#include "traps.h"
#include "syscall.h"
#include "mman.h"
#include "pstat.h"
#include "ipc.h"
#include "shm.h"
#include "uspinlock.h"

#include "as_x86.h"
#include "case.h"

static void of_types(void)
{
	CHECK(sizeof(uchar) == 1);
	CHECK(sizeof(ushort) == 2);
	CHECK(sizeof(uint) == 4);
	CHECK(sizeof(pde_t) == 4);
}

static void of_stat(void)
{
	CHECK(T_DIR == 1);
	CHECK(T_FILE == 2);
	CHECK(T_DEV == 3);
	CHECK(sizeof(struct stat) == 20);
}

static void of_fcntl(void)
{
	CHECK(O_RDONLY == 0);
	CHECK(O_WRONLY == 1);
	CHECK(O_RDWR == 2);
	CHECK(O_CREATE == 0x200);
}

static void of_fs(void)
{
	CHECK(ROOTINO == 1);
	CHECK(BSIZE == 512);
	CHECK(NDIRECT == 12);
	CHECK(NINDIRECT == 128);
	CHECK(MAXFILE == 140);
	CHECK(DIRSIZ == 14);
	CHECK(IPB == 8);
	CHECK(BPB == 4096);
	CHECK(sizeof(struct dirent) == 16);
	CHECK(sizeof(struct dinode) == 64);
	CHECK(sizeof(struct superblock) == 28);
}

static void of_param(void)
{
	CHECK(NPROC == 64);
	CHECK(KSTACKSIZE == 4096);
	CHECK(NCPU == 8);
	CHECK(NOFILE == 16);
	CHECK(NFILE == 100);
	CHECK(NINODE == 50);
	CHECK(NDEV == 10);
	CHECK(ROOTDEV == 1);
	CHECK(MAXARG == 32);
	CHECK(MAXOPBLOCKS == 10);
	CHECK(LOGSIZE == 30);
	CHECK(NBUF == 30);
	CHECK(FSSIZE == 1000);
}

static void of_memlayout(void)
{
	CHECK(EXTMEM == 0x100000);
	CHECK(PHYSTOP == 0xE000000);
	CHECK(DEVSPACE == 0xFE000000);
	CHECK(KERNBASE == 0x80000000);
	CHECK(KERNLINK == 0x80100000);
	CHECK(V2P(0x80001000) == 0x1000);
	CHECK((unsigned int)P2V(0x1000) == 0x80001000);
}

static void of_mmu(void)
{
	CHECK(PGSIZE == 4096);
	CHECK(PTXSHIFT == 12);
	CHECK(PDXSHIFT == 22);
	CHECK(NPDENTRIES == 1024);
	CHECK(NPTENTRIES == 1024);
	CHECK(PDX(0x80401234) == 0x201);
	CHECK(PTX(0x80401234) == 1);
	CHECK(PGADDR(0x201, 1, 0x234) == 0x80401234);
	CHECK(PGROUNDUP(4097) == 8192);
	CHECK(PGROUNDDOWN(8191) == 4096);
	CHECK(PTE_P == 1);
	CHECK(PTE_W == 2);
	CHECK(PTE_U == 4);
	CHECK(PTE_PS == 0x80);
	CHECK(PTE_ADDR(0x12345fff) == 0x12345000);
	CHECK(PTE_FLAGS(0x12345fff) == 0xfff);
	CHECK(FL_IF == 0x200);
	CHECK(CR0_PE == 1);
	CHECK(CR0_WP == 0x10000);
	CHECK(CR0_PG == 0x80000000);
	CHECK(CR4_PSE == 0x10);
	CHECK(SEG_KCODE == 1);
	CHECK(SEG_KDATA == 2);
	CHECK(SEG_UCODE == 3);
	CHECK(SEG_UDATA == 4);
	CHECK(SEG_TSS == 5);
	CHECK(NSEGS == 6);
	CHECK(DPL_USER == 3);
}

static void of_traps(void)
{
	CHECK(T_DIVIDE == 0);
	CHECK(T_DEBUG == 1);
	CHECK(T_NMI == 2);
	CHECK(T_BRKPT == 3);
	CHECK(T_OFLOW == 4);
	CHECK(T_BOUND == 5);
	CHECK(T_ILLOP == 6);
	CHECK(T_DEVICE == 7);
	CHECK(T_DBLFLT == 8);
	CHECK(T_TSS == 10);
	CHECK(T_SEGNP == 11);
	CHECK(T_STACK == 12);
	CHECK(T_GPFLT == 13);
	CHECK(T_PGFLT == 14);
	CHECK(T_FPERR == 16);
	CHECK(T_ALIGN == 17);
	CHECK(T_MCHK == 18);
	CHECK(T_SIMDERR == 19);
	CHECK(T_SYSCALL == 64);
	CHECK(T_DEFAULT == 500);
	CHECK(T_IRQ0 == 32);
	CHECK(IRQ_TIMER == 0);
	CHECK(IRQ_KBD == 1);
	CHECK(IRQ_COM1 == 4);
	CHECK(IRQ_IDE == 14);
	CHECK(IRQ_ERROR == 19);
	CHECK(IRQ_SPURIOUS == 31);
}

static void of_calls(void)
{
	CHECK(SYS_fork == 1);
	CHECK(SYS_exit == 2);
	CHECK(SYS_wait == 3);
	CHECK(SYS_pipe == 4);
	CHECK(SYS_read == 5);
	CHECK(SYS_kill == 6);
	CHECK(SYS_exec == 7);
	CHECK(SYS_fstat == 8);
	CHECK(SYS_chdir == 9);
	CHECK(SYS_dup == 10);
	CHECK(SYS_getpid == 11);
	CHECK(SYS_sbrk == 12);
	CHECK(SYS_sleep == 13);
	CHECK(SYS_uptime == 14);
	CHECK(SYS_open == 15);
	CHECK(SYS_write == 16);
	CHECK(SYS_mknod == 17);
	CHECK(SYS_unlink == 18);
	CHECK(SYS_link == 19);
	CHECK(SYS_mkdir == 20);
	CHECK(SYS_close == 21);
}

static void of_mman(void)
{
	CHECK(PROT_NONE == 0);
	CHECK(PROT_READ == 1);
	CHECK(PROT_WRITE == 2);
	CHECK(PROT_EXEC == 4);
	CHECK(MAP_SHARED == 1);
	CHECK(MAP_PRIVATE == 2);
	CHECK(MAP_FIXED == 0x10);
	CHECK(MAP_ANONYMOUS == 0x20);
	CHECK(MAP_ANON == 0x20);
	CHECK(MAP_FILE == 0);
	CHECK((unsigned int)MAP_FAILED == 0xffffffff);
}

static void of_pstat(void)
{
	CHECK(sizeof(struct pstat) == 1024);
}

static void of_ipc(void)
{
	CHECK(IPC_PRIVATE == 0);
	CHECK(IPC_CREAT == 01000);
	CHECK(IPC_EXCL == 02000);
	CHECK(IPC_RMID == 0);
	CHECK(IPC_SET == 1);
	CHECK(IPC_STAT == 2);
}

static void of_shm(void)
{
	CHECK(SHM_RDONLY == 010000);
	CHECK(SHM_RND == 020000);
	CHECK(SHM_REMAP == 040000);
	CHECK(SHM_EXEC == 0100000);
	CHECK(SHMLBA == 4096);
	CHECK(READ_SHM == 4);
	CHECK(RW_SHM == 6);
}

static void of_uspinlock(void)
{
	CHECK(sizeof(struct uspinlock) == 4);
}

/* What the headers define beside numbers. */
static void some_use(void)
{
	unsigned int word = 5;
	struct shmid_ds ds = {.shm_segsz = 1, .shm_nattch = 2, .shm_perm = {.mode = RW_SHM}};
	char text[8];

	CHECK(xchg(&word, 7) == 5 && word == 7 && (readeflags() & FL_IF) && rdtsc() > 0);
	stosb(text, 'b', sizeof text);
	CHECK(text[0] == 'b' && text[7] == 'b' && ds.shm_segsz + ds.shm_nattch + ds.shm_perm.mode == 9);
	stosl(&word, 9, 1);
	printf(1, "%d %x %p %s %c %% %u %s %z\n", -1, 0xdef, (void *)0x1234, "text", 'c', 5U, (char *)0);
	CHECK(word == 9 && sizeof(pte_t) == 4 && (char)-1 < 0);
}

int main(void)
{
	of_types();
	of_stat();
	of_fcntl();
	of_fs();
	of_param();
	of_memlayout();
	of_mmu();
	of_traps();
	of_calls();
	of_mman();
	of_pstat();
	of_ipc();
	of_shm();
	of_uspinlock();
	some_use();
	done("constants");
}
