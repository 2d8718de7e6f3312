/* Rows of COPY's text format. See seed_ops.read_row and write_row. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_COPY_ROW_H
#define PARALLAX_ADAPTERS_POSTGRES_COPY_ROW_H

#include "adapters/answer.h"
#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"

int postgres_read_row(const char *data, size_t size, struct arena *arena,
		      struct value **values, size_t *count,
		      struct error *error);
void postgres_write_row(struct buffer *out, const struct value *values,
			size_t count);
/* Another form, for an engine of the tests (reduced.h): CSV. */
void postgres_write_row_reduced(struct buffer *out, const struct value *values,
				size_t count);

#endif
