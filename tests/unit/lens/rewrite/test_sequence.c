/* Sequences and tables that are named in strings, and clocks: (statement) -> its plan. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 serial key, email text, gone text)"
    "tags(id int4 key, label text)"
    "old.logs(id int4 key, at timestamptz)"
    "users_id_seq(last_value int8, log_cnt int8, is_called bool){sequence}"
    "free(last_value int8, log_cnt int8, is_called bool){sequence}"
    "old.own(last_value int8, log_cnt int8, is_called bool){sequence}";
static const char new_schema[] =
    "app.accounts(id int4 serial key, mail text)"
    "tags(id int4 key, label text)"
    "old.logs(id int4 key, at timestamptz)"
    "app.accounts_id_seq(last_value int8, log_cnt int8, is_called "
    "bool){sequence}"
    "Free(last_value int8, log_cnt int8, is_called bool){sequence}"
    "old.own(last_value int8, log_cnt int8, is_called bool){sequence}";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users: {rows: app.accounts, columns: {email: mail, gone: dropped}}\n"
    "sequences: {users_id_seq: app.accounts_id_seq, free: Free}\n";

static const struct plan_row sequences[] = {
    /* names of sequences and tables in strings */
    {"SELECT setval('users_id_seq', 1)",
     "SELECT setval('app.accounts_id_seq', 1)"},
    {"SELECT setval('free', 1)", "SELECT setval('public.\"Free\"', 1)"},
    {"SELECT setval('public.free', 1, false)",
     "SELECT setval('public.\"Free\"', 1, FALSE)"},
    {"SELECT setval('\"free\"', 1)", "SELECT setval('public.\"Free\"', 1)"},
    {"SELECT setval('FREE', 1)", "SELECT setval('public.\"Free\"', 1)"},
    {"SELECT setval('\"FREE\"', 1)", "="},
    {"SELECT setval('old.own', 1)", "="},
    {"SELECT setval('nosuch', 1)", "="},
    {"SELECT setval('a.b.c', 1)", "="},
    {"SELECT setval('users_id_seq'::regclass, 1)",
     "SELECT setval('app.accounts_id_seq'::regclass, 1)"},
    {"SELECT setval($1, 1)", "="},
    {"SELECT setval('fr' || 'ee', 1)", "="},
    {"SELECT 'users'::regclass, 'public.users'::regclass, 'tags'::regclass, "
     "'old.logs'::regclass",
     "SELECT 'app.accounts'::regclass, 'app.accounts'::regclass, "
     "'tags'::regclass, 'old.logs'::regclass"},
    {"SELECT 'users'::regclass::text", "SELECT 'app.accounts'::regclass::text"},
    {"SELECT CAST('users_id_seq' AS regclass)",
     "SELECT 'app.accounts_id_seq'::regclass"},
    {"SELECT regclass 'users'", "SELECT 'app.accounts'::regclass"},
    {"SELECT to_regclass('users')", "SELECT to_regclass('app.accounts')"},
    {"SELECT pg_relation_size('users'), pg_total_relation_size('tags')",
     "SELECT pg_relation_size('app.accounts'), pg_total_relation_size('tags')"},
    {"SELECT has_table_privilege('users', 'SELECT'), "
     "has_sequence_privilege('free', 'USAGE')",
     "SELECT has_table_privilege('app.accounts', 'SELECT'), "
     "has_sequence_privilege('public.\"Free\"', 'USAGE')"},
    {"SELECT has_table_privilege('me', 'users', 'SELECT')",
     "SELECT has_table_privilege('me', 'app.accounts', 'SELECT')"},
    {"SELECT pg_get_serial_sequence('users', 'id'), "
     "pg_get_serial_sequence('users', 'email')",
     "SELECT pg_get_serial_sequence('app.accounts', 'id'), "
     "pg_get_serial_sequence('app.accounts', 'mail')"},
    {"SELECT pg_get_serial_sequence('users', 'gone')",
     "!column \"gone\" has no place of its own in the new schema"},
    {"SELECT pg_get_serial_sequence('tags', 'id')", "="},
    {"SELECT last_value FROM users_id_seq",
     "SELECT users_id_seq.last_value FROM app.accounts_id_seq AS users_id_seq"},
    {"SELECT last_value FROM free",
     "SELECT free.last_value FROM \"Free\" AS free"},
    {"SELECT * FROM old.own", "="},
    {"SELECT id FROM tags WHERE label = 'users'::regclass::text",
     "SELECT id FROM tags WHERE label = 'app.accounts'::regclass::text"},
    {"SELECT count(*) FROM tags WHERE nextval('free') > 0",
     "SELECT count(*) FROM tags WHERE nextval('public.\"Free\"') > 0"},
    {"SELECT nextval('free') FROM tags",
     "SELECT nextval('public.\"Free\"') FROM tags"},
    {"SELECT nextval('free'), nextval('free')",
     "SELECT pg_catalog.nextval('public.\"Free\"')::int8 AS nextval, "
     "pg_catalog.nextval('public.\"Free\"')::int8 AS nextval"},
    {"SELECT nextval('free') AS n WHERE false",
     "SELECT nextval('public.\"Free\"') AS n WHERE FALSE"},
    {"PREPARE p AS SELECT nextval('users_id_seq'), currval('free'), lastval(), "
     "now()",
     "PREPARE p AS SELECT nextval('app.accounts_id_seq'), "
     "currval('public.\"Free\"'), lastval(), now()"},
    {"DECLARE c CURSOR FOR SELECT nextval('free') FROM tags",
     "DECLARE c CURSOR FOR SELECT nextval('public.\"Free\"') FROM tags"},
    {"INSERT INTO tags VALUES (nextval('free'), currval('free')::text)",
     "INSERT INTO tags VALUES (nextval('public.\"Free\"'), "
     "pg_catalog.currval('public.\"Free\"')::int8::text)"},
    {"UPDATE tags SET id = nextval('free')",
     "UPDATE tags SET id = nextval('public.\"Free\"')"},
};

