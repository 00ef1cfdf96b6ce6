/* Threads: their first stack, fork, exec, the way to user mode, TLS.  The switch itself is in switch.S, the FPU in
   fpu.c. */
#include <arch/thread.h>

#include "cpu_priv.h"
#include "fpu_priv.h"
#include "trap_priv.h"

#include <abi/errno.h>
#include <arch/hooks.h>

/* The numbers of layout_priv.h. */
_Static_assert(KSTACK_BYTES == STACK_SIZE && X86_STACK_BYTES == STACK_SIZE, "the top block is found by STACK_SIZE");
_Static_assert(sizeof(struct arch_stack_top) == TOP_BYTES, "layout_priv.h");
_Static_assert(offsetof(struct arch_stack_top, self) == TOP_SELF, "layout_priv.h");
_Static_assert(offsetof(struct arch_stack_top, cpu) == TOP_CPU, "layout_priv.h");
_Static_assert(offsetof(struct arch_stack_top, attention) == TOP_ATTENTION, "layout_priv.h");
_Static_assert(offsetof(struct arch_stack_top, pcpu) == TOP_PCPU, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, top) == 0, "switch.S");
_Static_assert(offsetof(struct arch_thread, esp) == THREAD_ESP, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, fs) == THREAD_FS, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, gs) == THREAD_GS, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, tls_used) == THREAD_TLS_USED, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, tls) == THREAD_TLS, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, fpu_area) == THREAD_FPU_AREA, "layout_priv.h");
_Static_assert(offsetof(struct arch_thread, fpu_live) == THREAD_FPU_LIVE, "layout_priv.h");
_Static_assert(offsetof(struct x86_cpu, gdt) == 0 && GDT_TLS_FIRST + GDT_TLS_COUNT < GDT_ENTRIES, "layout_priv.h");
_Static_assert(offsetof(struct x86_cpu, tss.esp0) == CPU_TSS_ESP0, "layout_priv.h");
_Static_assert(offsetof(struct kernel_hooks, syscall) == HOOK_SYSCALL, "layout_priv.h");
_Static_assert(offsetof(struct kernel_hooks, return_to_user) == HOOK_RETURN_TO_USER, "layout_priv.h");

void x86_thread_start(void);                           /* switch.S */
void x86_user_segments_load(uint32_t fs, uint32_t gs); /* switch.S */

/* What arch_switch pops from a stack, then what x86_thread_start takes. */
struct first_stack {
	uint32_t edi, esi, ebx, ebp;
	void (*resume)(void);
	void (*entry)(void *);
	void *arg;
	uint32_t end_of_backtrace;
};

void arch_thread_init(struct arch_thread *t, void *stack, void *self, void (*entry)(void *), void *arg)
{
	struct arch_stack_top *top = (struct arch_stack_top *)((char *)stack + TOP_OFFSET);
	struct first_stack *first = (struct first_stack *)((char *)top - sizeof(struct trapframe)) - 1;

	*top = (struct arch_stack_top){.self = self, .thread = t};
	*first = (struct first_stack){.resume = x86_thread_start, .entry = entry, .arg = arg};
	*t = (struct arch_thread){.top = top, .esp = (uint32_t)first};
}

void arch_thread_adopt(struct arch_thread *t, void *self)
{
	t->top = x86_stack_top();
	t->top->self = self;
	t->top->thread = t;
}

struct trapframe *arch_user_frame(const struct arch_thread *t)
{
	return (struct trapframe *)((char *)t->top - sizeof(struct trapframe));
}

void arch_enter_user(void)
{
	irq_disable();
	x86_frame_resume((struct trapframe *)((char *)x86_stack_top() - sizeof(struct trapframe)));
}

static uint32_t fs_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%fs, %0" : "=r"(v));
	return v;
}

static uint32_t gs_read(void)
{
	uint32_t v;

	__asm__ volatile("mov %%gs, %0" : "=r"(v));
	return v;
}

void arch_thread_fork(struct arch_thread *to, struct arch_thread *from)
{
	*arch_user_frame(to) = *arch_user_frame(from);
	for (unsigned i = 0; i < GDT_TLS_COUNT; i++)
		to->tls[i] = from->tls[i];
	to->tls_used = from->tls_used;
	to->fs = fs_read();
	to->gs = gs_read();
	x86_fpu_fork(to, from);
}

