/* The order in which the house is put together, and how a run ends. kernel_main builds what needs no sleep and starts
   process 1; the rest (disks, the root file system, the first program) happens in that process, which may wait. */
#include <arch/boot.h>
#include <arch/cpu.h>
#include <arch/power.h>
#include <dev/console.h>
#include <dev/dev.h>
#include <dev/tty.h>
#include <fs/fdtable.h>
#include <fs/fs.h>
#include <fs/procfs.h>
#include <kern/init.h>
#include <kern/log.h>
#include <kern/proc.h>
#include <kern/sched.h>
#include <kern/shm.h>
#include <kern/time.h>
#include <lib/assert.h>
#include <lib/cmdline.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/commit.h>
#include <mm/frame.h>
#include <mm/kmalloc.h>
#include <mm/hooks.h>

#include "sys_priv.h"

#define KILL_WAIT_NS 2000000000u
#define OPTION_MAX 64u

/* What the command line said; set before any other CPU or thread runs. */
static struct {
	const struct boot_info *info;
	char run[BOOT_CMDLINE_SIZE]; /* the command of run=; empty without */
	bool has_run;
	char init[256];
	char root[OPTION_MAX];
	uint16_t debug_exit; /* port, 0: none */
	uint64_t cycles;     /* from boot.S to init's first instruction */
} boot;

uint64_t boot_cycles(void)
{
	return boot.cycles;
}

uint32_t memory_kernel_bytes(void)
{
	uint32_t ram = 0;

	for (unsigned i = 0; i < boot.info->nram; i++)
		ram += boot.info->ram[i].end - boot.info->ram[i].start;
	return boot.info->image_bytes + (ram - frame_count_total() + frame_count_kind(FRAME_KERNEL)) * PAGE_SIZE;
}

/* ---- the command line ---- */

static void option(const char *key, char *out, size_t size, const char *otherwise)
{
	enum status st = cmdline_get(boot.info->cmdline, key, out, size);

	if (st == OK)
		return;
	if (st != E_NOENT)
		printk(LOG_ERROR, "command line: %s= is malformed or too long", key);
	fmt_snprintf(out, size, "%s", otherwise);
}

/* A port number, decimal or 0x...; 0 when there is none. */
static uint16_t option_port(const char *key)
{
	char text[OPTION_MAX];
	uint32_t value = 0, base = 10;
	const char *p = text;

	option(key, text, sizeof text, "0");
	if (p[0] == '0' && p[1] == 'x') {
		base = 16;
		p += 2;
	}
	for (; *p; p++) {
		uint32_t digit = *p >= '0' && *p <= '9' ? (uint32_t)(*p - '0') : (uint32_t)((*p | 32) - 'a' + 10);

		if (digit >= base || value > 0xffff)
			return 0;
		value = value * base + digit;
	}
	return value > 0xffff ? 0 : (uint16_t)value;
}

static void read_options(void)
{
	boot.has_run = cmdline_has(boot.info->cmdline, "run");
	option("run", boot.run, sizeof boot.run, "");
	option("init", boot.init, sizeof boot.init, "/bin/init");
	option("root", boot.root, sizeof boot.root, "");
	boot.debug_exit = option_port("debugexit");
	if (cmdline_has(boot.info->cmdline, "selftest"))
		selftest_enable();
}

/* ---- the end ---- */

static void power_down(enum machine_action what) noreturn_fn;
static void power_down(enum machine_action what)
{
	if (what == MACHINE_RESET)
		arch_reset();
	if (what == MACHINE_POWER_OFF)
		arch_power_off();
	arch_halt();
}

/* No program runs any more: what is in memory only goes to the disk. */
static void quiesce(void)
{
	enum status st = fs_shutdown();

	if (st != OK)
		printk(LOG_ERROR, "shutdown: not everything could be written (error %d)", -st);
	console_drain();
}

void machine_shutdown(enum machine_action what)
{
	proc_kill_all(KILL_WAIT_NS);
	quiesce();
	if (boot.has_run) {
		/* A run that powers the machine off by itself has ended well, but said no status. */
		log_record("exit 0");
		if (boot.debug_exit)
			arch_debug_exit(boot.debug_exit, 0);
	}
	power_down(what);
}

