/* The end of the kernel: say what is known, on everything that shows it, and stop.
   The first CPU that comes stops the others and prints without locks; one that panics meanwhile just stops.  A panic
   within the panic (a damaged stack, a sink that faults) skips what was being printed and ends; a third one says
   nothing any more. */
#include <kern/log.h>

#include "log_priv.h"

#include <arch/boot.h>
#include <arch/power.h>
#include <arch/smp.h>
#include <arch/trapframe.h>
#include <kern/mutex.h>
#include <kern/proc.h>
#include <lib/fmt.h>
#include <lib/symtab.h>

#define BACKTRACE_MAX 24
#define NOBODY (-1)

static int panic_cpu = NOBODY;  /* (!) */
static unsigned panic_depth;    /* of that CPU */
static void (*panic_end)(void); /* set before other CPUs run; cleared by the CPU that panics */

void panic_set_end(void (*end)(void))
{
	panic_end = end;
}

static void print(const char *fmt, ...) printf_like(1, 2);
static void print(const char *fmt, ...)
{
	__builtin_va_list ap;

	__builtin_va_start(ap, fmt);
	log_vprint(LOG_ERROR, fmt, ap);
	__builtin_va_end(ap);
}

static void print_backtrace(const struct trapframe *tf)
{
	vaddr_t pc[BACKTRACE_MAX];
	unsigned n = arch_backtrace(tf, pc, BACKTRACE_MAX);

	for (unsigned i = 0; i < n; i++) {
		uint32_t offset = 0;
		/* But for the first of a trap these are return addresses; behind a call that never returns the next
		   function begins. */
		uint32_t call = i > 0 || !tf ? 1 : 0;
		const char *name = symtab_find(&kernel_symtab, pc[i] - call, &offset);

		print("  %08x %s+0x%x", (unsigned)pc[i], name ? name : "?", (unsigned)(offset + call));
	}
}

static void print_thread(const struct thread *t)
{
	if (!t)
		return;
	if (t->proc)
		print("  cpu %u, process %d %.32s", cpu_id(), (int)t->proc->pid, t->proc->name);
	else
		print("  cpu %u, kernel thread %s", cpu_id(), t->name ? t->name : "?");
#ifdef CONFIG_DEBUG
	for (unsigned i = 0; i < t->nheld && i < ARRAY_SIZE(t->held); i++)
		print("  holds %s, taken at %s", t->held[i]->name, t->held[i]->where);
#endif
}

static void print_spinlocks(void)
{
	struct spin_holding h;

	for (unsigned i = 0; spin_holding(i, &h); i++)
		print("  holds spinlock %s (rank %u), taken at %s", h.name, h.rank, h.where);
}

/* The text first, on the record channel too: what comes after may fault, and most easily what follows pointers to
   locks. */
static void tell(const struct trapframe *tf, const char *fmt, __builtin_va_list ap)
{
	char text[256];

	(void)fmt_vsnprintf(text, sizeof text, fmt, ap);
	log_record("panic %s", text);
	print("panic: %s", text);
	print_thread(current_thread());
	if (tf)
		trapframe_print(tf, print);
	print_backtrace(tf);
	print_spinlocks();
}

static void end(void) noreturn_fn;
static void end(void)
{
	void (*last)(void) = panic_end;

	panic_end = NULL; /* if that panics too, there is nothing left to try */
	if (last)
		last();
	arch_halt();
}

void panic_hook(const struct trapframe *tf, const char *fmt, __builtin_va_list ap)
{
	int nobody = NOBODY, self;

	irq_disable();
	self = (int)cpu_id();
	if (!__atomic_compare_exchange_n(&panic_cpu, &nobody, self, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST) &&
	    nobody != self)
		arch_halt();
	panic_depth++;
	log_enter_panic();
	if (panic_depth == 1) {
		arch_stop_others();
		tell(tf, fmt, ap);
	} else if (panic_depth == 2) {
		log_record("panic within a panic");
		print("panic within a panic: %s", fmt);
	}
	end();
}
