/* What a migration's SQL becomes, word for word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "unit/draft/support.h"

#define V "version: 1\n"
#define T V "tables:\n"
#define USERS                                                                  \
	"users(id int4 serial key, email text notnull, name text, bio text, "  \
	"active bool, price numeric, country text)"
#define ORDERS "orders(id int4 key, user_id int4, status text notnull)"

static const struct row {
	const char *old_schema;
	const char *sql;
	const char *text;
} rows[] = {
    /* nothing */
    {USERS, "", V},
    {USERS, "CREATE INDEX ON users (email); BEGIN; COMMIT", V},
    {USERS,
     "ALTER TABLE users ADD n int; ALTER TABLE users ADD m int NOT NULL "
     "DEFAULT 1",
     V},
    /* calls that change no shape, whoever wrote them */
    {USERS,
     "SELECT setval('users_id_seq', 9), now(); SELECT sum(id) FROM users; "
     "SELECT pg_catalog.pg_try_advisory_lock(1); SELECT "
     "set_config('search_path', '', false); SELECT random()",
     V},

    /* names */
    {USERS, "ALTER TABLE users RENAME TO accounts",
     T "  users:\n    rows: accounts\n"},
    {USERS, "ALTER TABLE users SET SCHEMA sales",
     T "  users:\n    rows: sales.users\n"
       "sequences:\n  users_id_seq: sales.users_id_seq\n"},
    {USERS, "ALTER TABLE users RENAME email TO mail",
     T "  users:\n    columns:\n      email: mail\n"},
    {USERS,
     "ALTER TABLE users RENAME email TO dropped; ALTER TABLE users "
     "RENAME name TO \"a.b\"; ALTER TABLE users RENAME bio TO \"null\"",
     T "  users:\n    columns:\n      email: \"dropped\"\n"
       "      name: \"\\\"a.b\\\"\"\n      bio: \"null\"\n"},
    {USERS,
     "ALTER TABLE users RENAME email TO x; ALTER TABLE users RENAME "
     "name TO email; ALTER TABLE users RENAME x TO name",
     T "  users:\n    columns:\n      email: name\n      name: email\n"},
    {USERS, "ALTER SEQUENCE users_id_seq RENAME TO ids",
     V "sequences:\n  users_id_seq: ids\n"},
    {USERS, "ALTER TYPE mood RENAME TO feeling", /* no type of the old schema */
     V},
    {USERS, "DROP TABLE users", T "  users: dropped\n"},
    {USERS, "ALTER TABLE users DROP bio",
     T "  users:\n    columns:\n      bio: dropped\n"},
    {"a.t(id int4)b.t(id int4)", "DROP TABLE b.t", T "  b.t: dropped\n"},

    /* values and defaults */
    {USERS,
     "ALTER TABLE users ADD status text; UPDATE users SET status = CASE "
     "WHEN active THEN 'on' ELSE 'no' END; ALTER TABLE users DROP active",
     T "  users:\n    columns:\n      active:\n        column: status\n"
       "        values:\n          true: \"on\"\n          false: \"no\"\n"},
    {USERS,
     "ALTER TABLE users ADD status text; UPDATE users SET status = 'y' "
     "WHERE active; UPDATE users SET status = 'n' WHERE NOT active; ALTER "
     "TABLE users DROP active",
     T "  users:\n    columns:\n      active:\n        column: status\n"
       "        values:\n          false: n\n          true: y\n"},
    {ORDERS,
     "ALTER TABLE orders ALTER status TYPE int USING CASE status WHEN "
     "'new' THEN 1 WHEN 'paid' THEN 2 END",
     T "  orders:\n    columns:\n      status:\n        values:\n"
       "          new: \"1\"\n          paid: \"2\"\n"},
    {ORDERS,
     "ALTER TABLE orders ADD tenant int; UPDATE orders SET tenant = 7; "
     "ALTER TABLE orders ALTER tenant SET NOT NULL",
     T "  orders:\n    defaults:\n      tenant: \"7\"\n"},
    {ORDERS,
     "ALTER TABLE orders ADD tenant int NOT NULL DEFAULT 7; ALTER TABLE "
     "orders ALTER tenant DROP DEFAULT",
     T "  orders:\n    defaults:\n      tenant: \"7\"\n"},
    {ORDERS, "ALTER TABLE orders ADD tenant int NOT NULL",
     T "  orders:\n    defaults:\n      tenant: \"NULL /* fill in */\"\n"
       "# needs: column \"tenant\" of the new table \"orders\" is NOT NULL "
       "without a default: say under `defaults:` what a row of \"orders\" puts "
       "there\n"},

    /* several columns of one, one of several */
    {USERS,
     "ALTER TABLE users ADD first text, ADD last text; UPDATE users SET "
     "first = split_part(name, ' ', 1), last = substr(name, "
     "length(split_part(name, ' ', 1)) + 2); ALTER TABLE users DROP name",
     T "  users:\n    columns:\n"
       "      name:  # true if each value has ' ' in it\n"
       "        read: \"first || ' ' || last\"\n        write:\n"
       "          first: \"split_part(name, ' ', 1)\"\n"
       "          last: \"substr(name, length(split_part(name, ' ', 1)) + "
       "2)\"\n"},
    {"t(a text, b text)",
     "ALTER TABLE t ADD c text; UPDATE t SET c = a || ',' || b; ALTER TABLE t "
     "DROP a, DROP b",
     T "  t:\n    columns:\n"
       "      a:  # true if no value has ',' in it, and none is null\n"
       "        column: c\n        read: \"split_part(c, ',', 1)\"\n"
       "        write: \"a || ',' || b\"\n"
       "      b:  # true if no value has ',' in it, and none is null\n"
       "        column: c\n        read: \"split_part(c, ',', 2)\"\n"
       "        write: \"a || ',' || b\"\n"},
    {USERS,
     "ALTER TABLE users ADD low text; UPDATE users SET low = "
     "lower(email)",
     T "  users:\n    columns:\n      email:\n        read: \"email\"\n"
       "        write:\n          email: \"email\"\n"
       "          low: \"lower(email)\"\n"},

    /* split */
    {USERS,
     "CREATE TABLE profiles (user_id int PRIMARY KEY REFERENCES users, "
     "about text, made timestamptz NOT NULL); INSERT INTO profiles SELECT "
     "id, bio, now() FROM users WHERE bio IS NOT NULL; ALTER TABLE users "
     "DROP bio",
     T "  users:\n    rows:\n      - users\n"
       "      - {table: profiles, join: {user_id: id}, when: \"bio IS NOT "
       "NULL\"}\n"
       "    columns:\n      bio: profiles.about\n"
       "    defaults:\n      profiles.made: \"now()\"\n"},
    {USERS,
     "CREATE TABLE flags (uid int, active bool); INSERT INTO flags (uid, "
     "active) SELECT u.id, u.active FROM users AS u; ALTER TABLE users "
     "DROP COLUMN active; ALTER TABLE users RENAME TO people",
     T "  users:\n    rows:\n      - people\n"
       "      - {table: flags, join: {uid: id}}\n"
       "    columns:\n      active: flags.active\n"},

    /* partition */
    {ORDERS,
     "CREATE TABLE open (LIKE orders); CREATE TABLE done (LIKE orders); "
     "INSERT INTO open SELECT * FROM orders WHERE status = 'open'; INSERT "
     "INTO done SELECT * FROM orders WHERE status <> 'open'; DROP TABLE "
     "orders",
     T "  orders:\n    rows:\n      any_of:\n"
       "        - {table: open, when: \"status = 'open'\"}\n"
       "        - done\n"},
    {ORDERS,
     "CREATE TABLE done (LIKE orders); WITH moved AS (DELETE FROM orders "
     "WHERE status = 'done' RETURNING *) INSERT INTO done SELECT * FROM "
     "moved",
     T "  orders:\n    rows:\n      any_of:\n"
       "        - {table: orders, when: \"status <> 'done'\"}\n"
       "        - done\n"},

    /* union */
    {"cats(id int4 key, name text)dogs(id int4 key, name text)",
     "CREATE TABLE pets (kind text, id int, name text); INSERT INTO pets "
     "SELECT "
     "'cat', id, name FROM cats UNION ALL SELECT 'dog', id, name FROM dogs; "
     "DROP "
     "TABLE cats, dogs",
     T "  cats:\n    rows: {table: pets, where: \"kind = 'cat'\", set: {kind: "
       "\"'cat'\"}}\n"
       "  dogs:\n    rows: {table: pets, where: \"kind = 'dog'\", set: {kind: "
       "\"'dog'\"}}\n"},

    /* absorbed */
    {USERS "settings(user_id int4 key, theme text)",
     "ALTER TABLE users ADD look text; UPDATE users u SET look = s.theme FROM "
     "settings s WHERE s.user_id = u.id; DROP TABLE settings",
     T "  settings:\n    rows: {table: users, key: {user_id: id}, absorbed: "
       "true}\n"
       "    columns:\n      theme: look\n"},

    /* look-ups */
    {USERS,
     "CREATE TABLE countries (id serial PRIMARY KEY, name text UNIQUE); "
     "INSERT INTO countries (name) SELECT DISTINCT country FROM users; "
     "ALTER TABLE users ADD country_id int; UPDATE users SET country_id = "
     "c.id FROM countries c WHERE c.name = users.country; ALTER TABLE "
     "users DROP country",
     T "  users:\n    columns:\n"
       "      country: {lookup: {table: countries, value: name, key: id, "
       "column: country_id, create: true}}\n"},
    {USERS,
     "CREATE TABLE countries (id serial, name text); ALTER TABLE users "
     "ADD cid int; UPDATE users SET cid = (SELECT c.id FROM countries c "
     "WHERE c.name = country); ALTER TABLE users DROP country",
     T "  users:\n    columns:\n"
       "      country: {lookup: {table: countries, value: name, key: id, "
       "column: cid, create: true}}\n"},

    /* a new schema beside a copy of the old one */
    {USERS,
     "CREATE TABLE people (id bigserial PRIMARY KEY, mail text NOT NULL, "
     "cents int); INSERT INTO people SELECT id, email, round(price * 100) "
     "FROM old.users",
     T "  users:\n    rows: people\n    columns:\n      email: mail\n"
       "      name: dropped\n      bio: dropped\n      active: dropped\n"
       "      price:\n        column: cents\n"
       "        read: \"(cents / 100.0)::numeric(10, 2)\"\n"
       "        write: \"round(price * 100)\"\n"
       "      country: dropped\n"
       "sequences:\n  users_id_seq: people_id_seq\n"},
    {ORDERS,
     "INSERT INTO orders (id, account, status) SELECT id, user_id, "
     "status FROM old.orders",
     T "  orders:\n    columns:\n      user_id: account\n"
       "# needs: the files make no table for 1 of those that they fill: which "
       "of its columns are NOT NULL is not known without the shadow\n"},
    {ORDERS,
     "CREATE TABLE facts AS SELECT id, user_id AS who, status FROM "
     "orders; DROP TABLE orders",
     T "  orders:\n    rows: facts\n    columns:\n      user_id: who\n"},

    {ORDERS, "CREATE TABLE orders (id int PRIMARY KEY, status text, more int)",
     T "  orders:\n    columns:\n      user_id: dropped\n"
       "# needs: table \"orders\" is made anew, and no INSERT fills it: only "
       "columns of the same name are taken to be the same\n"},
    {ORDERS, "CREATE TABLE IF NOT EXISTS orders (id int)", V},

    /* what is not read */
    {USERS, "DO $$ BEGIN NULL; END $$;\n\nSELECT migrate();\nSELECT FROM WHERE",
     V "# needs: m.sql:1: a DO block: what it changes is not read\n"
       "# needs: m.sql:3: a function is called: what it changes is not read\n"
       "# needs: m.sql:4: cannot be read: syntax error at or near \"WHERE\"\n"},
    {USERS, "\\set x 1\nCOPY users FROM stdin;\n1\t'\n\\.\nDROP TABLE users;",
     T "  users: dropped\n"},
    {USERS,
     "ALTER TABLE users ADD n text NOT NULL; UPDATE users SET n = (SELECT "
     "max(status) FROM x)",
     T "  users:\n    defaults:\n      n: \"NULL /* fill in */\"\n"
       "# needs: column \"n\" of the new table \"users\" is NOT NULL without a "
       "default: say under `defaults:` what a row of \"users\" puts there: a "
       "sub-query gives it\n"},
};

