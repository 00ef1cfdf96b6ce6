/* Pipes: 64 KiB at most, in pages that come with the data and go when it has been read; the last one stays until a
   reader sleeps, so that small messages cost no page each.
   Head and tail count bytes; page (position / 4096) % 16 has the byte.  Data is copied under the pipe's lock with the
   form that serves no page fault; when the user's page is not there, the lock is let go, the page brought in, and
   nothing was lost or doubled.  A write of at most PIPE_BUF bytes shows all at once or not at all.
   Lending the writer's pages to the reader was not taken: below 64 KiB it costs more than the copy. */
#include <fs/file.h>

#include <abi/signal.h>
#include <abi/termios.h>
#include <arch/mmu.h>
#include <kern/signal.h>
#include <kern/usercopy.h>
#include <kern/waitq.h>
#include <lib/assert.h>
#include <lib/string.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>

#define PIPE_PAGES 16u
#define PIPE_SIZE (PIPE_PAGES * PAGE_SIZE)
#define PIPE_ATOMIC 4096u /* PIPE_BUF of POSIX */

/* All fields but the queues' own: lock. */
struct pipe {
	struct spinlock lock; /* RANK_FILES */
	struct waitq readers; /* wait for data, or for the last writer to go */
	struct waitq writers; /* wait for room, or for the last reader to go */
	uint32_t number;      /* (c) of the pipes made since boot */
	uint32_t head;        /* bytes ever written; 0 <= head - tail <= PIPE_SIZE */
	uint32_t tail;        /* bytes ever read */
	uint32_t room_wanted; /* the least that a sleeping writer waits for */
	uint16_t sleeping_readers, sleeping_writers;
	uint16_t pages;              /* bit n: page[n] is there */
	bool has_reader, has_writer; /* the end is open */
	uint8_t *page[PIPE_PAGES];
};

static struct kmem_cache *pipes;

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t used(const struct pipe *p)
{
	return p->head - p->tail;
}

static uint32_t room(const struct pipe *p)
{
	return PIPE_SIZE - used(p);
}

/* --- pages --- */

static uint32_t slot_of(uint32_t position)
{
	return position / PAGE_SIZE % PIPE_PAGES;
}

static void slot_free(struct pipe *p, uint32_t slot)
{
	p->pages &= (uint16_t) ~(1u << slot);
	frame_put(arch_window_pa(p->page[slot]));
}

/* Nothing is in the pipe, and nothing will be for a while. */
static void slots_free_all(struct pipe *p)
{
	while (p->pages)
		slot_free(p, (uint32_t)__builtin_ctz(p->pages));
	p->head = p->tail = 0;
}

/* The address of POSITION; its page is made if need be. => NULL: no memory. */
static uint8_t *slot_at(struct pipe *p, uint32_t position)
{
	uint32_t slot = slot_of(position);

	if (!(p->pages & (1u << slot))) {
		paddr_t pa;

		if (frame_get(FRAME_KERNEL, &pa) != OK)
			return NULL;
		p->page[slot] = arch_window(pa);
		p->pages |= (uint16_t)(1u << slot);
	}
	return p->page[slot] + (position & PAGE_MASK);
}

/* N bytes, within one page, have been read. */
static void consume(struct pipe *p, uint32_t n)
{
	uint32_t slot = slot_of(p->tail);

	p->tail += n;
	if (p->head == p->tail)
		p->head = p->tail = slot * PAGE_SIZE; /* its page stays for the next write */
	else if ((p->tail & PAGE_MASK) == 0 && n > 0 && used(p) <= PIPE_SIZE - PAGE_SIZE)
		slot_free(p, slot); /* else the writer has come round to its beginning */
}

/* --- copying; the lock is held --- */

/* Up to N bytes to the user. => bytes; fewer than there are only when TO is not there. */
static uint32_t take(struct pipe *p, user_ptr_t to, uint32_t n)
{
	uint32_t done = 0;

	while (done < n && used(p) > 0) {
		uint32_t in = p->tail & PAGE_MASK;
		uint32_t len = min_u32(min_u32(n - done, used(p)), PAGE_SIZE - in);
		uint32_t copied = copy_to_user_nofault(user_ptr_add(to, done), p->page[slot_of(p->tail)] + in, len);

		consume(p, copied);
		done += copied;
		if (unlikely(copied < len))
			break;
	}
	return done;
}

