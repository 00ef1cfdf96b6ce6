/* Copies between the kernel and user memory (kern/usercopy.h): check the range, let the machine copy, tell why it
   ended. A page fault on the way is served by kern/fault.c like any other; only if it cannot be does the copy end
   short. */
#include <kern/usercopy.h>

#include <arch/uaccess.h>
#include <kern/thread.h>

/* => how many of N bytes from P on are below USER_TOP. */
static size_t bytes_in_user(user_ptr_t p, size_t n)
{
	if (unlikely(p.va >= USER_TOP))
		return 0;
	return likely(n <= USER_TOP - p.va) ? n : USER_TOP - p.va;
}

/* A copy ended short in user memory: because of the fault. */
static enum status copy_failed(void)
{
	return current_thread()->fault_status;
}

enum status copy_from_user(void *to, user_ptr_t from, size_t n)
{
	if (unlikely(bytes_in_user(from, n) != n))
		return E_FAULT;
	return likely(arch_copy_from_user(to, from.va, n) == 0) ? OK : copy_failed();
}

enum status copy_to_user(user_ptr_t to, const void *from, size_t n)
{
	if (unlikely(bytes_in_user(to, n) != n))
		return E_FAULT;
	return likely(arch_copy_to_user(to.va, from, n) == 0) ? OK : copy_failed();
}

enum status clear_user(user_ptr_t to, size_t n)
{
	if (unlikely(bytes_in_user(to, n) != n))
		return E_FAULT;
	return arch_clear_user(to.va, n) == 0 ? OK : copy_failed();
}

size_t copy_from_user_some(void *to, user_ptr_t from, size_t n)
{
	n = bytes_in_user(from, n);
	return n - arch_copy_from_user(to, from.va, n);
}

size_t copy_to_user_some(user_ptr_t to, const void *from, size_t n)
{
	n = bytes_in_user(to, n);
	return n - arch_copy_to_user(to.va, from, n);
}

size_t copy_from_user_nofault(void *to, user_ptr_t from, size_t n)
{
	struct thread *t = current_thread();

	t->nofault++;
	n = copy_from_user_some(to, from, n);
	t->nofault--;
	return n;
}

size_t copy_to_user_nofault(user_ptr_t to, const void *from, size_t n)
{
	struct thread *t = current_thread();

	t->nofault++;
	n = copy_to_user_some(to, from, n);
	t->nofault--;
	return n;
}

enum status user_fault_in(user_ptr_t addr, bool write)
{
	if (addr.va >= USER_TOP)
		return E_FAULT;
	return arch_touch_user(addr.va, write) ? OK : copy_failed();
}

enum status user_fault_in_range(user_ptr_t from, size_t n, bool write)
{
	enum status st = user_fault_in(from, write);

	return st == OK ? user_fault_in(user_ptr_add(from, (uint32_t)n - 1), write) : st;
}

int32_t copy_string_from_user(char *to, user_ptr_t from, size_t size)
{
	size_t room = bytes_in_user(from, size);
	int32_t n = arch_copy_string_from_user(to, from.va, room);

	if (n < 0)
		return copy_failed();
	if ((size_t)n <= room)
		return n - 1;
	return room == size ? E_NAMETOOLONG : E_FAULT;
}
