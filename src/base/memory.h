/*
 * Heap allocation for the processes that may end when memory runs out (mirror,
 * commands): a failure ends the process with one clear line and exit code 70;
 * the supervisor restarts it. The relay does not use these: it calls malloc
 * and ends the one session that could not be served.
 */
#ifndef PARALLAX_BASE_MEMORY_H
#define PARALLAX_BASE_MEMORY_H

#include <stddef.h>

void *memory_alloc(size_t size);		  /* zeroed; never NULL */
void *memory_resize(void *old, size_t size);	  /* never NULL */
char *memory_copy(const void *data, size_t size); /* with a NUL after it */
char *memory_string(const char *text);		  /* NULL gives NULL */
void memory_exhausted(size_t wanted) __attribute__((noreturn));

#endif
