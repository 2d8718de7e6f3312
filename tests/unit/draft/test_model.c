/*
 * What a migration's statements make of the model of the new schema, and what catalogs
 * alone tell of parts: (old schema, new schema, SQL) -> the whole draft. A draft that
 * asks for nothing is a mapping that can be read, and fits its catalogs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "unit/draft/support.h"

struct row {
	const char *old_schema, *new_schema;
	const char *sql;
	const char *text; /* behind the version */
};

#define T "tables:\n"

/* tables, columns and types that a migration changes */
static const struct row changes[] = {
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c text; ALTER TABLE t DROP c", ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t DROP a; ALTER TABLE t ADD a int",
     T "  t:\n"
       "    columns:\n"
       "      a: dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t DROP COLUMN IF EXISTS nosuch, DROP COLUMN b CASCADE",
     T "  t:\n"
       "    columns:\n"
       "      b: dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE IF EXISTS nosuch RENAME TO x; ALTER TABLE t RENAME a TO c",
     T "  t:\n"
       "    columns:\n"
       "      a: c\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t RENAME a TO c; ALTER TABLE t RENAME TO s; ALTER TABLE s "
     "RENAME c TO d",
     T "  t:\n"
       "    rows: s\n"
       "    columns:\n"
       "      a: d\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t RENAME TO s; CREATE TABLE t (id int, z text)",
     T "  t:\n"
       "    rows: s\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ALTER b TYPE bigint", ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ALTER b TYPE text USING b::text",
     T "  t:\n"
       "    columns:\n"
       "      b:  # its type is now text\n"
       "        read: \"b::integer\"\n"
       "        write: \"b::text\"\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ALTER b SET DATA TYPE numeric USING b / 100.0",
     T "  t:\n"
       "    columns:\n"
       "      b:\n"
       "        read: \"(b * 100.0)::integer\"\n"
       "        write: \"b / 100.0\"\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ALTER a TYPE int USING length(a)",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"length(a)\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: length() cannot be undone\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ALTER b SET NOT NULL, ALTER b SET DEFAULT 5", ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE SCHEMA sales; ALTER TABLE t SET SCHEMA sales; ALTER TABLE sales.t "
     "RENAME a TO c",
     T "  t:\n"
       "    rows: sales.t\n"
       "    columns:\n"
       "      a: c\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER SCHEMA public RENAME TO app",
     T "  t:\n"
       "    rows: app.t\n"},
    {"t(id int4 key, a text, b int4)", NULL, "DROP SCHEMA public CASCADE",
     T "  t: dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE TABLE s (LIKE t INCLUDING ALL); INSERT INTO s SELECT * FROM t; "
     "DROP TABLE t; ALTER TABLE s RENAME TO t",
     ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE TABLE s AS TABLE t; DROP TABLE t",
     T "  t:\n"
       "    rows: s\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE TABLE s (id int, a text, b int); INSERT INTO s (b, id) SELECT b, "
     "id FROM t; DROP TABLE t",
     T "  t:\n"
       "    rows: s\n"
       "    columns:\n"
       "      a: dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "SELECT id, a AS c INTO s FROM t; DROP TABLE t",
     T "  t:\n"
       "    rows: s\n"
       "    columns:\n"
       "      a: c\n"
       "      b: dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE TABLE s (id int, c text); INSERT INTO s SELECT id, a FROM t WHERE "
     "b > 0; DROP TABLE t",
     T "  t:\n"
       "    rows: s\n"
       "    columns:\n"
       "      a: c\n"
       "      b: dropped  # needs: m.sql:1 reads it (INSERT INTO \"s\"), and "
       "where its values live is not understood\n"
       "# needs: table \"t\": rows that are not (b > 0) are nowhere: "
       "statements that touch them will differ\n"
       "# needs: column \"b\" of \"t\" is dropped, but m.sql:1 reads it "
       "(INSERT INTO \"s\"): say under `columns:` where its values live, or "
       "leave it dropped\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c int GENERATED ALWAYS AS (b * 2) STORED", ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c text; UPDATE t SET c = a; ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a: c\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c text; UPDATE t SET c = a WHERE b > 0; ALTER TABLE t "
     "DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: c\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE WHEN b > 0 THEN a END\"\n"
       "      b:\n"
       "        read: \"b\"\n"
       "        write:\n"
       "          b: \"b\"\n"
       "          c: \"CASE WHEN b > 0 THEN a END\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: the CASE is no list of values, each with one of its own\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c jsonb; UPDATE t SET c = jsonb_build_object('a', a, "
     "'b', b); ALTER TABLE t DROP a, DROP b",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: c\n"
       "        read: \"(c ->> 'a')::text\"\n"
       "        write: \"jsonb_build_object('a', a, 'b', b)\"\n"
       "      b:\n"
       "        column: c\n"
       "        read: \"(c ->> 'b')::integer\"\n"
       "        write: \"jsonb_build_object('a', a, 'b', b)\"\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t ADD c text[]; UPDATE t SET c = ARRAY[a]; ALTER TABLE t "
     "DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: c\n"
       "        read: \"(c)[1]\"\n"
       "        write: \"ARRAY[a]\"\n"},
    {"t(id int4 key, a text, b int4)", NULL,
     "CREATE VIEW v AS SELECT id FROM t; DROP VIEW v", ""},
    {"t(id int4 key, a text, b int4)", NULL,
     "ALTER TABLE t RENAME TO base; CREATE VIEW t AS SELECT id, a, b FROM base",
     T "  t:\n"
       "    rows: base\n"},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "ALTER TYPE mood RENAME TO feeling",
     "types:\n"
     "  mood: feeling\n"},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "ALTER TYPE mood ADD VALUE 'happy'", ""},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "ALTER TYPE mood RENAME VALUE 'sad' TO 'low'",
     T "  t:\n"
       "    columns:\n"
       "      m:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE m::text WHEN 'sad' THEN 'low' ELSE m::text "
       "END::public.mood\"\n"
       "# needs: column \"m\" of \"t\": say `read:`, its value from the new "
       "row: list all labels under `values:` instead, also those that are "
       "unchanged\n"},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "ALTER TABLE t ALTER m TYPE text", ""},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "CREATE TYPE feel AS ENUM ('low', 'mid'); ALTER TABLE t ALTER m TYPE feel "
     "USING CASE m WHEN 'sad' THEN 'low' ELSE 'mid' END::feel",
     T "  t:\n"
       "    columns:\n"
       "      m:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE m WHEN 'sad' THEN 'low' ELSE 'mid' END::feel\"\n"
       "# needs: column \"m\" of \"t\": say `read:`, its value from the new "
       "row: all other values become one: list each of them under `values`\n"},
    {"mood{sad ok} t(id int4 key, m mood)", NULL,
     "ALTER TABLE t ADD b bool; UPDATE t SET b = m = 'ok'; ALTER TABLE t DROP "
     "m",
     T "  t:\n"
       "    columns:\n"
       "      m:\n"
       "        column: b\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"m = 'ok'\"\n"
       "# needs: column \"m\" of \"t\": say `read:`, its value from the new "
       "row: several values may become one\n"},
    {"t(id int4 serial key, a text)", NULL,
     "ALTER TABLE t ADD u uuid DEFAULT gen_random_uuid(); ALTER TABLE t DROP "
     "CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (u)",
     ""},
    {"p(id int4 key, n text) c(id int4 key, p_id int4 refs=p)", NULL,
     "CREATE TABLE pc (c_id int, p_id int); INSERT INTO pc SELECT id, p_id "
     "FROM c; ALTER TABLE c DROP p_id",
     T "  c:\n"
       "    rows:\n"
       "      - c\n"
       "      - {table: pc, join: {c_id: id}}\n"
       "    columns:\n"
       "      p_id: pc.p_id\n"},
    {"p(id int4 key, n text) c(id int4 key, p_id int4 refs=p)", NULL,
     "ALTER TABLE c ADD n text; UPDATE c SET n = p.n FROM p WHERE p.id = "
     "c.p_id; ALTER TABLE c DROP p_id",
     T "  c:\n"
       "    columns:\n"
       "      p_id: {lookup: {table: p, value: id, key: n, column: n}}\n"},
    {"t(id int4 key, a text) s(id int4 key, a text)", NULL,
     "INSERT INTO s SELECT * FROM t; DROP TABLE t",
     T "  s:\n"
       "    rows: {table: s}\n"
       "  t:\n"
       "    rows: {table: s}\n"
       "# needs: table \"s\" shares \"s\" with others: say by `where:` and "
       "`set:` which rows are its own\n"
       "# needs: table \"t\" shares \"s\" with others: say by `where:` and "
       "`set:` which rows are its own\n"},
    {"t(id int4 key, a text)", NULL,
     "BEGIN; CREATE TABLE t_new (id bigint PRIMARY KEY, a text); INSERT INTO "
     "t_new SELECT id, a FROM t; ALTER TABLE t RENAME TO t_old; ALTER TABLE "
     "t_new RENAME TO t; DROP TABLE t_old; COMMIT",
     ""},
    {"t(id int4 key, a text)", NULL,
     "TRUNCATE t; INSERT INTO t VALUES (1, 'x'); DELETE FROM t", ""},
    {"t(id int4 key, a text)", NULL, "UPDATE t SET a = upper(a)",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"upper(a)\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: upper() cannot be undone\n"},
    {"t(id int4 key, a text)", NULL,
     "ALTER TABLE t ADD b text; UPDATE t SET b = trim(a); ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: b\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"TRIM(BOTH FROM a)\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: btrim() cannot be undone\n"},
    {"t(id int4 key, a text)", NULL,
     "ALTER TABLE t ADD b text, ADD c text; UPDATE t SET (b, c) = (left(a, 2), "
     "substr(a, 3)); ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a: dropped\n"
       "# needs: column \"b\" of the new table \"t\": what feeds it is not "
       "known: it is set together with others\n"
       "# needs: column \"c\" of the new table \"t\": what feeds it is not "
       "known: it is set together with others\n"},
    {"t(id int4 key, a numeric:10.2)", NULL,
     "ALTER TABLE t ADD cents int; UPDATE t SET cents = a * 100; ALTER TABLE t "
     "DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: cents\n"
       "        read: \"(cents / 100.0)::numeric(10, 2)\"\n"
       "        write: \"a * 100\"\n"},
};

