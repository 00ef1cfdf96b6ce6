/* The calls that x86 has in its own way. */
#include "calls.h"

CALL(exit, exit)
CALL(wait, wait)
CALL(fstat, fstat)
CALL(sbrk, sbrk)
