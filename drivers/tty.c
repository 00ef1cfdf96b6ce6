/* The terminal (dev/tty.h). Interrupt handlers only put bytes into a small ring; a kernel thread digests them, so
   that echo, line editing and signals run where locks of any rank may be taken.  Input that was digested lies in
   another ring of cells: a byte, or the mark that end-of-file was typed, with a flag where a line ends.  Of it [head,
   ready) can be read and [ready, tail) is the line being edited. */
#include <dev/tty.h>

#include <abi/stat.h>
#include <abi/fcntl.h>
#include <abi/signal.h>
#include <abi/termios.h>
#include <arch/time.h>
#include <dev/chardev.h>
#include <dev/console.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/signal.h>
#include <kern/usercopy.h>
#include <lib/assert.h>
#include <lib/ring.h>
#include <lib/string.h>

#define CONSOLE_MAJOR 5
#define CONSOLE_MINOR 1
#define RAW_BYTES 1024u
#define CELLS 2048u /* a power of two */
#define CHUNK 256u
#define NS_PER_DECISECOND 100000000u
#define CONTROL(c) ((c)&0x1f)
#define DELETE 0x7f

enum { CELL_LINE_END = 0x100, CELL_EOF = 0x200 };

/* From interrupt handlers to the thread. */
static struct {
	struct spinlock lock; /* RANK_DRIVER */
	struct ring ring;     /* guarded by lock, as is store */
	uint8_t store[RAW_BYTES];
	struct waitq arrived; /* condition: the ring is not empty */
} raw = {.lock = SPINLOCK_INIT(RANK_DRIVER, "tty raw"), .arrived = WAITQ_INIT(raw.arrived)};

static struct tty {
	struct spinlock lock; /* RANK_TTY: all fields */
	struct abi_termios mode;
	uint16_t cell[CELLS];
	uint32_t head, ready, tail; /* count cells for ever; head <= ready <= tail <= head + CELLS */
	unsigned column;            /* where the cursor is, for erasing tabs */
	int32_t session;            /* whose controlling terminal it is; 0: nobody's */
	int32_t foreground;         /* process group; 0: none */
	struct waitq readers;       /* condition: readable() */
} tty = {.lock = SPINLOCK_INIT(RANK_TTY, "tty"), .readers = WAITQ_INIT(tty.readers)};

static bool has(uint32_t word, uint32_t flag)
{
	return (word & flag) != 0;
}

/* ---- output ---- */

/* Collects output, so that the console's lock is taken once for many bytes. */
struct out {
	char buf[CHUNK];
	size_t n;
};

static void out_flush(struct out *o)
{
	console_write(o->buf, o->n);
	o->n = 0;
}

static void out_byte(struct out *o, uint8_t c)
{
	if (o->n == sizeof o->buf)
		out_flush(o);
	o->buf[o->n++] = (char)c;
}

/* What a program or the echo writes. */
static void put_processed(struct tty *t, struct out *o, uint8_t c)
{
	if (c == '\n' && (t->mode.oflag & (OPOST | ONLCR)) == (OPOST | ONLCR))
		out_byte(o, '\r');
	if (c == '\n' || c == '\r')
		t->column = 0;
	else if (c == '\t')
		t->column = (t->column | 7) + 1;
	else if (c >= ' ')
		t->column++;
	out_byte(o, c);
}

static bool shown_with_caret(const struct tty *t, uint8_t c)
{
	return has(t->mode.lflag, ECHOCTL) && (c < ' ' || c == DELETE) && c != '\t' && c != '\n';
}

static void echo(struct tty *t, struct out *o, uint8_t c)
{
	if (!has(t->mode.lflag, ECHO) && !(c == '\n' && has(t->mode.lflag, ECHONL)))
		return;
	if (shown_with_caret(t, c)) {
		put_processed(t, o, '^');
		c ^= 0x40;
	}
	put_processed(t, o, c);
}

/* ---- the line being edited ---- */

static uint16_t *cell_at(struct tty *t, uint32_t i)
{
	return &t->cell[i % CELLS];
}

/* How many columns the line takes up to its end, from where its first cell began. */
static unsigned line_width(struct tty *t, unsigned from)
{
	unsigned column = from;

	for (uint32_t i = t->ready; i != t->tail; i++) {
		uint8_t c = (uint8_t)*cell_at(t, i);

		if (c == '\t')
			column = (column | 7) + 1;
		else
			column += shown_with_caret(t, c) ? 2 : 1;
	}
	return column - from;
}

