/* Why there is no plan, and where in the statement that is: (statement) -> the byte from
 * 1 (0: it has no place), the reason and the text, over the shop. */
#include "compare/verdict.h"
#include "unit/lens/shop.h"

static const char *refusal(const char *statement)
{
	const struct plan *plan = plan_in_public(statement);
	const char *text = "a plan";

	if (plan->action == PLAN_UNTRANSLATABLE || plan->action == PLAN_SKIP)
		text = arena_printf(&arena, "%d %s: %s", plan->position,
				    reason_name(plan->reason), plan->detail);
	lens_release(lens, plan);
	return text;
}

static const struct plan_row rows[] = {
    {"SELECT nosuch FROM users", "8 unsupported: column \"nosuch\" is unknown"},
    {"SELECT id, users.nosuch FROM users",
     "12 unsupported: \"users\" has no column \"nosuch\""},
    {"SELECT nosuch.id FROM users",
     "8 unsupported: \"nosuch\" is not a table in scope"},
    {"SELECT id FROM users, tags", "8 unsupported: column \"id\" is ambiguous"},
    {"SELECT (SELECT x.id FROM tags t) FROM users",
     "16 unsupported: \"x\" is not a table in scope"},
    {"SELECT id FROM users WHERE",
     "0 parse: syntax error at end of input at line 1, column 27"},
    {"SELECT id FROM users ORDER BY nosuch",
     "31 unsupported: column \"nosuch\" is unknown"},
    {"SELECT ctid FROM users", "0 unsupported: system column \"ctid\" of "
			       "\"users\", whose rows are in several tables"},
    {"SELECT o.xmin FROM orders o",
     "0 unsupported: system column \"xmin\" of \"orders\", whose rows are in "
     "several tables"},
    {"SELECT u::users FROM users u",
     "8 unsupported: the row of \"u\" is cast to a type"},
    {"SELECT NULL::users",
     "14 unsupported: the statement names the row type of \"users\""},
    {"SELECT (u).nosuch FROM users u",
     "9 unsupported: a field of the row is unknown"},
    {"SELECT id FROM users FOR UPDATE OF nosuch",
     "36 unsupported: FOR UPDATE OF names an unknown table"},
    {"SELECT * FROM orders TABLESAMPLE system (10)",
     "0 unsupported: TABLESAMPLE of a table whose rows are in several tables"},
    {"SELECT 1 FROM users u JOIN tags u ON true",
     "0 unsupported: table name \"u\" is used twice"},
    {"WITH a AS (SELECT * FROM b), b AS (SELECT 1 FROM users) SELECT * FROM a",
     "a plan"},
    {"WITH RECURSIVE a AS (SELECT * FROM b), b AS (SELECT 1 FROM users) SELECT "
     "* FROM a",
     "36 unsupported: \"b\" is used before it is defined"},
    {"UPDATE users SET nosuch = 1",
     "18 unsupported: table \"users\" has no column \"nosuch\""},
    {"UPDATE users SET email = 'x', nosuch = 1",
     "31 unsupported: table \"users\" has no column \"nosuch\""},
    {"UPDATE users SET email = 'x', email = 'y'",
     "31 unsupported: column \"email\" is set twice"},
    {"INSERT INTO users (id, nosuch) VALUES (1, 2)",
     "24 unsupported: table \"users\" has no column \"nosuch\""},
    {"INSERT INTO users (id, id) VALUES (1, 2)",
     "24 unsupported: column \"id\" is named twice"},
    {"INSERT INTO users (id, email) VALUES (1, 2, 3)",
     "0 unsupported: INSERT has different numbers of columns and values"},
    {"INSERT INTO users (id, email) SELECT 1, 2, 3",
     "0 unsupported: INSERT has different numbers of columns and values"},
    {"INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT ON CONSTRAINT "
     "nosuch DO NOTHING",
     "59 unsupported: constraint \"nosuch\" is not known"},
    {"INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (lower(email)) "
     "DO NOTHING",
     "59 unsupported: ON CONFLICT of an expression of \"users\""},
    {"INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (bio) DO "
     "NOTHING",
     "59 unsupported: ON CONFLICT of columns of \"users\" that are no key"},
    {"INSERT INTO users (id, email) VALUES (1, 'x') ON CONFLICT (id) WHERE "
     "active DO NOTHING",
     "59 unsupported: ON CONFLICT of a partial index of \"users\""},
    {"DELETE FROM orders WHERE CURRENT OF c",
     "0 unsupported: WHERE CURRENT OF \"c\": the rows of \"orders\" are in "
     "several tables of the new schema"},
    {"UPDATE users SET bio = 'x' WHERE CURRENT OF c",
     "0 unsupported: WHERE CURRENT OF \"c\": the rows of \"users\" are in "
     "several tables of the new schema"},
    {"MERGE INTO users USING tags ON users.id = tags.id WHEN MATCHED THEN "
     "UPDATE SET nosuch = 1",
     "80 unsupported: table \"users\" has no column \"nosuch\""},
    {"COPY users (nosuch) TO STDOUT",
     "0 unsupported: table \"users\" has no column \"nosuch\""},
    {"COPY users FROM '/tmp/x'",
     "0 side-effect: COPY with a file or program of the server"},
    {"LOCK TABLE old_users",
     "12 unsupported: table \"old_users\" is not in the new schema"},
    {"UPDATE homes SET street = 'x' WHERE user_id IN (WITH w AS (UPDATE users "
     "SET email = 'y' RETURNING id) SELECT id FROM w)",
     "0 unsupported: the statement writes \"homes\" and \"users\", which share "
     "rows in the new schema"},
    {"WITH w AS (UPDATE users SET email = 'y') UPDATE homes SET street = 'x'",
     "0 unsupported: the statement writes \"users\" and \"homes\", which share "
     "rows in the new schema"},
    {"CREATE TEMP VIEW v AS SELECT id FROM users",
     "38 unsupported: a temporary object made from \"users\""},
    {"CREATE TABLE x AS SELECT id FROM users", "0 ddl: a table is made"},
    {"DROP TABLE users", "0 ddl: schema changes are not mirrored"},
    {"VACUUM users", "0 maintenance: maintenance is not mirrored"},
    {"EXPLAIN SELECT id FROM users",
     "0 unsupported: EXPLAIN shows the server's own plan"},
    {"NOTIFY a", "0 side-effect: acts outside the database's tables"},
    {"SELECT * FROM pg_class",
     "0 unsupported: reads the system's own catalogs"},
    {"SELECT pg_get_serial_sequence('users', 'flags')",
     "40 unsupported: column \"flags\" has no place of its own in the new "
     "schema"},
    {"CREATE RULE r AS ON INSERT TO users DO NOTHING",
     "0 ddl: schema changes are not mirrored"},
};

static void test_rows(void **state)
{
	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		row_is(&differing, rows[i].statement,
		       refusal(rows[i].statement), rows[i].expected);
	assert_int_equal(differing.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