/* N bytes from the user into the room after head, which stays where it is. => bytes; *ST says why fewer. */
static uint32_t fill(struct pipe *p, user_ptr_t from, uint32_t n, enum status *st)
{
	uint32_t done = 0;

	*st = OK;
	while (done < n) {
		uint32_t at = p->head + done;
		uint32_t len = min_u32(n - done, PAGE_SIZE - (at & PAGE_MASK));
		uint8_t *to = slot_at(p, at);
		uint32_t copied;

		if (unlikely(!to)) {
			*st = E_NOMEM;
			break;
		}
		copied = copy_from_user_nofault(to, user_ptr_add(from, done), len);
		done += copied;
		if (unlikely(copied < len)) {
			*st = E_FAULT;
			break;
		}
	}
	return done;
}

static void wake_readers(struct pipe *p)
{
	if (p->sleeping_readers > 0)
		waitq_wake_all(&p->readers);
}

static void wake_writers(struct pipe *p)
{
	if (p->sleeping_writers > 0 && room(p) >= p->room_wanted) {
		p->room_wanted = PIPE_SIZE;
		waitq_wake_all(&p->writers);
	}
}

/* --- read and write --- */

/* Until there is data. => OK also when there never will be. */
static enum status wait_for_data(struct pipe *p, uint32_t flags) requires_lock(p->lock)
{
	enum status st = OK;

	while (used(p) == 0 && p->has_writer && st == OK) {
		if (flags & O_NONBLOCK)
			return E_AGAIN;
		slots_free_all(p);
		p->sleeping_readers++;
		st = waitq_wait(&p->readers, &p->lock, WAIT_INTERRUPTIBLE, NO_DEADLINE);
		p->sleeping_readers--;
	}
	return st;
}

/* The common case: what is wanted or there lies in one page, and TO is there. => bytes; 0: take the long way. */
static always_inline uint32_t take_at_once(struct pipe *p, user_ptr_t to, uint32_t n) requires_lock(p->lock)
{
	uint32_t in = p->tail & PAGE_MASK, len = min_u32(n, used(p)), copied;

	if (unlikely(len == 0 || len > PAGE_SIZE - in))
		return 0;
	copied = copy_to_user_nofault(to, p->page[slot_of(p->tail)] + in, len);
	if (unlikely(copied < len))
		return 0; /* a page of TO is missing: it is copied again once that is there */
	consume(p, copied);
	return copied;
}

static no_inline int32_t pipe_read_slow(struct file *f, user_ptr_t to, uint32_t n)
{
	struct pipe *p = f->pipe;
	uint32_t done = 0;
	enum status st = OK;

	if (n == 0)
		return 0;
	spin_lock(&p->lock);
	while (done < n && st == OK) {
		if (done == 0)
			st = wait_for_data(p, f->flags);
		if (st != OK || used(p) == 0)
			break;
		done += take(p, user_ptr_add(to, done), n - done);
		if (unlikely(done < n && used(p) > 0)) {
			spin_unlock(&p->lock);
			st = user_fault_in(user_ptr_add(to, done), true);
			spin_lock(&p->lock);
		}
	}
	wake_writers(p);
	spin_unlock(&p->lock);
	return done > 0 ? (int32_t)done : st;
}

/* Until NEED bytes fit. */
static enum status wait_for_room(struct pipe *p, uint32_t need, uint32_t flags) requires_lock(p->lock)
{
	enum status st = OK;

	while (p->has_reader && room(p) < need && st == OK) {
		if (flags & O_NONBLOCK)
			return E_AGAIN;
		p->room_wanted = min_u32(p->room_wanted, need == 1 ? PIPE_ATOMIC : need);
		wake_readers(p);
		p->sleeping_writers++;
		st = waitq_wait(&p->writers, &p->lock, WAIT_INTERRUPTIBLE, NO_DEADLINE);
		p->sleeping_writers--;
	}
	return p->has_reader ? st : E_PIPE;
}

/* Copy and show what fits; the memory that is missing is brought in with the lock let go. */
static enum status write_some(struct pipe *p, user_ptr_t from, uint32_t n, bool atomic, uint32_t *done)
	requires_lock(p->lock)
{
	uint32_t want = min_u32(n, room(p));
	enum status st;
	uint32_t got = fill(p, from, want, &st);

	if (got == want || !atomic) {
		p->head += got;
		*done += got;
	}
	if (unlikely(st == E_FAULT)) {
		wake_readers(p);
		spin_unlock(&p->lock);
		st = user_fault_in(user_ptr_add(from, got), false);
		spin_lock(&p->lock);
	}
	return st;
}

/* The common case: all goes into one page. => whether it went. */
static always_inline bool fill_at_once(struct pipe *p, user_ptr_t from, uint32_t n) requires_lock(p->lock)
{
	uint8_t *to;

	if (unlikely(n > PAGE_SIZE - (p->head & PAGE_MASK) || n > room(p) || !p->has_reader || n == 0))
		return false;
	to = slot_at(p, p->head);
	if (unlikely(!to || copy_from_user_nofault(to, from, n) != n))
		return false;
	p->head += n;
	return true;
}

