/* Fork until it fails: that is soon enough, the parent goes on, and all children are reaped. */
#include "case.h"

enum { TRIES = 1000 };

int main(void)
{
	int n = 0, reaped = 0, pid = 0;

	while (n < TRIES && (pid = fork()) > 0)
		n++;
	if (n < TRIES && pid == 0)
		LEAVE(0);
	CHECK(pid == -1 && n > 60 && n < TRIES);
	while (wait_zero() > 0)
		reaped++;
	CHECK(reaped == n);
	pid = fork();
	if (pid == 0)
		LEAVE(0);
	CHECK(pid > 0 && wait_zero() == pid);
	done("forks");
}
