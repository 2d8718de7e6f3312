/* A client's COPY data: nothing is read out of bounds. All of it is at hand, so no row
 * may ask for more. */
#include "adapters/postgres/copy_input.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static PgQuery__CopyStmt text = PG_QUERY__COPY_STMT__INIT;
	PgQuery__String string = PG_QUERY__STRING__INIT;
	PgQuery__Node value = PG_QUERY__NODE__INIT, node = PG_QUERY__NODE__INIT;
	PgQuery__DefElem form = PG_QUERY__DEF_ELEM__INIT;
	PgQuery__Node *options[] = {&node};
	char *forms[] = {"text", "csv", "binary"};
	struct copy_reader *reader;
	struct error error;

	if (!size)
		return 0;
	string.sval = forms[*data % 3];
	value.node_case = PG_QUERY__NODE__NODE_STRING;
	value.string = &string;
	form.defname = "format";
	form.arg = &value;
	node.node_case = PG_QUERY__NODE__NODE_DEF_ELEM;
	node.def_elem = &form;
	text.n_options = 1;
	text.options = options;
	if (postgres_copy.open(&text, &reader, &error))
		abort();
	for (size_t at = 1; at <= size;) {
		struct copy_row row = {0};
		struct arena arena;
		size_t consumed = 0;
		enum copy_result result;

		arena_init(&arena, 0);
		result = postgres_copy.next(reader, data + at, size - at, true,
					    &arena, &row, &consumed, &error);
		for (size_t i = 0; result == COPY_ROW && i < row.count; i++)
			if (row.values[i].data && row.values[i].size > size)
				abort();
		arena_release(&arena);
		if (result == COPY_MORE)
			abort();
		if (result != COPY_ROW)
			break;
		at += consumed;
	}
	postgres_copy.close(&reader);
	return 0;
}
