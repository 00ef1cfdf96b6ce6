/* Doubly linked circular lists whose links lie inside the entries.
   One type serves as head and as link.  An entry that is on no list links to itself, so list_remove may be called
   twice and list_is_empty(&entry->link) asks whether it is on one. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <arch/compiler.h>
#include <stdbool.h>
#include <stddef.h>

/* Guarded by whatever guards the list's head. */
struct list {
	struct list *next; /* head: the first; last entry: the head */
	struct list *prev;
};

/* A static head: static struct list ready = LIST_INIT(ready); */
#define LIST_INIT(name) \
	{ \
		&(name), &(name) \
	}

static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

/* Put L between A and its next. */
static inline void list_insert_after(struct list *a, struct list *l)
{
	l->prev = a;
	l->next = a->next;
	a->next->prev = l;
	a->next = l;
}

static inline void list_insert_before(struct list *a, struct list *l)
{
	list_insert_after(a->prev, l);
}

static inline void list_add_head(struct list *head, struct list *l)
{
	list_insert_after(head, l);
}

static inline void list_add_tail(struct list *head, struct list *l)
{
	list_insert_after(head->prev, l);
}

/* Take L off its list and initialise it; on an entry that is on none, nothing happens. */
static inline void list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

/* => the first or last link, NULL when the list is empty. */
static inline struct list *list_first(const struct list *head)
{
	return list_is_empty(head) ? NULL : head->next;
}

static inline struct list *list_last(const struct list *head)
{
	return list_is_empty(head) ? NULL : head->prev;
}

/* Take the first link off and return it; NULL when the list is empty. */
static inline struct list *list_pop(struct list *head)
{
	struct list *l = list_first(head);

	if (l)
		list_remove(l);
	return l;
}

/* Append all of FROM to TO; FROM is empty afterwards. */
static inline void list_move_all(struct list *to, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = to->prev;
	to->prev->next = from->next;
	from->prev->next = to;
	to->prev = from->prev;
	list_init(from);
}

/* The struct of TYPE whose MEMBER is LINK. */
#define LIST_ENTRY(link, type, member) container_of(link, type, member)
/* The first entry, or NULL. */
#define LIST_FIRST_ENTRY(head, type, member) \
	(list_is_empty(head) ? (type *)NULL : LIST_ENTRY((head)->next, type, member))

/* Run the body with IT (declared here) at each link.  The body changes nothing about the list. */
#define list_foreach(it, head) for (struct list *it = (head)->next; it != (head); it = it->next)
/* The same; the body may take IT, and only IT, off the list, and free it. */
#define list_foreach_safe(it, head) \
	for (struct list *it = (head)->next, *it##_next = it->next; it != (head); it = it##_next, it##_next = it->next)

/* Run the body with VAR (a pointer variable the caller declared) at each entry.  After a loop that ran to its end VAR
   is the last entry, or what it was before if there was none: not NULL. */
#define list_foreach_entry(var, head, member) \
	for (struct list *var##_link = (head)->next; \
	     var##_link != (head) && ((var) = LIST_ENTRY(var##_link, __typeof__(*(var)), member), true); \
	     var##_link = var##_link->next)
/* The same; the body may take VAR, and only VAR, off the list, and free it. */
#define list_foreach_entry_safe(var, head, member) \
	for (struct list *var##_link = (head)->next, *var##_next = var##_link->next; \
	     var##_link != (head) && ((var) = LIST_ENTRY(var##_link, __typeof__(*(var)), member), true); \
	     var##_link = var##_next, var##_next = var##_link->next)

#endif