static no_inline int32_t pipe_write_slow(struct file *f, user_ptr_t from, uint32_t n)
{
	struct pipe *p = f->pipe;
	bool atomic = n <= PIPE_ATOMIC;
	uint32_t done = 0;
	enum status st = OK;

	if (n == 0)
		return 0;
	spin_lock(&p->lock);
	while (done < n && st == OK) {
		st = wait_for_room(p, atomic ? n : 1, f->flags);
		if (st == OK)
			st = write_some(p, user_ptr_add(from, done), n - done, atomic, &done);
	}
	wake_readers(p);
	spin_unlock(&p->lock);
	if (unlikely(st == E_PIPE))
		signal_send(current_proc(), SIGPIPE);
	return done > 0 ? (int32_t)done : st;
}

static int32_t pipe_read(struct file *f, user_ptr_t to, uint32_t n)
{
	struct pipe *p = f->pipe;
	uint32_t done;

	spin_lock(&p->lock);
	done = take_at_once(p, to, n);
	wake_writers(p);
	spin_unlock(&p->lock);
	return likely(done > 0) ? (int32_t)done : pipe_read_slow(f, to, n);
}

static int32_t pipe_write(struct file *f, user_ptr_t from, uint32_t n)
{
	struct pipe *p = f->pipe;
	bool done;

	spin_lock(&p->lock);
	done = fill_at_once(p, from, n);
	wake_readers(p);
	spin_unlock(&p->lock);
	return likely(done) ? (int32_t)n : pipe_write_slow(f, from, n);
}

static int32_t pipe_ioctl(struct file *f, uint32_t request, uint32_t arg)
{
	struct pipe *p = f->pipe;
	int32_t n;

	if (request != FIONREAD)
		return E_NOTTY;
	spin_lock(&p->lock);
	n = (int32_t)used(p);
	spin_unlock(&p->lock);
	return copy_to_user(user_ptr(arg), &n, sizeof n);
}

/* --- ends --- */

static void pipe_close(struct pipe *p, bool reader)
{
	bool last;

	spin_lock(&p->lock);
	if (reader)
		p->has_reader = false;
	else
		p->has_writer = false;
	last = !p->has_reader && !p->has_writer;
	if (!p->has_reader)
		slots_free_all(p); /* nobody will ever read it */
	waitq_wake_all(reader ? &p->writers : &p->readers);
	spin_unlock(&p->lock);
	if (last)
		kmem_free(pipes, p);
}

static void reader_release(struct file *f)
{
	pipe_close(f->pipe, true);
}

static void writer_release(struct file *f)
{
	pipe_close(f->pipe, false);
}

static const struct file_ops reader_ops = {.read = pipe_read, .ioctl = pipe_ioctl, .release = reader_release};
static const struct file_ops writer_ops = {.write = pipe_write, .ioctl = pipe_ioctl, .release = writer_release};

static struct pipe *pipe_alloc(void)
{
	static uint32_t made; /* (!) */
	struct pipe *p = kmem_alloc(pipes);

	if (!p)
		return NULL;
	spinlock_init(&p->lock, RANK_FILES, "pipe");
	waitq_init(&p->readers);
	waitq_init(&p->writers);
	p->number = __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
	p->head = p->tail = 0;
	p->room_wanted = PIPE_SIZE;
	p->sleeping_readers = p->sleeping_writers = 0;
	p->pages = 0;
	p->has_reader = p->has_writer = true;
	return p;
}

enum status pipe_create(uint32_t flags, struct file **reader, struct file **writer)
{
	struct pipe *p = pipe_alloc();

	if (!p)
		return E_NOMEM;
	*reader = file_alloc(&reader_ops, O_RDONLY | flags);
	if (!*reader)
		goto free_pipe;
	(*reader)->pipe = p;
	*writer = file_alloc(&writer_ops, O_WRONLY | flags);
	if (!*writer)
		goto free_reader;
	(*writer)->pipe = p;
	return OK;
free_reader:
	p->has_writer = false;
	file_put(*reader); /* the pipe goes with it */
	return E_NOMEM;
free_pipe:
	kmem_free(pipes, p);
	return E_NOMEM;
}

uint32_t file_pipe_number(const struct file *f)
{
	return f->pipe->number;
}

void pipe_init(void)
{
	pipes = kmem_cache_create("pipe", sizeof(struct pipe), KMEM_PLAIN);
}
