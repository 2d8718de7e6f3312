/*
 * A store that cannot be written cannot say so. Next to it is a small file
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

/* path: the store's. Allocates the block; existing content stays. */
void store_wait_prepare(const char *path);
/* Records that the writer waits from now on, unless it already does. */
void store_wait_begin(const char *path, const char *why);
void store_wait_end(const char *path);
/* Does nothing if there is no such file. */
void store_wait_read(const char *path, struct store_wait *wait);

#endif