/* T is the current thread: its descriptors, as the running CPU sees them. */
static void tls_load(const struct arch_thread *t)
{
	uint32_t saved = irq_save();
	uint64_t *gdt = x86_this_cpu()->gdt + GDT_TLS_FIRST;

	for (unsigned i = 0; i < GDT_TLS_COUNT; i++)
		gdt[i] = t->tls[i];
	irq_restore(saved);
}

void arch_thread_reset_user(struct arch_thread *t)
{
	for (unsigned i = 0; i < GDT_TLS_COUNT; i++)
		t->tls[i] = 0;
	t->tls_used = 0;
	tls_load(t);
	x86_user_segments_load(0, 0);
	x86_fpu_reset(t);
}

/* Bits of abi_user_desc.flags (Linux, asm/ldt.h). */
enum {
	DESC_32BIT = 1u << 0,
	DESC_CONTENTS = 3u << 1, /* 0 data, 1 data that expands down, 2 and 3 code */
	DESC_CODE = 2u << 1,
	DESC_READ_ONLY = 1u << 3,
	DESC_LIMIT_IN_PAGES = 1u << 4,
	DESC_NOT_PRESENT = 1u << 5,
	DESC_USEABLE = 1u << 6,
};
#define DESC_EMPTY (DESC_READ_ONLY | DESC_NOT_PRESENT) /* with base and limit 0: take the descriptor away */
#define LIMIT_MAX 0xfffffu

static bool is_empty(const struct abi_user_desc *d)
{
	return d->base_addr == 0 && d->limit == 0 && (d->flags == DESC_EMPTY || d->flags == 0);
}

/* Data segments of 32 bits only: a 16-bit stack segment would show programs half of the kernel's stack pointer after an
   IRET (Intel SDM 2A, IRET), and nobody needs code here. */
static bool is_acceptable(const struct abi_user_desc *d)
{
	return (d->flags & DESC_32BIT) && !(d->flags & (DESC_CODE | DESC_NOT_PRESENT)) && d->limit <= LIMIT_MAX;
}

/* Intel SDM 3A, 3.4.5: present, DPL 3, data. */
static uint64_t descriptor_of(const struct abi_user_desc *d)
{
	uint64_t access = 0xf1; /* present, DPL 3, code or data, accessed */
	uint64_t flags = 0x4;   /* 32 bits */

	if (!(d->flags & DESC_READ_ONLY))
		access |= 0x2;
	if (d->flags & DESC_CONTENTS)
		access |= 0x4;
	if (d->flags & DESC_LIMIT_IN_PAGES)
		flags |= 0x8;
	if (d->flags & DESC_USEABLE)
		flags |= 0x1;
	return (d->limit & 0xffff) | (uint64_t)(d->base_addr & 0xffffff) << 16 | access << 40 |
	       (uint64_t)(d->limit >> 16) << 48 | flags << 52 | (uint64_t)(d->base_addr >> 24) << 56;
}

#define ENTRY_ANY UINT32_MAX

static uint32_t entry_choose(const struct arch_thread *t)
{
	for (uint32_t i = 0; i < GDT_TLS_COUNT; i++)
		if (t->tls[i] == 0)
			return GDT_TLS_FIRST + i;
	return ENTRY_ANY;
}

int32_t arch_tls_set(struct arch_thread *t, struct abi_user_desc *d)
{
	uint32_t entry = d->entry_number;

	if (!is_empty(d) && !is_acceptable(d))
		return -EINVAL;
	if (entry == ENTRY_ANY) {
		entry = entry_choose(t);
		if (entry == ENTRY_ANY)
			return -ESRCH;
	}
	if (entry - GDT_TLS_FIRST >= GDT_TLS_COUNT)
		return -EINVAL;
	t->tls[entry - GDT_TLS_FIRST] = is_empty(d) ? 0 : descriptor_of(d);
	t->tls_used = (t->tls[0] | t->tls[1] | t->tls[2]) != 0;
	d->entry_number = entry;
	tls_load(t);
	x86_user_segments_load(fs_read(),
	                       gs_read()); /* the processor keeps the old descriptor until a selector is loaded */
	return 0;
}
