/* Failure injection (kern/inject.h).  What is counted must not depend on luck, so that a test can say how many points
   of failure a system call has: a request counts whether or not a stock of the CPU would have served it, and the page
   that a full cache of objects asks for belongs to the request for the object. */
#include <kern/inject.h>

#include <kern/thread.h>
#include <mm/hooks.h>

static uint32_t of_ended; /* requests */

static bool (*rule)(enum mm_request what); /* (c) from the first arming on: what decides otherwise, or NULL */

static bool request_fails(enum mm_request what)
{
	struct thread *t = current_thread();

	if (rule && rule(what))
		return true;
	if (t->fail_at == 0 || what == MM_SLAB_PAGE)
		return false;
	t->requests++;
	return t->fail_all ? t->requests >= t->fail_at : t->requests == t->fail_at;
}

uint32_t inject_failure(uint32_t k, bool all)
{
	struct thread *t = current_thread();
	uint32_t counted = t->requests;

	t->requests = 0;
	t->fail_at = k;
	t->fail_all = all;
	if (mm_hooks.request_fails != request_fails) {
		rule = mm_hooks.request_fails;
		__atomic_store_n(&mm_hooks.request_fails, request_fails, __ATOMIC_RELEASE);
	}
	return counted;
}

bool inject_has_failed(void)
{
	const struct thread *t = current_thread();

	return t->fail_at != 0 && t->requests >= t->fail_at;
}

void inject_note_end(void)
{
	const struct thread *t = current_thread();

	if (unlikely(t->fail_at != 0))
		__atomic_store_n(&of_ended, t->requests, __ATOMIC_RELAXED);
}

uint32_t inject_requests_of_ended(void)
{
	return __atomic_load_n(&of_ended, __ATOMIC_RELAXED);
}
