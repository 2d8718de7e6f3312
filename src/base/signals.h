/*
 * Signals of a process, and from when on it takes them. A process that is
 * started takes some only once it watches for them; what was sent before waits
 * until then, in place of ending it.
 */
#ifndef PARALLAX_BASE_SIGNALS_H
#define PARALLAX_BASE_SIGNALS_H

#include <signal.h>
#include <stddef.h>

/* The calling thread's mask, and that of threads it starts later. how: SIG_BLOCK
 * or SIG_UNBLOCK. */
void signals_mask(int how, const int *numbers, size_t count);

#endif