static void test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct drafted drafted;
		const char *text =
		    draft_of(&drafted, rows[i].old_schema, NULL, rows[i].sql);

		if (strcmp(text, rows[i].text)) {
			failed++;
			printf("%s\n--- is\n%s--- not\n%s\n", rows[i].sql, text,
			       rows[i].text);
		}
		drafted_release(&drafted);
	}
	assert_int_equal(failed, 0);
}

/* Rows go where the model does not follow them: the table or column is never
 * dropped without a word. */
#define AB                                                                     \
	"a(id int4 key, k text, n int4, tags text)b(id int4 key, k text, n "   \
	"int4)"
static const struct unread {
	const char *sql;  /* line 2 of it drops `a` unless it says so itself */
	const char *line; /* of the mapping */
	const char *need;
} unread[] = {
    {"CREATE TABLE m AS SELECT k, sum(n) AS n FROM a GROUP BY k UNION ALL "
     "SELECT k, sum(n) FROM b GROUP BY k;\nDROP TABLE a, b",
     "  a: dropped  # needs: m.sql:1 reads it (CREATE TABLE \"m\")",
     "table \"a\" is dropped, but m.sql:1 reads it"},
    {"CREATE TABLE m AS SELECT k, sum(n) AS n FROM a GROUP BY k UNION ALL "
     "SELECT k, sum(n) FROM b GROUP BY k;\nDROP TABLE a, b",
     "  b: dropped  # needs: m.sql:1 reads it", "table \"b\" is dropped, but"},
    {"CREATE TABLE m AS SELECT k, sum(n) AS n FROM (SELECT * FROM a UNION ALL "
     "SELECT *, NULL FROM b) x GROUP BY k; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 ", NULL},
    {"SELECT max(n) INTO m FROM a; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (SELECT INTO \"m\")", NULL},
    {"CREATE TABLE m (n int8); INSERT INTO m SELECT sum(n) FROM a; DROP TABLE "
     "a",
     "  a: dropped  # needs: m.sql:1 reads it (INSERT INTO \"m\")", NULL},
    {"CREATE TABLE m (n int8); INSERT INTO m SELECT a.n FROM a JOIN b ON a.n < "
     "b.n; DROP TABLE b",
     "  b: dropped  # needs: m.sql:1 ", NULL},
    {"CREATE TABLE m (id int, t text); INSERT INTO m SELECT id, "
     "unnest(string_to_array(tags, ',')) FROM a; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (INSERT INTO \"m\")", NULL},
    {"CREATE TABLE m (id int, t text); INSERT INTO m SELECT id, "
     "unnest(string_to_array(tags, ',')) FROM a; ALTER TABLE a DROP tags",
     "      tags: dropped  # needs: m.sql:1 reads it (INSERT INTO \"m\")",
     "column \"tags\" of \"a\" is dropped, but m.sql:1 reads it"},
    {"MERGE INTO b USING a ON a.id = b.id WHEN MATCHED THEN UPDATE SET n = "
     "a.n; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (MERGE INTO \"b\")", NULL},
    {"UPDATE b SET n = b.n + (SELECT sum(n) FROM a WHERE a.k = b.k); DROP "
     "TABLE "
     "a",
     "  a: dropped  # needs: m.sql:1 reads it (UPDATE \"b\")", NULL},
    {"DELETE FROM b USING a WHERE a.id = b.id; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (DELETE FROM \"b\")", NULL},
    {"CREATE TEMP TABLE t AS SELECT * FROM a; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 ", "a temporary table is not followed"},
    {"CREATE MATERIALIZED VIEW m AS SELECT k, count(*) FROM a GROUP BY k; DROP "
     "TABLE a CASCADE",
     "  a: dropped  # needs: m.sql:1 ", NULL},
    {"CREATE VIEW v AS SELECT k FROM a; DROP TABLE a CASCADE",
     "  a: dropped  # needs: m.sql:1 reads it (CREATE VIEW \"v\")", NULL},
    {"DO $$ BEGIN INSERT INTO b SELECT * FROM A; END $$; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (a DO block)", "a DO block"},
    {"CREATE PROCEDURE p() LANGUAGE sql AS 'INSERT INTO b TABLE a'; CALL p(); "
     "DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (a function,", NULL},
    {"CREATE TRIGGER g AFTER INSERT ON a EXECUTE FUNCTION f(); DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 ", NULL},
    {"PREPARE p AS INSERT INTO b SELECT id, k, n FROM a; EXECUTE p; DROP TABLE "
     "a",
     "  a: dropped  # needs: m.sql:1 ", NULL},
    {"WITH x AS (INSERT INTO b SELECT id, k, n FROM a RETURNING id) SELECT "
     "count(*) FROM x; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 ", "WITH \"x\" writes rows"},
    {"COPY a TO '/tmp/a.csv'; COPY b FROM '/tmp/a.csv'; DROP TABLE a",
     "  a: dropped  # needs: m.sql:1 reads it (COPY)", NULL},
    {"\\i more.sql\nDROP TABLE a", "  a: dropped\n",
     "m.sql:1: \\i of the client program is not followed"},
    /* dropped, and nothing else: that is all there is to say */
    {"UPDATE a SET n = 1; DELETE FROM a; DROP TABLE a", "  a: dropped\n", NULL},
    {"SELECT count(*) FROM a; DROP TABLE a", "  a: dropped\n", NULL},
    {"DO $$ BEGIN RAISE NOTICE 'ab, _a and a_b'; END $$; DROP TABLE a",
     "  a: dropped\n", NULL},
    /* a copy whose source stays is no place of its rows */
    {"CREATE TABLE c AS SELECT * FROM a", "version: 1\n# needs: ",
     "m.sql:1: rows of \"a\" are copied into \"c\" and stay where they are"},
    {"CREATE TABLE c (id int, l text); INSERT INTO c SELECT id, lower(k) FROM "
     "a WHERE n > 3",
     "version: 1\n# needs: ", "are copied into \"c\""},
    /* what has left it is a part of the row */
    {"CREATE TABLE c AS SELECT id, tags FROM a; ALTER TABLE a DROP tags",
     "      - {table: c, join: {id: id}}\n", NULL},
};

