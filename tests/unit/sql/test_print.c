/* The printer: its law over a corpus, and the forms that it chooses. */
#include <errno.h>

#include "sql/build.h"
#include "sql/print.h"
#include "sql/walk.h"
#include "unit/sql/support.h"

static PgQuery__Node *parse(const char *text, size_t size)
{
	return parse_one(text, size).node;
}

static void comes_back(const char *text, size_t size)
{
	PgQuery__Node *node = parse(text, size);
	struct buffer out;
	struct error error;

	buffer_init(&out, 0);
	error_init(&error);
	if (sql_print_checked(node, &postgres_parser, &arena, &out, NULL,
			      &error))
		fail_msg("%s\n  text:  %.*s\n  print: %s", error.message,
			 (int)size, text, buffer_string(&out));
	buffer_release(&out);
}

/* Each item of a select list on its own too: one must not hide another. */
static void items_come_back(const char *text, size_t size)
{
	PgQuery__Node *node = parse(text, size);
	PgQuery__SelectStmt *select = SQL_AS(node, SELECT_STMT, select_stmt);
	PgQuery__Node **items;
	size_t count;

	if (!select || select->n_target_list < 2)
		return;
	items = select->target_list;
	count = select->n_target_list;
	for (size_t i = 0; i < count; i++) {
		struct buffer out;
		struct error error;

		buffer_init(&out, 0);
		error_init(&error);
		select->n_target_list = 1;
		select->target_list = items + i;
		if (sql_print_checked(node, &postgres_parser, &arena, &out,
				      NULL, &error))
			fail_msg("%s\n  text:  %.*s\n  item %zu: %s",
				 error.message, (int)size, text, i + 1,
				 buffer_string(&out));
		buffer_release(&out);
	}
}

static void test_corpus(void **state)
{
	static char text[128 * 1024];
	static struct sql_statement places[1024];
	FILE *file = fopen("tests/unit/sql/corpus.sql", "rb");
	size_t size;
	size_t count;

	(void)state;
	if (!file)
		fail_msg("tests/unit/sql/corpus.sql: %s (run from the root)",
			 strerror(errno));
	size = fread(text, 1, sizeof(text), file);
	fclose(file);
	assert_true(size < sizeof(text));
	count = postgres_parser.split(text, size, places, 1024);
	assert_in_range(count, 180, 1024);
	for (size_t i = 0; i < count; i++) {
		comes_back(text + places[i].offset, places[i].length);
		items_come_back(text + places[i].offset, places[i].length);
	}
}

static void prints_as(const char *text, const char *expected)
{
	struct buffer out;
	struct error error;

	buffer_init(&out, 0);
	error_init(&error);
	if (sql_print_checked(parse(text, strlen(text)), &postgres_parser,
			      &arena, &out, NULL, &error))
		fail_msg("%s: %s", text, error.message);
	assert_string_equal(buffer_string(&out), expected);
	buffer_release(&out);
}

static void test_forms(void **state)
{
	(void)state;
	prints_as("select a+b*c, (a+b)*c, a-(b-c), -5, 3 - -5",
		  "SELECT a + b * c, (a + b) * c, a - (b - c), -5, 3 - (-5)");
	prints_as("select (a + b) at time zone z",
		  "SELECT (a + b) AT TIME ZONE z");
	prints_as("select (a or b) is null", "SELECT (a OR b) IS NULL");
	prints_as("select 1 from t for update of t skip locked",
		  "SELECT 1 FROM t FOR UPDATE OF t SKIP LOCKED");
	prints_as(
	    "select a::int4, b::pg_catalog.int4, c::int[], 'x'::varchar(3)",
	    "SELECT a::int4, b::integer, c::integer[], 'x'::varchar(3)");
	prints_as("select \"Order\", \"order\", \"name\", name",
		  "SELECT \"Order\", \"order\", name, name");
	prints_as("select E'a\\\\b', 'it''s'", "SELECT E'a\\\\b', 'it''s'");
	prints_as("select 1 union (select 2 union select 3) limit 5",
		  "SELECT 1 UNION (SELECT 2 UNION SELECT 3) LIMIT 5");
	prints_as(
	    "select * from a join b using (x) where a.x=1 and b.y in (1,2)",
	    "SELECT * FROM a JOIN b USING (x) WHERE a.x = 1 AND b.y IN "
	    "(1, 2)");
	prints_as("update t set (a,b)=(1,default), c=2 where d",
		  "UPDATE t SET (a, b) = (1, DEFAULT), c = 2 WHERE d");
	prints_as("delete from only t", "DELETE FROM ONLY t");
	prints_as("insert into t(a) values(1) on conflict do nothing",
		  "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING");
}

