/* The painter of memview: frames and pages to lines of characters.
   A style is the number of a row of `styles`; it is written where it changes, so a frame of the picture is a few KiB
   even in colours.  Limits: the background stays black, and colours are those eight that every terminal knows. */
#include "picture.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWNER_STYLES = 6, TEXT_MAX = 160, ROOM_FIRST = 4096, MIB = 1 << 20, PAGE = 4096 };

enum style {
	STYLE_PLAIN,
	STYLE_OTHER,
	STYLE_KERNEL,
	STYLE_SLAB,
	STYLE_TABLE,
	STYLE_CACHE,
	STYLE_ZERO,
	STYLE_SHARED,
	STYLE_COW,
	STYLE_PRIVATE,
	STYLE_OWNER, /* of so many, one after another */
	STYLES = STYLE_OWNER + OWNER_STYLES,
};

/* Select graphic rendition: all off, then bold, letter and ground. */
static const char *const styles[STYLES] = {
	[STYLE_PLAIN] = "0",         [STYLE_OTHER] = "0;31",      [STYLE_KERNEL] = "0;37;41",
	[STYLE_SLAB] = "0;30;43",    [STYLE_TABLE] = "0;37;45",   [STYLE_CACHE] = "0;30;46",
	[STYLE_ZERO] = "0;30;47",    [STYLE_SHARED] = "0;1;37;44", [STYLE_COW] = "0;30;43",
	[STYLE_PRIVATE] = "0;1;32",  [STYLE_OWNER] = "0;1;32",    [STYLE_OWNER + 1] = "0;1;36",
	[STYLE_OWNER + 2] = "0;1;33", [STYLE_OWNER + 3] = "0;1;35", [STYLE_OWNER + 4] = "0;1;34",
	[STYLE_OWNER + 5] = "0;1;31",
};

static const struct {
	char mark;
	enum style style;
	const char *name;
} frame_looks[FRAME_OWNED] = {
	[FRAME_HOLE] = {' ', STYLE_PLAIN, "nothing"},   [FRAME_FREE] = {'.', STYLE_PLAIN, "free"},
	[FRAME_OTHER] = {'?', STYLE_OTHER, "other"},    [FRAME_KERNEL] = {'#', STYLE_KERNEL, "kernel"},
	[FRAME_SLAB] = {'%', STYLE_SLAB, "slab"},       [FRAME_TABLE] = {'=', STYLE_TABLE, "page table"},
	[FRAME_CACHE] = {'~', STYLE_CACHE, "cache"},    [FRAME_ZERO] = {'0', STYLE_ZERO, "zero"},
	[FRAME_SHARED] = {'+', STYLE_SHARED, "shared"},
};

/* Order of the legend: those that are always there first. */
static const unsigned char legend_order[] = {
	FRAME_KERNEL, FRAME_SLAB, FRAME_TABLE, FRAME_CACHE, FRAME_ZERO, FRAME_SHARED, FRAME_OTHER, FRAME_FREE,
};

static const char owner_marks[OWNERS_MAX + 1] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ123456789";

static const struct {
	char mark;
	enum style style;
} page_looks[PAGE_CLASSES] = {
	[PAGE_ABSENT] = {'.', STYLE_PLAIN},  [PAGE_ZERO] = {'z', STYLE_ZERO}, [PAGE_FILE] = {'f', STYLE_CACHE},
	[PAGE_SHARED] = {'s', STYLE_SHARED}, [PAGE_COW] = {'c', STYLE_COW},   [PAGE_PRIVATE] = {'p', STYLE_PRIVATE},
};

const char picture_page_legend[] = ". promised  z zeros  f file  s shared  c COW  p private  (A-Z: half is there)";

/* ---- text that grows ---- */

static void put(struct picture *p, const char *text, size_t n)
{
	size_t room = p->room ? p->room : ROOM_FIRST;
	char *more;

	while (room < p->length + n + 1)
		room *= 2;
	if (room != p->room) {
		more = p->failed ? NULL : realloc(p->data, room);
		p->failed = !more;
		if (!more)
			return;
		p->data = more;
		p->room = room;
	}
	memcpy(p->data + p->length, text, n);
	p->length += n;
	p->data[p->length] = '\0';
}

static void put_style(struct picture *p, enum style style)
{
	if (!p->colours || (int)style == p->style)
		return;
	put(p, "\033[", 2);
	put(p, styles[style], strlen(styles[style]));
	put(p, "m", 1);
	p->style = (int)style;
}

static void put_mark(struct picture *p, char mark, enum style style)
{
	put_style(p, style);
	put(p, &mark, 1);
	p->column++;
}

void picture_text(struct picture *p, const char *fmt, ...)
{
	char text[TEXT_MAX];
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	n = n < 0 ? 0 : n < (int)sizeof text ? n : (int)sizeof text - 1;
	put_style(p, STYLE_PLAIN);
	put(p, text, (size_t)n);
	p->column += (unsigned int)n;
}

/* In colours the line may lie over an older one: clear what is left of that. */
void picture_end_line(struct picture *p)
{
	put_style(p, STYLE_PLAIN);
	if (p->colours)
		put(p, "\033[K", 3);
	put(p, "\n", 1);
	p->lines++;
	p->column = 0;
}

