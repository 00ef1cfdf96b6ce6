/* Matching remembers only the last star: when the rest fails it gives that star one byte more.  An earlier star never
   needs to be tried again, so a name costs at most pattern x name steps and no recursion.
   Limit: bytes, not characters of UTF-8; no [[:class:]].  Not taken: recursion per star, exponential on *a*a*a*b. */
#include "pattern.h"

#include <string.h>

static bool is_active(struct marked p, size_t i, char c)
{
	return p.text[i] == c && (p.marks[i] == MARK_PLAIN || p.marks[i] == MARK_SPLIT);
}

static bool is_byte(struct marked p, size_t i)
{
	return p.marks[i] != MARK_EMPTY && p.marks[i] != MARK_BREAK;
}

bool pattern_is_active(struct marked p)
{
	for (size_t i = 0; i < p.len; i++)
		if (is_active(p, i, '*') || is_active(p, i, '?') || is_active(p, i, '['))
			return true;
	return false;
}

/* A bracket expression at `at`.  => its length and in *matched whether it has `c`; 0: the `[` is not closed */
static size_t bracket_match(struct marked p, size_t at, char c, bool *matched)
{
	size_t i = at + 1, first;
	bool inverted = i < p.len && (is_active(p, i, '!') || is_active(p, i, '^')), in = false;

	i += inverted;
	for (first = i; i < p.len && (i == first || !is_active(p, i, ']')); i++) {
		unsigned char low = (unsigned char)p.text[i], high = low, byte = (unsigned char)c;

		if (i + 2 < p.len && is_active(p, i + 1, '-') && !is_active(p, i + 2, ']')) {
			high = (unsigned char)p.text[i + 2];
			i += 2;
		}
		in = in || (byte >= low && byte <= high);
	}
	if (i >= p.len)
		return 0;
	*matched = in != inverted;
	return i + 1 - at;
}

/* => how much of the pattern at `at` takes the byte `c`; 0: it does not match */
static size_t one_match(struct marked p, size_t at, char c)
{
	bool matched = false;

	if (is_active(p, at, '?'))
		return 1;
	if (is_active(p, at, '[')) {
		size_t len = bracket_match(p, at, c, &matched);

		if (len > 0)
			return matched ? len : 0;
	}
	return p.text[at] == c;
}

bool pattern_match(struct marked p, const char *s, size_t len)
{
	size_t at = 0, i = 0, star = 0, star_at = 0, step;
	bool starred = false;

	for (;;) {
		while (at < p.len && !is_byte(p, at))
			at++;
		if (at < p.len && is_active(p, at, '*')) {
			starred = true;
			star = ++at;
			star_at = i;
		} else if (i == len && at == p.len) {
			return true;
		} else if (i < len && at < p.len && (step = one_match(p, at, s[i])) > 0) {
			at += step;
			i++;
		} else if (starred && star_at < len) {
			at = star;
			i = ++star_at;
		} else {
			return false;
		}
	}
}
