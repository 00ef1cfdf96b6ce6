/* How the lines of /proc look (fs/procfs_format.h).  The formats are those of Linux, whose programs read them. */
#include <fs/procfs_format.h>

#include <abi/stat.h>
#include <lib/fmt.h>
#include <lib/string.h>
#include <mm/look.h>
#include <mm/vma.h>

/* The column at which the name of a region begins, where addresses have 32 bits. */
#define REGION_NAME_COLUMN 49

void text_put(struct text *t, const char *fmt, ...)
{
	uint32_t room = t->size - t->len;
	va_list ap;
	int32_t n;

	if (t->full)
		return;
	va_start(ap, fmt);
	n = fmt_vsnprintf(t->buf + t->len, room, fmt, ap);
	va_end(ap);
	t->full = n < 0 || (uint32_t)n >= room; /* the NUL wants room too */
	if (!t->full)
		t->len += (uint32_t)n;
}

static bool is_special(char c, const char *special)
{
	return strchr(special, c) != NULL;
}

bool text_escape(char *s, uint32_t size, const char *special)
{
	uint32_t len = (uint32_t)strlen(s), end = len;

	for (uint32_t i = 0; i < len; i++)
		end += is_special(s[i], special) ? 3 : 0;
	if (end >= size)
		return false;
	for (s[end] = '\0'; end > len;) { /* from behind, until what is left stays where it is */
		char c = s[--len];

		if (!is_special(c, special)) {
			s[--end] = c;
			continue;
		}
		for (unsigned digit = 0; digit < 3; digit++)
			s[--end] = (char)('0' + ((uint8_t)c >> 3 * digit & 7));
		s[--end] = '\\';
	}
	return true;
}

void text_put_kb(struct text *t, const char *name, uint32_t kb)
{
	char label[32];

	(void)fmt_snprintf(label, sizeof label, "%s:", name);
	text_put(t, "%-15s %8u kB\n", label, (unsigned)kb);
}

void text_put_region(struct text *t, const struct region_line *r)
{
	char head[80];
	int32_t n = fmt_snprintf(head, sizeof head, "%08x-%08x %c%c%c%c %08llx %02x:%02x %u ", (unsigned)r->start,
	                         (unsigned)r->end, r->prot & VMA_READ ? 'r' : '-', r->prot & VMA_WRITE ? 'w' : '-',
	                         r->prot & VMA_EXEC ? 'x' : '-', r->shared ? 's' : 'p',
	                         (unsigned long long)r->page << PAGE_SHIFT, (unsigned)ABI_MAJOR(r->dev),
	                         (unsigned)ABI_MINOR(r->dev), (unsigned)r->ino);

	if (r->name)
		text_put(t, "%-*s%s\n", n < REGION_NAME_COLUMN ? REGION_NAME_COLUMN : (int)n, head, r->name);
	else
		text_put(t, "%s\n", head);
}

/* Fields by their numbers in proc(5): nice is 0 and its priority 20, there is one thread. */
void text_put_stat(struct text *t, const struct stat_line *s)
{
	/* 1 - 10 */
	text_put(t, "%d (%s) %c %d %d %d %u %d %u %u ", (int)s->pid, s->name, s->state, (int)s->ppid, (int)s->pgid,
	         (int)s->sid, (unsigned)s->tty, (int)s->foreground, 0u, (unsigned)s->minor_faults);
	/* 11 - 20: cminflt majflt cmajflt utime stime cutime cstime priority nice num_threads */
	text_put(t, "0 %u 0 %u %u %u %u 20 0 1 ", (unsigned)s->major_faults, (unsigned)s->utime, (unsigned)s->stime,
	         (unsigned)s->cutime, (unsigned)s->cstime);
	/* 21 - 25: itrealvalue starttime vsize rss rsslim */
	text_put(t, "0 %llu %u %u 4294967295 ", (unsigned long long)s->start, (unsigned)s->size, (unsigned)s->resident);
	/* 26 - 30: startcode endcode startstack kstkesp kstkeip */
	text_put(t, "%u %u %u 0 0 ", (unsigned)s->code_start, (unsigned)s->code_end, (unsigned)s->stack_start);
	/* 31 - 37: signal blocked sigignore sigcatch wchan nswap cnswap */
	text_put(t, "%u %u %u 0 0 0 0 ", (unsigned)s->sig_pending, (unsigned)s->sig_blocked, (unsigned)s->sig_ignored);
	/* 38 - 44: exit_signal (SIGCHLD) processor rt_priority policy blkio_ticks guest_time cguest_time */
	text_put(t, "17 %u 0 0 0 0 0 ", s->cpu);
	/* 45 - 52 */
	text_put(t, "%u %u %u %u %u %u %u %d\n", (unsigned)s->data_start, (unsigned)s->data_end,
	         (unsigned)s->heap_start, (unsigned)s->arg_start, (unsigned)s->arg_end, (unsigned)s->env_start,
	         (unsigned)s->env_end, (int)s->exit_status);
}

static uint64_t cached_flags(const struct frame_look *f)
{
	return KPF_UPTODATE | KPF_LRU | (f->dirty ? KPF_DIRTY : 0) | (f->maps > 0 ? KPF_MMAP : 0);
}

uint64_t page_flags_word(const struct frame_look *f)
{
	if (!f->pooled)
		return KPF_RESERVED;
	switch (f->kind) {
	case FRAME_FREE: return KPF_BUDDY;
	case FRAME_ANON: return KPF_MMAP | KPF_ANON;
	case FRAME_TABLE: return KPF_PGTABLE;
	case FRAME_SLAB: return KPF_SLAB;
	case FRAME_SHARED: return KPF_ANON | (f->maps > 0 ? KPF_MMAP : 0);
	case FRAME_CACHE: return cached_flags(f);
	case FRAME_KERNEL: return KPF_RESERVED;
	case FRAME_ZERO: return KPF_ZERO_PAGE;
	case FRAME_KINDS: break;
	}
	return 0;
}

uint64_t pagemap_word(const struct page_look *p)
{
	if (!p->present)
		return 0;
	return PAGEMAP_PRESENT | p->pfn | (p->cached ? PAGEMAP_FILE : 0) |
	       (p->seers == 1 && !p->zero ? PAGEMAP_EXCLUSIVE : 0);
}
