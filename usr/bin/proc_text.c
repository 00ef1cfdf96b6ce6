/* The texts of /proc.  Not taken: sscanf, which has no limit for names and no answer to a number that is too long. */
#include "proc_text.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Fields of /proc/PID/stat behind the name, counted from 0 for the one behind the state. */
enum { STAT_PPID = 0, STAT_PGID = 1, STAT_UTIME = 10, STAT_STIME = 11, STAT_SIZE = 19, STAT_RSS = 20, STAT_FIELDS = 21 };

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, " \t");
}

/* A number in BASE that a blank, one of STOP or the end of the text follows. => behind it; NULL: none there. */
static const char *number_parse(const char *at, int base, const char *stop, uint64_t *out)
{
	char *end;

	if (!isxdigit((unsigned char)*at))
		return NULL;
	*out = strtoull(at, &end, base);
	return end != at && (strchr(" \t\n", *end) || strchr(stop, *end)) ? end : NULL;
}

/* The name stands in parentheses and may hold some itself: the last one closes. => behind it */
static const char *stat_name(const char *text, char *name, size_t size)
{
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	size_t length;

	if (!open || !close || close < open)
		return NULL;
	length = (size_t)(close - open - 1);
	length = length < size ? length : size - 1;
	memcpy(name, open + 1, length);
	name[length] = '\0';
	return close + 1;
}

/* N numbers, each behind blanks; a minus sign (some of Linux's fields are -1) makes 0 of one. */
static bool numbers_parse(const char *at, uint64_t *out, int n)
{
	for (int i = 0; i < n; i++) {
		bool negative;

		at = skip_blanks(at);
		negative = *at == '-';
		at = number_parse(at + negative, 10, "", &out[i]);
		if (!at)
			return false;
		out[i] = negative ? 0 : out[i];
	}
	return true;
}

bool proc_stat_parse(const char *text, struct proc_stat *out)
{
	uint64_t pid, field[STAT_FIELDS];
	const char *at = stat_name(text, out->name, sizeof out->name);

	if (!at || !number_parse(text, 10, "", &pid))
		return false;
	at = skip_blanks(at);
	out->state = *at;
	if (!isalpha((unsigned char)*at) || !numbers_parse(at + 1, field, STAT_FIELDS))
		return false;
	out->pid = (int)pid;
	out->ppid = (int)field[STAT_PPID];
	out->pgid = (int)field[STAT_PGID];
	out->utime = field[STAT_UTIME];
	out->stime = field[STAT_STIME];
	out->promised = field[STAT_SIZE];
	out->resident = field[STAT_RSS];
	return true;
}

/* What stands at AT up to the end of its line; of a long one its end, which says more. */
static void region_name(const char *at, char *name, size_t size)
{
	size_t length = strcspn(at, "\n");
	size_t skip = length < size ? 0 : length - (size - 1);

	memcpy(name, at + skip, length - skip);
	name[length - skip] = '\0';
}

/* start-end mode offset device inode   name */
bool proc_region_parse(const char *line, struct proc_region *out)
{
	uint64_t start, end, unused;
	const char *at = number_parse(line, 16, "-", &start);

	at = at && *at == '-' ? number_parse(at + 1, 16, "", &end) : NULL;
	if (!at || start > end || end > UINT32_MAX)
		return false;
	at = skip_blanks(at);
	if (strcspn(at, " \t\n") != sizeof out->mode - 1)
		return false;
	memcpy(out->mode, at, sizeof out->mode - 1);
	out->mode[sizeof out->mode - 1] = '\0';
	at = number_parse(skip_blanks(at + sizeof out->mode - 1), 16, "", &unused);
	at = at ? number_parse(skip_blanks(at), 16, ":", &unused) : NULL;
	at = at && *at == ':' ? number_parse(at + 1, 16, "", &unused) : NULL;
	at = at ? number_parse(skip_blanks(at), 10, "", &unused) : NULL;
	if (!at)
		return false;
	out->start = (uint32_t)start;
	out->end = (uint32_t)end;
	region_name(skip_blanks(at), out->name, sizeof out->name);
	return true;
}

const char *proc_region_name(const struct proc_region *r)
{
	const char *slash = strrchr(r->name, '/');

	if (!r->name[0])
		return "[ anon ]";
	return slash && slash[1] ? slash + 1 : r->name;
}

const char *proc_next_line(const char *at)
{
	at = strchr(at, '\n');
	return at && at[1] ? at + 1 : NULL;
}

bool proc_number(const char *text, const char *name, unsigned int n, uint64_t *out)
{
	size_t length = strlen(name);

	for (const char *at = text; at; at = proc_next_line(at)) {
		if (strncmp(at, name, length) != 0 || !at[length] || !strchr(": \t", at[length]))
			continue;
		at += length + (at[length] == ':');
		for (unsigned int i = 0; at && i <= n; i++)
			at = number_parse(skip_blanks(at), 10, "", out);
		return at != NULL;
	}
	return false;
}

uint64_t proc_value(const char *text, const char *name)
{
	uint64_t value;

	return proc_number(text, name, 0, &value) ? value : 0;
}
