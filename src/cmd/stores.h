/* What report and gate share: reading stores, writing their output. */
#ifndef PARALLAX_CMD_STORES_H
#define PARALLAX_CMD_STORES_H

#include "base/buffer.h"
#include "store/read.h"

#define STORES_LIMIT ((size_t)1 << 30) /* bytes of content in memory */

/* "last", "all" or a number, for store_read_part; NULL: the last. -1: none of
 * these. */
int stores_part(const char *text, uint64_t *part);

/* Reads count stores into the arena, one part of the evidence of each; contents
 * has room for them. */
int stores_load(const char *const *paths, size_t count, size_t evidence_limit,
		uint64_t part, struct arena *arena,
		struct store_content **contents, struct error *error);

/* Writes all of out to the file (made 0600), or to stdout if path is NULL. */
int stores_write_output(const char *path, struct buffer *out,
			struct error *error);

#define STORES_PART_WRONG "--part takes last, all or a number from 1"

/* Whether output to path (NULL: stdout) may have colours: to a terminal, unless
 * NO_COLOR is set or TERM is dumb. */
bool stores_output_coloured(const char *path);

#endif
