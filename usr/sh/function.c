/* A function is kept as the text of its body and parsed at each call, so that no tree has to outlive its command and a
   function may redefine itself while it runs.  Limit: a call costs a parse.
   Not taken: counted references to trees in an arena of their own. */
#include "function.h"

#include <stdlib.h>
#include <string.h>

#include "ast.h"
#include "exec.h"
#include "mem.h"
#include "parser.h"
#include "shell.h"
#include "var.h"

struct function {
	struct function *next;
	char *body; /* behind the name, in the same memory */
	char name[];
};

static struct function *functions;

bool function_define(const char *name, const char *body)
{
	size_t name_size = strlen(name) + 1, body_size = strlen(body) + 1;
	struct function *f = mem_alloc(sizeof *f + name_size + body_size);

	if (!f)
		return false;
	function_forget(name);
	memcpy(f->name, name, name_size);
	f->body = f->name + name_size;
	memcpy(f->body, body, body_size);
	f->next = functions;
	functions = f;
	return true;
}

const char *function_body(const char *name)
{
	for (const struct function *f = functions; f; f = f->next)
		if (strcmp(f->name, name) == 0)
			return f->body;
	return NULL;
}

void function_forget(const char *name)
{
	for (struct function **link = &functions; *link; link = &(*link)->next)
		if (strcmp((*link)->name, name) == 0) {
			struct function *gone = *link;

			*link = gone->next;
			free(gone);
			return;
		}
}

void functions_forget_all(void)
{
	while (functions)
		function_forget(functions->name);
}

void function_call(char **argv, unsigned long argc)
{
	int loop_depth = sh.loop_depth, status = sh.status;
	struct arena_mark mark;
	struct params saved;
	struct andor *list;

	sh.status = 1;
	if (sh.call_depth >= CALL_DEPTH_MAX) {
		shell_error("%.40s: calls nested too deeply", argv[0]);
		return;
	}
	if (!params_push(argv + 1, argc - 1, &saved))
		return;
	mark = arena_mark();
	sh.call_depth++;
	sh.loop_depth = 0;
	if (parse_text(function_body(argv[0]), &list)) {
		sh.status = status; /* its first $? */
		exec_list(list, false);
	}
	sh.loop_depth = loop_depth;
	sh.call_depth--;
	arena_release(mark);
	params_pop(saved);
	if (sh.unwind == UNWIND_RETURN)
		sh.unwind = UNWIND_NONE;
}
