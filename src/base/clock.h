/* Time: Unix microseconds for timestamps, monotonic ones for durations. */
#ifndef PARALLAX_BASE_CLOCK_H
#define PARALLAX_BASE_CLOCK_H

#include <stdint.h>

int64_t clock_unix_us(void);
int64_t clock_monotonic_us(void);

#endif
