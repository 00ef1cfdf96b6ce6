/* The word before the cursor is a command if nothing but an operator stands before it, else a path.
   Limit: what is within quotes is not completed.  Not taken: completion per command. */
#include "complete.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builtin.h"
#include "glob.h"
#include "mem.h"
#include "var.h"

#define WORD_ENDS " \t\n;|&<>()=`\"'"

static bool fits(const char *name, const char *typed)
{
	return strncmp(name, typed, strlen(typed)) == 0 && (name[0] != '.' || typed[0] == '.');
}

/* The names of `folder` that begin with `typed`: programs only, or all, with a slash behind folders. */
static void folder_collect(struct fields *f, const char *folder, const char *typed, bool programs)
{
	DIR *dir = opendir(*folder ? folder : ".");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		struct strbuf path = {0};
		struct stat st;
		char *name;

		if (!fits(entry->d_name, typed))
			continue;
		strbuf_puts(&path, folder);
		if (*folder && folder[strlen(folder) - 1] != '/')
			strbuf_putc(&path, '/');
		strbuf_puts(&path, entry->d_name);
		if (!strbuf_cstr(&path) || stat(path.data, &st) != 0)
			st.st_mode = 0;
		strbuf_free(&path);
		if (programs && (!S_ISREG(st.st_mode) || !(st.st_mode & 0111)))
			continue;
		strbuf_puts(&path, entry->d_name);
		if (S_ISDIR(st.st_mode))
			strbuf_putc(&path, '/');
		name = strbuf_cstr(&path) ? arena_strndup(path.data, path.len) : NULL;
		strbuf_free(&path);
		if (!name || !fields_add(f, name))
			break;
	}
	if (dir)
		closedir(dir);
}

static void commands_collect(struct fields *f, const char *typed)
{
	const char *path = var_value("PATH"), *name;

	for (unsigned i = 0; (name = builtin_name(i)); i++)
		if (fits(name, typed) && name_length(name) > 0)
			fields_add(f, arena_strndup(name, strlen(name)));
	for (path = path ? path : "/bin"; *path;) {
		size_t len = strcspn(path, ":");
		const char *folder = arena_strndup(path, len);

		if (folder && len > 0)
			folder_collect(f, folder, typed, true);
		path += len + (path[len] == ':');
	}
}

static int name_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_unique(struct fields *f)
{
	size_t to = 0;

	if (f->count > 0)
		qsort(f->all, f->count, sizeof *f->all, name_compare);
	for (size_t i = 0; i < f->count; i++)
		if (to == 0 || strcmp(f->all[to - 1], f->all[i]) != 0)
			f->all[to++] = f->all[i];
	f->count = to;
}

/* => what all names share beyond the `typed` bytes, with a backslash before what means something */
static const char *common_part(const struct fields *f, size_t typed)
{
	size_t len = strlen(f->all[0]);
	struct strbuf out = {0};
	const char *added;

	for (size_t i = 1; i < f->count; i++)
		for (size_t at = 0; at < len; at++)
			if (f->all[i][at] != f->all[0][at])
				len = at;
	for (size_t at = typed; at < len; at++) {
		if (strchr(" \t\n;|&<>()\\\"'`$*?[#~!{}", f->all[0][at]))
			strbuf_putc(&out, '\\');
		strbuf_putc(&out, f->all[0][at]);
	}
	if (f->count == 1 && f->all[0][strlen(f->all[0]) - 1] != '/')
		strbuf_putc(&out, ' ');
	added = strbuf_cstr(&out) ? arena_strndup(out.data, out.len) : NULL;
	strbuf_free(&out);
	return added ? added : "";
}

/* => the word's text without backslashes in the arena, and in *command whether a command stands there */
static char *word_before(const char *line, size_t cursor, bool *command)
{
	size_t start = cursor, before;
	char *word, *to;

	while (start > 0 && (!strchr(WORD_ENDS, line[start - 1]) || (start > 1 && line[start - 2] == '\\')))
		start--;
	for (before = start; before > 0 && strchr(" \t", line[before - 1]);)
		before--;
	*command = before == 0 || strchr(";|&(`\n", line[before - 1]);
	word = arena_strndup(line + start, cursor - start);
	if (!word)
		return NULL;
	to = word;
	for (const char *from = word; *from; from++)
		if (*from != '\\' || !from[1])
			*to++ = *from;
		else
			*to++ = *++from;
	*to = '\0';
	return word;
}

struct completion complete(const char *line, size_t cursor)
{
	struct fields f = {0};
	bool command;
	char *word = word_before(line, cursor, &command), *slash;
	const char *typed = word;

	if (!word)
		return (struct completion){.added = ""};
	slash = strrchr(word, '/');
	if (slash) {
		const char *folder = arena_strndup(word, (size_t)(slash - word) + 1);

		typed = slash + 1;
		if (folder)
			folder_collect(&f, folder, typed, false);
	} else if (command) {
		commands_collect(&f, typed);
	} else {
		folder_collect(&f, "", typed, false);
	}
	while (f.count > 0 && !f.all[f.count - 1]) /* a copy that failed */
		f.count--;
	sort_unique(&f);
	return (struct completion){f.all, f.count, f.count > 0 ? common_part(&f, strlen(typed)) : ""};
}
