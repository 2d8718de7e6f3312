/* Traits of statements. */
#include "sql/traits.h"
#include "unit/sql/support.h"

static struct sql_traits traits_of(const char *text)
{
	struct sql_tree tree = parse_text(text, strlen(text));
	struct sql_traits traits;
	struct error error;

	error_init(&error);
	if (sql_traits(tree.count ? tree.statements[0].node : NULL,
		       postgres_parser.dialect, &arena, &traits, &error))
		fail_msg("%s: %s", text, error.message);
	return traits;
}

static void test_kinds(void **state)
{
	static const struct {
		const char *text;
		enum sql_kind kind;
		bool writes;
		const char *name;
		bool all;
	} cases[] = {
	    {"", SQL_KIND_EMPTY, false, "", false},
	    {"SELECT 1", SQL_KIND_SELECT, false, "", false},
	    {"VALUES (1)", SQL_KIND_SELECT, false, "", false},
	    {"TABLE t", SQL_KIND_SELECT, false, "", false},
	    {"INSERT INTO t VALUES (1)", SQL_KIND_INSERT, true, "", false},
	    {"UPDATE t SET a = 1", SQL_KIND_UPDATE, true, "", false},
	    {"DELETE FROM t", SQL_KIND_DELETE, true, "", false},
	    {"MERGE INTO t USING s ON true WHEN MATCHED THEN DELETE",
	     SQL_KIND_MERGE, true, "", false},
	    {"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
	     SQL_KIND_SELECT, true, "", false},
	    {"SELECT nextval('s')", SQL_KIND_SELECT, true, "", false},
	    {"SELECT currval('s')", SQL_KIND_SELECT, false, "", false},
	    {"COPY t FROM STDIN", SQL_KIND_COPY_IN, true, "", false},
	    {"COPY (SELECT 1) TO STDOUT", SQL_KIND_COPY_OUT, false, "", false},
	    {"COPY (DELETE FROM t RETURNING a) TO STDOUT", SQL_KIND_COPY_OUT,
	     true, "", false},
	    {"SELECT 1 INTO x", SQL_KIND_SELECT_INTO, true, "", false},
	    {"SELECT 1 INTO x UNION SELECT 2", SQL_KIND_SELECT_INTO, true, "",
	     false},
	    {"CREATE TABLE x AS SELECT 1", SQL_KIND_SELECT_INTO, true, "",
	     false},
	    {"BEGIN", SQL_KIND_BEGIN, false, "", false},
	    {"START TRANSACTION", SQL_KIND_BEGIN, false, "", false},
	    {"END", SQL_KIND_COMMIT, false, "", false},
	    {"ABORT", SQL_KIND_ROLLBACK, false, "", false},
	    {"SAVEPOINT a", SQL_KIND_SAVEPOINT, false, "a", false},
	    {"RELEASE a", SQL_KIND_RELEASE, false, "a", false},
	    {"ROLLBACK TO a", SQL_KIND_ROLLBACK_TO, false, "a", false},
	    {"PREPARE TRANSACTION 'g'", SQL_KIND_PREPARE_TRANSACTION, false,
	     "g", false},
	    {"COMMIT PREPARED 'g'", SQL_KIND_COMMIT_PREPARED, false, "g",
	     false},
	    {"SET a.b = 1", SQL_KIND_SET, false, "a.b", false},
	    {"SET TRANSACTION READ ONLY", SQL_KIND_SET_TRANSACTION, false,
	     "TRANSACTION", false},
	    {"RESET x", SQL_KIND_RESET, false, "x", false},
	    {"RESET ALL", SQL_KIND_RESET, false, "", true},
	    {"DISCARD ALL", SQL_KIND_DISCARD, false, "", true},
	    {"DISCARD TEMP", SQL_KIND_DISCARD, false, "", false},
	    {"SHOW x", SQL_KIND_SHOW, false, "x", false},
	    {"PREPARE p AS DELETE FROM t", SQL_KIND_PREPARE, false, "p", false},
	    {"EXECUTE p (1)", SQL_KIND_EXECUTE, true, "p", false},
	    {"DEALLOCATE ALL", SQL_KIND_DEALLOCATE, false, "", true},
	    {"DECLARE c CURSOR FOR SELECT 1", SQL_KIND_DECLARE, false, "c",
	     false},
	    {"FETCH 2 FROM c", SQL_KIND_FETCH, false, "c", false},
	    {"MOVE c", SQL_KIND_MOVE, false, "c", false},
	    {"CLOSE c", SQL_KIND_CLOSE, false, "c", false},
	    {"LISTEN n", SQL_KIND_LISTEN, false, "n", false},
	    {"NOTIFY n, 'x'", SQL_KIND_NOTIFY, false, "n", false},
	    {"UNLISTEN *", SQL_KIND_UNLISTEN, false, "", true},
	    {"LOCK t", SQL_KIND_LOCK, false, "", false},
	    {"TRUNCATE t", SQL_KIND_TRUNCATE, true, "", false},
	    {"CALL p()", SQL_KIND_CALL, true, "", false},
	    {"DO 'x'", SQL_KIND_DO, true, "", false},
	    {"EXPLAIN DELETE FROM t", SQL_KIND_EXPLAIN, false, "", false},
	    {"EXPLAIN ANALYZE DELETE FROM t", SQL_KIND_EXPLAIN, true, "",
	     false},
	    {"EXPLAIN (ANALYZE off) DELETE FROM t", SQL_KIND_EXPLAIN, false, "",
	     false},
	    {"EXPLAIN ANALYZE SELECT 1", SQL_KIND_EXPLAIN, false, "", false},
	    {"VACUUM t", SQL_KIND_MAINTENANCE, false, "", false},
	    {"CREATE TABLE t (a int)", SQL_KIND_DDL, true, "", false},
	    {"CREATE TEMP TABLE t (a int)", SQL_KIND_DDL_TEMP, true, "", false},
	    {"ALTER TABLE t ADD b int", SQL_KIND_DDL, true, "", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sql_traits traits = traits_of(cases[i].text);

		if (traits.kind != cases[i].kind ||
		    traits.writes != cases[i].writes ||
		    strcmp(traits.name, cases[i].name) ||
		    traits.all != cases[i].all)
			fail_msg("%s: kind %s writes %d name '%s' all %d",
				 cases[i].text, sql_kind_name(traits.kind),
				 traits.writes, traits.name, traits.all);
	}
}

/* "r:t w:s.u" in order of appearance; i u d l D for the uses. */
static void tables_are(const char *text, const char *expected)
{
	struct sql_traits traits = traits_of(text);
	char seen[512] = "";

	for (size_t i = 0; i < traits.table_count; i++) {
		const struct sql_table_use *table = &traits.tables[i];

		snprintf(seen + strlen(seen), sizeof(seen) - strlen(seen),
			 "%s%s%s%s%s%s%s:%s%s%s", i ? " " : "",
			 table->use & SQL_USE_READ ? "r" : "",
			 table->use & SQL_USE_INSERT ? "i" : "",
			 table->use & SQL_USE_UPDATE ? "u" : "",
			 table->use & SQL_USE_DELETE ? "d" : "",
			 table->use & SQL_USE_LOCK ? "l" : "",
			 table->use & SQL_USE_DEFINE ? "D" : "", table->schema,
			 *table->schema ? "." : "", table->name);
	}
	if (strcmp(seen, expected))
		fail_msg("%s: %s, not %s", text, seen, expected);
}

static void test_tables(void **state)
{
	(void)state;
	tables_are("SELECT * FROM a, s.b JOIN c USING (x)", "r:a r:s.b r:c");
	tables_are("SELECT 1 WHERE EXISTS (SELECT 1 FROM a)", "r:a");
	tables_are("INSERT INTO a SELECT * FROM a", "ri:a");
	tables_are("INSERT INTO a VALUES (1) ON CONFLICT (x) DO UPDATE SET "
		   "y = 1",
		   "iu:a");
	tables_are("UPDATE a SET x = b.x FROM b", "u:a r:b");
	tables_are("DELETE FROM a USING b", "d:a r:b");
	tables_are("MERGE INTO a USING b ON true WHEN MATCHED THEN UPDATE SET "
		   "x = 1 WHEN NOT MATCHED THEN INSERT VALUES (1)",
		   "riu:a r:b");
	tables_are("TRUNCATE a, b", "d:a d:b");
	tables_are("LOCK TABLE a", "l:a");
	tables_are("SELECT * FROM a x FOR UPDATE OF x", "rl:a");
	tables_are("CREATE TABLE a AS SELECT * FROM b", "r:b D:a");
	tables_are("DROP TABLE a, s.b", "D:a D:s.b");
	tables_are("ALTER TABLE a ADD b int", "D:a");
	tables_are("COPY a FROM STDIN", "i:a");
	tables_are("VACUUM a", "r:a");
	/* Names of CTEs. */
	tables_are("WITH a AS (SELECT * FROM b) SELECT * FROM a", "r:b");
	tables_are("WITH a AS (SELECT * FROM a) SELECT * FROM a", "r:a");
	tables_are("WITH RECURSIVE a AS (SELECT * FROM a) SELECT * FROM a", "");
	tables_are("WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * "
		   "FROM a, b",
		   "r:b");
	tables_are("WITH a AS (SELECT 1) SELECT * FROM s.a", "r:s.a");
	tables_are("WITH a AS (SELECT 1) INSERT INTO a SELECT * FROM a", "i:a");
	tables_are("WITH a AS (SELECT 1) UPDATE a SET x = 1", "u:a");
	tables_are("WITH a AS (SELECT 1) DELETE FROM b USING a", "d:b");
	tables_are("SELECT * FROM (WITH a AS (SELECT 1) SELECT * FROM a) x, a",
		   "r:a");
	tables_are("WITH a AS (SELECT 1) SELECT 1 WHERE 1 IN (SELECT 1 FROM "
		   "a UNION SELECT 2 FROM a)",
		   "");
	tables_are("WITH a AS (WITH b AS (SELECT 1) SELECT * FROM b) "
		   "SELECT * FROM a, b",
		   "r:b");
}

static unsigned volatility_of(const char *text)
{
	return traits_of(text).volatility & ~(1u << SQL_FUNCTION_PLAIN);
}

static void test_functions(void **state)
{
	struct sql_traits traits;

	(void)state;
	assert_int_equal(volatility_of("SELECT now()"),
			 1 << SQL_FUNCTION_CLOCK);
	assert_int_equal(volatility_of("SELECT pg_catalog.now()"),
			 1 << SQL_FUNCTION_CLOCK);
	assert_int_equal(volatility_of("SELECT public.now()"), 0);
	assert_int_equal(volatility_of("SELECT CURRENT_DATE"),
			 1 << SQL_FUNCTION_CLOCK);
	assert_int_equal(volatility_of("SELECT 'now'::timestamp"),
			 1 << SQL_FUNCTION_CLOCK);
	assert_int_equal(volatility_of("SELECT CURRENT_USER"), 0);
	assert_int_equal(volatility_of("SELECT public.uuid_generate_v4()"),
			 1 << SQL_FUNCTION_RANDOM);
	assert_int_equal(volatility_of("SELECT age(a, b)"), 0);
	assert_int_equal(volatility_of("SELECT age(a)"),
			 1 << SQL_FUNCTION_CLOCK);
	assert_int_equal(
	    volatility_of("SELECT nextval('s'), random(), pg_sleep(1)"),
	    1 << SQL_FUNCTION_SEQUENCE | 1 << SQL_FUNCTION_RANDOM |
		1 << SQL_FUNCTION_SLEEP);
	assert_int_equal(volatility_of("SELECT pg_stat_get_buf_alloc()"),
			 1 << SQL_FUNCTION_SERVER);
	assert_true(traits_of("SELECT string_agg(a, ',') FROM t").shows_order);
	assert_false(traits_of("SELECT max(a) FROM t").shows_order);
	traits = traits_of("SELECT f(1), s.g(f(2)) OVER ()");
	assert_int_equal(traits.function_count, 2);
	assert_string_equal(traits.functions[1].schema, "s");
	assert_true(traits.windowed);
	assert_true(traits.no_parameters);
	assert_false(traits_of("SELECT $1").no_parameters);
}

static void test_answer(void **state)
{
	struct sql_traits traits;

	(void)state;
	traits = traits_of("SELECT a, b AS x, count(*), 1, c::int, CASE WHEN d "
			   "THEN 1 END FROM t ORDER BY 2 DESC, a, a + 1, "
			   "count(*) NULLS FIRST LIMIT 1 OFFSET 2");
	assert_true(traits.ordered && traits.limited && !traits.distinct);
	assert_true(traits.outputs_known);
	assert_int_equal(traits.output_count, 6);
	assert_string_equal(traits.outputs[0].name, "a");
	assert_string_equal(traits.outputs[1].name, "x");
	assert_string_equal(traits.outputs[2].name, "count");
	assert_string_equal(traits.outputs[3].name, "?column?");
	assert_string_equal(traits.outputs[4].name, "c");
	assert_string_equal(traits.outputs[5].name, "case");
	assert_int_equal(traits.sort_key_count, 4);
	assert_int_equal(traits.sort_keys[0].output, 1);
	assert_true(traits.sort_keys[0].descending);
	assert_true(traits.sort_keys[0].nulls_first);
	assert_int_equal(traits.sort_keys[1].output, 0);
	assert_int_equal(traits.sort_keys[2].output, -1);
	assert_int_equal(traits.sort_keys[3].output, 2);
	assert_true(traits.sort_keys[3].nulls_first);

	traits = traits_of("SELECT a, *, b FROM t ORDER BY a, b, 3");
	assert_false(traits.outputs_known);
	assert_int_equal(traits.sort_keys[0].output, 0);
	assert_int_equal(traits.sort_keys[1].output, -1);
	assert_int_equal(traits.sort_keys[2].output, -1);

	traits = traits_of("SELECT DISTINCT ON (a) a FROM t UNION SELECT 2");
	assert_true(traits.set_operation);
	assert_false(traits.limited);
	assert_true(traits.nested_limit);
	traits = traits_of("SELECT * FROM (SELECT a FROM t LIMIT 1) x");
	assert_true(traits.nested_limit && !traits.limited);
	traits = traits_of("UPDATE t SET a = 1 RETURNING a, now()");
	assert_true(traits.has_returning);
	assert_int_equal(traits.output_count, 2);
	traits = traits_of("DECLARE c CURSOR FOR SELECT a FROM t ORDER BY a "
			   "LIMIT 3");
	assert_true(traits.ordered && traits.limited && !traits.nested_limit);
	traits = traits_of("SELECT a FROM t FOR UPDATE SKIP LOCKED");
	assert_true(traits.locks_rows && traits.skips_locked);
	traits = traits_of("BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY");
	assert_int_equal(traits.transaction.isolation,
			 SQL_ISOLATION_SERIALIZABLE);
	assert_int_equal(traits.transaction.read_only, SQL_CHOICE_ON);
	assert_int_equal(traits.transaction.deferrable, SQL_CHOICE_NONE);
	traits = traits_of("SET SESSION CHARACTERISTICS AS TRANSACTION READ "
			   "WRITE, NOT DEFERRABLE");
	assert_int_equal(traits.transaction.isolation, SQL_ISOLATION_DEFAULT);
	assert_int_equal(traits.transaction.read_only, SQL_CHOICE_OFF);
	assert_int_equal(traits.transaction.deferrable, SQL_CHOICE_OFF);
	assert_true(traits.of_session);
	traits = traits_of("SET TRANSACTION DEFERRABLE");
	assert_int_equal(traits.transaction.deferrable, SQL_CHOICE_ON);
	assert_false(traits.of_session);
	traits = traits_of("BEGIN");
	assert_false(sql_characteristics_given(&traits.transaction));
	/* its own words decide, not those around them */
	assert_int_equal(
	    traits_of("DISCARD /* temp, sequences */ PLANS").discards,
	    SQL_DISCARDS_PLANS);
	assert_int_equal(traits_of("DISCARD TEMPORARY").discards,
			 SQL_DISCARDS_TEMPORARY);
	assert_int_equal(traits_of("DISCARD ALL").discards,
			 SQL_DISCARDS_PLANS | SQL_DISCARDS_SEQUENCES |
			     SQL_DISCARDS_TEMPORARY);
	assert_true(traits_of("DROP TABLE t").drops);
	assert_false(traits_of("ALTER TABLE t DROP a").drops);
	assert_true(traits_of("COMMIT AND CHAIN").chain);
	assert_true(
	    traits_of("DECLARE c CURSOR WITH HOLD FOR SELECT 1").holdable);
	assert_true(
	    traits_of("DELETE FROM t WHERE CURRENT OF c").where_current_of);
}

static void test_single_row(void **state)
{
	static const char *const one[] = {
	    "SELECT 1",
	    "SELECT now()",
	    "SELECT count(*) FROM t",
	    "SELECT round(avg(a), 2), max(b) FROM t",
	    "SELECT sum(a) FROM t HAVING sum(a) > 1",
	    "VALUES (1, 2)",
	    "SELECT a FROM t LIMIT 1",
	    "SELECT (SELECT a FROM t)",
	};
	static const char *const many[] = {
	    "SELECT a FROM t",
	    "SELECT f(1)",
	    "SELECT generate_series(1, 3)",
	    "SELECT pg_ls_dir('.')",
	    "SELECT unnest(array_agg(a)) FROM t",
	    "SELECT count(*) FROM t GROUP BY a",
	    "SELECT count(*) OVER () FROM t",
	    "SELECT 1 UNION SELECT 2",
	    "VALUES (1), (2)",
	    "SELECT (SELECT count(*) FROM t) FROM t",
	    "SELECT a FROM t ORDER BY a FETCH FIRST 1 ROW WITH TIES",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(one) / sizeof(*one); i++)
		if (!traits_of(one[i]).single_row)
			fail_msg("%s", one[i]);
	for (size_t i = 0; i < sizeof(many) / sizeof(*many); i++)
		if (traits_of(many[i]).single_row)
			fail_msg("%s", many[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),      cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_functions),  cmocka_unit_test(test_answer),
	    cmocka_unit_test(test_single_row),
	};

	return cmocka_run_group_tests(tests, start, end);
}
