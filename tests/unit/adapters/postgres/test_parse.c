/* Parsing PostgreSQL's SQL: trees, places of errors, bounds, split, shape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/parse.h"
#include "adapters/postgres/parse_depth.h"
#include "sql/walk.h"

static const struct parser *const parser = &postgres_parser;

static int parse(struct arena *arena, const char *text, struct sql_tree *tree,
		 struct error *error)
{
	error_init(error);
	return parser->parse(text, strlen(text), arena, tree, error);
}

static void test_statements(void **state)
{
	const char *text =
	    " /* a */ SELECT 1 ; ;\nUPDATE t SET a = 2 -- end\n ";
	struct arena arena;
	struct sql_tree tree;
	struct error error;

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(parse(&arena, text, &tree, &error), 0);
	assert_int_equal(tree.count, 2);
	assert_true(SQL_IS(tree.statements[0].node, SELECT_STMT));
	assert_string_equal(sql_node_name(tree.statements[1].node),
			    "UpdateStmt");
	assert_int_equal(tree.statements[0].offset, 9);
	assert_int_equal(tree.statements[0].length, 8);
	assert_memory_equal(text + tree.statements[1].offset, "UPDATE t", 8);
	assert_int_equal(parse(&arena, "", &tree, &error), 0);
	assert_int_equal(tree.count, 0);
	assert_int_equal(parse(&arena, " -- x", &tree, &error), 0);
	assert_int_equal(tree.count, 0);
	arena_release(&arena);
}

static void test_errors(void **state)
{
	struct arena arena;
	struct sql_tree tree;
	struct error error;

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(parse(&arena, "SELECT 'é',\n  FROM t", &tree, &error),
			 -1);
	assert_int_equal(error.kind, ERROR_DATABASE);
	assert_string_equal(error.native, "42601");
	assert_int_equal(error.line, 2);
	assert_int_equal(error.column, 3);
	error_init(&error);
	assert_int_equal(parser->parse("SELECT\0 1", 9, &arena, &tree, &error),
			 -1);
	assert_int_equal(error.kind, ERROR_DATABASE);
	arena_release(&arena);
}

static void test_arena_limit(void **state)
{
	struct arena arena;
	struct sql_tree tree;
	struct error error;

	(void)state;
	arena_init(&arena, 2000);
	assert_int_equal(parse(&arena, "SELECT a, b, c, d, e, f, g, h FROM t",
			       &tree, &error),
			 -1);
	assert_int_equal(error.kind, ERROR_LIMIT);
	arena_release(&arena);
}

/* unit, count times, between head and tail; an infix or a nesting one. */
static char *repeat(const char *head, const char *open, const char *middle,
		    const char *close, const char *tail, size_t count)
{
	struct buffer buffer;

	buffer_init(&buffer, 0);
	buffer_append_string(&buffer, head);
	for (size_t i = 0; i < count; i++)
		buffer_append_string(&buffer, open);
	buffer_append_string(&buffer, middle);
	for (size_t i = 0; i < count; i++)
		buffer_append_string(&buffer, close);
	buffer_append_string(&buffer, tail);
	buffer_string(&buffer);
	return (char *)buffer.data;
}

