/* The calls that RISC-V has in its own way. */
#include "calls.h"

CALL(exit, RV_exit)
CALL(wait, RV_wait)
CALL(fstat, RV_fstat)
