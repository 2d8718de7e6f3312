/* A client's COPY data in the form of the new engine, as the mirror converts them
 * (src/mirror/copy_input.h), but all at once. */
#ifndef TESTS_INTEGRATION_PAIR_COPY_H
#define TESTS_INTEGRATION_PAIR_COPY_H

#include "adapters/copy.h"
#include "adapters/seed.h"
#include "integration/pair/session.h"
#include "sql/dialect.h"

static int copy_rows(const struct copy_ops *ops, struct copy_reader *reader,
		     const struct seed_ops *writer, struct value data,
		     struct arena *arena, struct buffer *out,
		     struct error *error)
{
	struct copy_row row;
	size_t at = 0, consumed;

	if (ops->format(reader))
		return error_set(error, ERROR_LIMIT,
				 "binary values are converted in the mirror "
				 "only");
	for (;; at += consumed) {
		consumed = 0;
		switch (ops->next(reader, data.data + at, data.size - at, true,
				  arena, &row, &consumed, error)) {
		case COPY_ROW:
			writer->write_row(out, row.values, row.count);
			continue;
		case COPY_BAD:
			return -1;
		case COPY_MORE:
		case COPY_END:
			return 0;
		}
	}
}

/* In the arena. */
static int copy_convert(const struct pair *pair, const char *text,
			struct value *data, struct arena *arena,
			struct error *error)
{
	const struct parser *parser = pair->old_adapter->parser;
	const struct copy_ops *ops = pair->old_adapter->copy;
	const PgQuery__CopyStmt *copy;
	struct copy_reader *reader;
	struct sql_tree tree;
	struct buffer out;
	int result;

	if (!data->size || sql_dialect_reads(pair->new_adapter->parser->dialect,
					     parser->dialect))
		return 0;
	if (parser->parse(text, strlen(text), arena, &tree, error))
		return 0; /* refused on both */
	copy = SQL_AS(tree.statements[0].node, COPY_STMT, copy_stmt);
	if (!copy)
		return 0;
	if (ops->open(copy, &reader, error))
		return -1;
	buffer_init(&out, 0);
	result = copy_rows(ops, reader, pair->new_adapter->seed, *data, arena,
			   &out, error);
	ops->close(&reader);
	data->data = (uint8_t *)arena_copy(arena, out.data, out.size);
	data->size = (uint32_t)out.size;
	buffer_release(&out);
	return result;
}

#endif
