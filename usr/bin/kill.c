/* Send a signal: kill [-SIGNAL | -s SIGNAL] PID..., where a negative PID is a process group; kill -l lists the names.
   */
#include <ctype.h>
#include <err.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>

#include "tool.h"

static const char *const names[] = {
	"0",    "HUP",  "INT",  "QUIT", "ILL",    "TRAP",   "ABRT",  "BUS",  "FPE",  "KILL", "USR1",
	"SEGV", "USR2", "PIPE", "ALRM", "TERM",   "STKFLT", "CHLD",  "CONT", "STOP", "TSTP", "TTIN",
	"TTOU", "URG",  "XCPU", "XFSZ", "VTALRM", "PROF",   "WINCH", "IO",   "PWR",  "SYS",
};
enum { NAMES = sizeof names / sizeof names[0] };

static __attribute__((noreturn)) void usage_kill(void)
{
	usage("kill [-SIGNAL | -s SIGNAL] PID...  or  kill -l [NUMBER]");
}

/* A number or a name, with or without SIG; -1 if it is none. */
static int signal_parse(const char *text)
{
	if (isdigit((unsigned char)*text)) {
		char *end;
		long n = strtol(text, &end, 10);

		return *end || n > ABI_NSIG ? -1 : (int)n;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < NAMES; i++)
		if (strcasecmp(text, names[i]) == 0)
			return i;
	return -1;
}

static int list_signals(const char *text)
{
	int n;

	if (!text) {
		for (int i = 1; i < NAMES; i++)
			printf("%2d %-7s%s", i, names[i], i % 8 == 0 || i == NAMES - 1 ? "\n" : " ");
		return finish(0);
	}
	n = signal_parse(text);
	if (n < 0 && isdigit((unsigned char)*text))
		n = atoi(text) - 128; /* the exit status of what a signal ended */
	n = n > 128 ? n - 128 : n;
	if (n < 0 || n >= NAMES)
		errx(1, "%s: no such signal", text);
	if (isdigit((unsigned char)*text))
		puts(names[n]);
	else
		printf("%d\n", n);
	return finish(0);
}

static int send(const char *text, int sig)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (end == text || *end) {
		warnx("%s: not a process number", text);
		return 1;
	}
	if (kill((pid_t)pid, sig) < 0) {
		warn("%s", text);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	const char *name = NULL;
	int sig = SIGTERM, status = 0, i = 1;

	if (argc > 1 && strcmp(argv[1], "-l") == 0)
		return list_signals(argc > 2 ? argv[2] : NULL);
	if (argc > 2 && strcmp(argv[1], "-s") == 0) {
		name = argv[2];
		i = 3;
	} else if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
		name = argv[1] + 1;
		i = 2;
	}
	if (name)
		sig = signal_parse(name);
	if (sig < 0 && strcmp(name, "-help") == 0)
		usage_kill();
	if (sig < 0)
		errx(1, "%s: no such signal", name);
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc)
		usage_kill();
	for (; i < argc; i++)
		status |= send(argv[i], sig);
	return status;
}
