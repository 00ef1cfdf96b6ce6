/* A variable is one string NAME=value, as the environment of a program wants it, in a small hash table: an exec needs
   an array of pointers and copies no text, and what came in with the environment is not copied either.
   Limit: no read-only and no local variables.  Not taken: a sorted array; `set` sorts when it prints. */
#include "var.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define VAR_BUCKETS 32u

struct var {
	struct var *next; /* in its bucket */
	char *text;       /* NAME=value; NULL: exported before it was set */
	size_t name_len;
	bool exported;
	bool owned; /* text came from malloc(), not from the environment */
	char *name; /* not NUL-terminated; in `text`, or behind this struct while that is NULL */
	char room[];
};

static struct var *buckets[VAR_BUCKETS];
static struct params params;

size_t name_length(const char *s)
{
	size_t n = 0;

	while ((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= 'A' && s[n] <= 'Z') || s[n] == '_' ||
	       (n > 0 && s[n] >= '0' && s[n] <= '9'))
		n++;
	return n;
}

static struct var **bucket_of(const char *name, size_t len)
{
	unsigned hash = (unsigned)len;

	for (size_t i = 0; i < len; i++)
		hash = hash * 31 + (unsigned char)name[i];
	return &buckets[hash % VAR_BUCKETS];
}

static struct var *var_find(const char *name, size_t len)
{
	for (struct var *v = *bucket_of(name, len); v; v = v->next)
		if (v->name_len == len && memcmp(v->name, name, len) == 0)
			return v;
	return NULL;
}

/* The name is kept behind the struct, so that `text` may come and go. */
static struct var *var_make(const char *name, size_t len)
{
	struct var **bucket = bucket_of(name, len);
	struct var *v = mem_alloc(sizeof *v + len);

	if (!v)
		return NULL;
	memcpy(v->room, name, len);
	*v = (struct var){.next = *bucket, .name_len = len, .name = v->room};
	*bucket = v;
	return v;
}

static void var_put_text(struct var *v, char *text, bool owned)
{
	if (v->owned)
		free(v->text);
	v->text = text;
	v->owned = owned;
}

void vars_import(char **environ)
{
	for (; environ && *environ; environ++) {
		size_t len = name_length(*environ);
		struct var *v;

		if (len == 0 || (*environ)[len] != '=' || var_find(*environ, len))
			continue;
		v = var_make(*environ, len);
		if (!v)
			return;
		var_put_text(v, *environ, false);
		v->exported = true;
	}
}

const char *var_get(const char *name, size_t len)
{
	const struct var *v = var_find(name, len);

	return v && v->text ? v->text + len + 1 : NULL;
}

const char *var_value(const char *name)
{
	return var_get(name, strlen(name));
}

bool var_is_exported(const char *name, size_t len)
{
	const struct var *v = var_find(name, len);

	return v && v->exported;
}

bool var_set(const char *name, size_t len, const char *value)
{
	size_t value_len = strlen(value);
	struct var *v = var_find(name, len);
	char *text = mem_alloc(len + value_len + 2);

	if (!text)
		return false;
	memcpy(text, name, len);
	text[len] = '=';
	memcpy(text + len + 1, value, value_len + 1);
	if (!v)
		v = var_make(name, len);
	if (!v) {
		free(text);
		return false;
	}
	var_put_text(v, text, true);
	return true;
}

bool var_export(const char *name, size_t len)
{
	struct var *v = var_find(name, len);

	if (!v)
		v = var_make(name, len);
	if (!v)
		return false;
	v->exported = true;
	return true;
}

static void var_drop(struct var **link)
{
	struct var *v = *link;

	*link = v->next;
	var_put_text(v, NULL, false);
	free(v);
}

void var_unset(const char *name, size_t len)
{
	for (struct var **link = bucket_of(name, len); *link; link = &(*link)->next)
		if ((*link)->name_len == len && memcmp((*link)->name, name, len) == 0) {
			var_drop(link);
			return;
		}
}

void vars_keep_exported(void)
{
	for (unsigned i = 0; i < VAR_BUCKETS; i++)
		for (struct var **link = &buckets[i]; *link;)
			if ((*link)->exported)
				link = &(*link)->next;
			else
				var_drop(link);
}

/* => the set variables, NULL-terminated, in the arena */
static char **vars_collect(bool exported_only, size_t *count)
{
	size_t n = 0;
	char **all;

	for (unsigned i = 0; i < VAR_BUCKETS; i++)
		for (struct var *v = buckets[i]; v; v = v->next)
			n++;
	all = arena_alloc((n + 1) * sizeof *all);
	if (!all)
		return NULL;
	n = 0;
	for (unsigned i = 0; i < VAR_BUCKETS; i++)
		for (struct var *v = buckets[i]; v; v = v->next)
			if (v->text && (v->exported || !exported_only))
				all[n++] = v->text;
	all[n] = NULL;
	*count = n;
	return all;
}

char **vars_environ(void)
{
	size_t count;

	return vars_collect(true, &count);
}

static int text_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void vars_print(struct strbuf *out, bool exported_only)
{
	struct arena_mark mark = arena_mark();
	size_t count = 0;
	char **all = vars_collect(exported_only, &count);

	if (all)
		qsort(all, count, sizeof *all, text_compare);
	for (size_t i = 0; all && i < count; i++) {
		size_t name = (size_t)(strchr(all[i], '=') - all[i]);

		if (exported_only)
			strbuf_puts(out, "export ");
		strbuf_put(out, all[i], name + 1);
		strbuf_putc(out, '\'');
		for (const char *s = all[i] + name + 1; *s; s++)
			if (*s == '\'')
				strbuf_puts(out, "'\\''");
			else
				strbuf_putc(out, *s);
		strbuf_puts(out, "'\n");
	}
	arena_release(mark);
}

bool params_push(char *const *argv, size_t count, struct params *saved)
{
	size_t bytes = 0;
	char **all, *room;

	for (size_t i = 0; i < count; i++)
		bytes += strlen(argv[i]) + 1;
	all = mem_alloc((count + 1) * sizeof *all + bytes);
	if (!all)
		return false;
	room = (char *)(all + count + 1);
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(argv[i]) + 1;

		all[i] = memcpy(room, argv[i], len);
		room += len;
	}
	*saved = params;
	params = (struct params){all, 0, count};
	return true;
}

void params_pop(struct params saved)
{
	free(params.all);
	params = saved;
}

bool params_set(char *const *argv, size_t count)
{
	struct params old;

	if (!params_push(argv, count, &old))
		return false;
	free(old.all);
	return true;
}

size_t params_count(void)
{
	return params.count;
}

const char *params_get(size_t n)
{
	return n >= 1 && n <= params.count ? params.all[params.first + n - 1] : NULL;
}

void params_shift(size_t n)
{
	params.first += n;
	params.count -= n;
}
