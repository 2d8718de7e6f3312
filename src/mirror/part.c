/* Which part of the store's evidence a verdict belongs to. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"

enum { PIECE = 64 * 1024 };

/* A text that changes when the mapping's file does. "": there is no file. */
static int digest_of(const char *path, char *out, size_t size,
		     struct error *error)
{
	struct rows_digest digest;
	char *piece;
	size_t got;
	FILE *file;
	int result = 0;

	*out = '\0';
	if (!path)
		return 0;
	file = fopen(path, "re");
	if (!file)
		return error_set_errno(error, ERROR_IO, "%s", path);
	rows_digest_start(&digest, NULL, 0, 0);
	piece = memory_alloc(PIECE);
	while ((got = fread(piece, 1, PIECE, file)))
		rows_digest_cell(&digest, piece, got);
	if (ferror(file))
		result = error_set_errno(error, ERROR_IO, "%s", path);
	free(piece);
	fclose(file);
	rows_digest_row_end(&digest);
	snprintf(out, size, "%016" PRIx64 "%016" PRIx64, digest.ordered.high,
		 digest.ordered.low);
	return result;
}

int part_begin(struct mirror *mirror, struct lens_version *version,
	       struct error *error)
{
	const struct mirror_options *options = mirror->options;
	char mapping[40];
	struct store_part part;

	if (!*mirror->shadow_identity &&
	    options->shadow_adapter->identity(
		&mirror->new_reader, &options->shadow, mirror->shadow_identity,
		sizeof(mirror->shadow_identity), error))
		return -1;
	if (digest_of(options->mapping, mapping, sizeof(mapping), error))
		return -1;
	part = (struct store_part){.mapping = mapping,
				   .shadow = mirror->shadow_identity,
				   .journal = mirror->journal};
	if (store_begin_part(mirror->store, &part, error))
		return -1;
	version->part = part.number;
	if (part.cause && *part.cause)
		LOG_WARN("a new part of the store's evidence begins",
			 "shadow=%s part=%" PRIu64 " cause=\"%s\"",
			 options->name, part.number, part.cause);
	return 0;
}
