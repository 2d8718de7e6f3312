/* TRUNCATE, COPY, LOCK, and statements that hold others: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row truncates[] = {
    /* only what the table shares with no other is truncated */
    {"TRUNCATE users", "TRUNCATE TABLE public.accounts, settings, profiles"},
    {"TRUNCATE orders", "TRUNCATE TABLE public.open, done"},
    {"TRUNCATE cats", "DELETE FROM pets AS cats WHERE cats.kind = 'cat'"},
    {"TRUNCATE homes",
     "SELECT 1 FROM accounts AS homes WHERE homes.street IS NOT NULL FOR NO "
     "KEY UPDATE OF homes ; WITH parallax_row_1 AS MATERIALIZED (SELECT "
     "homes.id AS parallax_key_1 FROM accounts AS homes WHERE homes.street IS "
     "NOT NULL), parallax_write_2 AS (UPDATE accounts AS target SET street = "
     "DEFAULT FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1) SELECT  FROM parallax_row_1"},
    {"TRUNCATE tags, users",
     "TRUNCATE TABLE tags, public.accounts, settings, profiles"},
    {"TRUNCATE tags", "="},
    {"TRUNCATE orders RESTART IDENTITY CASCADE",
     "TRUNCATE TABLE public.open, done RESTART IDENTITY CASCADE"},
    {"TRUNCATE cats, homes, orders",
     "TRUNCATE TABLE open, done ; DELETE FROM pets AS cats WHERE cats.kind = "
     "'cat' ; SELECT 1 FROM accounts AS homes WHERE homes.street IS NOT NULL "
     "FOR NO KEY UPDATE OF homes ; WITH parallax_row_1 AS MATERIALIZED (SELECT "
     "homes.id AS parallax_key_1 FROM accounts AS homes WHERE homes.street IS "
     "NOT NULL), parallax_write_2 AS (UPDATE accounts AS target SET street = "
     "DEFAULT FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1) SELECT  FROM parallax_row_1"},
};

static const struct plan_row copies[] = {
    /* what is copied out is a query, what comes in goes by way of a temporary table */
    {"COPY users TO STDOUT",
     "COPY (SELECT users.id, users.mail AS email, users.first || ' ' || "
     "users.last AS name, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AS active, users.cents / 100.0 AS price, NULL::integer AS "
     "flags, profiles.bio, settings.theme, (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = users.land_id) AS land, "
     "users.at FROM ONLY accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id) TO STDOUT"},
    {"COPY users (id, email, active) TO STDOUT WITH (FORMAT csv, HEADER)",
     "COPY (SELECT users.id, users.mail AS email, CASE users.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END AS active FROM ONLY accounts AS "
     "users) TO STDOUT WITH (format 'csv', header)"},
    {"COPY (SELECT id, bio FROM users) TO STDOUT",
     "COPY (SELECT users.id, profiles.bio FROM accounts AS users LEFT JOIN "
     "profiles ON profiles.user_id = users.id) TO STDOUT"},
    {"COPY orders TO STDOUT",
     "COPY (SELECT orders.id, orders.user_id, orders.state, orders.total FROM "
     "(SELECT open.id AS id, open.user_id AS user_id, open.state AS state, "
     "open.total AS total FROM ONLY open UNION ALL SELECT done.id AS id, "
     "done.user_id AS user_id, done.state AS state, done.total AS total FROM "
     "ONLY done) AS orders) TO STDOUT"},
    {"COPY cats (name) TO STDOUT", "COPY (SELECT cats.name FROM ONLY pets AS "
				   "cats WHERE cats.kind = 'cat') TO STDOUT"},
    {"COPY tags TO STDOUT", "="},
    {"COPY tags FROM STDIN", "="},
    {"COPY cats FROM STDIN",
     "CREATE TEMPORARY TABLE parallax_copy_4e23 (id integer, name text) ON "
     "COMMIT DROP ; COPY pg_temp.parallax_copy_4e23 FROM STDIN ; INSERT INTO "
     "pets AS cats (id, name, kind) SELECT old_row.id::integer, "
     "old_row.name::text, 'cat' FROM (SELECT cats.id, cats.name FROM "
     "pg_temp.parallax_copy_4e23 AS cats) AS old_row (id, name) ; DROP TABLE "
     "pg_temp.parallax_copy_4e23"},
    {"COPY users FROM '/tmp/x'", "#COPY with a file or program of the server"},
    {"COPY homes FROM STDIN",
     "CREATE TEMPORARY TABLE parallax_copy_4e24 (user_id integer, street text) "
     "ON COMMIT DROP ; COPY pg_temp.parallax_copy_4e24 FROM STDIN ; WITH "
     "parallax_row_1 AS MATERIALIZED (SELECT old_row.user_id::integer AS "
     "user_id, old_row.street::text AS street FROM (SELECT homes.user_id, "
     "homes.street FROM pg_temp.parallax_copy_4e24 AS homes) AS old_row "
     "(user_id, street)), parallax_write_2 AS (UPDATE accounts AS target SET "
     "street = parallax_row_1.street FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.user_id RETURNING target.id) SELECT  FROM parallax_row_1 "
     "WHERE EXISTS (SELECT  FROM parallax_write_2 WHERE parallax_write_2.id = "
     "parallax_row_1.user_id) ; DROP TABLE pg_temp.parallax_copy_4e24"},
    {"COPY users (nosuch) FROM STDIN",
     "!table \"users\" has no column \"nosuch\""},
};

