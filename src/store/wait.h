/*
 * A store that cannot be written cannot say so. Beside it lies a small file
 * whose block is taken while there is room: in it stands since when its writer
 * waits, and why. An example, for a full disk:
 *
 *	1767322800000000 shop.store: database or disk is full
 *
 * Blank: it does not wait. The file is overwritten in place, so that a full
 * disk does not matter.
 */
#ifndef PARALLAX_STORE_WAIT_H
#define PARALLAX_STORE_WAIT_H

#include <stdint.h>

enum { STORE_WAIT_SIZE = 512 };

struct store_wait {
	int64_t since; /* unix us; 0: it does not wait */
	char why[STORE_WAIT_SIZE];
};

/* path: the store's. Takes the block; what stands there already stays. */
void store_wait_prepare(const char *path);
/* Notes that the writer waits from now on, unless it does already. */
void store_wait_begin(const char *path, const char *why);
void store_wait_end(const char *path);
/* Nothing where there is no such file. */
void store_wait_read(const char *path, struct store_wait *wait);

#endif
