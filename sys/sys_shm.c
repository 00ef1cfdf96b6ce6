/* System calls about shared memory with a name: openshmem, and System V, whose calls Linux/i386 has twice: each with a
   number of its own, and all behind ipc(). */
#include <abi/shm.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/shm.h>
#include <kern/usercopy.h>

#include "sys_priv.h"

int32_t sys_openshmem(const struct syscall_args *a)
{
	vaddr_t at = 0;
	enum status st = shmem_open((int32_t)a->v[0], &at);

	return st == OK ? (int32_t)at : st;
}

int32_t sys_closeshmem(const struct syscall_args *a)
{
	return shmem_close((int32_t)a->v[0]);
}

int32_t sys_shmget(const struct syscall_args *a)
{
	return sysv_shm_get((int32_t)a->v[0], a->v[1], a->v[2]);
}

int32_t sys_shmat(const struct syscall_args *a)
{
	vaddr_t at = 0;
	enum status st = sysv_shm_attach((int32_t)a->v[0], a->v[1], a->v[2], &at);

	return st == OK ? (int32_t)at : st;
}

int32_t sys_shmdt(const struct syscall_args *a)
{
	return sysv_shm_detach(a->v[0]);
}

/* ---- shmctl ---- */

static struct abi_ipc64_perm perm_of(const struct sysv_shm_look *l)
{
	return (struct abi_ipc64_perm){
		.key = l->key,
		.uid = l->uid,
		.gid = l->gid,
		.mode = (uint16_t)l->mode,
		.seq = (uint16_t)(l->id >> 15), /* what is left of an id of Linux without its slot */
	};
}

static enum status put_look(user_ptr_t to, const struct sysv_shm_look *l)
{
	const struct abi_shmid64_ds ds = {
		.perm = perm_of(l),
		.segsz = l->size,
		.atime = l->atime,
		.dtime = l->dtime,
		.ctime = l->ctime,
		.cpid = l->creator,
		.lpid = l->last_pid,
		.nattch = l->attached,
	};

	return copy_to_user(to, &ds, sizeof ds);
}

static enum status put_old_look(user_ptr_t to, const struct sysv_shm_look *l)
{
	const struct abi_ipc64_perm p = perm_of(l);
	const struct abi_shmid_ds ds = {
		.perm = {p.key, (uint16_t)p.uid, (uint16_t)p.gid, (uint16_t)p.cuid, (uint16_t)p.cgid, p.mode, p.seq},
		.segsz = (int32_t)l->size,
		.atime = (int32_t)l->atime,
		.dtime = (int32_t)l->dtime,
		.ctime = (int32_t)l->ctime,
		.cpid = (uint16_t)l->creator,
		.lpid = (uint16_t)l->last_pid,
		.nattch = (uint16_t)l->attached,
	};

	return copy_to_user(to, &ds, sizeof ds);
}

static int32_t control_stat(int32_t id, uint32_t command, user_ptr_t to, bool old)
{
	struct sysv_shm_look l;
	enum status st = command == IPC_STAT ? sysv_shm_look(id, &l) : sysv_shm_look_at((uint32_t)id, &l);

	if (st == OK)
		st = old ? put_old_look(to, &l) : put_look(to, &l);
	return st == OK && command != IPC_STAT ? l.id : st;
}

static int32_t control_set(int32_t id, user_ptr_t from, bool old)
{
	union {
		struct abi_shmid64_ds now;
		struct abi_shmid_ds before;
	} ds;
	enum status st = copy_from_user(&ds, from, old ? sizeof ds.before : sizeof ds.now);

	if (st != OK)
		return st;
	if (old)
		return sysv_shm_set(id, ds.before.perm.uid, ds.before.perm.gid, ds.before.perm.mode);
	return sysv_shm_set(id, ds.now.perm.uid, ds.now.perm.gid, ds.now.perm.mode);
}

/* The place of the last segment, for those who go on with SHM_STAT; 0 also if there is none. */
static int32_t last_place(void)
{
	uint32_t n = sysv_shm_count();

	return n > 0 ? (int32_t)(n - 1) : 0;
}

static int32_t control_limits(user_ptr_t to, bool old)
{
	const struct abi_shminfo64 info = {
		.shmmax = USER_TOP,
		.shmmin = 1,
		.shmmni = sysv_shm_limit(), /* a page each */
		.shmseg = sysv_shm_limit(),
		.shmall = sysv_shm_limit(),
	};
	enum status st = copy_to_user(to, &info, old ? sizeof info - sizeof info.unused : sizeof info);

	return st == OK ? last_place() : st;
}

/* Segments that come or go meanwhile may be missed. */
static int32_t control_totals(user_ptr_t to)
{
	struct abi_shm_info info = {0};
	struct sysv_shm_look l = {.id = -1};
	enum status st;

	while (l.id != INT32_MAX && sysv_shm_look_from(l.id + 1, &l) == OK) {
		info.used_ids++;
		info.shm_tot += l.pages;
		info.shm_rss += l.present;
		sched_point();
	}
	st = copy_to_user(to, &info, sizeof info);
	return st == OK ? last_place() : st;
}

static int32_t control(int32_t id, uint32_t command, user_ptr_t buffer, bool old)
{
	if (id < 0)
		return E_INVAL;
	switch (command) {
	case IPC_INFO: return control_limits(buffer, old);
	case SHM_INFO: return control_totals(buffer);
	case IPC_STAT:
	case SHM_STAT:
	case SHM_STAT_ANY: return control_stat(id, command, buffer, old);
	case IPC_SET: return control_set(id, buffer, old);
	case IPC_RMID: return sysv_shm_remove(id);
	case SHM_LOCK:
	case SHM_UNLOCK: return sysv_shm_lock(id, command == SHM_LOCK);
	default: return E_INVAL;
	}
}

int32_t sys_shmctl(const struct syscall_args *a)
{
	return control((int32_t)a->v[0], a->v[1], user_ptr(a->v[2]), false);
}

/* ---- ipc ---- */

/* The address goes where THIRD says: it must be deliverable before anything is attached. */
static int32_t ipc_attach(const struct syscall_args *a)
{
	user_ptr_t third = user_ptr(a->v[3]);
	enum status st = user_fault_in_range(third, sizeof(uint32_t), true);
	vaddr_t at = 0;

	if (st == OK)
		st = sysv_shm_attach((int32_t)a->v[1], a->v[4], a->v[2], &at);
	return st == OK ? copy_to_user(third, &at, sizeof at) : st;
}

/* Semaphores and messages are not there. */
int32_t sys_ipc(const struct syscall_args *a)
{
	uint32_t call = a->v[0] & 0xffff, version = a->v[0] >> 16, command = a->v[2];

	switch (call) {
	case ABI_IPC_SHMAT: return version == 1 ? E_INVAL : ipc_attach(a); /* 1 was for other systems' programs */
	case ABI_IPC_SHMDT: return sysv_shm_detach(a->v[4]);
	case ABI_IPC_SHMGET: return sysv_shm_get((int32_t)a->v[1], a->v[2], a->v[3]);
	case ABI_IPC_SHMCTL:
		return control((int32_t)a->v[1], command & ~(uint32_t)ABI_IPC_64, user_ptr(a->v[4]),
		               !(command & ABI_IPC_64));
	default: return E_NOSYS;
	}
}
