/* What the walk (path.c) and the changes of names (namespace.c) share. */
#ifndef FS_PATH_PRIV_H
#define FS_PATH_PRIV_H

#include <fs/path.h>

/* A reference to what NAME means in DIR, which is locked; mounts are not crossed.  A removed directory has nothing, not
   even "..". => E_NOENT; unless OK, *OUT is NULL or as it was. */
enum status directory_lookup(struct vnode *dir, const struct name *name, struct vnode **out) must_check;
/* A reference to the parent of DIR, within its mount. */
enum status directory_parent(struct vnode *dir, struct vnode **out) must_check;
struct name name_dotdot(void);
#define LINKS_MAX 40u /* as Linux: more of them in one path are taken for a circle */

/* VN is a link that leads where its text says. */
static inline bool link_has_text(const struct vnode *vn)
{
	return vn->kind == VNODE_LINK && !vn->ops->follow;
}

/* A reference to what LINK leads to; mounts are not crossed. => E_LOOP: nowhere; as vnode_ops.follow. */
enum status link_follow(struct vnode *link, struct vnode **out) must_check;

#endif
