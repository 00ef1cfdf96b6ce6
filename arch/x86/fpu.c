/* FPU and SSE state of programs, lazily: CR0.TS is set while the FPU of this CPU does not hold the current thread's
   state, so that the first instruction that wants it traps (#NM; Intel SDM 3A, 13.4).  The state is saved when the
   thread is switched from, never later: so a thread may go on elsewhere, and no CPU ever asks another one for a state.
   A thread that does not use the FPU costs one compare a switch.
   Invariant: TS is clear exactly while the current thread's fpu_live is set. */
#include "fpu_priv.h"

#include "cpu_priv.h"
#include "trap_priv.h"

#include <arch/hooks.h>
#include <arch/thread.h>

/* The FXSAVE image (Intel SDM 1, table 10-2), as far as a fresh one differs from zeros. */
struct fxsave_image {
	uint16_t fcw, fsw;
	uint32_t tag_and_opcode;
	uint32_t ip, cs, dp, ds;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t registers[480];
};
_Static_assert(sizeof(struct fxsave_image) == FPU_AREA_SIZE, "Intel SDM 1, 10.5.1");

#define FCW_INITIAL 0x37f    /* FNINIT: all exceptions masked, 64-bit precision */
#define MXCSR_INITIAL 0x1f80 /* all exceptions masked */

static void ts_set(void)
{
	x86_cr0_write(x86_cr0_read() | CR0_TS);
}

static void ts_clear(void)
{
	__asm__ volatile("clts" ::: "memory");
}

static void area_init(struct fxsave_image *area)
{
	__builtin_memset(area, 0, sizeof *area);
	area->fcw = FCW_INITIAL;
	area->mxcsr = MXCSR_INITIAL;
}

/* T is current, or has no live state. */
static void drop_live(struct arch_thread *t)
{
	uint32_t saved = irq_save();

	if (t->fpu_live) {
		t->fpu_live = 0;
		ts_set();
	}
	irq_restore(saved);
}

void arch_fpu_attach(struct arch_thread *t, void *area)
{
	area_init(area);
	t->fpu_area = area;
}

void *arch_fpu_detach(struct arch_thread *t)
{
	void *area = t->fpu_area;

	drop_live(t);
	t->fpu_area = NULL;
	return area;
}

void x86_fpu_reset(struct arch_thread *t)
{
	drop_live(t);
	if (t->fpu_area)
		area_init(t->fpu_area);
}

void x86_fpu_fork(struct arch_thread *to, struct arch_thread *from)
{
	if (!from->fpu_area || !to->fpu_area)
		return;
	if (from->fpu_live)
		__asm__ volatile("fxsave (%0)" : : "r"(from->fpu_area) : "memory");
	__builtin_memcpy(to->fpu_area, from->fpu_area, FPU_AREA_SIZE);
}

static void restore(struct arch_thread *t)
{
	irq_disable();
	ts_clear();
	__asm__ volatile("fxrstor (%0)" : : "r"(t->fpu_area) : "memory");
	t->fpu_live = 1;
}

void x86_fpu_trap(struct trapframe *tf)
{
	struct arch_thread *t = x86_stack_top()->thread;

	if (!t->fpu_area) {
		irq_enable();
		kernel_hooks.fpu_first_use(tf);
	}
	if (t->fpu_area)
		restore(t);
}
