/* Removing old evidence from a store. */
#ifndef PARALLAX_STORE_PURGE_H
#define PARALLAX_STORE_PURGE_H

#include <stdint.h>

#include "base/error.h"

/*
 * Removes the evidence of exchanges, and results of verify, from before a time
 * (unix us); *count says how many. Its mirror may be at work. The bytes are
 * overwritten.
 */
int store_purge(const char *path, int64_t before, uint64_t *count,
		struct error *error);

#endif
