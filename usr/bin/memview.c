/* A live picture of memory: above all frames of the machine by use and owner, below the address space of one process after
   another.  With -o one picture of all processes goes to a file, as plain text.
   Every picture is drawn over the one before, from the upper left corner on, and ends in plain colours with the cursor
   below it; so whatever ends this program, Ctrl-C too, leaves a screen to write on.  Without signal handlers the mode of
   the terminal is put back only by `q`; the shell sets its own at every prompt.
   Not taken: a second thread or poll() for the keys; a read with VTIME waits for both, key and time. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "snapshot.h"
#include "tool.h"

static const char how[] = "memview [-i SECONDS] [-p PID]  or  memview -o FILE [-g FRAMES] [-p PID]";
static const char help[] =
	"usage: memview [-i SECONDS] [-p PID]\n"
	"       memview -o FILE [-g FRAMES] [-p PID]\n"
	"Show what memory is used for: above the frames of the machine, below the pages of processes.\n"
	"  -i SECONDS  from picture to picture (1); a fraction is understood, tenths count\n"
	"  -p PID      the pages of this process, not of one after another\n"
	"  -o FILE     write one picture as plain text, with the pages of all processes, and end\n"
	"  -g FRAMES   so many frames, and pages, a character; else as many as make a line of each region\n"
	"keys: n next process, p previous, c one after another again, q quit\n";

enum {
	FRAME_ROWS = 10,
	STAY = 3, /* pictures that show the same process, before the next one comes */
	DECISECONDS_MAX = 36000,
	READ_MAX = 250, /* deciseconds of VTIME, which is a byte */
	ROWS_DEFAULT = 24,
};

struct view {
	struct snapshot now;
	size_t group; /* 0: what fits */
	int pid;      /* whose space is shown; 0: none yet, or all */
	bool pinned;  /* and it stays so */
	unsigned int shown; /* pictures since it is */
};

/* ---- what is painted ---- */

static void paint_frames(const struct view *v, struct picture *p)
{
	const struct snapshot *s = &v->now;
	size_t group = v->group ? v->group : picture_group(s->nframes, PICTURE_COLUMNS, FRAME_ROWS);
	struct picture_owner owner[OWNERS_MAX];

	for (size_t i = 0; i < OWNERS_MAX; i++)
		owner[i] = (struct picture_owner){0};
	for (size_t i = 0; i < s->nspaces; i++)
		for (size_t o = 0; o < OWNERS_MAX; o++)
			if (s->owner[o] == s->space[i].pid)
				owner[o] = (struct picture_owner){s->space[i].pid, s->space[i].name};
	picture_text(p, "%zu MiB in %zu frames, %zu a character", s->nframes / 256, s->nframes, group);
	picture_end_line(p);
	picture_frames(p, s->frame, s->nframes, group);
	picture_legend(p, s->count, owner);
}

/* ROWS: lines there may be in all, with that of the cursor; 0: any number. */
static void paint_space(const struct view *v, struct picture *p, const struct snapshot_space *space, unsigned int rows)
{
	picture_text(p, "process %d %.20s: promised %lu KiB, resident %lu KiB", space->pid, space->name,
	             (unsigned long)(space->promised / 1024), (unsigned long)(space->resident / 1024));
	picture_end_line(p);
	for (size_t i = 0; i < space->nregions; i++) {
		const struct snapshot_region *r = &space->region[i];

		if (rows > 0 && p->lines + 1 >= rows)
			return;
		if (rows > 0 && p->lines + 2 >= rows && space->nregions - i > 1) {
			picture_text(p, "and %zu regions more", space->nregions - i);
			picture_end_line(p);
			return;
		}
		picture_region(p, &(struct picture_region){r->map.start, r->map.mode, proc_region_name(&r->map), r->page,
		                                           r->npages},
		               v->group);
	}
}

static void paint(const struct view *v, struct picture *p, unsigned int rows)
{
	const struct snapshot *s = &v->now;

	p->length = p->lines = p->column = 0;
	paint_frames(v, p);
	picture_text(p, "%s", picture_page_legend);
	picture_end_line(p);
	for (size_t i = 0; i < s->nspaces; i++)
		if (v->pid == 0 || s->space[i].pid == v->pid)
			paint_space(v, p, &s->space[i], rows);
	if (p->failed)
		errx(1, "no memory for the picture");
}

/* ---- which process ---- */

static bool is_there(const struct snapshot *s, int pid)
{
	for (size_t i = 0; i < s->nspaces; i++)
		if (s->space[i].pid == pid)
			return true;
	return false;
}

/* The process behind PID in the list (STEP 1) or before it (-1), from the other end behind the last. */
static int neighbour(const struct snapshot *s, int pid, int step)
{
	int best = 0, end = 0;

	for (size_t i = 0; i < s->nspaces; i++) {
		int here = s->space[i].pid;

		if (step > 0 ? here > pid && best == 0 : here < pid)
			best = here;
		if (end == 0 || step < 0)
			end = here;
	}
	return best ? best : end;
}

