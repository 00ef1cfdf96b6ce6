/* Options of one letter, as POSIX has them: the first argument that is no option ends them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1, opterr = 1, optopt;

static int complain(const char *program, const char *what, const char *options)
{
	if (opterr && *options != ':')
		fprintf(stderr, "%s: %s -- %c\n", program, what, optopt);
	return '?';
}

/* The argument of an option: what is left of its word, or the next word. */
static int take_argument(int argc, char *const argv[], const char *rest, const char *options)
{
	if (*rest) {
		optarg = (char *)rest;
	} else if (optind + 1 < argc) {
		optarg = argv[++optind];
	} else {
		optind++;
		complain(argv[0], "option needs an argument", options);
		return *options == ':' ? ':' : '?';
	}
	optind++;
	return optopt;
}

int getopt(int argc, char *const argv[], const char *options)
{
	static int at; /* place in argv[optind]; 0 between words */
	const char *word = optind < argc ? argv[optind] : NULL, *known;

	optarg = NULL;
	if (at == 0) {
		if (!word || word[0] != '-' || !word[1])
			return -1;
		if (strcmp(word, "--") == 0) {
			optind++;
			return -1;
		}
		at = 1;
	}
	optopt = (unsigned char)word[at++];
	known = optopt == ':' ? NULL : strchr(options, optopt);
	if (known && known[1] == ':') {
		int from = at;

		at = 0;
		return take_argument(argc, argv, word + from, options);
	}
	if (!word[at]) {
		at = 0;
		optind++;
	}
	return known ? optopt : complain(argv[0], "no such option", options);
}