void machine_end(int32_t status)
{
	int signal = status & 0x7f, code = status >> 8 & 0xff;

	if (!boot.has_run)
		panic("init has ended with status %d", status);
	proc_kill_all(KILL_WAIT_NS);
	quiesce();
	if (signal)
		log_record("signal %d", signal);
	else
		log_record("exit %d", code);
	if (boot.debug_exit)
		arch_debug_exit(boot.debug_exit, (uint8_t)(signal ? 128 + signal : code));
	power_down(MACHINE_POWER_OFF);
}

/* A panic under run= ends QEMU; without, the message stays on the screen. */
static void end_after_panic(void)
{
	if (boot.has_run && boot.debug_exit)
		arch_debug_exit(boot.debug_exit, 125);
}

/* ---- process 1 ---- */

static enum status start_init(void)
{
	const char *plain[] = {boot.init}, *run[] = {boot.init, "-c", boot.run};

	return boot.has_run ? exec_kernel(boot.init, run, ARRAY_SIZE(run))
	                    : exec_kernel(boot.init, plain, ARRAY_SIZE(plain));
}

static void init_process(void *unused)
{
	enum status st;

	(void)unused;
	dev_init(boot.info);
	st = fs_mount_root(boot.root);
	if (st != OK)
		panic("no root file system (root=%s, error %d)", boot.root, -st);
	st = procfs_mount(boot.info->cmdline);
	if (st != OK)
		printk(LOG_ERROR, "/proc cannot be mounted (error %d)", -st);
	st = files_open_standard("/dev/console");
	if (st != OK)
		panic("/dev/console cannot be opened (error %d)", -st);
	st = start_init();
	if (st != OK)
		panic("%s cannot be run (error %d)", boot.init, -st);
	boot.cycles = cpu_cycles() - boot.info->entry_cycles;
	printk(LOG_INFO, "boot: %u instructions to init", (unsigned)boot.cycles);
	if (boot.has_run)
		log_record("begin");
	arch_enter_user();
}

/* ---- the beginning ---- */

static void say_memory(void)
{
	printk(LOG_INFO, "memory: %u MiB in the pool, %u KiB kernel", frame_count_total() / 256,
	       memory_kernel_bytes() / 1024);
	if (boot.info->ram_unused)
		printk(LOG_INFO, "memory: %u MiB lie above what the kernel can use",
		       (unsigned)(boot.info->ram_unused >> 20));
}

static void let_others_run(void)
{
	sched_point();
}

static void read_overcommit(void)
{
	char rule[OPTION_MAX];

	option("overcommit", rule, sizeof rule, "always");
	if (strcmp(rule, "strict") == 0)
		commit_set_rule(COMMIT_STRICT);
	else if (strcmp(rule, "always") != 0)
		printk(LOG_ERROR, "command line: overcommit=%s is neither always nor strict", rule);
}

static bool thread_may_use_reserve(void)
{
	return current_thread()->use_reserve;
}

static void memory_init(void)
{
	frame_init(boot.info);
	read_overcommit();
	kmalloc_init();
	aspace_boot_init();
	shm_init();
	uspace_init();
	thread_init();
}

void kernel_main(const struct boot_info *info)
{
	boot.info = info;
	kern_init();
	kernel_hooks.syscall = syscall_dispatch;
	kernel_hooks.gate40 = xv6_dispatch;
	log_records_init(option_port("debugcon"));
	log_record("boot");
	panic_set_end(end_after_panic);
	read_options();
	console_init(info, boot.has_run);
	memory_init();
	say_memory();
	arch_late_init();
	time_init();
	sched_init();
	mm_hooks.pause = let_others_run;
	mm_hooks.may_use_reserve = thread_may_use_reserve;
	proc_init();
	proc_hooks.init_exited = machine_end;
	proc_hooks.session_end = tty_session_end;
	fs_init();
	sched_start_cpus(0);
	if (proc_create_init(init_process, NULL) != OK)
		panic("no memory for process 1");
	sched_idle();
}