static void choose(struct view *v)
{
	if (v->pinned && is_there(&v->now, v->pid))
		return;
	if (v->pinned || v->pid == 0 || ++v->shown >= STAY || !is_there(&v->now, v->pid)) {
		v->pid = neighbour(&v->now, v->pid, 1);
		v->shown = 0;
		v->pinned = false;
	}
}

/* => false: quit */
static bool obey(struct view *v, char key)
{
	if (key == 'n' || key == 'p') {
		v->pid = neighbour(&v->now, v->pid, key == 'n' ? 1 : -1);
		v->pinned = true;
	} else if (key == 'c') {
		v->pinned = false;
		v->shown = 0;
	}
	return key != 'q' && key != 'Q';
}

/* ---- the terminal ---- */

static struct termios before;

static void terminal_restore(void)
{
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* Keys come one by one, without echo; Ctrl-C still ends the program. */
static void terminal_take(void)
{
	if (tcgetattr(STDIN_FILENO, &before) < 0 || !isatty(STDOUT_FILENO))
		errx(1, "not a terminal; -o FILE writes a picture to a file");
	if (tcgetpgrp(STDIN_FILENO) != getpgrp())
		errx(1, "another program has the terminal");
	if (atexit(terminal_restore) != 0)
		errx(1, "atexit fails");
}

/* Wait for a key for so many tenths of a second. => 0: none came */
static char key_wait(unsigned int deciseconds)
{
	struct termios mode = before;
	char key = 0;
	ssize_t n = 0;

	mode.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	mode.c_cc[VMIN] = 0;
	while (deciseconds > 0 && n == 0) {
		unsigned int part = deciseconds < READ_MAX ? deciseconds : READ_MAX;

		mode.c_cc[VTIME] = (cc_t)part;
		if (tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) < 0)
			err(1, "terminal");
		n = read(STDIN_FILENO, &key, 1);
		if (n < 0 && errno != EINTR)
			err(1, "terminal");
		n = n < 0 ? 0 : n;
		deciseconds -= part;
	}
	return n == 1 ? key : 0;
}

static unsigned int terminal_rows(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1 ? size.ws_row : ROWS_DEFAULT;
}

static void write_all(int fd, const char *text, size_t n, const char *name)
{
	while (n > 0) {
		ssize_t part = write(fd, text, n);

		if (part < 0 && errno != EINTR)
			err(1, "%s", name);
		if (part > 0) {
			text += part;
			n -= (size_t)part;
		}
	}
}

/* ---- the two ways to be called ---- */

static void take(struct view *v)
{
	const char *what;

	if (!snapshot_take(&v->now, &what))
		err(1, "%s", what);
}

static int watch(struct view *v, unsigned int deciseconds)
{
	static const char clear[] = "\033[H\033[2J", home[] = "\033[H", rest[] = "\033[J";
	struct picture p = {.colours = true};
	const char *start = clear;
	char key;

	terminal_take();
	do {
		take(v);
		choose(v);
		paint(v, &p, terminal_rows());
		write_all(STDOUT_FILENO, start, strlen(start), "standard output");
		write_all(STDOUT_FILENO, p.data, p.length, "standard output");
		write_all(STDOUT_FILENO, rest, sizeof rest - 1, "standard output");
		start = home;
		key = key_wait(deciseconds);
	} while (obey(v, key));
	return 0;
}

static int write_picture(struct view *v, const char *file)
{
	struct picture p = {0};
	bool to_output = strcmp(file, "-") == 0;
	int fd = to_output ? STDOUT_FILENO : open(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);

	if (fd < 0)
		err(1, "%s", file);
	take(v);
	paint(v, &p, 0);
	write_all(fd, p.data, p.length, file);
	if (!to_output && close(fd) < 0)
		err(1, "%s", file);
	return 0;
}

/* ---- arguments ---- */

static unsigned int deciseconds_parse(const char *text)
{
	char *end;
	double n = strtod(text, &end);

	if (end == text || *end || !(n >= 0.1 && n * 10 <= DECISECONDS_MAX))
		usage(how);
	return (unsigned int)(n * 10);
}

static long positive_parse(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n <= 0 || n > 1 << 20)
		usage(how);
	return n;
}

int main(int argc, char **argv)
{
	struct view v = {0};
	unsigned int deciseconds = 0;
	const char *file = NULL;
	int c;

	help_if_asked(argc, argv, help);
	opterr = 0;
	while ((c = getopt(argc, argv, "i:p:o:g:")) != -1) {
		switch (c) {
		case 'i': deciseconds = deciseconds_parse(optarg); break;
		case 'p': v.pid = (int)positive_parse(optarg); break;
		case 'g': v.group = (size_t)positive_parse(optarg); break;
		case 'o': file = optarg; break;
		default: usage(how);
		}
	}
	if (optind < argc || (file ? deciseconds > 0 : v.group > 0))
		usage(how);
	v.pinned = v.pid != 0;
	if (v.pinned && kill(v.pid, 0) < 0 && errno == ESRCH)
		errx(1, "%d: no such process", v.pid);
	return file ? write_picture(&v, file) : watch(&v, deciseconds ? deciseconds : 10);
}
