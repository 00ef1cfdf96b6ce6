/* execve: a new program in the same process. Arguments are gathered into kernel pages, the new address space is built
   beside the old one, and its stack is written by running on it for a moment; only when all of that stands is the old
   one let go, so a failed exec changes nothing. Nothing of the program is read here but its headers: segments are
   private mappings of the file, and the page cache gives all who run the program the same text pages. */
#include <abi/misc.h>
#include <abi/xv6.h>
#include <arch/cpu.h>
#include <arch/thread.h>
#include <fs/fdtable.h>
#include <fs/path.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/time.h>
#include <lib/elf.h>
#include <lib/string.h>
#include <mm/kmalloc.h>

#include "sys_priv.h"

#define ARG_PAGES 32u /* 128 KiB of strings, as POSIX programs may expect */
#define ARG_BYTES (ARG_PAGES * PAGE_SIZE)
#define ARG_STRINGS (ARG_BYTES / 8) /* more pointers than this would fill the same room */
#define STACK_ROOM (8u << 20)       /* at the top: no segment lies there */
#define HEADER_BYTES 1024u          /* where the program headers of nearly all files lie */
#define RANDOM_BYTES 16u
#define AUX_MAX 20u
#define XV6_STACK_BYTES (XV6_STACK_PAGES * PAGE_SIZE)

/* Strings, one behind the other with their NULs: arguments first, then the environment. */
struct exec_args {
	uint32_t argc, envc;
	uint32_t arg_bytes; /* of the arguments */
	uint32_t bytes;     /* of all */
	char *page[ARG_PAGES];
};

/* ---- gathering ---- */

static void args_free(struct exec_args *x)
{
	for (unsigned i = 0; i < ARG_PAGES && x->page[i]; i++)
		kfree(x->page[i]);
	kfree(x);
}

static struct exec_args *args_alloc(void)
{
	return kzalloc(sizeof(struct exec_args));
}

/* Room at the end of X, up to the end of a page. => bytes, or E_2BIG, E_NOMEM. */
static int32_t args_room(struct exec_args *x, char **at)
{
	uint32_t page = x->bytes / PAGE_SIZE, used = x->bytes % PAGE_SIZE;

	if (page == ARG_PAGES)
		return E_2BIG;
	if (!x->page[page]) {
		x->page[page] = kmalloc(PAGE_SIZE);
		if (!x->page[page])
			return E_NOMEM;
	}
	*at = x->page[page] + used;
	return (int32_t)(PAGE_SIZE - used);
}

/* Append the string at FROM, which may go over several pages. */
static enum status args_add_user(struct exec_args *x, user_ptr_t from)
{
	for (;;) {
		char *at;
		int32_t room = args_room(x, &at), n;

		if (room < 0)
			return (enum status)room;
		n = copy_string_from_user(at, from, (size_t)room);
		if (n >= 0) {
			x->bytes += (uint32_t)n + 1;
			return OK;
		}
		if (n != E_NAMETOOLONG)
			return (enum status)n;
		x->bytes += (uint32_t)room;
		from = user_ptr_add(from, (uint32_t)room);
	}
}

static enum status args_add_kernel(struct exec_args *x, const char *s)
{
	size_t left = strlen(s) + 1;

	while (left > 0) {
		char *at;
		int32_t room = args_room(x, &at);
		size_t n;

		if (room < 0)
			return (enum status)room;
		n = left < (size_t)room ? left : (size_t)room;
		memcpy(at, s, n);
		x->bytes += (uint32_t)n;
		s += n;
		left -= n;
	}
	return OK;
}

/* The strings of a NULL-terminated vector of at most MOST in user memory; a NULL vector is empty. */
static enum status args_add_vector(struct exec_args *x, user_ptr_t vector, uint32_t most, uint32_t *count)
{
	enum status st = OK;
	uint32_t p;

	for (; vector.va && st == OK; vector = user_ptr_add(vector, sizeof p)) {
		st = copy_from_user(&p, vector, sizeof p);
		if (st != OK || p == 0)
			return st;
		if (++*count > most)
			return E_2BIG;
		st = args_add_user(x, user_ptr(p));
		sched_point();
	}
	return st;
}

/* ---- the new address space ---- */

static uint8_t segment_prot(const struct elf_segment *s)
{
	return (uint8_t)((s->flags & PF_R ? VMA_READ : 0) | (s->flags & PF_W ? VMA_WRITE : 0) |
	                 (s->flags & PF_X ? VMA_READ | VMA_EXEC : 0));
}

