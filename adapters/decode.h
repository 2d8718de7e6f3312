/*
 * The journal's "wire" bytes, decoded: what the relay kept as the server or
 * client sent it becomes an answer or parameters. Bytes are untrusted: -1 with
 * ERROR_CORRUPT for what is malformed, nothing read out of bounds.
 */
#ifndef PARALLAX_ADAPTERS_DECODE_H
#define PARALLAX_ADAPTERS_DECODE_H

#include "adapters/answer.h"
#include "base/arena.h"
#include "base/bytes.h"
#include "base/error.h"

struct decoded_bind {
	const struct value *values;
	const uint8_t *formats; /* value_count of them: 0 text, 1 binary */
	size_t value_count;
	const uint8_t *result_formats;
	size_t result_format_count; /* 0, 1 or one for each result column */
};

struct decode_ops {
	/* Statement.bind (Bind's body after its two names). Views into bind. */
	int (*bind)(struct bytes bind, struct arena *arena,
		    struct decoded_bind *out, struct error *error);
	/*
	 * Answer.columns (RowDescription's body; of CopyOutResponse: no names).
	 * A row description from a Describe of a statement has formats 0:
	 * result_formats of the Bind decide (as bind's rules say).
	 */
	int (*columns)(struct bytes columns, const uint8_t *result_formats,
		       size_t result_format_count, struct arena *arena,
		       const struct answer_column **out, size_t *count,
		       struct error *error);
	/*
	 * Answer.rows: DataRow bodies, each after its u32 length. Each row must
	 * have column_count cells (0: take the first row's count, returned
	 * through column_count). copy: each is one value, unchanged.
	 */
	int (*rows)(struct bytes rows, bool copy, size_t *column_count,
		    struct arena *arena, const struct value **out,
		    size_t *row_count, struct error *error);
	/* Affected rows of a command tag ("INSERT 0 5": 5), -1: it has none. */
	int64_t (*affected)(const char *tag);
};

#endif
