/* Any bytes as Bind, RowDescription or rows: nothing is read out of bounds. */
#include "adapters/postgres/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct answer_column *columns;
	const struct value *rows;
	struct decoded_bind bind;
	struct bytes bytes;
	size_t column_count = 0;
	size_t count;
	struct arena arena;
	struct error error;

	if (!size)
		return 0;
	bytes.data = data + 1;
	bytes.size = size - 1;
	arena_init(&arena, 0);
	if (data[0] % 4 == 0)
		postgres_decode.bind(bytes, &arena, &bind, &error);
	else if (data[0] % 4 == 1)
		postgres_decode.columns(bytes, data, data[0] / 4 % 3, &arena,
					&columns, &count, &error);
	else
		postgres_decode.rows(bytes, data[0] % 4 == 2, &column_count,
				     &arena, &rows, &count, &error);
	arena_release(&arena);
	return 0;
}
