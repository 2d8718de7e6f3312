/*
 * What MySQL's lexer alone shows of any text, under any mode (its first bytes).
 * Laws: pieces are in order, and all places are within the texts.
 */
#include "adapters/mysql/parse_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void split(const struct mysql_mode *mode, const char *text, size_t size)
{
	struct sql_statement pieces[16];
	size_t count = mysql_split(mode, text, size, pieces, 16);
	size_t end = 0;

	for (size_t i = 0; i < count && i < 16; i++) {
		if (pieces[i].offset < end || !pieces[i].length ||
		    pieces[i].length > size - pieces[i].offset)
			abort();
		end = pieces[i].offset + pieces[i].length;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data + 2;
	struct sql_normal normal;
	struct sql_shape shape;
	struct mysql_mode mode;
	struct arena arena;

	if (size < 2)
		return 0;
	mode = (struct mysql_mode){.flags = data[0] & 31,
				   .charset = data[1] % 5,
				   .server = data[0] >> 5 & 1,
				   .version = data[0] & 32 ? 101119 : 80036};
	arena_init(&arena, 0);
	sql_shape_init(&shape);
	split(&mode, text, size - 2);
	mysql_shape(&mode, text, size - 2, &shape);
	for (size_t i = 0; i < shape.count; i++)
		if (shape.literals[i].length >
		    size - 2 - shape.literals[i].offset)
			abort();
	mysql_fingerprint(&mode, text, size - 2, NULL, NULL);
	if (mysql_normalise(&mode, text, size - 2, &arena, &normal))
		for (size_t i = 0; i < normal.count; i++)
			if (normal.text[normal.places[i].at] != '?')
				abort();
	sql_shape_release(&shape);
	arena_release(&arena);
	return 0;
}
