/* The pattern is cut at its slashes; each piece without a star is appended as it is, each other piece is matched
   against the names of the folder so far.  A name with a dot in front wants a dot in the pattern.
   Limit: LEVEL_MAX folders deep with patterns.  Not taken: glob() of the C library, which knows no quoted bytes. */
#include "glob.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "mem.h"

#define LEVEL_MAX 64

struct globbing {
	struct fields *out;
	struct strbuf path;
	int level;
};

static bool glob_step(struct globbing *g, struct marked rest);

bool fields_add(struct fields *f, char *text)
{
	if (f->count + 1 >= f->cap) { /* one is kept for the NULL */
		size_t cap = f->cap ? f->cap * 2 : 8;
		char **all = arena_alloc(cap * sizeof *all);

		if (!all)
			return false;
		if (f->count > 0)
			memcpy(all, f->all, f->count * sizeof *all);
		f->all = all;
		f->cap = cap;
	}
	f->all[f->count++] = text;
	return true;
}

char **fields_end(struct fields *f)
{
	if (!f->all && !fields_add(f, NULL))
		return NULL;
	if (f->count > 0 && !f->all[f->count - 1])
		f->count--;
	f->all[f->count] = NULL;
	return f->all;
}

static bool path_put_literal(struct globbing *g, struct marked m)
{
	for (size_t i = 0; i < m.len; i++)
		if (m.marks[i] != MARK_EMPTY)
			strbuf_putc(&g->path, m.text[i]);
	return !g->path.failed;
}

/* The path is complete: it counts if there is such a file. */
static bool path_done(struct globbing *g)
{
	struct stat st;
	char *text;

	if (!strbuf_cstr(&g->path))
		return false;
	if (lstat(g->path.data, &st) != 0)
		return true;
	text = arena_strndup(g->path.data, g->path.len);
	return text && fields_add(g->out, text);
}

static struct marked marked_from(struct marked m, size_t start)
{
	return (struct marked){m.text + start, m.marks + start, m.len - start};
}

static bool names_match(struct globbing *g, DIR *dir, struct marked piece, struct marked rest)
{
	size_t base = g->path.len;
	struct dirent *entry;
	bool fine = true;

	while (fine && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' && (piece.len == 0 || piece.text[0] != '.'))
			continue;
		if (!pattern_match(piece, entry->d_name, strlen(entry->d_name)))
			continue;
		strbuf_puts(&g->path, entry->d_name);
		fine = !g->path.failed && glob_step(g, rest);
		g->path.len = base;
	}
	return fine;
}

static bool folder_match(struct globbing *g, struct marked piece, struct marked rest)
{
	bool fine;
	DIR *dir;

	if (!strbuf_cstr(&g->path))
		return false;
	if (g->level >= LEVEL_MAX)
		return true;
	dir = opendir(g->path.len > 0 ? g->path.data : ".");
	if (!dir)
		return true;
	g->level++;
	fine = names_match(g, dir, piece, rest);
	g->level--;
	closedir(dir);
	return fine;
}

/* The path so far is right; `rest` is what follows, from a slash on or from the start. */
static bool glob_step(struct globbing *g, struct marked rest)
{
	size_t base = g->path.len;
	bool fine = true;

	for (;;) {
		size_t len = 0;
		struct marked piece;

		while (len < rest.len && rest.text[len] == '/')
			len++;
		if (!path_put_literal(g, (struct marked){rest.text, rest.marks, len}))
			return false;
		rest = marked_from(rest, len);
		for (len = 0; len < rest.len && rest.text[len] != '/';)
			len++;
		piece = (struct marked){rest.text, rest.marks, len};
		rest = marked_from(rest, len);
		if (pattern_is_active(piece)) {
			fine = folder_match(g, piece, rest);
			break;
		}
		if (!path_put_literal(g, piece))
			return false;
		if (rest.len == 0) {
			fine = path_done(g);
			break;
		}
	}
	g->path.len = base;
	return fine;
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool glob_expand(struct fields *f, struct marked pattern)
{
	struct globbing g = {.out = f};
	size_t before = f->count;
	bool fine = glob_step(&g, pattern);

	strbuf_free(&g.path);
	if (f->count > before)
		qsort(f->all + before, f->count - before, sizeof *f->all, name_compare);
	return fine;
}