static enum status map_fixed(struct aspace *as, struct map_request *r, vaddr_t end) requires_lock(*as)
{
	struct aspace_dropped dropped = ASPACE_DROPPED_INIT;
	enum status st;
	vaddr_t at;

	r->fixed = true;
	r->len = end - r->addr;
	st = aspace_map(as, r, &at, &dropped);
	/* Segments do not replace one another, but where they share a page, whose region holds the same file. */
	aspace_release(&dropped);
	return st;
}

static enum status map_file_part(struct aspace *as, const struct elf_segment *s, struct vnode *vn) requires_lock(*as)
{
	struct map_request r = {
		.addr = page_floor(s->vaddr),
		.prot = segment_prot(s),
		.kind = VMA_FILE,
		.object = &vn->object,
		.object_page = s->offset >> PAGE_SHIFT,
		.file_end = s->vaddr + s->filesz,
	};

	if (s->memsz > s->filesz && !page_aligned(r.file_end))
		r.flags = VMA_ZERO_TAIL;
	return map_fixed(as, &r, page_ceil(r.file_end));
}

static enum status map_segment(struct aspace *as, const struct elf_segment *s, struct vnode *vn) requires_lock(*as)
{
	struct map_request zeros = {.prot = segment_prot(s), .kind = VMA_ANON};
	vaddr_t end = page_ceil(s->vaddr + s->memsz);
	enum status st = OK;

	zeros.addr = s->filesz > 0 ? page_ceil(s->vaddr + s->filesz) : page_floor(s->vaddr);
	if (s->filesz > 0)
		st = map_file_part(as, s, vn);
	if (st == OK && zeros.addr < end)
		st = map_fixed(as, &zeros, end);
	return st;
}

/* What exec has in hand while it builds. */
struct loading {
	struct vnode *vn;
	struct uspace *us;
	struct elf_image image;
	uint8_t *head; /* the first bytes of the file */
	uint32_t head_len;
	uint8_t *phdrs; /* the program headers: in head, or memory of their own */
	const char *path;
};

/* It is started in the form of <abi/xv6.h>. */
static bool is_xv6(const struct loading *l)
{
	return l->image.start < XV6_IMAGE_BELOW;
}

static enum status read_headers(struct loading *l)
{
	int32_t n = vnode_read(l->vn, 0, l->head, HEADER_BYTES);
	uint64_t size = vnode_size(l->vn);
	uint32_t bytes;
	enum status st;

	if (n < 0)
		return (enum status)n;
	l->head_len = (uint32_t)n;
	st = elf_check_header(l->head, l->head_len, size > UINT32_MAX ? UINT32_MAX : (uint32_t)size, &l->image);
	if (st != OK)
		return st;
	bytes = l->image.phnum * (uint32_t)sizeof(struct elf32_phdr);
	if (l->image.phoff <= l->head_len && bytes <= l->head_len - l->image.phoff) {
		l->phdrs = l->head + l->image.phoff;
	} else {
		n = vnode_read(l->vn, l->image.phoff, l->phdrs, bytes);
		if (n < 0)
			return (enum status)n;
		bytes = (uint32_t)n;
	}
	st = elf_check_segments(&l->image, l->phdrs, bytes, USER_TOP - STACK_ROOM); /* above it is the stack's */
	return st == OK && l->image.must_copy && !is_xv6(l) ? E_NOEXEC : st;
}

/* Memory for an image that is copied: all of it may be written, as under xv6. */
static enum status map_for_copies(struct aspace *as, const struct elf_image *im) requires_lock(*as)
{
	struct map_request r = {.addr = im->start, .prot = VMA_READ | VMA_WRITE | VMA_EXEC, .kind = VMA_ANON};

	return map_fixed(as, &r, page_ceil(im->end));
}

static enum status map_segments(struct aspace *as, const struct loading *l) requires_lock(*as)
{
	struct elf_segment seg;
	enum status st = OK;
	uint32_t cursor = 0;

	if (l->image.must_copy)
		return map_for_copies(as, &l->image);
	while (st == OK && elf_next_segment(&l->image, l->phdrs, &cursor, &seg))
		st = map_segment(as, &seg, l->vn);
	return st;
}

static enum status map_program(struct loading *l, uint32_t stack)
{
	uint32_t limit = is_xv6(l) ? XV6_STACK_BYTES : current_proc()->stack_limit.soft;
	enum status st;

