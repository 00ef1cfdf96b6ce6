/* What a process has of the file system: descriptors, working directory, umask, the program it runs.
   Only the process itself changes its table, so a table with one user is read without a lock or a reference; when one
   day threads share it, users counts them, and each call takes a reference to its file under the lock.  Fork copies
   the table and shares the files. */
#ifndef FS_FDTABLE_H
#define FS_FDTABLE_H

#include <abi/fcntl.h>
#include <fs/file.h>
#include <kern/proc.h>
#include <mm/kmalloc.h>

#define FD_INLINE 32u                                            /* slots before the first growth */
#define FD_MAX ((uint32_t)(KMALLOC_MAX / sizeof(struct file *))) /* one page of pointers */
#define FD_WORDS (FD_MAX / 32)
#if UINTPTR_MAX == UINT32_MAX
_Static_assert(KMALLOC_MAX / sizeof(struct file *) == OPEN_MAX, "as many descriptors as programs are told");
#endif

/* (F) lock when users > 1, else the process itself */
struct proc_files {
	struct spinlock lock;       /* RANK_FILES */
	uint32_t users;             /* (!) */
	uint32_t capacity;          /* (F) slots; a power of two up to FD_MAX */
	uint32_t lowest;            /* (F) no descriptor below is free */
	struct file **slots;        /* (F) NULL: free; inline_slots, or from kmalloc */
	struct vnode *cwd;          /* (F) a reference */
	struct vnode *program;      /* (F) whose writers are denied; NULL: none */
	uint32_t umask;             /* (F) permission bits */
	uint32_t used[FD_WORDS];    /* (F) bit n < capacity: descriptor n is open, or reserved */
	uint32_t cloexec[FD_WORDS]; /* (F) bit n < capacity: exec closes it */
	struct file *inline_slots[FD_INLINE];
};

static inline struct proc_files *current_files(void)
{
	return current_proc()->files;
}

/* A file for the time of one call. */
struct fd_hold {
	struct file *file;
	bool counted; /* it has a reference of its own */
};
bool fd_hold_shared(struct proc_files *t, uint32_t fd, struct fd_hold *h);
void fd_drop_counted(struct fd_hold *h);

/* => false: FD is not open. */
static always_inline bool fd_hold(uint32_t fd, struct fd_hold *h)
{
	struct proc_files *t = current_files();

	if (unlikely(t->users != 1))
		return fd_hold_shared(t, fd, h);
	if (unlikely(fd >= t->capacity || !t->slots[fd]))
		return false;
	h->file = t->slots[fd];
	h->counted = false;
	return true;
}
static always_inline void fd_drop(struct fd_hold *h)
{
	if (unlikely(h->counted))
		fd_drop_counted(h);
}

/* The lowest free descriptor >= FROM is reserved: not open yet, but nobody else gets it.  Then one of the two below.
   => it; E_MFILE, E_NOMEM. */
int32_t fd_reserve(uint32_t from, bool cloexec) must_check;
void fd_fill(uint32_t fd, struct file *f); /* takes over the caller's reference */
void fd_unreserve(uint32_t fd);
/* Both at once: reserve and fill. */
int32_t fd_install(struct file *f, uint32_t from, bool cloexec) must_check;
/* Two at once, or none (pipe). */
enum status fd_install_pair(struct file *a, struct file *b, bool cloexec, int32_t fd[2]) must_check;
/* => E_BADF.  May sleep. */
enum status fd_close(uint32_t fd) must_check;
/* NEW refers to what OLD does; what NEW was is closed. => NEW; E_BADF, E_NOMEM. */
int32_t fd_dup2(uint32_t old, uint32_t new_fd) must_check;
int32_t fd_get_cloexec(uint32_t fd) must_check; /* => 0 or 1; E_BADF */
enum status fd_set_cloexec(uint32_t fd, bool on) must_check;

/* exec is past the point of no return: close what is marked. */
void files_close_on_exec(void);
/* The current process runs VN (from program_open, which it takes over); the program before it may be written again. */
void files_set_program(struct vnode *vn);
/* A reference that the caller has becomes the working directory. */
void files_set_cwd(struct vnode *dir);
void files_init(void);
/* An empty table with / as working directory for P, which has none (init). => E_NOMEM. */
enum status files_create(struct proc *p) must_check;
/* Open PATH for reading and writing as descriptors 0, 1 and 2 of the current process, which has none open (init: its
   table is made). */
enum status files_open_standard(const char *path) must_check;
/* Of P, which may be another process; within proc_visit (kern/procinfo.h).  => a reference; NULL: it has none. */
struct file *files_get(struct proc *p, uint32_t fd);
struct vnode *files_get_cwd(struct proc *p);
struct vnode *files_get_program(struct proc *p);
/* Its lowest open descriptor >= FROM. => E_BADF: there is none. */
int32_t files_next(struct proc *p, uint32_t from);
uint32_t files_umask(struct proc *p);
uint32_t files_capacity(struct proc *p);

/* For proc_hooks. */
enum status files_fork(struct proc *parent, struct proc *child) must_check;
void files_exit(struct proc *p);

#endif
