/* A path from user memory.  It is fetched into 128 bytes of the kernel stack, which is nearly always enough, else into
   a page of kmalloc: clearing or allocating a page for each call would cost more than the walk. */
#ifndef SYS_PATH_BUF_PRIV_H
#define SYS_PATH_BUF_PRIV_H

#include <abi/fcntl.h>
#include <kern/usercopy.h>
#include <mm/kmalloc.h>

#define PATH_SHORT 128u

struct path_buf {
	char *text;
	char room[PATH_SHORT];
};

/* For path_fetch alone. */
enum status path_fetch_long(struct path_buf *b, user_ptr_t from) must_check;

/* => OK: path_drop() is due. */
static inline enum status path_fetch(struct path_buf *b, uint32_t from)
{
	int32_t len = copy_string_from_user(b->room, user_ptr(from), sizeof b->room);

	b->text = b->room;
	if (likely(len >= 0))
		return OK;
	return len == E_NAMETOOLONG ? path_fetch_long(b, user_ptr(from)) : (enum status)len;
}

static inline void path_drop(struct path_buf *b)
{
	if (unlikely(b->text != b->room))
		kfree(b->text);
}

#endif