	uspace_lock(l->us);
	st = map_segments(&l->us->as, l);
	if (st == OK)
		st = aspace_map_stack(&l->us->as, is_xv6(l) ? XV6_STACK_BYTES : stack, limit);
	if (st == OK)
		aspace_set_heap(&l->us->as, is_xv6(l) ? page_ceil(l->image.end) : l->image.end);
	uspace_unlock(l->us);
	return st;
}

#define COPY_AT_ONCE (64u << 10) /* bytes between two looks at signals */

/* Segments that overlap may be many times as long as memory: whoever is killed meanwhile ends. */
static enum status copy_segment(struct vnode *vn, const struct elf_segment *s)
{
	for (uint32_t done = 0; done < s->filesz;) {
		uint32_t left = s->filesz - done, most = left < COPY_AT_ONCE ? left : COPY_AT_ONCE;
		int32_t n = vnode_read_user(vn, s->offset + done, user_ptr(s->vaddr + done), most);

		if (signal_pending())
			return E_INTR;
		if (n <= 0)
			return n < 0 ? (enum status)n : E_IO; /* the file is shorter than it said */
		done += (uint32_t)n;
	}
	return OK;
}

/* The current thread runs on the new space.  What the file does not fill is zeros already. */
static enum status copy_segments(const struct loading *l)
{
	struct elf_segment seg;
	uint32_t cursor = 0;

	while (elf_next_segment(&l->image, l->phdrs, &cursor, &seg)) {
		enum status st = copy_segment(l->vn, &seg);

		if (st != OK)
			return st;
	}
	return OK;
}

/* ---- the first stack ---- */

/* Writes downwards from the top of the new stack, on which the current thread runs. */
struct stack_writer {
	vaddr_t sp;
	enum status st; /* the first failure; later writes do nothing */
};

static vaddr_t push_bytes(struct stack_writer *w, const void *from, uint32_t n)
{
	w->sp -= n;
	if (w->st == OK)
		w->st = copy_to_user(user_ptr(w->sp), from, n);
	return w->sp;
}

