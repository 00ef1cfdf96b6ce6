/* Claims of the bodies.  The including file has chosen the dialect (as_x86.h, as_riscv.h). */
#ifndef CASE_H
#define CASE_H

enum { PAGE = 4096 };

static int failures;

#define CHECK(claim) \
	do { \
		if (!(claim)) { \
			SAY("line %d: %s\n", __LINE__, #claim); \
			failures++; \
		} \
	} while (0)

/* The last word of a case. */
static __attribute__((noreturn)) void done(const char *name)
{
	if (failures)
		SAY("%s: %d failed\n", name, failures);
	else
		SAY("%s in " DIALECT ": ok\n", name);
	LEAVE(failures != 0);
}

/* Does a child live through DEED(ARG)? */
static int survives(void (*deed)(char *), char *arg)
{
	int ends[2], n;
	char c;

	if (pipe(ends) < 0)
		return -1;
	if (fork() == 0) {
		deed(arg);
		write(ends[1], "x", 1);
		LEAVE(0);
	}
	close(ends[1]);
	n = read(ends[0], &c, 1);
	close(ends[0]);
	wait_zero();
	return n == 1;
}

__attribute__((unused)) static void read_at(char *p)
{
	(void)*(volatile char *)p;
}

__attribute__((unused)) static void write_at(char *p)
{
	*(volatile char *)p = 'x';
}

#endif