static void test_unread(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(unread) / sizeof(*unread); i++) {
		struct drafted drafted;
		const char *text = draft_of(&drafted, AB, NULL, unread[i].sql);
		bool need = unread[i].need != NULL ||
			    strstr(unread[i].line, "# needs:");

		/* What needs a person is in the list, which sets the exit
		 * code. */
		if (!strstr(text, unread[i].line) ||
		    (unread[i].need && !strstr(text, unread[i].need)) ||
		    (need && !drafted.needs.count)) {
			failed++;
			printf("%s\n--- is\n%s--- without\n%s\n%s\n",
			       unread[i].sql, text, unread[i].line,
			       unread[i].need ? unread[i].need : "");
		}
		drafted_release(&drafted);
	}
	assert_int_equal(failed, 0);
}

/* Ways back, and where there is none: SET n = expression, and no `v` more. */
static const struct way {
	const char *type; /* of column v */
	const char *write;
	const char *read; /* NULL: left open, with the reason */
	const char *reason;
} ways[] = {
    {"int4", "v + 5", "(n - 5)::integer", NULL},
    {"int4", "100 - v", "(100 - n)::integer", NULL},
    {"int4", "v * 3", "(n / 3.0)::integer", NULL},
    {"numeric", "v / 4", "(n * 4)::numeric", NULL},
    {"int4", "(v + 1) * 2", "(n / 2.0 - 1)::integer", NULL},
    {"text", "'K' || v", "substr(n, 2)", NULL},
    {"text", "v || '-x'", "\\\"left\\\"(n, -2)", NULL},
    {"bool", "NOT v", "NOT n", NULL},
    {"text", "coalesce(v, 'none')", "NULLIF(n, 'none')", NULL},
    {"timestamptz", "extract(epoch from v)",
     "to_timestamp(n)::timestamp with time zone", NULL},
    {"int4", "jsonb_build_object('w', 1, 'v', v)", "(n ->> 'v')::integer",
     NULL},
    {"text", "ARRAY[v, 'x']", "(n)[1]", NULL},
    {"text", "CASE v WHEN 'a' THEN 'b' ELSE v END",
     "CASE n WHEN 'b' THEN 'a' ELSE n END::text", NULL},
    {"text", "lower(v)", NULL, "lower() cannot be undone"},
    {"text", "md5(v)", NULL, "md5() cannot be undone"},
    {"int4", "v / 2", NULL, "a division of whole numbers loses the rest"},
    {"int4", "v * 0", NULL, "it is multiplied by 0"},
    {"int4", "v * v", NULL, "it is used twice"},
    {"int4", "v > 3", NULL, "several values may become one"},
    {"numeric", "round(v)", NULL, "digits are lost where it is rounded"},
    {"numeric", "(v * 10)::int", NULL, "digits are lost in the cast"},
    {"text", "CASE v WHEN 'a' THEN 'x' WHEN 'b' THEN 'x' END", NULL,
     "two old values become the same new one"},
    {"text", "CASE v WHEN 'a' THEN 'x' ELSE 'y' END", NULL,
     "all other values become one"},
};