static const struct plan_row around[] = {
    /* statements that hold others, and those that are not mirrored */
    {"PREPARE p AS SELECT email FROM users WHERE id = $1",
     "PREPARE p AS SELECT users.mail AS email FROM accounts AS users WHERE "
     "users.id = $1"},
    {"EXECUTE p (1, 'users')", "="},
    {"DEALLOCATE p", "="},
    {"DECLARE c CURSOR FOR SELECT id, email FROM users",
     "DECLARE c CURSOR FOR SELECT users.id, users.mail AS email FROM accounts "
     "AS users"},
    {"DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT name FROM users ORDER BY id",
     "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT users.first || ' ' || "
     "users.last AS name FROM accounts AS users ORDER BY users.id"},
    {"DECLARE c CURSOR FOR SELECT id FROM orders FOR UPDATE",
     "DECLARE c CURSOR FOR SELECT orders.id FROM (SELECT parallax_arm.* FROM "
     "(SELECT open.id AS id FROM open FOR UPDATE OF open) AS parallax_arm "
     "UNION ALL SELECT parallax_arm.* FROM (SELECT done.id AS id FROM done FOR "
     "UPDATE OF done) AS parallax_arm) AS orders"},
    {"FETCH 2 FROM c", "="},
    {"UPDATE users SET email = 'c' WHERE CURRENT OF c",
     "UPDATE accounts AS users SET mail = 'c' WHERE CURRENT OF c"},
    {"UPDATE cats SET name = 'c' WHERE CURRENT OF c",
     "UPDATE pets AS cats SET name = 'c' WHERE CURRENT OF c"},
    {"DELETE FROM orders WHERE CURRENT OF c",
     "!WHERE CURRENT OF \"c\": the rows of \"orders\" are in several tables of "
     "the new schema"},
    {"EXPLAIN SELECT * FROM users", "#EXPLAIN shows the server's own plan"},
    {"CREATE TEMP TABLE t AS SELECT id, email FROM users",
     "CREATE TEMPORARY TABLE t AS SELECT users.id, users.mail AS email FROM "
     "accounts AS users"},
    {"CREATE TEMP TABLE t (id int)", "="},
    {"CREATE TABLE t AS SELECT 1", "#a table is made"},
    {"SELECT id, email INTO TEMP t FROM users",
     "SELECT users.id, users.mail AS email INTO TEMPORARY TABLE t FROM "
     "accounts AS users"},
    {"CREATE TEMP VIEW v AS SELECT email FROM users",
     "!a temporary object made from \"users\""},
    {"LOCK TABLE users IN SHARE MODE",
     "LOCK TABLE public.accounts, settings, profiles IN SHARE MODE"},
    {"LOCK TABLE orders, tags",
     "LOCK TABLE public.open, done, tags IN ACCESS EXCLUSIVE MODE"},
    {"LOCK TABLE old_users", "!table \"old_users\" is not in the new schema"},
    {"SET LOCAL search_path = other", "="},
    {"SHOW work_mem", "="},
    {"LISTEN a", "#acts outside the database's tables"},
    {"VACUUM users", "#maintenance is not mirrored"},
    {"ANALYZE users", "#maintenance is not mirrored"},
    {"CALL p(1)", "="},
    {"DO $$ BEGIN END $$", "="},
    {"COMMENT ON TABLE users IS 'x'", "#schema changes are not mirrored"},
    {"ALTER TABLE users ADD COLUMN x int", "#schema changes are not mirrored"},
    {"CREATE INDEX ON users (email)", "#schema changes are not mirrored"},
    {"DROP TABLE users", "#schema changes are not mirrored"},
    {"GRANT SELECT ON users TO nobody", "#schema changes are not mirrored"},
    {"REFRESH MATERIALIZED VIEW m", "#schema changes are not mirrored"},
    {"SET CONSTRAINTS ALL DEFERRED", "="},
    {"REINDEX TABLE users", "#maintenance is not mirrored"},
    {"CLUSTER users", "#maintenance is not mirrored"},
    {"CHECKPOINT", "#maintenance is not mirrored"},
};

static void test_truncates(void **state)
{
	(void)state;
	CHECK_PLANS(truncates);
}

static void test_copies(void **state)
{
	(void)state;
	CHECK_PLANS(copies);
}

static void test_around(void **state)
{
	(void)state;
	CHECK_PLANS(around);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_truncates),
	    cmocka_unit_test(test_copies),
	    cmocka_unit_test(test_around),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
