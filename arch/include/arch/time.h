/* Time from the machine. */
#ifndef ARCH_TIME_H
#define ARCH_TIME_H

#include <arch/types.h>

#define TICK_HZ 100u

uint64_t arch_time_ns(void);      /* since boot, monotonic, the same on all CPUs to within a few microseconds; cheap */
uint64_t arch_wall_clock_s(void); /* seconds since 1970 (UTC) as the battery clock says now; slow: read once at boot */
void arch_timer_start(void);      /* this CPU's tick begins: hooks.timer TICK_HZ times a second */
void arch_delay_us(uint32_t us);  /* busy waiting, for hardware that asks for it */
uint32_t arch_tsc_khz(void);

#endif
