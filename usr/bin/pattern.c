/* Basic regular expressions by backtracking: . [set] * ^ $ \(group\) and, beyond POSIX, \| \+ \?; \{m,n\} too.
   A pattern is a list of nodes; what follows a group's inside is passed along as a continuation, so that a group's
   repetitions and what stands behind it are tried like everything else.  Exponential in the worst case; an automaton
   would not be, and takes a page more. */
#include "pattern.h"

#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum node_kind { NODE_SET, NODE_BEGIN, NODE_END, NODE_GROUP };

struct node {
	enum node_kind kind;
	int min, max;       /* repetitions */
	uint32_t set[8];    /* NODE_SET: the characters that match */
	struct node *next;  /* what follows in the same branch */
	struct node *sub;   /* NODE_GROUP: its first branch; of a branch: its first node */
	struct node *other; /* of a branch: the next alternative */
	struct node *chain; /* all nodes of the pattern, for freeing */
};

/* What to do when a branch is through: go on with GROUP, of which COUNT repetitions are done. */
struct then {
	const struct node *group;
	const struct then *up;
	const char *start; /* where this repetition began */
	int count;
};

struct pattern {
	struct node *root; /* a group around everything */
	struct node *nodes;
	bool ignore_case;
};

struct parser {
	struct pattern *pattern;
	const char *s;
	const char *why; /* NULL while all is well */
	int depth;       /* open groups */
};

static struct node *parse_branches(struct parser *p);

static struct node *node_new(struct parser *p, enum node_kind kind)
{
	struct node *n = calloc(1, sizeof *n);

	if (!n) {
		p->why = "out of memory";
		return NULL;
	}
	n->kind = kind;
	n->min = n->max = 1;
	n->chain = p->pattern->nodes;
	p->pattern->nodes = n;
	return n;
}

static void set_add(struct node *n, unsigned int c)
{
	n->set[c / 32] |= 1u << (c % 32);
}

static bool set_has(const struct node *n, unsigned int c)
{
	return (n->set[c / 32] >> (c % 32)) & 1;
}

static void set_add_folded(const struct parser *p, struct node *n, int c)
{
	set_add(n, (unsigned char)c);
	if (p->pattern->ignore_case) {
		set_add(n, (unsigned char)tolower(c));
		set_add(n, (unsigned char)toupper(c));
	}
}

static struct node *node_char(struct parser *p, char c)
{
	struct node *n = node_new(p, NODE_SET);

	if (n)
		set_add_folded(p, n, (unsigned char)c);
	return n;
}

static struct node *node_any(struct parser *p)
{
	struct node *n = node_new(p, NODE_SET);

	if (n)
		memset(n->set, 0xff, sizeof n->set);
	return n;
}

/* [:name:] inside a set; the result is its length, or 0 if there is none. */
static size_t parse_class(const struct parser *p, struct node *n)
{
	static const struct {
		const char *name;
		int (*is)(int);
	} classes[] = {
		{"[:alpha:]", isalpha}, {"[:digit:]", isdigit}, {"[:alnum:]", isalnum}, {"[:space:]", isspace},
		{"[:upper:]", isupper}, {"[:lower:]", islower}, {"[:punct:]", ispunct}, {"[:xdigit:]", isxdigit},
		{"[:blank:]", isblank}, {"[:print:]", isprint}, {"[:cntrl:]", iscntrl}, {"[:graph:]", isgraph},
	};

	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		size_t length = strlen(classes[i].name);

		if (strncmp(p->s, classes[i].name, length) != 0)
			continue;
		for (int c = 0; c < 128; c++)
			if (classes[i].is(c))
				set_add_folded(p, n, c);
		return length;
	}
	return 0;
}

/* A range or a single character of a set. */
static void parse_set_item(struct parser *p, struct node *n)
{
	int low = (unsigned char)p->s[0], high = low;
	size_t length = parse_class(p, n);

	if (length > 0) {
		p->s += length;
		return;
	}
	if (p->s[1] == '-' && p->s[2] && p->s[2] != ']') {
		high = (unsigned char)p->s[2];
		p->s += 2;
	}
	p->s++;
	for (; low <= high; low++)
		set_add_folded(p, n, low);
}

static struct node *parse_set(struct parser *p)
{
	struct node *n = node_new(p, NODE_SET);
	bool invert = *p->s == '^';

	if (!n)
		return NULL;
	p->s += invert;
	do {
		if (!*p->s) {
			p->why = "[ without ]";
			return NULL;
		}
		parse_set_item(p, n);
	} while (*p->s != ']');
	p->s++;
	for (int i = 0; invert && i < 8; i++)
		n->set[i] = ~n->set[i];
	return n;
}

static struct node *parse_group(struct parser *p)
{
	struct node *n = node_new(p, NODE_GROUP);

	if (!n)
		return NULL;
	p->depth++;
	n->sub = parse_branches(p);
	p->depth--;
	if (p->why)
		return NULL;
	if (strncmp(p->s, "\\)", 2) != 0) {
		p->why = "\\( without \\)";
		return NULL;
	}
	p->s += 2;
	return n;
}

static bool at_branch_end(const struct parser *p)
{
	return !*p->s || strncmp(p->s, "\\|", 2) == 0 || (p->depth > 0 && strncmp(p->s, "\\)", 2) == 0);
}

static struct node *parse_atom(struct parser *p, bool first)
{
	char c = *p->s++;

