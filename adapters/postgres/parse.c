#include "adapters/postgres/parse.h"

#include <pg_query.h>

#include "adapters/postgres/parse_depth.h"
#include "adapters/postgres/parse_text.h"

/* protobuf-c's allocator over an arena; NULL when the arena's limit is reached,
 * which protobuf-c answers by giving up. */
static void *take(void *data, size_t size)
{
	struct arena *arena = data;

	if (arena->limit && size > arena->limit - arena->used)
		return NULL;
	return arena_alloc(arena, size);
}

static void give_back(void *data, void *memory)
{
	(void)data;
	(void)memory; /* the arena's owner frees all at once */
}

/* Line and column (from 1, in characters) of the character `position` (from 1).
 */
static void locate(const char *text, int position, struct error *error)
{
	int line = 1;
	int column = 1;

	for (int at = 1; *text && at < position; at++) {
		column = *text == '\n' ? 1 : column + 1;
		line += *text == '\n';
		text++;
		while (((unsigned char)*text & 0xC0) == 0x80)
			text++;
	}
	error_at(error, "", line, column);
}

static int refuse(const char *text, const PgQueryError *problem,
		  struct error *error)
{
	error_set(error, ERROR_DATABASE, "%s",
		  problem->message ? problem->message : "syntax error");
	snprintf(error->native, sizeof(error->native), "42601");
	if (problem->cursorpos > 0)
		locate(text, problem->cursorpos, error);
	return -1;
}

static int too_much(struct error *error, const char *sqlstate,
		    const char *message)
{
	error_set(error, ERROR_LIMIT, "%s", message);
	snprintf(error->native, sizeof(error->native), "%s", sqlstate);
	return -1;
}

static void fill(const char *text, size_t length, struct arena *arena,
		 const PgQuery__ParseResult *result, struct sql_tree *tree)
{
	tree->count = result->n_stmts;
	tree->statements =
	    arena_array(arena, tree->count, sizeof(*tree->statements));
	for (size_t i = 0; i < tree->count; i++) {
		const PgQuery__RawStmt *raw = result->stmts[i];
		size_t offset = (size_t)raw->stmt_location;
		size_t size =
		    raw->stmt_len ? (size_t)raw->stmt_len : length - offset;

		parse_trim(text, &offset, &size);
		tree->statements[i].node = raw->stmt;
		tree->statements[i].offset = (uint32_t)offset;
		tree->statements[i].length = (uint32_t)size;
	}
}

static int parse(const char *text, size_t length, struct arena *arena,
		 struct sql_tree *tree, struct error *error)
{
	ProtobufCAllocator allocator = {take, give_back, arena};
	PgQueryProtobufParseResult packed;
	PgQuery__ParseResult *result;
	char *copy;
	int status = -1;

	if (length > PARSER_LENGTH_LIMIT)
		return too_much(error, "54000", "statement is too long");
	if (memchr(text, 0, length)) {
		error_set(error, ERROR_DATABASE,
			  "statement has a NUL character in it");
		snprintf(error->native, sizeof(error->native), "22021");
		return -1;
	}
	if (parse_depth(text, length) > PARSER_DEPTH_LIMIT)
		return too_much(error, "54001",
				"statement is nested too deeply");
	copy = strndup(text, length);
	if (!copy)
		return error_set(error, ERROR_MEMORY, "out of memory");
	packed = pg_query_parse_protobuf(copy);
	if (packed.error) {
		refuse(copy, packed.error, error);
		goto out;
	}
	result = pg_query__parse_result__unpack(
	    &allocator, packed.parse_tree.len,
	    (const uint8_t *)packed.parse_tree.data);
	if (!result) {
		too_much(error, "54000", "statement's tree is too large");
		goto out;
	}
	fill(copy, length, arena, result, tree);
	status = 0;
out:
	pg_query_free_protobuf_parse_result(packed);
	free(copy);
	return status;
}

#define PARSER(its_dialect)                                                    \
	{                                                                      \
		.name = "postgres", .dialect = &(its_dialect), .parse = parse, \
		.split = parse_split, .fingerprint = parse_fingerprint,        \
		.normalise = parse_normalise, .shape = parse_shape             \
	}

const struct parser postgres_parser = PARSER(postgres_dialect);
const struct parser postgres_parser_printed = PARSER(postgres_dialect_printed);
const struct parser postgres_parser_steps = PARSER(postgres_dialect_steps);
const struct parser postgres_parser_reduced = PARSER(postgres_dialect_reduced);