/* a column that is set where a condition holds keeps its other values */
static const struct row updates[] = {
    {"t(id int4 key, a text)", NULL, "UPDATE t SET a = 'x' WHERE a IS NULL",
     T "  t:\n"
       "    columns:\n"
       "      a:  # true if what stands for null is no value of its own\n"
       "        read: \"NULLIF(a, 'x')\"\n"
       "        write: \"COALESCE(a, 'x')\"\n"},
    {"t(id int4 key, a text)", NULL,
     "UPDATE t SET a = 'x' WHERE a IS NULL; ALTER TABLE t ALTER a SET NOT "
     "NULL; ALTER TABLE t RENAME a TO b",
     T "  t:\n"
       "    columns:\n"
       "      a:  # true if what stands for null is no value of its own\n"
       "        column: b\n"
       "        read: \"NULLIF(b, 'x')\"\n"
       "        write: \"COALESCE(a, 'x')\"\n"},
    {"t(id int4 key, a text, b text)", NULL,
     "UPDATE t SET a = b WHERE a IS NULL",
     T "  t:\n"
       "    columns:\n"
       "      a:  # true if none is null\n"
       "        read: \"a\"\n"
       "        write: \"COALESCE(a, b)\"\n"
       "      b:\n"
       "        read: \"b\"\n"
       "        write:\n"
       "          a: \"COALESCE(a, b)\"\n"
       "          b: \"b\"\n"},
    {"t(id int4 key, a text, b text)", NULL,
     "UPDATE t SET a = 'x', b = 'y' WHERE a IS NULL",
     T "  t:\n"
       "    columns:\n"
       "      a:  # true if what stands for null is no value of its own\n"
       "        read: \"NULLIF(a, 'x')\"\n"
       "        write:\n"
       "          a: \"COALESCE(a, 'x')\"\n"
       "          b: \"CASE WHEN a IS NULL THEN 'y' ELSE b END\"\n"
       "      b:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE WHEN a IS NULL THEN 'y' ELSE b END\"\n"
       "# needs: column \"b\" of \"t\": say `read:`, its value from the new "
       "row: the CASE is no list of values, each with one of its own\n"},
    {"t(id int4 key, a text)", NULL,
     "ALTER TABLE t ADD c text; UPDATE t SET c = a WHERE c IS NULL; UPDATE t "
     "SET c = a WHERE c IS NULL; ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a: c\n"},
    {"t(id int4 key, a text)", NULL,
     "ALTER TABLE t ADD c text; UPDATE t SET c = lower(a) WHERE c IS NULL; "
     "ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        column: c\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"lower(a)\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: lower() cannot be undone\n"},
    {"t(id int4 key, a text)", NULL,
     "ALTER TABLE t ADD c text DEFAULT 'n'; UPDATE t SET c = a WHERE c IS "
     "NULL; ALTER TABLE t DROP a",
     T "  t:\n"
       "    columns:\n"
       "      a: c\n"},
    {"t(id int4 key, a int4)", NULL, "UPDATE t SET a = 0 WHERE a < 0",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE WHEN a < 0 THEN 0 ELSE a END\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: the CASE is no list of values, each with one of its own\n"},
    {"t(id int4 key, a text)", NULL, "UPDATE t SET a = NULL WHERE a = ''",
     T "  t:\n"
       "    columns:\n"
       "      a:\n"
       "        read: \"NULL /* fill in */\"\n"
       "        write: \"CASE WHEN a = '' THEN NULL ELSE a END\"\n"
       "# needs: column \"a\" of \"t\": say `read:`, its value from the new "
       "row: the CASE is no list of values, each with one of its own\n"},
};

/* parts, look-ups and types, by the catalogs */
static const struct row guesses[] = {
    {"users(id int4 key, bio text, theme text)",
     "users(id int4 key) profiles(user_id int4 key refs=users, bio text, theme "
     "text)",
     NULL,
     T "  users:\n"
       "    rows:\n"
       "      - users\n"
       "      - {table: profiles, join: {user_id: id}, when: \"bio IS NOT NULL "
       "OR theme IS NOT NULL\"}  # guessed: it holds columns that have gone, "
       "and \"user_id\" references the table\n"
       "    columns:\n"
       "      bio: profiles.bio  # guessed: it went into the table that "
       "references this one\n"
       "      theme: profiles.theme  # guessed: it went into the table that "
       "references this one\n"},
    {"users(id int4 key, bio text notnull)",
     "users(id int4 key) profiles(user_id int4 key refs=users, bio text)", NULL,
     T "  users:\n"
       "    rows:\n"
       "      - users\n"
       "      - {table: profiles, join: {user_id: id}}  # guessed: it holds "
       "columns that have gone, and \"user_id\" references the table\n"
       "    columns:\n"
       "      bio: profiles.bio  # guessed: it went into the table that "
       "references this one\n"},
    {"users(id int4 key) settings(user_id int4 key refs=users, theme text)",
     "users(id int4 key, theme text)", NULL,
     T "  settings:\n"
       "    rows: {table: users, key: {user_id: id}, absorbed: true}  # "
       "guessed: the table that it references has its columns\n"},
    {"users(id int4 key, country text)",
     "users(id int4 key, country_id int4) countries(id int4 serial key, name "
     "text unique)",
     NULL,
     T
     "  users:\n"
     "    columns:\n"
     "      country:  # guessed: the names are alike; its type is now integer\n"
     "        column: country_id\n"
     "        read: \"country_id::text\"\n"
     "        write: \"country::integer\"\n"},
    {"users(id int4 key, country text)",
     "countries(id int4 serial key, name text unique) users(id int4 key, "
     "country_id int4 refs=countries)",
     NULL,
     T "  users:\n"
       "    columns:\n"
       "      country: {lookup: {table: countries, value: name, key: id, "
       "column: country_id, create: true}}  # guessed: the foreign key leads "
       "to a table of values\n"},
    {"t(id int4 serial key, a text)", "t(id int8 serial key, a text)", NULL,
     ""},
    {"mood{sad ok} t(id int4 key, m mood)",
     "feeling{sad ok} t(id int4 key, m feeling)", NULL,
     "types:\n"
     "  mood: feeling  # guessed: the type of column \"m\"\n"
     "# needs: column \"m\" of \"t\": are the labels of \"public.feeling\" "
     "those of \"public.mood\"? List them under `values:` if not\n"},
    {"mood{sad ok} t(id int4 key, m mood)",
     "feel{low mid} t(id int4 key, m feel)", NULL,
     "types:\n"
     "  mood: feel  # guessed: the type of column \"m\"\n"
     "# needs: column \"m\" of \"t\": are the labels of \"public.feel\" those "
     "of \"public.mood\"? List them under `values:` if not\n"},
    {"mood{sad ok} t(id int4 key, m mood)", "t(id int4 key, m text)", NULL, ""},
    {"t(id int4 key, n int4 stored=1)", "t(id int4 key, n int4)", NULL, ""},
    {"t(id int4 key, n int4)", "t(id int4 key, n int4 stored=1)", NULL, ""},
    {"t(id int4 key, first text, last text)", "t(id int4 key, name text)", NULL,
     T "  t:\n"
       "    columns:\n"
       "      first: dropped  # guessed: no new column is like it\n"
       "      last: dropped  # guessed: no new column is like it\n"
       "# needs: column \"first\" of \"t\": is it dropped, or one of the new "
       "columns \"name\"?\n"
       "# needs: column \"last\" of \"t\": is it dropped, or one of the new "
       "columns \"name\"?\n"},
    {"t(id int4 key, name text)",
     "t(id int4 key, first_name text, last_name text)", NULL,
     T "  t:\n"
       "    columns:\n"
       "      name: last_name  # guessed: the names are alike; or is it "
       "\"first_name\"?\n"},
    {"t(id int4 key, arr int4[])", "t(id int4 key, arr int8[])", NULL, ""},
    {"t(id int4 key, v varchar:20)", "t(id int4 key, v varchar:10)", NULL, ""},
    {"t(id int4 key, v varchar:10)", "t(id int4 key, v text)", NULL, ""},
    {"t(id int4 key, j json)", "t(id int4 key, j jsonb)", NULL, ""},
    {"t(id int4 key, at timestamp)", "t(id int4 key, at timestamptz)", NULL,
     ""},
    {"t(id int4 key, a text)",
     "t(uid uuid key volatile, a text, id int4 unique)", NULL, ""},
    {"cats(id int4 key, name text) dogs(id int4 key, name text)",
     "pets(id int4 key, kind text notnull, name text)", NULL,
     T "  cats:\n"
       "    rows: pets  # guessed: names, columns and types are alike\n"
       "    defaults:\n"
       "      kind: \"NULL /* fill in */\"\n"
       "  dogs: dropped  # guessed: nothing in the new schema is like it\n"
       "# needs: column \"kind\" of the new table \"pets\" is NOT NULL without "
       "a default: say under `defaults:` what a row of \"cats\" puts there\n"},
    {"t(id int4 key, f bool)", "t(id int4 key, f int4)", NULL,
     T "  t:\n"
       "    columns:\n"
       "      f:  # its type is now integer\n"
       "        read: \"f::boolean\"\n"
       "        write: \"f::integer\"\n"},
    {"t(id int4 key, n int8)", "t(id int4 key, n int4)", NULL, ""},
};

/* Is it a mapping, and one that fits the catalogs where both are known? */
static bool is_valid(const struct drafted *drafted, const char *text)
{
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	struct lens *lens = NULL;
	bool valid;

	diagnostics_init(&diagnostics);
	valid = !mapping_parse("m", text, strlen(text), &diagnostics, &mapping);
	if (valid && drafted->shadow && !drafted->needs.count)
		valid = !lens_new(adapter_find("postgres")->parser,
				  adapter_find("postgres")->parser, mapping,
				  drafted->primary, drafted->shadow,
				  &diagnostics, &lens);
	if (!valid)
		diagnostics_print(&diagnostics, stdout);
	mapping_free(&mapping);
	lens_free(&lens);
	diagnostics_release(&diagnostics);
	return valid;
}

static void check(const struct row *rows, size_t count)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct drafted drafted;
		const char *text = draft_of(&drafted, rows[i].old_schema,
					    rows[i].new_schema, rows[i].sql);
		const char *behind = text + strlen("version: 1\n");

		if (!is_valid(&drafted, text) ||
		    strcmp(behind, rows[i].text) != 0) {
			failed++;
			print_error("%s\n--- is\n%s--- expected\n%s\n",
				    rows[i].sql ? rows[i].sql
						: rows[i].new_schema,
				    behind, rows[i].text);
		}
		drafted_release(&drafted);
	}
	assert_int_equal(failed, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void test_changes(void **state)
{
	(void)state;
	CHECK(changes);
}

static void test_updates(void **state)
{
	(void)state;
	CHECK(updates);
}

static void test_guesses(void **state)
{
	(void)state;
	CHECK(guesses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_changes),
	    cmocka_unit_test(test_updates),
	    cmocka_unit_test(test_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
