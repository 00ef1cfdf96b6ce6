/* Time inside arch/x86. */
#ifndef X86_CLOCK_PRIV_H
#define X86_CLOCK_PRIV_H

#include <stdint.h>

void clock_start(uint64_t entry_cycles); /* time is 0 at this value of the TSC */
void clock_calibrate(void);              /* boot CPU, interrupts disabled, after irq_init() */

#endif
