/* A text of statements: its bounds, its tokens, one statement after another. */
#include "adapters/mysql/parse.h"

#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"
#include "sql/walk.h"

static PgQuery__Node *call(struct mysql_reader *reader)
{
	PgQuery__CallStmt *stmt =
	    sql_new(reader->arena, &pg_query__call_stmt__descriptor);
	const char *schema = NULL;
	const char *name;
	PgQuery__Node *node;
	struct mysql_list list = {NULL, 0, 0};

	mysql_take(reader);
	name = mysql_name(reader);
	if (mysql_accept(reader, ".")) {
		schema = name;
		name = mysql_name_part(reader);
	}
	if (mysql_accept(reader, "(")) {
		if (!mysql_is(reader, ")"))
			mysql_expressions(reader, &list);
		mysql_expect(reader, ")");
	}
	if (reader->failed)
		return NULL;
	node =
	    sql_call(reader->arena, schema, name, list.items, list.item_count);
	stmt->funccall = node->func_call;
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *with_statement(struct mysql_reader *reader)
{
	size_t start = reader->at;
	PgQuery__WithClause *with = mysql_with(reader);

	if (mysql_is(reader, "update"))
		return mysql_update(reader, with);
	if (mysql_is(reader, "delete"))
		return mysql_delete(reader, with);
	if (reader->failed)
		return NULL;
	reader->at = start;
	reader->parameters = 0;
	return mysql_query(reader);
}

static PgQuery__Node *query_or_write(struct mysql_reader *reader)
{
	if (mysql_is(reader, "with"))
		return with_statement(reader);
	if (mysql_is_query(reader))
		return mysql_query(reader);
	if (mysql_is(reader, "insert") || mysql_is(reader, "replace"))
		return mysql_insert(reader);
	if (mysql_is(reader, "update"))
		return mysql_update(reader, NULL);
	if (mysql_is(reader, "delete"))
		return mysql_delete(reader, NULL);
	return mysql_is(reader, "call") ? call(reader) : NULL;
}

PgQuery__Node *mysql_statement(struct mysql_reader *reader)
{
	static PgQuery__Node *(*const kinds[])(struct mysql_reader *) = {
	    query_or_write, mysql_transaction, mysql_set, mysql_show,
	    mysql_session,  mysql_load,	       mysql_xa,  mysql_definition,
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		PgQuery__Node *node = kinds[i](reader);

		if (node || reader->failed)
			return node;
	}
	return mysql_unexpected(reader, "a statement with a rule");
}

static void read_tokens(struct mysql_reader *reader)
{
	struct mysql_lexer lexer = {.mode = reader->mode,
				    .text = reader->text,
				    .length = reader->length};
	struct mysql_token *token;

	do {
		token = ARENA_PUSH(reader->arena, reader, token);
		mysql_lex_next(&lexer, token);
	} while (token->kind != MYSQL_TOKEN_END &&
		 token->kind != MYSQL_TOKEN_BAD);
	if (token->kind != MYSQL_TOKEN_BAD)
		return;
	reader->at = reader->token_count - 1;
	mysql_fail(reader, "a character that begins no token, or a quote or "
			   "comment that does not end");
}

static int pair_brackets(struct mysql_reader *reader)
{
	size_t last = reader->token_count - 1;
	uint32_t *open = malloc(reader->token_count * sizeof(*open));
	size_t depth = 0;

	if (!open)
		return error_set(reader->error, ERROR_MEMORY, "out of memory");
	reader->partners = arena_array(reader->arena, reader->token_count,
				       sizeof(*reader->partners));
	for (size_t i = 0; i <= last; i++) {
		const struct mysql_token *token = &reader->tokens[i];

		reader->partners[i] = (uint32_t)last;
		if (mysql_lex_is_mark(reader->text, token, "("))
			open[depth++] = (uint32_t)i;
		else if (depth && mysql_lex_is_mark(reader->text, token, ")"))
			reader->partners[open[--depth]] = (uint32_t)i;
	}
	free(open);
	return 0;
}

static void read_statement(struct mysql_reader *reader,
			   struct sql_statement *place)
{
	size_t start = mysql_token(reader)->start;

	reader->parameters = 0;
	place->node = mysql_statement(reader);
	if (!mysql_is(reader, ";") &&
	    !mysql_is_kind(reader, 0, MYSQL_TOKEN_END))
		mysql_unexpected(reader, "the end of the statement");
	if (reader->failed)
		return;
	place->offset = (uint32_t)start;
	place->length = (uint32_t)(reader->tokens[reader->at - 1].end - start);
}

struct statements {
	struct sql_statement *places;
	size_t place_count;
	size_t place_capacity;
};

static enum sql_step bound_depth(struct sql_place *place, void *context,
				 struct error *error)
{
	(void)context;
	if (place->depth < PARSER_DEPTH_LIMIT)
		return SQL_STEP_INTO;
	error_set(error, ERROR_LIMIT, "statement is nested too deeply");
	snprintf(error->native, sizeof(error->native), "54001");
	return SQL_STEP_FAIL;
}

static int check_depth(struct statements *statements, struct error *error)
{
	struct sql_visitor visitor = {.pre = bound_depth};

	for (size_t i = 0; i < statements->place_count; i++)
		if (sql_walk(&statements->places[i].node, &visitor, error))
			return -1;
	return 0;
}

int mysql_parse(const struct mysql_mode *mode, const char *text, size_t length,
		struct arena *arena, struct sql_tree *tree, struct error *error)
{
	struct mysql_reader reader = {.mode = mode,
				      .text = text,
				      .length = length,
				      .arena = arena,
				      .error = error};
	struct statements statements = {NULL, 0, 0};

	if (length > PARSER_LENGTH_LIMIT) {
		error_set(error, ERROR_LIMIT, "statement is too long");
		snprintf(error->native, sizeof(error->native), "54000");
		return -1;
	}
	read_tokens(&reader);
	if (pair_brackets(&reader))
		return -1;
	while (!reader.failed && !mysql_is_kind(&reader, 0, MYSQL_TOKEN_END)) {
		if (mysql_accept(&reader, ";"))
			continue;
		read_statement(&reader, ARENA_PUSH(arena, &statements, place));
	}
	if (reader.failed || check_depth(&statements, error))
		return -1;
	tree->statements = statements.places;
	tree->count = statements.place_count;
	return 0;
}
