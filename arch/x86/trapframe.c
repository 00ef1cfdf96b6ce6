/* The trap frame for the floors above, and backtraces.
   A backtrace follows saved frame pointers, and believes none of them: each must lie on the stack that is walked, above
   the one before it, and each return address in kernel text. */
#include "trap_priv.h"

#include "cpu_priv.h"

#include <arch/boot.h>

_Static_assert(offsetof(struct trapframe, eax) == TF_EAX, "trap_entry.S");
_Static_assert(offsetof(struct trapframe, cs) == TF_CS, "trap_entry.S");
_Static_assert(sizeof(struct trapframe) == TF_SIZE, "trap_entry.S");
_Static_assert(offsetof(struct trapframe, ebx) == 0 && offsetof(struct trapframe, ebp) == 20,
               "struct syscall_args is the beginning of the frame");

void trapframe_init_user(struct trapframe *tf, vaddr_t entry, vaddr_t sp)
{
	*tf = (struct trapframe){
		.ds = SEL_USER_DATA,
		.es = SEL_USER_DATA,
		.vector = tf->vector,
		.eip = entry,
		.cs = SEL_USER_CODE,
		.eflags = EFLAGS_FIXED | EFLAGS_IF,
		.esp = sp,
		.ss = SEL_USER_DATA,
	};
}

void trapframe_set_result(struct trapframe *tf, int32_t result)
{
	tf->eax = (uint32_t)result;
}

vaddr_t trapframe_ip(const struct trapframe *tf)
{
	return tf->eip;
}

vaddr_t trapframe_sp(const struct trapframe *tf)
{
	return tf->esp;
}

bool trapframe_is_user(const struct trapframe *tf)
{
	return tf->cs & 3;
}

uint32_t trapframe_vector(const struct trapframe *tf)
{
	return tf->vector;
}

uint32_t trapframe_error(const struct trapframe *tf)
{
	return tf->error;
}

struct syscall_args *trapframe_syscall_args(struct trapframe *tf)
{
	return (struct syscall_args *)tf;
}

/* A frame of kernel mode ends before its ESP, except the one that x86_double_fault() makes up. */
static bool has_stack_pointer(const struct trapframe *tf)
{
	return trapframe_is_user(tf) || tf->vector == VECTOR_DOUBLE_FAULT;
}

static uint32_t stack_pointer(const struct trapframe *tf)
{
	return has_stack_pointer(tf) ? tf->esp : (uint32_t)&tf->esp;
}

void trapframe_print(const struct trapframe *tf, void (*print)(const char *fmt, ...))
{
	uint32_t ss = has_stack_pointer(tf) ? tf->ss : SEL_KERNEL_DATA;

	print("  trap %u error %x, cpu %u, cr0 %08x cr2 %08x cr3 %08x cr4 %08x", (unsigned)tf->vector,
	      (unsigned)tf->error, cpu_id(), (unsigned)x86_cr0_read(), (unsigned)x86_cr2_read(),
	      (unsigned)x86_cr3_read(), (unsigned)x86_cr4_read());
	print("  eip %04x:%08x esp %04x:%08x eflags %08x ds %04x es %04x", (unsigned)tf->cs & 0xffff, (unsigned)tf->eip,
	      (unsigned)ss & 0xffff, (unsigned)stack_pointer(tf), (unsigned)tf->eflags, (unsigned)tf->ds & 0xffff,
	      (unsigned)tf->es & 0xffff);
	print("  eax %08x ebx %08x ecx %08x edx %08x", (unsigned)tf->eax, (unsigned)tf->ebx, (unsigned)tf->ecx,
	      (unsigned)tf->edx);
	print("  esi %08x edi %08x ebp %08x", (unsigned)tf->esi, (unsigned)tf->edi, (unsigned)tf->ebp);
}

static bool is_kernel_text(uint32_t pc)
{
	return pc >= (uint32_t)kernel_text_start && pc < (uint32_t)kernel_text_end;
}

/* The words at EBP are a frame of the stack that ends at END, and above LOW. */
static bool is_frame(uint32_t ebp, uint32_t low, uint32_t end)
{
	return (ebp & 3) == 0 && ebp >= low && ebp <= end - 8;
}

unsigned arch_backtrace(const struct trapframe *tf, vaddr_t *pc, unsigned max)
{
	uint32_t ebp = tf ? tf->ebp : (uint32_t)__builtin_frame_address(0);
	uint32_t low = tf ? stack_pointer(tf) : ebp;
	unsigned n = 0;

	if (tf && trapframe_is_user(tf))
		return 0;
	if (tf && max > 0)
		pc[n++] = tf->eip;
	/* An overflowed stack is walked from its last mapped byte on. */
	if (tf && tf->vector == VECTOR_DOUBLE_FAULT && (low & (2 * KSTACK_BYTES - 1)) < KSTACK_BYTES)
		low = (low & ~(2 * KSTACK_BYTES - 1)) + KSTACK_BYTES;

	uint32_t end = (low & ~(KSTACK_BYTES - 1)) + TOP_OFFSET;

	while (n < max && is_frame(ebp, low, end)) {
		const uint32_t *frame = (const uint32_t *)ebp;

		if (!is_kernel_text(frame[1]))
			break;
		pc[n++] = frame[1];
		low = ebp + 8;
		ebp = frame[0];
	}
	return n;
}