/* Take back the last cell of the line, on the screen too. */
static void erase_one(struct tty *t, struct out *o)
{
	unsigned before, width, start;

	if (t->tail == t->ready)
		return;
	width = line_width(t, 0);
	start = t->column >= width ? t->column - width : 0;
	before = line_width(t, start);
	t->tail--;
	width = before - line_width(t, start);
	if (!has(t->mode.lflag, ECHO))
		return;
	for (; width > 0; width--) {
		out_byte(o, '\b');
		out_byte(o, ' ');
		out_byte(o, '\b');
		t->column -= t->column > 0;
	}
}

static void erase_line(struct tty *t, struct out *o)
{
	while (t->tail != t->ready)
		erase_one(t, o);
}

static bool last_is_space(struct tty *t)
{
	uint8_t c = (uint8_t)*cell_at(t, t->tail - 1);

	return c == ' ' || c == '\t';
}

static void erase_word(struct tty *t, struct out *o)
{
	while (t->tail != t->ready && last_is_space(t))
		erase_one(t, o);
	while (t->tail != t->ready && !last_is_space(t))
		erase_one(t, o);
}

static void add_cell(struct tty *t, uint16_t cell)
{
	*cell_at(t, t->tail++) = cell;
}

static void end_line(struct tty *t)
{
	t->ready = t->tail;
	waitq_wake_all(&t->readers);
}

/* ---- input ---- */

/* Keys that make signals. => the signal, 0: none. */
static int signal_of(const struct tty *t, uint8_t c)
{
	if (!has(t->mode.lflag, ISIG) || c == 0)
		return 0;
	if (c == t->mode.cc[VINTR])
		return SIGINT;
	if (c == t->mode.cc[VQUIT])
		return SIGQUIT;
	return c == t->mode.cc[VSUSP] ? SIGTSTP : 0;
}

/* => whether C was an editing key. */
static bool edit(struct tty *t, struct out *o, uint8_t c)
{
	const uint8_t *cc = t->mode.cc;

	if (c == 0)
		return false;
	if (c == cc[VERASE] || c == CONTROL('H')) {
		erase_one(t, o);
	} else if (c == cc[VKILL]) {
		erase_line(t, o);
	} else if (c == cc[VWERASE]) {
		erase_word(t, o);
	} else if (c == cc[VEOF]) {
		add_cell(t, CELL_EOF | CELL_LINE_END);
		end_line(t);
	} else {
		return false;
	}
	return true;
}

/* One cell is kept for the end of the line. */
static bool input_full(const struct tty *t)
{
	return t->tail - t->head >= CELLS - 1;
}

/* Is there room for C?  ENDS: it ends the line. */
static bool has_room(const struct tty *t, uint8_t c, bool ends)
{
	const uint8_t *cc = t->mode.cc;

	if (!input_full(t))
		return true;
	if (c != 0 && (c == cc[VERASE] || c == CONTROL('H') || c == cc[VKILL] || c == cc[VWERASE]))
		return true; /* it makes room */
	return t->tail - t->head < CELLS && (ends || (c != 0 && c == cc[VEOF]));
}

static void digest_line(struct tty *t, struct out *o, uint8_t c)
{
	bool ends = c == '\n' || (c != 0 && c == t->mode.cc[VEOL]);

	if (!has_room(t, c, ends) || edit(t, o, c))
		return;
	echo(t, o, c);
	add_cell(t, ends ? c | CELL_LINE_END : c);
	if (ends)
		end_line(t);
}

/* => a signal for the foreground group, or 0. */
static int digest(struct tty *t, struct out *o, uint8_t c)
{
	int sig;

	if (c == '\r' && has(t->mode.iflag, ICRNL))
		c = '\n';
	sig = signal_of(t, c);
	if (sig) {
		echo(t, o, c);
		if (!has(t->mode.lflag, NOFLSH))
			t->head = t->ready = t->tail;
		return sig;
	}
	if (has(t->mode.lflag, ICANON)) {
		digest_line(t, o, c);
	} else if (!input_full(t)) {
		echo(t, o, c);
		add_cell(t, c);
		end_line(t);
	}
	return 0;
}