/* The first BYTES of the strings. => where they are. */
static vaddr_t push_strings(struct stack_writer *w, const struct exec_args *x, uint32_t bytes)
{
	vaddr_t start = w->sp - bytes;

	/* From the last page down, so that the stack grows without a gap. */
	for (uint32_t end = bytes; end > 0;) {
		uint32_t page = (end - 1) / PAGE_SIZE, from = page * PAGE_SIZE;

		push_bytes(w, x->page[page], end - from);
		end = from;
	}
	return start;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static vaddr_t push_random(struct stack_writer *w)
{
	uint64_t state = cpu_cycles() ^ time_wall_ns() ^ 0x9e3779b97f4a7c15u, value[RANDOM_BYTES / 8];

	for (unsigned i = 0; i < ARRAY_SIZE(value); i++)
		value[i] = next_random(&state);
	return push_bytes(w, value, sizeof value);
}

static unsigned aux_fill(uint32_t aux[][2], const struct loading *l, vaddr_t random, vaddr_t execfn)
{
	const uint32_t all[][2] = {
		{AT_HWCAP, cpu_features()},
		{AT_PAGESZ, PAGE_SIZE},
		{AT_CLKTCK, ABI_CLK_TCK},
		{AT_PHDR, l->image.phdr_va},
		{AT_PHENT, sizeof(struct elf32_phdr)},
		{AT_PHNUM, l->image.phnum},
		{AT_BASE, 0},
		{AT_FLAGS, 0},
		{AT_ENTRY, l->image.entry},
		{AT_UID, 0},
		{AT_EUID, 0},
		{AT_GID, 0},
		{AT_EGID, 0},
		{AT_SECURE, 0},
		{AT_RANDOM, random},
		{AT_EXECFN, execfn},
		{AT_NULL, 0},
	};

	_Static_assert(sizeof all <= AUX_MAX * 8, "AUX_MAX");
	memcpy(aux, all, sizeof all);
	return ARRAY_SIZE(all);
}

/* *AT, where one of the gathered strings begins, moves to the next. */
static void skip_string(const struct exec_args *x, uint32_t *at)
{
	while (x->page[*at / PAGE_SIZE][*at % PAGE_SIZE])
		++*at;
	++*at;
}

/* The vector of N pointers and its NULL at TO; the strings begin at *OFFSET of those at BASE. */
static void write_vector(struct stack_writer *w, vaddr_t to, const struct exec_args *x, uint32_t n, vaddr_t base,
                         uint32_t *offset)
{
	uint32_t zero = 0;

	for (uint32_t i = 0; i < n && w->st == OK; i++) {
		uint32_t p = base + *offset;

		w->st = copy_to_user(user_ptr(to + i * 4), &p, sizeof p);
		skip_string(x, offset);
		sched_point();
	}
	if (w->st == OK)
		w->st = copy_to_user(user_ptr(to + n * 4), &zero, sizeof zero);
}

/* Strings, random bytes, auxiliary vector, environment, arguments, count (System V ABI i386, figure 3-31). */
static enum status write_stack(const struct loading *l, const struct exec_args *x, struct uspace_start *start)
{
	struct stack_writer w = {.sp = USER_TOP - 16, .st = OK};
	uint32_t aux[AUX_MAX][2], offset = 0, pointers = x->argc + 1 + x->envc + 1;
	vaddr_t execfn = push_bytes(&w, l->path, (uint32_t)strlen(l->path) + 1);
	vaddr_t strings = push_strings(&w, x, x->bytes), random;
	unsigned naux;

	w.sp &= ~15u;
	random = push_random(&w);
	naux = aux_fill(aux, l, random, execfn);
	/* The count ends up aligned to 16. */
	w.sp = ((w.sp - naux * 8 - pointers * 4 - 4) & ~15u) + naux * 8 + pointers * 4 + 4;
	push_bytes(&w, aux, naux * 8);
	w.sp -= pointers * 4;
	write_vector(&w, w.sp, x, x->argc, strings, &offset);
	start->arg_start = strings;
	start->arg_end = start->env_start = strings + offset;
	start->env_end = strings + x->bytes;
	write_vector(&w, w.sp + (x->argc + 1) * 4, x, x->envc, strings, &offset);
	push_bytes(&w, &x->argc, sizeof x->argc);
	start->stack = w.sp;
	return w.st;
}

#define XV6_RETURN 0xffffffffu /* what main returns to: nowhere */

/* The start form of <abi/xv6.h>: strings, the vector, and a call of main(argc, argv). */
static enum status write_xv6_stack(const struct exec_args *x, struct uspace_start *start)
{
	struct stack_writer w = {.sp = USER_TOP, .st = OK};
	vaddr_t strings = push_strings(&w, x, x->arg_bytes), vector;
	uint32_t offset = 0;

	vector = (w.sp & ~3u) - (x->argc + 1) * 4;
	write_vector(&w, vector, x, x->argc, strings, &offset);
	w.sp = (vector & ~15u) - 8; /* argc ends up aligned to 16 */
	push_bytes(&w, (const uint32_t[]){XV6_RETURN, x->argc, vector}, 12);
	*start = (struct uspace_start){.stack = w.sp, .arg_start = strings, .arg_end = strings + x->arg_bytes};
	start->env_start = start->env_end = start->arg_end;
	return w.st;
}

/* ---- the exchange ---- */

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The point of no return: the new space is loaded already, and complete. */
static void commit(struct loading *l, const struct uspace_start *start)
{
	struct arch_thread *t = &current_thread()->arch;
	struct uspace *old;

	l->us->start = *start; /* nobody else knows it yet */
	old = proc_exec(l->us, name_of(l->path));
	if (old)
		uspace_put(old);
	files_set_program(l->vn);
	files_close_on_exec();
	arch_thread_reset_user(t);
	trapframe_init_user(arch_user_frame(t), l->image.entry, start->stack);
}

/* Room for what write_stack() puts there. */
static uint32_t stack_needed(const struct loading *l, const struct exec_args *x)
{
	uint32_t vectors = (x->argc + x->envc + 3) * 4 + AUX_MAX * 8;

	return x->bytes + (uint32_t)strlen(l->path) + vectors + RANDOM_BYTES + 64;
}

/* Whoever is killed meanwhile has no use for the rest. */
static enum status touch_range(vaddr_t start, vaddr_t end)
{
	enum status st = OK;

	for (vaddr_t va = page_floor(start); st == OK && va < end; va += PAGE_SIZE) {
		st = signal_pending() ? E_INTR : user_fault_in(user_ptr(va), true);
		sched_point();
	}
	return st;
}

/* Programs of xv6 that count free pages, run something and count again find their own data among them, which under xv6
   is there from the start: so it is here.  What has no bytes in the file comes when touched. */
static enum status touch_data(const struct loading *l)
{
	struct elf_segment seg;
	enum status st = OK;
	uint32_t cursor = 0;

	while (st == OK && elf_next_segment(&l->image, l->phdrs, &cursor, &seg))
		if (seg.flags & PF_W)
			st = touch_range(seg.vaddr, seg.vaddr + seg.filesz);
	return st;
}

/* What the new program finds in its memory; the current thread runs on it. */
static enum status fill_memory(const struct loading *l, const struct exec_args *x, struct uspace_start *start)
{
	enum status st = l->image.must_copy ? copy_segments(l) : OK;

	if (st == OK && is_xv6(l) && !l->image.must_copy)
		st = touch_data(l);
	if (st != OK)
		return st;
	return is_xv6(l) ? write_xv6_stack(x, start) : write_stack(l, x, start);
}

/* An xv6 program may fill half of its stack with arguments; exec of that gate allows less. */
static bool do_args_fit(const struct loading *l, const struct exec_args *x)
{
	return !is_xv6(l) || x->arg_bytes + x->argc * 4 <= XV6_STACK_BYTES / 2;
}

static enum status load(struct loading *l, const struct exec_args *x)
{
	struct uspace *old = current_thread()->uspace;
	struct uspace_start start;
	enum status st;

	st = read_headers(l);
	if (st == OK && !do_args_fit(l, x))
		st = E_2BIG;
	if (st != OK)
		return st;
	st = uspace_create(&l->us);
	if (st != OK)
		return st;
	st = map_program(l, stack_needed(l, x));
	if (st == OK) {
		uspace_switch(l->us);
		st = fill_memory(l, x, &start);
		if (st != OK)
			uspace_switch(old);
	}
	if (st != OK) {
		uspace_put(l->us);
		return st;
	}
	commit(l, &start);
	return OK;
}

enum status exec_program(const char *path, const struct exec_args *x)
{
	struct loading l = {.path = path};
	enum status st = program_open(path, &l.vn);

	if (st != OK)
		return st;
	l.head = kmalloc(HEADER_BYTES + ELF_MAX_PHDRS * sizeof(struct elf32_phdr));
	if (!l.head) {
		program_close(l.vn);
		return E_NOMEM;
	}
	l.phdrs = l.head + HEADER_BYTES;
	st = load(&l, x);
	kfree(l.head);
	if (st != OK)
		program_close(l.vn);
	return st;
}

enum status exec_kernel(const char *path, const char *const *argv, unsigned n)
{
	struct exec_args *x = args_alloc();
	enum status st = OK;

	if (!x)
		return E_NOMEM;
	for (; x->argc < n && st == OK; x->argc++)
		st = args_add_kernel(x, argv[x->argc]);
	x->arg_bytes = x->bytes;
	if (st == OK)
		st = exec_program(path, x);
	args_free(x);
	return st;
}

/* A path from user memory in one page of kernel memory. */
static enum status fetch_path(user_ptr_t at, char **out)
{
	char *path = kmalloc(PATH_MAX);
	int32_t n;

	if (!path)
		return E_NOMEM;
	n = copy_string_from_user(path, at, PATH_MAX);
	if (n < 0) {
		kfree(path);
		return (enum status)n;
	}
	*out = path;
	return OK;
}

int32_t sys_execve(const struct syscall_args *a)
{
	struct exec_args *x;
	enum status st;
	char *path;

	st = fetch_path(user_ptr(a->v[0]), &path);
	if (st != OK)
		return st;
	x = args_alloc();
	if (!x) {
		kfree(path);
		return E_NOMEM;
	}
	st = args_add_vector(x, user_ptr(a->v[1]), ARG_STRINGS, &x->argc);
	x->arg_bytes = x->bytes;
	if (st == OK)
		st = args_add_vector(x, user_ptr(a->v[2]), ARG_STRINGS, &x->envc);
	if (st == OK)
		st = exec_program(path, x);
	args_free(x);
	kfree(path);
	return st;
}

/* What xv6 puts on the one page of its stack: each string on words of its own, vector, argv, argc, return address. */
static uint32_t xv6_stack_used(const struct exec_args *x)
{
	uint32_t used = (x->argc + 1 + 3) * 4;

	for (uint32_t i = 0, at = 0, from = 0; i < x->argc; i++, from = at) {
		skip_string(x, &at);
		used += (at - from + 3) & ~3u;
	}
	return used;
}

int32_t exec_xv6(const char *path, user_ptr_t argv)
{
	struct exec_args *x = args_alloc();
	enum status st;

	if (!x)
		return E_NOMEM;
	st = argv.va ? args_add_vector(x, argv, XV6_MAXARG - 1, &x->argc) : E_FAULT;
	x->arg_bytes = x->bytes;
	if (st == OK && xv6_stack_used(x) > XV6_ARG_BYTES)
		st = E_2BIG;
	if (st == OK)
		st = exec_program(path, x);
	args_free(x);
	return st;
}