static void test_no_rule(void **state)
{
	struct buffer out;
	struct error error;
	PgQuery__SelectStmt *select = sql_select(&arena);
	const char *text = "GRANT SELECT ON t TO u";
	PgQuery__Node *node;

	(void)state;
	buffer_init(&out, 0);
	error_init(&error);
	assert_int_equal(sql_print(parse(text, strlen(text)),
				   postgres_parser.dialect, &out, NULL, &error),
			 -1);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	assert_non_null(strstr(error.message, "GrantStmt"));
	/* A node in a place where it has no business. */
	SQL_APPEND(&arena, select, target_list, sql_string(&arena, "x"));
	assert_int_equal(sql_print(sql_wrap(&arena, select),
				   postgres_parser.dialect, &out, NULL, &error),
			 -1);
	assert_non_null(strstr(error.message, "String"));
	/* Half of a multiple assignment. */
	text = "UPDATE t SET (a, b) = (1, 2)";
	node = parse(text, strlen(text));
	node->update_stmt->target_list++;
	node->update_stmt->n_target_list--;
	node->update_stmt->target_list[0]
	    ->res_target->val->multi_assign_ref->ncolumns = 1;
	assert_int_equal(
	    sql_print(node, postgres_parser.dialect, &out, NULL, &error), -1);
	buffer_release(&out);
}

/* A print that reads otherwise is caught: here, an alias that is no name of a
 * column alone but injected text cannot be, and an operator that is no
 * operator. */
static void test_checked(void **state)
{
	struct buffer out;
	struct error error;
	PgQuery__SelectStmt *select = sql_select(&arena);
	PgQuery__Node *in_list[1] = {
	    sql_sublink(&arena, PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
			parse("SELECT 1", 8))};

	(void)state;
	/* a IN ((SELECT 1)): the parser takes the list for a sub-query. */
	SQL_APPEND(&arena, select, target_list,
		   sql_target(&arena, NULL,
			      sql_in(&arena, sql_column(&arena, NULL, "a"),
				     in_list, 1, false)));
	buffer_init(&out, 0);
	error_init(&error);
	assert_int_equal(sql_print(sql_wrap(&arena, select),
				   postgres_parser.dialect, &out, NULL, &error),
			 0);
	assert_int_equal(sql_print_checked(sql_wrap(&arena, select),
					   &postgres_parser, &arena, &out, NULL,
					   &error),
			 -1);
	assert_int_equal(error.kind, ERROR_INTERNAL);
	/* Names are quoted whatever is in them. */
	select->target_list[0]->res_target->val =
	    sql_column(&arena, "a\"b", "x; DROP TABLE t --");
	buffer_clear(&out);
	assert_int_equal(sql_print_checked(sql_wrap(&arena, select),
					   &postgres_parser, &arena, &out, NULL,
					   &error),
			 0);
	assert_string_equal(buffer_string(&out),
			    "SELECT \"a\"\"b\".\"x; DROP TABLE t --\"");
	select->target_list[0]->res_target->val = sql_operator(
	    &arena, "; DROP TABLE t; --", NULL, sql_const_null(&arena));
	assert_int_equal(sql_print(sql_wrap(&arena, select),
				   postgres_parser.dialect, &out, NULL, &error),
			 -1);
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_corpus),
	    cmocka_unit_test(test_forms),
	    cmocka_unit_test(test_no_rule),
	    cmocka_unit_test(test_checked),
	};

	return cmocka_run_group_tests(tests, start, end);
}
