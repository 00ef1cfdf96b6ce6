/* Division of 64-bit numbers on a machine of 32 bits.
   Plain `a / b` on uint64_t works too (the compiler calls __udivdi3 and its kin, defined in lib/div64.c); these say
   what they cost.  A divisor of 0 is a broken invariant (KASSERT). */
#ifndef LIB_DIV64_H
#define LIB_DIV64_H

#include <stdint.h>

/* => N / D, the remainder in *REM.  REM may be NULL.  The cheap one: prefer it where D fits. */
uint64_t div64_u32(uint64_t n, uint32_t d, uint32_t *rem);
uint64_t div64_u64(uint64_t n, uint64_t d, uint64_t *rem);
/* Rounds towards zero; the remainder has the sign of N.  INT64_MIN / -1 wraps to INT64_MIN, remainder 0. */
int64_t div64_s64(int64_t n, int64_t d, int64_t *rem);

#endif