static void digest_all(struct tty *t, const uint8_t *bytes, uint32_t n)
{
	struct out o = {.n = 0};
	int32_t group;
	int sig;

	for (uint32_t i = 0; i < n; i++) {
		spin_lock(&t->lock);
		sig = digest(t, &o, bytes[i]);
		group = t->foreground;
		out_flush(&o); /* before others write, and before a signal makes them */
		spin_unlock(&t->lock);
		if (sig && group > 0)
			signal_group(group, sig);
	}
}

static void tty_thread(void *unused)
{
	uint8_t bytes[64];

	(void)unused;
	for (;;) {
		uint32_t saved = spin_lock_irq(&raw.lock), n;

		while ((n = ring_get(&raw.ring, bytes, sizeof bytes)) == 0)
			(void)!waitq_wait(&raw.arrived, &raw.lock, WAIT_UNINTERRUPTIBLE, NO_DEADLINE);
		spin_unlock_irq(&raw.lock, saved);
		digest_all(&tty, bytes, n);
	}
}

void tty_receive(uint8_t byte)
{
	uint32_t saved = spin_lock_irq(&raw.lock);

	/* Full: the typist is faster than the machine, as with any terminal the byte is lost. */
	ring_put_byte(&raw.ring, byte);
	waitq_wake_one(&raw.arrived);
	spin_unlock_irq(&raw.lock, saved);
}

/* ---- reading ---- */

/* Not reaching its controlling terminal's foreground, a process gets an error instead of being stopped. */
static bool in_background(struct tty *t)
{
	const struct proc *p = current_proc();
	bool background;

	spin_lock(&t->lock);
	background = t->session != 0 && t->session == p->sid && t->foreground != 0 && t->foreground != p->pgid;
	spin_unlock(&t->lock);
	return background;
}

static bool readable(const struct tty *t)
{
	uint32_t have = t->ready - t->head, want = t->mode.cc[VMIN];

	if (has(t->mode.lflag, ICANON) || want == 0)
		return have > 0;
	return have >= (want < CELLS / 2 ? want : CELLS / 2);
}

/* When does a read without ICANON give up?  VTIME is taken as a limit for the whole read. */
static uint64_t read_deadline(const struct tty *t)
{
	if (has(t->mode.lflag, ICANON) || t->mode.cc[VMIN] > 0)
		return NO_DEADLINE;
	return arch_time_ns() + (uint64_t)t->mode.cc[VTIME] * NS_PER_DECISECOND;
}

static enum status wait_readable(struct tty *t, uint32_t flags) requires_lock(t->lock)
{
	uint64_t deadline = read_deadline(t);
	enum status st = OK;

	while (!readable(t) && st == OK) {
		if (has(flags, O_NONBLOCK))
			return E_AGAIN;
		if (arch_time_ns() >= deadline) /* VMIN and VTIME are 0: do not sleep at all */
			return OK;
		st = waitq_wait(&t->readers, &t->lock, WAIT_INTERRUPTIBLE, deadline);
	}
	return readable(t) || st == E_TIMEDOUT ? OK : st;
}

/* At most N bytes from the head, not beyond the end of a line. *CELLS_USED counts the cells they take, and the mark of
   an end of file right behind them: typed after text it only hands the text over.
   => bytes in BUF; *MORE: it was N that ended them. */
static uint32_t peek_line(struct tty *t, uint8_t *buf, uint32_t n, uint32_t *cells_used, bool *more)
{
	uint32_t i = t->head, got = 0;
	bool ended = false;

	while (i != t->ready && !ended) {
		uint16_t cell = *cell_at(t, i);

		ended = (cell & CELL_EOF) || ((cell & CELL_LINE_END) && has(t->mode.lflag, ICANON));
		if (!(cell & CELL_EOF)) {
			if (got == n) {
				ended = false;
				break;
			}
			buf[got++] = (uint8_t)cell;
		}
		i++;
	}
	*cells_used = i - t->head;
	*more = !ended && i != t->ready;
	return got;
}

/* Hand over what can be without a page fault. => bytes; *FAULT: the user's page is not there. */
static uint32_t deliver(struct tty *t, user_ptr_t to, uint32_t n, bool *fault) requires_lock(t->lock)
{
	uint32_t done = 0;
	bool more = true;

	for (*fault = false; more && !*fault && done < n;) {
		uint8_t buf[CHUNK];
		uint32_t left = n - done, used, got = peek_line(t, buf, left < CHUNK ? left : CHUNK, &used, &more);
		uint32_t copied = (uint32_t)copy_to_user_nofault(user_ptr_add(to, done), buf, got);

		*fault = copied < got;
		t->head += *fault ? copied : used;
		done += copied;
	}
	return done;
}

