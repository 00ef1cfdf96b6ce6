/* What the files of the vnode layer share. */
#ifndef FS_VNODE_PRIV_H
#define FS_VNODE_PRIV_H

#include <fs/names.h>
#include <fs/vnode.h>
#include <kern/usercopy.h>

extern uint32_t vnode_idle; /* names_lock: vnodes in the table without references */

/* A reference to VN, which may have none: it was found in the name cache or the table. */
static inline void vnode_ref_found(struct vnode *vn) requires_lock(names_lock)
{
	if (__atomic_fetch_add(&vn->refs, 1, __ATOMIC_RELAXED) == 0)
		vnode_idle--;
}

/* Page INDEX as page_get has it, to be written through a shared mapping: it has a place on the device and counts as
   dirty.  May sleep; nothing is locked.  => also E_NOSPC. */
enum status vnode_get_page_to_write(struct vnode *vn, uint32_t index, paddr_t *pa) must_check;

/* A node of M has no name but is in use: its blocks are lost to the disk until it goes. */
bool vnode_has_orphans(struct mount *m);
/* The mounted root that lies over VN, or VN itself. */
struct vnode *vnode_cover(struct vnode *vn) requires_lock(names_lock);

#endif
