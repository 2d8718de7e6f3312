/*
 * Any text through the SQL front end: lexer, bounds, parser, traits, literals;
 * what parses and prints must read back as the same tree.
 */
#include "adapters/postgres/parse.h"
#include "sql/print.h"
#include "sql/traits.h"
#include "sql/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(const struct sql_statement *statement, const char *text,
		 const struct sql_shape *shape, struct arena *arena)
{
	struct sql_binding *bindings =
	    arena_array(arena, shape->count, sizeof(*bindings));
	struct sql_slots slots = {.arena = arena};
	struct sql_traits traits;
	struct error error = {0};
	struct buffer out;

	sql_bind_literals(statement, text, postgres_parser.dialect, shape,
			  bindings);
	sql_traits(statement->node, postgres_parser.dialect, arena, &traits,
		   &error);
	if (!sql_equal(statement->node, sql_copy(arena, statement->node)))
		abort();
	buffer_init(&out, 0);
	if (sql_print_checked(statement->node, &postgres_parser, arena, &out,
			      &slots, &error) &&
	    error.kind != ERROR_LIMIT && !strstr(error.message, "no rule"))
		abort();
	buffer_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct sql_statement places[4];
	struct sql_shape shape;
	struct sql_tree tree;
	struct arena arena;
	struct error error;

	arena_init(&arena, 0);
	sql_shape_init(&shape);
	postgres_parser.split(text, size, places, 4);
	postgres_parser.fingerprint(text, size, NULL, NULL);
	postgres_parser.shape(text, size, &shape);
	if (!postgres_parser.parse(text, size, &arena, &tree, &error))
		for (size_t i = 0; i < tree.count; i++)
			take(&tree.statements[i], text, &shape, &arena);
	sql_shape_release(&shape);
	arena_release(&arena);
	return 0;
}
