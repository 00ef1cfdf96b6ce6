/* The environment.  `environ` starts as the vector on the stack; the first change moves it to the heap.  Strings that
   setenv made are not freed when replaced: programs may hold what getenv gave them. */
#include <stdlib.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char **owned; /* the vector on the heap, or NULL */

/* The entry of the N bytes at NAME, or the place of the closing NULL. */
static char **entry_find(const char *name, size_t n)
{
	char **e = environ;

	while (*e && (strncmp(*e, name, n) != 0 || (*e)[n] != '='))
		e++;
	return e;
}

char *getenv(const char *name)
{
	size_t n = strlen(name);
	char *entry = environ ? *entry_find(name, n) : NULL;

	return entry ? entry + n + 1 : NULL;
}

static size_t environ_count(void)
{
	size_t n = 0;

	while (environ && environ[n])
		n++;
	return n;
}

/* Room for one more entry in a vector of our own. */
static bool environ_grow(void)
{
	size_t n = environ_count();
	char **v = realloc(environ == owned ? owned : NULL, (n + 2) * sizeof *v);

	if (!v)
		return false;
	if (environ != owned && n > 0)
		memcpy(v, environ, n * sizeof *v);
	v[n] = v[n + 1] = NULL;
	environ = owned = v;
	return true;
}

static int entry_put(char *assignment, size_t name_length)
{
	char **e;

	if (!environ && !environ_grow())
		return -1;
	e = entry_find(assignment, name_length);
	if (!*e) {
		if (!environ_grow())
			return -1;
		e = environ + environ_count();
	}
	*e = assignment;
	return 0;
}

int setenv(const char *name, const char *value, int overwrite)
{
	char *entry;

	if (!name || !*name || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	if (!overwrite && getenv(name))
		return 0;
	if (asprintf(&entry, "%s=%s", name, value) < 0)
		return -1;
	if (entry_put(entry, strlen(name)) < 0) {
		free(entry);
		return -1;
	}
	return 0;
}

int putenv(char *assignment)
{
	const char *equals = strchr(assignment, '=');

	if (!equals)
		return unsetenv(assignment);
	return entry_put(assignment, (size_t)(equals - assignment));
}

int unsetenv(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	if (!environ)
		return 0;
	for (char **e = entry_find(name, n); *e;) {
		for (char **move = e; *move; move++)
			move[0] = move[1];
		e = entry_find(name, n);
	}
	return 0;
}

int clearenv(void)
{
	environ = owned;
	return environ_grow() ? (environ[0] = NULL, 0) : -1;
}
