/* How much memory a process may take, and which one goes first. */
#ifndef PARALLAX_SANDBOX_MEMORY_H
#define PARALLAX_SANDBOX_MEMORY_H

#include <stdint.h>

/* What it writes to: heap, stacks, anonymous memory; 0: no limit. Mapped files
 * and memory that is only reserved are not counted (RLIMIT_DATA, which for this
 * reason is closer to what counts than RLIMIT_AS). Nothing under sanitizers. */
void sandbox_limit_memory(uint64_t bytes);

/* If the system runs out of memory, it ends this process before those that did
 * not call this. -1: the system does not know of that. */
int sandbox_go_first(void);

#endif
