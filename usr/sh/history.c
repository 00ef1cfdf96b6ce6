/* A ring of the last lines in memory.  Limit: it dies with the shell.
   Not taken: a file in HOME; a disk write for each command is much for what the up arrow gives. */
#include "history.h"

#include <string.h>

#include "mem.h"

#define HISTORY_MAX 500u

static char *lines[HISTORY_MAX]; /* the n-th line ever is at n % HISTORY_MAX */
static size_t total;             /* lines ever added */

size_t history_count(void)
{
	return total < HISTORY_MAX ? total : HISTORY_MAX;
}

const char *history_get(size_t back)
{
	return back >= 1 && back <= history_count() ? lines[(total - back) % HISTORY_MAX] : NULL;
}

void history_add(const char *line)
{
	const char *newest = history_get(1);
	char *copy;

	if (line[strspn(line, " \t")] == '\0' || (newest && strcmp(newest, line) == 0))
		return;
	copy = mem_strndup(line, strlen(line));
	if (!copy)
		return;
	mem_free(lines[total % HISTORY_MAX]);
	lines[total++ % HISTORY_MAX] = copy;
}

void history_print(struct strbuf *out)
{
	for (size_t back = history_count(); back > 0; back--) {
		strbuf_putnum(out, (long)(total - back + 1));
		strbuf_puts(out, "  ");
		strbuf_puts(out, history_get(back));
		strbuf_putc(out, '\n');
	}
}