	if (c == '^' && first)
		return node_new(p, NODE_BEGIN);
	if (c == '$' && at_branch_end(p))
		return node_new(p, NODE_END);
	if (c == '.')
		return node_any(p);
	if (c == '[')
		return parse_set(p);
	if (c != '\\')
		return node_char(p, c);
	if (!*p->s) {
		p->why = "\\ at the end";
		return NULL;
	}
	c = *p->s++;
	if (c == ')')
		p->why = "\\) without \\(";
	return c == '(' ? parse_group(p) : node_char(p, c);
}

/* \{m\} \{m,\} \{m,n\}; the cursor is behind the brace. */
static void parse_interval(struct parser *p, struct node *n)
{
	char *end;

	n->min = n->max = (int)strtol(p->s, &end, 10);
	if (*end == ',') {
		const char *from = end + 1;

		n->max = (int)strtol(from, &end, 10);
		if (end == from)
			n->max = INT_MAX;
	}
	if (strncmp(end, "\\}", 2) != 0 || n->min < 0 || n->max < n->min)
		p->why = "malformed \\{ \\}";
	p->s = end + (p->why ? 0 : 2);
}

static void parse_repeat(struct parser *p, struct node *n)
{
	if (*p->s == '*') {
		n->min = 0;
		n->max = INT_MAX;
		p->s++;
	} else if (strncmp(p->s, "\\+", 2) == 0) {
		n->max = INT_MAX;
		p->s += 2;
	} else if (strncmp(p->s, "\\?", 2) == 0) {
		n->min = 0;
		p->s += 2;
	} else if (strncmp(p->s, "\\{", 2) == 0) {
		p->s += 2;
		parse_interval(p, n);
	}
}

/* A branch is a group node whose .sub is its first node. */
static struct node *parse_branch(struct parser *p)
{
	struct node *branch = node_new(p, NODE_GROUP), **tail;
	bool first = true;

	if (!branch)
		return NULL;
	for (tail = &branch->sub; !p->why && !at_branch_end(p); tail = &(*tail)->next) {
		struct node *n = parse_atom(p, first);

		if (!n || p->why)
			return NULL;
		*tail = n;
		first = first && n->kind == NODE_BEGIN; /* a * there means itself */
		if (n->kind != NODE_BEGIN)
			parse_repeat(p, n);
	}
	return branch;
}

static struct node *parse_branches(struct parser *p)
{
	struct node *first = parse_branch(p), *last = first;

	while (last && strncmp(p->s, "\\|", 2) == 0) {
		p->s += 2;
		last->other = parse_branch(p);
		last = last->other;
	}
	return first;
}

static struct node *parse_plain(struct parser *p)
{
	struct node *branch = node_new(p, NODE_GROUP), **tail = branch ? &branch->sub : NULL;

	for (; tail && *p->s; p->s++) {
		*tail = node_char(p, *p->s);
		tail = *tail ? &(*tail)->next : NULL;
	}
	return branch;
}

struct pattern *pattern_compile(const char *text, bool plain, bool ignore_case, const char **why)
{
	struct pattern *pattern = calloc(1, sizeof *pattern);
	struct parser p = {pattern, text, NULL, 0};

	if (!pattern) {
		*why = "out of memory";
		return NULL;
	}
	pattern->ignore_case = ignore_case;
	pattern->root = node_new(&p, NODE_GROUP);
	if (pattern->root)
		pattern->root->sub = plain ? parse_plain(&p) : parse_branches(&p);
	if (!p.why)
		return pattern;
	*why = p.why;
	pattern_free(pattern);
	return NULL;
}

void pattern_free(struct pattern *p)
{
	while (p->nodes) {
		struct node *next = p->nodes->chain;

		free(p->nodes);
		p->nodes = next;
	}
	free(p);
}

static bool match(const struct node *n, const char *s, const char *line, const struct then *then);

/* COUNT repetitions of G are done: one more, or what stands behind it. */
static bool match_group(const struct node *g, const char *s, const char *line, const struct then *up, int count)
{
	struct then then = {g, up, s, count + 1};

	if (count < g->max)
		for (const struct node *branch = g->sub; branch; branch = branch->other)
			if (match(branch->sub, s, line, &then))
				return true;
	return count >= g->min && match(g->next, s, line, up);
}

static bool match_then(const char *s, const char *line, const struct then *then)
{
	if (!then)
		return true;
	if (s == then->start) /* an empty repetition: more of them change nothing */
		return match(then->group->next, s, line, then->up);
	return match_group(then->group, s, line, then->up, then->count);
}

/* As many as there are, then fewer. */
static bool match_set(const struct node *n, const char *s, const char *line, const struct then *then)
{
	int count = 0;

	while (count < n->max && s[count] && set_has(n, (unsigned char)s[count]))
		count++;
	for (; count >= n->min; count--)
		if (match(n->next, s + count, line, then))
			return true;
	return false;
}

static bool match(const struct node *n, const char *s, const char *line, const struct then *then)
{
	if (!n)
		return match_then(s, line, then);
	switch (n->kind) {
	case NODE_SET: return match_set(n, s, line, then);
	case NODE_BEGIN: return s == line && match(n->next, s, line, then);
	case NODE_END: return !*s && match(n->next, s, line, then);
	case NODE_GROUP: return match_group(n, s, line, then, 0);
	}
	return false;
}

bool pattern_matches(const struct pattern *p, const char *line)
{
	for (const char *s = line;; s++) {
		if (match(p->root, s, line, NULL))
			return true;
		if (!*s)
			return false;
	}
}
