/*
 * A shadow whose engine has a dialect of its own: no statement runs as it was
 * written, be it mapped or not. (The tests' engine writes each string as E'...' and
 * each cast as CAST(... AS ...).)
 */
#include "unit/lens/support.h"

static const char old_schema[] = "users(id int4 key, mail text)"
				 "plain(id int4 key, at timestamptz, b text)";
static const char new_schema[] = "accounts(id int4 key, mail text)"
				 "plain(id int4 key, at timestamptz, b text)";
static const char mapping[] =
    "version: 1\n"
    "ddl: run\n"
    "tables: {users: {rows: accounts}}\n"
    "rewrite:\n"
    "  - match: '^delete from plain where b = (.+)$'\n"
    "    replace: 'DELETE FROM ONLY plain WHERE b IN "
    "(\\1)'\n";

static void test_statements(void **state)
{
	static const struct plan_row rows[] = {
	    /* what the mapping does not mention */
	    {"SELECT b  FROM plain /* kept? */ WHERE id = '7'::int4",
	     "SELECT b FROM plain WHERE id = CAST(E'7' AS int4)"},
	    {"SELECT $$a\\b'c$$, X'1F', 1.5e3, -12, 99999999999",
	     "SELECT E'a\\\\b''c', X'1F', 1.5e3, -12, 99999999999"},
	    {"INSERT INTO plain (id, b) VALUES (1, 'x'), (2, E'y\\n')",
	     "INSERT INTO plain (id, b) VALUES (1, E'x'), (2, E'y\n')"},
	    {"UPDATE plain SET b = 'z' WHERE id = 3",
	     "UPDATE plain SET b = E'z' WHERE id = 3"},
	    {"SELECT * FROM unknown WHERE a = 'x'",
	     "SELECT * FROM unknown WHERE a = E'x'"},
	    /* ... nor can the rewriter read */
	    {"SELECT 'x' FROM plain, plain", "SELECT E'x' FROM plain, plain"},
	    {"-- nothing", ""},
	    /* of the session, and definitions */
	    {"SET work_mem = '64MB'", "SET work_mem TO E'64MB'"},
	    {"DECLARE c CURSOR FOR SELECT b FROM plain WHERE b = 'x'",
	     "DECLARE c CURSOR FOR SELECT b FROM plain WHERE b = E'x'"},
	    {"FETCH 5 FROM c", "FETCH FORWARD 5 IN c"},
	    {"PREPARE p (text) AS SELECT 1 FROM plain WHERE b = $1 OR b = 'x'",
	     "PREPARE p (text) AS SELECT 1 FROM plain WHERE b = $1 OR b = "
	     "E'x'"},
	    {"EXECUTE p ('y')", "EXECUTE p(E'y')"},
	    {"CREATE TABLE more (a int DEFAULT '1'::int)",
	     "CREATE TABLE more (a integer DEFAULT CAST(E'1' AS integer))"},
	    {"COPY plain FROM STDIN (DELIMITER '|')",
	     "COPY plain FROM STDIN WITH (format E'csv')"},
	    {"COPY plain TO STDOUT (DELIMITER '|')",
	     "COPY plain TO STDOUT WITH (delimiter E'|')"},
	    /* no form in the other dialect */
	    {"CREATE INDEX ON plain (b)", "!another dialect: no rule to print"},
	    {"CREATE INDEX CONCURRENTLY ON plain (b)",
	     "!another dialect: no rule to print"},
	    {"CREATE INDEX ON users (mail)", "!no rule to print"},
	    {"SELECT syntax error here FROM", "!syntax error"},
	    /* a rule's text is of that dialect; the values are the statement's */
	    {"DELETE FROM plain WHERE b = 'v'",
	     "DELETE FROM ONLY plain WHERE b IN (E'v')"},
	    /* what the mapping changes */
	    {"SELECT mail FROM users WHERE mail = 'a'",
	     "SELECT users.mail FROM accounts AS users WHERE users.mail = "
	     "E'a'"},
	};

	(void)state;
	CHECK_PLANS(rows);
}

/* The cached plan takes each statement's own literals. */
static void test_again(void **state)
{
	static const struct plan_row rows[] = {
	    {"SELECT b FROM plain WHERE b = 'one'",
	     "SELECT b FROM plain WHERE b = E'one'"},
	    {"SELECT b FROM plain WHERE b = 'tw\\o'",
	     "SELECT b FROM plain WHERE b = E'tw\\\\o'"},
	    {"DELETE FROM plain WHERE b = 'three'",
	     "DELETE FROM ONLY plain WHERE b IN (E'three')"},
	    {"DELETE FROM plain WHERE b = 'fo\\ur'",
	     "DELETE FROM ONLY plain WHERE b IN (E'fo\\\\ur')"},
	    {"SELECT 'x' FROM plain, plain", "SELECT E'x' FROM plain, plain"},
	    {"SELECT 'y' FROM plain, plain", "SELECT E'y' FROM plain, plain"},
	};

	(void)state;
	CHECK_PLANS(rows);
}

static int start(void **state)
{
	(void)state;
	shadow_parser = &postgres_parser_reduced;
	return start_lens(old_schema, new_schema, mapping);
}

/* An engine that has no COPY cannot take a client's data so. */
static void test_no_copy(void **state)
{
	static const struct plan_row rows[] = {
	    {"COPY plain FROM STDIN", "!it has no COPY"},
	    {"COPY plain TO STDOUT", "="},
	};
	struct sql_dialect dialect = *postgres_parser_reduced.dialect;
	struct parser parser = postgres_parser_reduced;

	dialect.copy_form = NULL;
	parser.dialect = &dialect;
	stop_lens(state);
	shadow_parser = &parser;
	assert_int_equal(start_lens(old_schema, new_schema, mapping), 0);
	CHECK_PLANS(rows);
	stop_lens(state);
	assert_int_equal(start(state), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_statements),
	    cmocka_unit_test(test_again),
	    cmocka_unit_test(test_no_copy),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
