/* The syntax tree of a command.  All of it lies in the arena; words keep their quotes until they are expanded. */
#ifndef SH_AST_H
#define SH_AST_H

#include <stdbool.h>

struct word {
	struct word *next;
	const char *text;
};

enum redir_op {
	REDIR_READ,       /* <  */
	REDIR_WRITE,      /* > and >| */
	REDIR_APPEND,     /* >> */
	REDIR_READ_WRITE, /* <> */
	REDIR_DUP,        /* <& and >&: the word is a digit or `-` */
	REDIR_HERE,       /* << with expansion: the word is the body */
	REDIR_HERE_RAW,   /* << with a quoted delimiter */
};

struct redir {
	struct redir *next;
	enum redir_op op;
	int fd;
	const char *word;
	bool strip_tabs; /* <<- */
};

enum command_kind {
	COMMAND_SIMPLE,
	COMMAND_SUBSHELL,
	COMMAND_GROUP,
	COMMAND_IF,
	COMMAND_LOOP,
	COMMAND_FOR,
	COMMAND_CASE,
	COMMAND_FUNCTION,
};

struct andor;

struct if_clause {
	struct if_clause *next;
	struct andor *condition; /* NULL: the `else` */
	struct andor *body;
};

struct case_arm {
	struct case_arm *next;
	struct word *patterns;
	struct andor *body;
};

struct command {
	struct command *next; /* the one that reads what this one writes */
	enum command_kind kind;
	struct redir *redirs;
	union {
		struct {
			struct word *assigns, *words;
		} simple;
		struct andor *list; /* COMMAND_SUBSHELL, COMMAND_GROUP */
		struct if_clause *clauses;
		struct {
			struct andor *condition, *body;
			bool until;
		} loop;
		struct {
			const char *name;
			struct word *words;
			bool has_words; /* false: over "$@" */
			struct andor *body;
		} each;
		struct {
			const char *word;
			struct case_arm *arms;
		} choice;
		struct {
			const char *name, *body; /* the body is text: it outlives the tree */
		} function;
	};
};

struct pipeline {
	struct pipeline *next;
	bool after_success; /* joined to the one before by && (true) or || (false) */
	bool negated;
	unsigned count; /* of commands, at least 1 */
	struct command *commands;
	const char *text; /* as it was written, for `jobs` */
};

struct andor {
	struct andor *next;
	struct pipeline *pipelines;
	bool background;
	const char *text;
};

#endif