static const char *const deep[][5] = {
    {"SELECT ", "1+", "1", "", ""},
    {"SELECT ", "- - ", "x", "", ""},
    {"SELECT ", "(", "1", ")", ""},
    {"SELECT ", "(SELECT ", "1", ")", ""},
    {"SELECT ", "NOT ", "true", "", ""},
    {"SELECT ", "", "x", "::int", ""},
    {"SELECT ", "", "x", " COLLATE \"C\"", ""},
    {"SELECT ", "", "x", " AT TIME ZONE 'UTC'", ""},
    {"SELECT ", "CASE WHEN ", "x", " THEN 1 END", ""},
    {"SELECT ", "f(", "x", ")", ""},
    {"SELECT ", "ARRAY[", "x", "]", ""},
    {"SELECT ", "a[", "1", "]", ""},
    {"SELECT ", "", "x", "||'y'", ""},
    {"SELECT ", "", "x", " OPERATOR(pg_catalog.+) 1", ""},
    {"SELECT 1", "", "", " UNION SELECT 1", ""},
    {"SELECT 1 FROM a", "", "", " JOIN b ON x = 1 AND y = 2", ""},
    {"SELECT ", "", "NOT a", " BETWEEN 1 AND NOT a", ""},
    {"SELECT ", "", "x", ".and+x", ""},
    {"SELECT 1 FROM ", "(", "a", " CROSS JOIN b)", ""},
    {"SELECT ", "(((1+", "1", ")))", ""},
    {"SELECT ", "(1,", "1", ")", ""},
    {"", "WITH a AS (", "SELECT 1", ") SELECT 1", ""},
    {"SELECT ", "x IN (", "1", ")", ""},
    {"SELECT ", "x LIKE (", "1", ") ESCAPE 'a'", ""},
};

static size_t depth_seen;

static enum sql_step note_depth(struct sql_place *place, void *context,
				struct error *error)
{
	(void)context;
	(void)error;
	if ((size_t)place->depth > depth_seen)
		depth_seen = (size_t)place->depth;
	return SQL_STEP_INTO;
}

static void test_depth_bound(void **state)
{
	static const size_t counts[] = {3, 40, 150, 350, 1000, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof(deep) / sizeof(*deep); i++) {
		for (size_t j = 0; j < sizeof(counts) / sizeof(*counts); j++) {
			char *text = repeat(deep[i][0], deep[i][1], deep[i][2],
					    deep[i][3], deep[i][4], counts[j]);
			size_t bound = parse_depth(text, strlen(text));
			struct sql_visitor visitor = {.pre = note_depth};
			struct arena arena;
			struct sql_tree tree;
			struct error error;

			arena_init(&arena, 0);
			depth_seen = 0;
			if (!parse(&arena, text, &tree, &error)) {
				assert_int_equal(
				    sql_walk(&tree.statements[0].node, &visitor,
					     &error),
				    0);
				/* Each struct but the typed ones is in a Node.
				 */
				if (bound < 2 * depth_seen)
					fail_msg("%s... x%zu: bound %zu depth "
						 "%zu",
						 deep[i][1], counts[j], bound,
						 2 * depth_seen);
			} else if (error.kind != ERROR_LIMIT) {
				fail_msg("%.60s: %s", text, error.message);
			}
			/* Fifty levels of anything must pass. */
			if (counts[j] <= 40 && error.kind == ERROR_LIMIT)
				fail_msg("%s x%zu refused", deep[i][1],
					 counts[j]);
			if (counts[j] == 100000)
				assert_int_equal(error.kind, ERROR_LIMIT);
			arena_release(&arena);
			free(text);
		}
	}
}