void picture_free(struct picture *p)
{
	free(p->data);
	*p = (struct picture){.colours = p->colours};
}

/* ---- frames ---- */

size_t picture_group(size_t n, size_t columns, size_t rows)
{
	size_t group = 1;

	while ((n + group - 1) / group > columns * rows)
		group *= 2;
	return group;
}

char frame_mark(unsigned int class)
{
	return class < FRAME_OWNED ? frame_looks[class].mark : owner_marks[class - FRAME_OWNED];
}

static enum style frame_style(unsigned int class)
{
	return class < FRAME_OWNED ? frame_looks[class].style : STYLE_OWNER + (class - FRAME_OWNED) % OWNER_STYLES;
}

unsigned int frame_class_of_group(const uint8_t *class, size_t n)
{
	size_t count[FRAME_CLASSES] = {0};
	unsigned int best = 0;

	for (size_t i = 0; i < n; i++)
		count[class[i]]++;
	for (unsigned int c = 0; c < FRAME_CLASSES; c++)
		if (count[c] >= count[best])
			best = c;
	return best;
}

void picture_frames(struct picture *p, const uint8_t *class, size_t n, size_t group)
{
	size_t row = group * PICTURE_COLUMNS;
	bool in_mib = row * PAGE % MIB == 0;

	for (size_t at = 0; at < n; at += row) {
		size_t kib = at * (PAGE / 1024);

		picture_text(p, "%7zu%c ", in_mib ? kib / 1024 : kib, in_mib ? 'M' : 'K');
		for (size_t i = at; i < n && i < at + row; i += group) {
			unsigned int c = frame_class_of_group(class + i, n - i < group ? n - i : group);

			put_mark(p, frame_mark(c), frame_style(c));
		}
		picture_end_line(p);
	}
}

/* A mark and what it stands for, on the next line when this one is full. */
static void legend_entry(struct picture *p, unsigned int class, const char *text)
{
	unsigned int width = 2 + (unsigned int)strlen(text) + (p->column > 0 ? 2 : 0);

	if (p->column > 0 && p->column + width > PICTURE_WIDTH)
		picture_end_line(p);
	if (p->column > 0)
		picture_text(p, "  ");
	put_mark(p, frame_mark(class), frame_style(class));
	picture_text(p, " %s", text);
}

void picture_legend(struct picture *p, const uint32_t count[FRAME_CLASSES], const struct picture_owner owner[OWNERS_MAX])
{
	char text[TEXT_MAX];

	for (size_t i = 0; i < sizeof legend_order; i++) {
		unsigned int c = legend_order[i];

		snprintf(text, sizeof text, "%s %u", frame_looks[c].name, (unsigned int)count[c]);
		legend_entry(p, c, text);
	}
	picture_end_line(p);
	for (unsigned int i = 0; i < OWNERS_MAX; i++) {
		if (owner[i].pid == 0)
			continue;
		snprintf(text, sizeof text, "%d %.12s %u", owner[i].pid, owner[i].name,
		         (unsigned int)count[FRAME_OWNED + i]);
		legend_entry(p, FRAME_OWNED + i, text);
	}
	picture_end_line(p);
}

/* ---- regions ---- */

/* Most of the pages of N that are there; PAGE_ABSENT: none is. *PRESENT counts them. */
static unsigned int page_class_of_group(const uint8_t *class, size_t n, size_t *present)
{
	size_t count[PAGE_CLASSES] = {0};
	unsigned int best = PAGE_ABSENT;

	for (size_t i = 0; i < n; i++)
		count[class[i]]++;
	*present = n - count[PAGE_ABSENT];
	count[PAGE_ABSENT] = 0;
	for (unsigned int c = PAGE_ABSENT + 1; c < PAGE_CLASSES; c++)
		if (count[c] > 0 && count[c] >= count[best])
			best = c;
	return best;
}

static char page_mark(unsigned int class, size_t present, size_t n)
{
	char mark = page_looks[class].mark;

	return present > 0 && present >= n - present ? (char)(mark - 'a' + 'A') : mark;
}

char page_mark_of_group(const uint8_t *class, size_t n)
{
	size_t present;
	unsigned int c = page_class_of_group(class, n, &present);

	return page_mark(c, present, n);
}

static void paint_pages(struct picture *p, const uint8_t *class, size_t n, size_t group)
{
	for (size_t i = 0; i < n; i += group) {
		size_t part = n - i < group ? n - i : group, present;
		unsigned int c = page_class_of_group(class + i, part, &present);

		put_mark(p, page_mark(c, present, part), page_looks[c].style);
	}
}

void picture_region(struct picture *p, const struct picture_region *r, size_t group)
{
	size_t at = 0, row;

	if (group == 0)
		group = picture_group(r->npages, PICTURE_BAR, 1);
	row = group * PICTURE_BAR;
	picture_text(p, "%08lx %.4s %8luK x%-5zu %-8.8s ", (unsigned long)r->start, r->mode,
	             (unsigned long)r->npages * (PAGE / 1024), group, r->name);
	do {
		if (at > 0)
			picture_text(p, "%40s", "");
		paint_pages(p, r->page + at, r->npages - at < row ? r->npages - at : row, group);
		picture_end_line(p);
		at += row;
	} while (at < r->npages);
}