static int32_t tty_read(struct chardev *d, user_ptr_t to, uint32_t n, uint32_t flags)
{
	struct tty *t = &tty;
	enum status st;
	uint32_t got;
	bool fault;

	(void)d;
	if (n == 0)
		return 0;
	do {
		if (in_background(t))
			return E_IO;
		spin_lock(&t->lock);
		st = wait_readable(t, flags);
		fault = false;
		got = st == OK ? deliver(t, to, n, &fault) : 0;
		spin_unlock(&t->lock);
		if (fault && got == 0)
			st = user_fault_in(to, true);
	} while (st == OK && fault && got == 0);
	return st == OK ? (int32_t)got : st;
}

/* ---- writing ---- */

static void write_bytes(struct tty *t, const uint8_t *bytes, size_t n)
{
	struct out o = {.n = 0};

	spin_lock(&t->lock);
	for (size_t i = 0; i < n; i++)
		put_processed(t, &o, bytes[i]);
	out_flush(&o);
	spin_unlock(&t->lock);
}

static int32_t tty_write(struct chardev *d, user_ptr_t from, uint32_t n, uint32_t flags)
{
	uint8_t buf[CHUNK];
	uint32_t done = 0;

	(void)d;
	(void)flags;
	while (done < n) {
		size_t part = n - done < CHUNK ? n - done : CHUNK;
		size_t got = copy_from_user_some(buf, user_ptr_add(from, done), part);

		write_bytes(&tty, buf, got);
		done += (uint32_t)got;
		if (unlikely(got < part)) {
			enum status st = user_fault_in(user_ptr_add(from, done), false);

			if (st != OK)
				return done > 0 ? (int32_t)done : st;
		}
		if (signal_pending())
			break;
		sched_point();
	}
	return (int32_t)done;
}

/* ---- control ---- */

/* The current process is of the terminal's session. */
static bool is_ours(const struct tty *t)
{
	return t->session != 0 && t->session == current_proc()->sid;
}

static enum status set_mode(struct tty *t, user_ptr_t from, bool flush)
{
	struct abi_termios mode;
	enum status st = copy_from_user(&mode, from, sizeof mode);

	if (st != OK)
		return st;
	spin_lock(&t->lock);
	if (flush)
		t->head = t->ready = t->tail;
	/* What was being edited is input once lines do not matter. */
	if (!has(mode.lflag, ICANON))
		t->ready = t->tail;
	t->mode = mode;
	waitq_wake_all(&t->readers);
	spin_unlock(&t->lock);
	return OK;
}

static enum status get_mode(struct tty *t, user_ptr_t to)
{
	struct abi_termios mode;

	spin_lock(&t->lock);
	mode = t->mode;
	spin_unlock(&t->lock);
	return copy_to_user(to, &mode, sizeof mode);
}

static enum status get_size(user_ptr_t to)
{
	struct abi_winsize size = {.row = 0};

	console_size(&size.row, &size.col);
	return copy_to_user(to, &size, sizeof size);
}

/* The caller's session gets the terminal, if it has none and the terminal is free. */
static enum status become_controlling(struct tty *t)
{
	const struct proc *p = current_proc();
	enum status st = OK;

	spin_lock(&t->lock);
	if (p->sid != p->pid || (t->session != 0 && t->session != p->sid)) {
		st = E_PERM;
	} else if (t->session == 0) {
		t->session = p->sid;
		t->foreground = p->pgid;
	}
	spin_unlock(&t->lock);
	return st;
}

static enum status get_foreground(struct tty *t, user_ptr_t to)
{
	int32_t group;

	spin_lock(&t->lock);
	group = is_ours(t) ? t->foreground : -1;
	spin_unlock(&t->lock);
	return group < 0 ? E_NOTTY : copy_to_user(to, &group, sizeof group);
}

static enum status set_foreground(struct tty *t, user_ptr_t from)
{
	enum status st;
	int32_t group;

