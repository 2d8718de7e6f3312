/* A row of COPY from a server; what was read is written, and reads the same. */
#include "adapters/postgres/copy_row.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct value *values, *again;
	size_t count, same;
	struct buffer out;
	struct arena arena;
	struct error error;

	arena_init(&arena, 0);
	buffer_init(&out, 0);
	if (!postgres_read_row((const char *)data, size, &arena, &values,
			       &count, &error)) {
		postgres_write_row(&out, values, count);
		if (postgres_read_row((const char *)out.data, out.size, &arena,
				      &again, &same, &error) ||
		    same != count)
			abort();
		for (size_t i = 0; i < count; i++)
			if (!values[i].data != !again[i].data ||
			    values[i].size != again[i].size ||
			    (values[i].size &&
			     memcmp(values[i].data, again[i].data,
				    values[i].size) != 0))
				abort();
	}
	buffer_release(&out);
	arena_release(&arena);
	return 0;
}
