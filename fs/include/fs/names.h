/* The name cache: (directory, name) -> vnode, or "there is no such name".
   It says the same as the directories because every change of a directory is told to it while the directory is
   locked.  It holds no references: a vnode that goes takes its entries along.  Names longer than NAMES_INLINE are not
   remembered. */
#ifndef FS_NAMES_H
#define FS_NAMES_H

#include <fs/vnode.h>

#define NAMES_INLINE 39u /* bytes */

enum names_result {
	NAMES_UNKNOWN,
	NAMES_ABSENT, /* there is certainly no such name */
	NAMES_FOUND,
};

/* The lock of the name cache and of the vnode table, RANK_FILES: a path is resolved and its vnode counted under one
   hold. */
extern struct spinlock names_lock;

/* *OUT without a reference: good while names_lock is held. */
enum names_result names_find(struct vnode *dir, const struct name *name, struct vnode **out) requires_lock(names_lock);
/* DIR is locked; VN NULL: the name is not there.  Replaces what was remembered. */
void names_enter(struct vnode *dir, const struct name *name, struct vnode *vn);
/* DIR is locked: NAME does not mean VN any more, nor anything else. */
void names_gone(struct vnode *dir, const struct name *name, struct vnode *vn);
/* DIR is locked: forget the name. */
void names_forget(struct vnode *dir, const struct name *name);
/* VN goes, or (a directory) has lost its parent: forget what is in it and what means it. */
void names_forget_vnode(struct vnode *vn) requires_lock(names_lock);
void names_forget_all(void);
uint32_t names_count(void);
void names_init(void);

#endif