static void test_wide_is_not_deep(void **state)
{
	static const char *const wide[][3] = {
	    {"INSERT INTO t VALUES (1, 'a')", ", (1, 'a' || 'b')", ""},
	    {"SELECT 1 FROM t WHERE a = 1", " OR (a = 1 AND b > 2)", ""},
	    {"SELECT 1 FROM t WHERE a = 1", " AND a BETWEEN 1 AND 2 OR b", ""},
	    {"SELECT 1 FROM t WHERE a IN (1", ", 1 + 2", ")"},
	    {"SELECT CASE WHEN true THEN 1", " WHEN x = 1 THEN 2 * 3", " END"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
		char *text =
		    repeat(wide[i][0], "", "", wide[i][1], wide[i][2], 5000);
		struct arena arena;
		struct sql_tree tree;
		struct error error;

		arena_init(&arena, 0);
		if (parse(&arena, text, &tree, &error))
			fail_msg("%s: %s", wide[i][1], error.message);
		arena_release(&arena);
		free(text);
	}
}

static void test_length_bound(void **state)
{
	size_t size = PARSER_LENGTH_LIMIT + 1;
	char *text = malloc(size);
	struct arena arena;
	struct sql_tree tree;
	struct error error;

	(void)state;
	memset(text, ' ', size);
	arena_init(&arena, 0);
	assert_int_equal(parser->parse(text, size, &arena, &tree, &error), -1);
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_int_equal(parser->parse(text, size - 1, &arena, &tree, &error),
			 0);
	arena_release(&arena);
	free(text);
}

static void split_is(const char *text, const char *const *pieces)
{
	struct sql_statement places[8];
	size_t count = parser->split(text, strlen(text), places, 8);
	size_t i;

	for (i = 0; pieces[i]; i++) {
		assert_true(i < count);
		assert_int_equal(places[i].length, strlen(pieces[i]));
		assert_memory_equal(text + places[i].offset, pieces[i],
				    strlen(pieces[i]));
	}
	assert_int_equal(count, i);
}

#define PIECES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_split(void **state)
{
	(void)state;
	split_is("SELECT 1", PIECES("SELECT 1"));
	split_is(" ;; SELECT ';' ; /* ; */ SELECT $a$;$a$;",
		 PIECES("SELECT ';'", "SELECT $a$;$a$"));
	split_is("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); "
		 "SELECT 3",
		 PIECES("CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT "
			"2)",
			"SELECT 3"));
	split_is("CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC "
		 "SELECT CASE WHEN true THEN 1 END; SELECT 2; END; SELECT 3",
		 PIECES("CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN "
			"ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; "
			"END",
			"SELECT 3"));
	split_is("BEGIN; END; SELECT 'open; SELECT 2",
		 PIECES("BEGIN", "END", "SELECT 'open; SELECT 2"));
	assert_int_equal(parser->split("a;b;c", 5, NULL, 0), 3);
}

static void same_shape(const char *a, const char *b, bool same)
{
	struct sql_shape left;
	struct sql_shape right;
	bool equal;

	sql_shape_init(&left);
	sql_shape_init(&right);
	parser->shape(a, strlen(a), &left);
	parser->shape(b, strlen(b), &right);
	equal = left.key.size == right.key.size &&
		!memcmp(left.key.data, right.key.data, left.key.size);
	if (equal != same)
		fail_msg("%s | %s", a, b);
	if (same && !left.unsure)
		assert_int_equal(left.count, right.count);
	sql_shape_release(&left);
	sql_shape_release(&right);
}

static void test_shape(void **state)
{
	struct sql_shape shape;
	const char *text = "SELECT 12, 'it''s' 'x', -4.5, X'1F', $1, E'\\'' , "
			   "$$a$$, U&'x', N'y', 3000000000, 1..2";

	(void)state;
	same_shape("SELECT 1", "SELECT  /* c */  22", true);
	same_shape("SELECT 1", "SELECT 3000000000", false);
	same_shape("SELECT 1", "SELECT 1.0", false);
	same_shape("SELECT 1", "SELECT '1'", false);
	same_shape("SELECT 'a'", "SELECT E'\\n'\n'b'", true);
	same_shape("SELECT 'a' 'b'", "SELECT 'a'\n'b'", false);
	same_shape("SELECT - 1", "SELECT -1", false);
	same_shape("SELECT -2147483648", "SELECT -2147483647", false);
	same_shape("SELECT -2147483648", "SELECT -2147483649", false);
	same_shape("SELECT -9223372036854775808", "SELECT -9223372036854775809",
		   false);
	same_shape("SELECT 'today 10:00'", "SELECT 'tod'", false);
	same_shape("SELECT $1", "SELECT $2", false);
	same_shape("SELECT \"a\"", "SELECT \"b\"", false);
	same_shape("SELECT 'a", "SELECT 'b", false);
	same_shape("SELECT 1a", "SELECT 2a", false);
	same_shape("SELECT 1 -- x\n+1", "SELECT 2\n+3", true);
	same_shape("SELECT \x01", "SELECT 1", false);
	same_shape("SELECT U&'a'", "SELECT U&'b'", false);

	sql_shape_init(&shape);
	parser->shape(text, strlen(text), &shape);
	assert_int_equal(shape.count, 10);
	assert_int_equal(shape.literals[0].kind, SQL_LITERAL_INTEGER);
	assert_int_equal(shape.literals[1].length, 7);
	assert_int_equal(shape.literals[3].kind, SQL_LITERAL_NUMBER);
	assert_int_equal(shape.literals[3].length, 3);
	assert_int_equal(shape.literals[4].kind, SQL_LITERAL_BITS);
	assert_int_equal(shape.literals[5].length, 5);
	assert_int_equal(shape.literals[7].kind, SQL_LITERAL_BIG);
	sql_shape_release(&shape);
}

static void normal_is(const char *text, const char *expected)
{
	struct buffer buffer;

	buffer_init(&buffer, 0);
	parser->fingerprint(text, strlen(text), NULL, &buffer);
	assert_string_equal(buffer_string(&buffer), expected);
	buffer_release(&buffer);
}

static void test_fingerprint(void **state)
{
	(void)state;
	normal_is("select  A.b,'x' from /* c */ T where ID=1;",
		  "select a.b, ? from t where id = ?");
	normal_is("SELECT \"Ab\" FROM t WHERE id IN (1,2,3) AND x = $1",
		  "select \"Ab\" from t where id in (...) and x = ?");
	normal_is("SELECT 1 WHERE x IN (1, a)", "select ? where x in (?, a)");
	normal_is("INSERT INTO t(a, b) VALUES (1,'a'), (2, 'b'),(3,'c') "
		  "RETURNING a",
		  "insert into t(a, b) values (?, ?), ... returning a");
	normal_is("INSERT INTO t VALUES (1, now()), (2, 'b')",
		  "insert into t values (?, now()), (?, ?)");
	normal_is("SELECT count(*), -1 FROM t", "select count(*), - ? from t");
	normal_is("SELECT 'secret", "select <unreadable>");
	normal_is("SELECT U&'secret', U&\"Ab\", N'secret', E'secret'",
		  "select ?, U&\"Ab\", ?, ?");
	assert_int_equal(parser->fingerprint("SELECT 1", 8, NULL, NULL),
			 parser->fingerprint("select $1;", 10, NULL, NULL));
	assert_int_not_equal(parser->fingerprint("SELECT 1", 8, NULL, NULL),
			     parser->fingerprint("SELECT a", 8, NULL, NULL));
}

static bool knows(const void *context, const char *name)
{
	(void)context;
	return !strcmp(name, "users") || !strcmp(name, "user \"id\"");
}

static void shown_is(const char *text, const char *expected)
{
	static const struct sql_known known = {.knows = knows};
	struct buffer buffer;

	buffer_init(&buffer, 0);
	parser->fingerprint(text, strlen(text), &known, &buffer);
	assert_string_equal(buffer_string(&buffer), expected);
	buffer_release(&buffer);
}

/* Values that look like words. */
static void test_hidden_settings(void **state)
{
	(void)state;
	normal_is("SET app.token = geheim", "set app.token = ?");
	normal_is("SET LOCAL app.token TO \"geheim\", geheim, 'x'",
		  "set local app.token to ?, ?, ?");
	normal_is("SET app.token TO DEFAULT", "set app.token to default");
	normal_is("SET x = geheim geheim; SELECT a", "set x = ? ?; select a");
	normal_is("SET SESSION AUTHORIZATION geheim",
		  "set session authorization ?");
	normal_is("SET ROLE geheim", "set role ?");
	normal_is("SET TIME ZONE geheim", "set time zone ?");
	normal_is("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
		  "set transaction isolation level serializable");
	normal_is("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
		  "set session characteristics as transaction read only");
	normal_is("ALTER ROLE r IN DATABASE d SET app.token = geheim",
		  "alter role r in database d set app.token = ?");
	normal_is("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET x = geheim "
		  "AS 'SELECT 1'",
		  "create function f() returns int language sql set x = ? as "
		  "?");
	normal_is("ALTER TABLE t ALTER c SET DEFAULT now()",
		  "alter table t alter c set default now()");
	normal_is("UPDATE t SET a = b, c = d WHERE e",
		  "update t set a = b, c = d where e");
	normal_is("UPDATE t SET a = 1 WHERE CURRENT OF geheim_1",
		  "update t set a = ? where current of ?");
}

static void test_hidden_names(void **state)
{
	(void)state;
	shown_is("SELECT \"users\".\"user \"\"id\"\"\" AS \"x\" FROM \"users\" "
		 "ORDER BY \"x\"",
		 "select \"users\".\"user \"\"id\"\"\" as \"x\" from \"users\" "
		 "order "
		 "by \"x\"");
	shown_is("SELECT \"u\".a FROM users \"u\" WHERE name = \"geheim\"",
		 "select \"u\".a from users \"u\" where name = \"?\"");
	shown_is("SELECT U&\"geheim\"", "select \"?\"");
	shown_is("CREATE TABLE \"new\" (\"a\" int)",
		 "create table \"new\" (\"a\" int)");
	/* the names count for the identity */
	assert_int_not_equal(
	    parser->fingerprint("SELECT \"a\"", 10, NULL, NULL),
	    parser->fingerprint("SELECT \"b\"", 10, NULL, NULL));
}

/* Where a backslash escapes, the string goes on. */
static void test_unsure_strings(void **state)
{
	(void)state;
	normal_is("SELECT 'O\\'geheim or', a", "select ? <unreadable>");
	normal_is("SELECT 'a\\'geheim' -- it's\n, b", "select ? <unreadable>");
	normal_is("SELECT 'a\\b', a", "select ?, a");
	normal_is("SELECT E'a\\'b', a", "select ?, a");
	assert_int_not_equal(
	    parser->fingerprint("SELECT 'a\\', b", 15, NULL, NULL),
	    parser->fingerprint("SELECT 'a\\', c", 15, NULL, NULL));
}

static void test_fragments(void **state)
{
	struct arena arena;
	struct error error;
	PgQuery__Node *node;
	PgQuery__TypeName *type;

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(parser_expression(parser, "first || ' ' || last -- c",
					   &arena, &node, &error),
			 0);
	assert_true(SQL_IS(node, A_EXPR));
	assert_int_equal(
	    parser_expression(parser, "a, b", &arena, &node, &error), -1);
	assert_int_equal(
	    parser_expression(parser, "a AS b", &arena, &node, &error), -1);
	assert_int_equal(
	    parser_expression(parser, "a) + ROW(b", &arena, &node, &error), -1);
	assert_int_equal(parser_expression(parser, "1); SELECT ROW(1", &arena,
					   &node, &error),
			 -1);
	assert_int_equal(
	    parser_expression(parser, "a +* / b", &arena, &node, &error), -1);
	assert_int_equal(error.line, 1);
	assert_int_equal(error.column, 6);
	assert_int_equal(
	    parser_type(parser, "numeric(10,2)[]", &arena, &type, &error), 0);
	assert_int_equal(type->n_typmods, 2);
	assert_int_equal(type->n_array_bounds, 1);
	assert_int_equal(
	    parser_type(parser, "int) + CAST(1 AS int", &arena, &type, &error),
	    -1);
	arena_release(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_statements),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_arena_limit),
	    cmocka_unit_test(test_depth_bound),
	    cmocka_unit_test(test_wide_is_not_deep),
	    cmocka_unit_test(test_length_bound),
	    cmocka_unit_test(test_split),
	    cmocka_unit_test(test_shape),
	    cmocka_unit_test(test_fingerprint),
	    cmocka_unit_test(test_hidden_settings),
	    cmocka_unit_test(test_hidden_names),
	    cmocka_unit_test(test_unsure_strings),
	    cmocka_unit_test(test_fragments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