static void test_ways_back(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		char schema[128], sql[512], wanted[256];
		struct drafted drafted;
		const char *text;

		snprintf(schema, sizeof(schema), "t(id int4 key, v %s)",
			 ways[i].type);
		/* No type of its own: it cannot be a plain rename then. */
		snprintf(
		    sql, sizeof(sql),
		    "ALTER TABLE t ADD n point; UPDATE t SET n = %s; ALTER "
		    "TABLE t DROP v",
		    ways[i].write);
		if (ways[i].read)
			snprintf(wanted, sizeof(wanted), "read: \"%s\"\n",
				 ways[i].read);
		else
			snprintf(wanted, sizeof(wanted), "%s", ways[i].reason);
		text = draft_of(&drafted, schema, NULL, sql);
		if (!strstr(text, wanted) ||
		    (!ways[i].read && *ways[i].reason &&
		     (!strstr(text, "read: \"NULL /* fill in */\"") ||
		      !strstr(text, "# needs: column \"v\" of \"t\"")))) {
			failed++;
			printf("%s: not \"%s\":\n%s\n", ways[i].write, wanted,
			       text);
		}
		drafted_release(&drafted);
	}
	assert_int_equal(failed, 0);
}

/* An expression that doubles each time is given up, not followed. */
static void test_bounded(void **state)
{
	struct drafted drafted;
	struct buffer sql;

	(void)state;
	buffer_init(&sql, 0);
	buffer_append_string(&sql, "ALTER TABLE users ADD x text;"
				   "UPDATE users SET x = name;");
	for (int i = 0; i < 60; i++)
		buffer_append_string(&sql, "UPDATE users SET x = x || x;");
	assert_non_null(
	    strstr(draft_of(&drafted, USERS, NULL, buffer_string(&sql)),
		   "it is too large"));
	drafted_release(&drafted);
	buffer_release(&sql);
}

/* The shadow completes what the SQL does not say, and is missed where it is
 * behind. */
static void test_with_shadow(void **state)
{
	struct drafted drafted;
	const char *text;

	(void)state;
	text =
	    draft_of(&drafted, ORDERS,
		     "orders(id int4 key, account int4, status text notnull, "
		     "tenant int4 notnull)",
		     "INSERT INTO orders (id, account, status) SELECT id, "
		     "user_id, status FROM old.orders");
	assert_non_null(strstr(text, "      user_id: account\n"));
	assert_non_null(strstr(text, "tenant: \"NULL /* fill in */\""));
	assert_false(drafted.needs.shadow_behind);
	drafted_release(&drafted);

	text = draft_of(&drafted, ORDERS, ORDERS,
			"ALTER TABLE orders RENAME TO sales");
	assert_non_null(strstr(text, "    rows: sales\n"));
	assert_non_null(strstr(text, "(\"public.sales\"): is it migrated?"));
	assert_true(drafted.needs.shadow_behind);
	drafted_release(&drafted);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),	cmocka_unit_test(test_unread),
	    cmocka_unit_test(test_ways_back),	cmocka_unit_test(test_bounded),
	    cmocka_unit_test(test_with_shadow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