	st = copy_from_user(&group, from, sizeof group);
	if (st != OK)
		return st;
	if (group <= 0)
		return E_INVAL;
	if (!proc_group_in_session(group, current_proc()->sid))
		return E_PERM;
	spin_lock(&t->lock);
	if (is_ours(t))
		t->foreground = group;
	else
		st = E_NOTTY;
	spin_unlock(&t->lock);
	return st;
}

static enum status get_waiting(struct tty *t, user_ptr_t to)
{
	int32_t n;

	spin_lock(&t->lock);
	n = (int32_t)(t->ready - t->head);
	spin_unlock(&t->lock);
	return copy_to_user(to, &n, sizeof n);
}

static int32_t tty_ioctl(struct chardev *d, uint32_t request, uint32_t arg)
{
	(void)d;
	switch (request) {
	case TCGETS: return get_mode(&tty, user_ptr(arg));
	case TCSETS:
	case TCSETSW: return set_mode(&tty, user_ptr(arg), false);
	case TCSETSF: return set_mode(&tty, user_ptr(arg), true);
	case TIOCGWINSZ: return get_size(user_ptr(arg));
	case TIOCSCTTY: return become_controlling(&tty);
	case TIOCGPGRP: return get_foreground(&tty, user_ptr(arg));
	case TIOCSPGRP: return set_foreground(&tty, user_ptr(arg));
	case FIONREAD: return get_waiting(&tty, user_ptr(arg));
	default: return E_NOTTY;
	}
}

void tty_session_end(struct proc *p)
{
	struct tty *t = &tty;
	int32_t group = 0;

	spin_lock(&t->lock);
	if (t->session == p->sid) {
		group = t->foreground;
		t->session = t->foreground = 0;
	}
	spin_unlock(&t->lock);
	if (group > 0)
		signal_group(group, SIGHUP);
}

bool tty_of_session(int32_t sid, uint32_t *rdev, int32_t *foreground)
{
	bool is_its;

	spin_lock(&tty.lock);
	is_its = tty.session != 0 && tty.session == sid;
	*foreground = tty.foreground;
	spin_unlock(&tty.lock);
	*rdev = ABI_MKDEV(CONSOLE_MAJOR, CONSOLE_MINOR);
	return is_its;
}

/* /dev/tty is the controlling terminal of who opens it. */
static enum status open_controlling(struct chardev *d, uint32_t flags)
{
	bool ours;

	(void)d;
	(void)flags;
	spin_lock(&tty.lock);
	ours = is_ours(&tty);
	spin_unlock(&tty.lock);
	return ours ? OK : E_NXIO;
}

static void set_initial_mode(struct tty *t)
{
	static const uint8_t keys[ABI_NCCS] = {
		[VINTR] = CONTROL('C'), [VQUIT] = CONTROL('\\'),  [VERASE] = DELETE,
		[VKILL] = CONTROL('U'), [VEOF] = CONTROL('D'),    [VMIN] = 1,
		[VSUSP] = CONTROL('Z'), [VWERASE] = CONTROL('W'), [VSTART] = CONTROL('Q'),
		[VSTOP] = CONTROL('S'), [VLNEXT] = CONTROL('V'),
	};

	t->mode.iflag = ICRNL;
	t->mode.cflag = CS8 | CREAD | B38400;
	t->mode.lflag = ISIG | ICANON | IEXTEN;
	/* A run= boot compares what a program prints: no echo, no carriage returns. */
	if (!console_is_quiet()) {
		t->mode.oflag = OPOST | ONLCR;
		t->mode.lflag |= ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	}
	memcpy(t->mode.cc, keys, sizeof keys);
}

void tty_init(void)
{
	static const struct chardev_ops console_ops = {.read = tty_read, .write = tty_write, .ioctl = tty_ioctl};
	static const struct chardev_ops tty_ops = {
		.open = open_controlling, .read = tty_read, .write = tty_write, .ioctl = tty_ioctl};
	static struct chardev console_device = {
		.ops = &console_ops, .name = "console", .major = CONSOLE_MAJOR, .minor = CONSOLE_MINOR, .mode = 0620};
	static struct chardev tty_device = {.ops = &tty_ops, .name = "tty", .major = 5, .minor = 0, .mode = 0666};

	ring_init(&raw.ring, raw.store, sizeof raw.store);
	set_initial_mode(&tty);
	chardev_register(&console_device);
	chardev_register(&tty_device);
	if (thread_create_kernel("tty", tty_thread, NULL) != OK)
		panic("no memory for the terminal");
}
