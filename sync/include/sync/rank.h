/* The order of locks.  Take only a lock of greater rank than any held; two of one rank only through the
   _second forms, in address order (directories: ancestor first).  Sleeping locks come first: nothing may sleep under a
   spinlock.  A debug build checks this at every acquire.  docs/locking.md begins with the same list. */
#ifndef SYNC_RANK_H
#define SYNC_RANK_H

enum lock_rank {
	/* Mutexes (kern/mutex.h). */
	RANK_MACHINE = 5,   /* who holds it stops everybody else, whatever they hold, and then takes nothing more */
	RANK_ASPACE = 10,   /* a fault holds its address space and then reads a page of the file */
	RANK_MOUNT = 15,    /* rename across directories: one at a time, before the directories are chosen */
	RANK_DIR = 20,      /* a name is looked up before the file behind it is locked */
	RANK_VNODE = 30,    /* a file is locked, then its blocks are allocated */
	RANK_FS_ALLOC = 35, /* bitmaps and counters of a file system, used under a vnode */
	RANK_JOURNAL = 40,  /* a transaction holds the blocks that the above have changed */
	RANK_TAIL = 43,     /* the one page that stands in for the last of a file on its way to the device */
	RANK_DEVICE = 45,   /* one request at a time of a disk; innermost thing that sleeps */
	/* Spinlocks that no interrupt handler takes. */
	RANK_PROC = 50,        /* process table, parent and child links, signals */
	RANK_FILES = 55,       /* descriptor table, open files, pipes' buffers */
	RANK_TTY = 57,         /* line discipline; echoes to the console */
	RANK_SHM = 58,         /* names of shared memory, and who is attached: a region comes or goes */
	RANK_FUTEX = 59,       /* sleepers of futexes: compared, queued, moved; then only wake-ups are entered */
	RANK_OBJECT_MAPS = 60, /* the regions that map an object: found before their tables are touched */
	RANK_SHARED = 65,      /* the pages of shared memory: found, or put there, for a mapping */
	RANK_PAGETABLE = 70,   /* a shared leaf table while it is split: takes frames */
	RANK_SLAB_CPU = 73,    /* one CPU's stock of a cache of kmalloc, refilled from its slabs */
	RANK_SLAB = 75,        /* the slabs of a cache */
	RANK_FRAME_CPU = 78,   /* one CPU's stock of frames, refilled from the pool */
	RANK_FRAME = 80,       /* the frame pool: evicts clean cached pages */
	RANK_CACHE = 85,       /* the index of the page cache, entered by eviction */
	/* From here on interrupt handlers take them: always with interrupts disabled. */
	RANK_IRQ_FIRST = 86,
	RANK_DRIVER = 86,  /* a driver's registers and request, against its interrupt handler */
	RANK_WAITQ = 88,   /* sleepers of one queue: woken by drivers */
	RANK_TIMEOUT = 89, /* pending timeouts */
	RANK_RUNQ = 90,    /* ready threads of one CPU: entered by every wake-up */
	RANK_LOG = 94,     /* the ring of the log: written from anywhere */
	RANK_CONSOLE = 95, /* output registers: the log prints from anywhere */
};

#endif