static const struct plan_row clocks[] = {
    /* a clock is the primary's, but where the statement runs later */
    {"SELECT now(), transaction_timestamp(), statement_timestamp(), "
     "clock_timestamp(), timeofday()",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz AS now, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz AS transaction_timestamp, '1970-01-02 "
     "01:00:00.000000+00'::timestamptz AS statement_timestamp, '1970-01-02 "
     "01:00:00.000000+00'::timestamptz AS clock_timestamp, timeofday()"},
    {"SELECT pg_catalog.now(), now(1), public.now()",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz AS now, now(1), "
     "public.now()"},
    {"SELECT current_date, current_time, current_timestamp, localtime, "
     "localtimestamp",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz::date AS "
     "\"current_date\", '1970-01-02 00:00:00.000000+00'::timestamptz::timetz "
     "AS \"current_time\", '1970-01-02 00:00:00.000000+00'::timestamptz AS "
     "\"current_timestamp\", '1970-01-02 "
     "00:00:00.000000+00'::timestamptz::\"time\" AS \"localtime\", '1970-01-02 "
     "00:00:00.000000+00'::timestamptz::\"timestamp\" AS \"localtimestamp\""},
    {"SELECT current_time(2), current_timestamp(0), localtime(3), "
     "localtimestamp(6)",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz::timetz(2) AS "
     "\"current_time\", '1970-01-02 00:00:00.000000+00'::timestamptz(0) AS "
     "\"current_timestamp\", '1970-01-02 "
     "00:00:00.000000+00'::timestamptz::\"time\"(3) AS \"localtime\", "
     "'1970-01-02 00:00:00.000000+00'::timestamptz::\"timestamp\"(6) AS "
     "\"localtimestamp\""},
    {"SELECT current_user, current_role, current_catalog, current_schema, "
     "session_user",
     "="},
    {"SELECT date_trunc('day', now()) - interval '1 day', extract(epoch FROM "
     "now())",
     "SELECT date_trunc('day', '1970-01-02 00:00:00.000000+00'::timestamptz) - "
     "'1 day'::interval, EXTRACT('epoch' FROM '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"SELECT 'now'::timestamptz, 'today'::date, timestamp 'now'", "="},
    {"SELECT age(now()), age('2020-01-01'::timestamp)",
     "SELECT age('1970-01-02 00:00:00.000000+00'::timestamptz), "
     "age('2020-01-01'::timestamp)"},
    {"SELECT now() AS at, count(*) FROM tags GROUP BY now()",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz AS at, count(*) FROM "
     "tags GROUP BY '1970-01-02 00:00:00.000000+00'::timestamptz"},
    {"SELECT id FROM old.logs WHERE at > now() - interval '1 hour'",
     "SELECT id FROM old.logs WHERE at > '1970-01-02 "
     "00:00:00.000000+00'::timestamptz - '1 hour'::interval"},
    {"INSERT INTO old.logs VALUES (1, now()), (2, current_timestamp)",
     "INSERT INTO old.logs VALUES (1, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz), (2, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"INSERT INTO old.logs SELECT id, now() FROM tags",
     "INSERT INTO old.logs SELECT id, '1970-01-02 "
     "00:00:00.000000+00'::timestamptz AS now FROM tags"},
    {"UPDATE old.logs SET at = now() WHERE at < localtimestamp",
     "UPDATE old.logs SET at = '1970-01-02 00:00:00.000000+00'::timestamptz "
     "WHERE at < '1970-01-02 00:00:00.000000+00'::timestamptz::\"timestamp\""},
    {"DELETE FROM old.logs WHERE at < current_date",
     "DELETE FROM old.logs WHERE at < '1970-01-02 "
     "00:00:00.000000+00'::timestamptz::date"},
    {"PREPARE p AS INSERT INTO old.logs VALUES ($1, now())", "="},
    {"DECLARE c CURSOR FOR SELECT now()",
     "DECLARE c CURSOR FOR SELECT '1970-01-02 00:00:00.000000+00'::timestamptz "
     "AS now"},
    {"EXECUTE p (now())",
     "EXECUTE p('1970-01-02 00:00:00.000000+00'::timestamptz)"},
    {"CREATE TEMP TABLE t AS SELECT now() AS at",
     "CREATE TEMPORARY TABLE t AS SELECT '1970-01-02 "
     "00:00:00.000000+00'::timestamptz AS at"},
    {"SELECT now()::date INTO TEMP t",
     "SELECT '1970-01-02 00:00:00.000000+00'::timestamptz::date AS now INTO "
     "TEMPORARY TABLE t"},
    {"SET TIME ZONE 'UTC'", "="},
    {"SELECT (SELECT now()), (SELECT max(at) FROM old.logs WHERE at < now())",
     "SELECT (SELECT '1970-01-02 00:00:00.000000+00'::timestamptz AS now), "
     "(SELECT max(at) FROM old.logs WHERE at < '1970-01-02 "
     "00:00:00.000000+00'::timestamptz)"},
    {"SELECT now FROM now()", "SELECT now FROM CAST('1970-01-02 "
			      "00:00:00.000000+00' AS timestamptz) AS now"},
    {"SELECT * FROM current_date",
     "SELECT * FROM CAST('1970-01-02 00:00:00.000000+00'::timestamptz AS date) "
     "AS \"current_date\""},
    {"SELECT n FROM now() AS n",
     "SELECT n FROM CAST('1970-01-02 00:00:00.000000+00' AS timestamptz) AS n"},
    {"SELECT now FROM now(), tags",
     "SELECT now FROM CAST('1970-01-02 00:00:00.000000+00' AS timestamptz) AS "
     "now, tags"},
};

static void test_sequences(void **state)
{
	(void)state;
	CHECK_PLANS(sequences);
}

static void test_clocks(void **state)
{
	(void)state;
	CHECK_PLANS(clocks);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sequences),
	    cmocka_unit_test(test_clocks),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
