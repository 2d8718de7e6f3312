/* MERGE: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row rows[] = {
    /* merges */
    {"MERGE INTO users u USING tags t ON u.id = t.user_id WHEN MATCHED THEN "
     "UPDATE SET email = coalesce(t.label, 'none')",
     "SELECT 1 FROM tags AS t JOIN (accounts AS u LEFT JOIN settings ON "
     "settings.user_id = u.id LEFT JOIN profiles ON profiles.user_id = u.id) "
     "ON u.id = t.user_id, LATERAL (SELECT 1 AS action) AS parallax_choice_1 "
     "WHERE parallax_choice_1.action > 0 FOR NO KEY UPDATE OF u ; WITH "
     "parallax_row_1 AS MATERIALIZED (SELECT CASE parallax_choice_1.action "
     "WHEN 1 THEN COALESCE(t.label, 'none')::text END AS email, u.id AS "
     "parallax_key_1, parallax_choice_1.action AS parallax_action, CASE WHEN "
     "count(*) OVER (PARTITION BY u.id) > 1 AND u.id IS NOT NULL THEN (SELECT "
     "n FROM (VALUES (1), (2)) AS twice (n)) END AS parallax_twice FROM tags "
     "AS t JOIN accounts AS u ON u.id = t.user_id, LATERAL (SELECT 1 AS "
     "action) AS parallax_choice_1 WHERE parallax_choice_1.action > 0), "
     "parallax_write_2 AS (UPDATE accounts AS target SET mail = "
     "parallax_row_1.email FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_action = 1) "
     "SELECT  FROM parallax_row_1"},
    {"MERGE INTO users u USING tags t ON u.id = t.user_id WHEN MATCHED THEN "
     "UPDATE SET bio = t.label WHEN NOT MATCHED THEN DO NOTHING",
     "SELECT 1 FROM tags AS t JOIN (accounts AS u LEFT JOIN settings ON "
     "settings.user_id = u.id LEFT JOIN profiles ON profiles.user_id = u.id) "
     "ON u.id = t.user_id, LATERAL (SELECT 1 AS action) AS parallax_choice_1 "
     "WHERE parallax_choice_1.action > 0 FOR NO KEY UPDATE OF u ; WITH "
     "parallax_row_1 AS MATERIALIZED (SELECT u.id AS id, CASE "
     "parallax_choice_1.action WHEN 1 THEN t.label::text END AS bio, u.id AS "
     "parallax_key_1, parallax_choice_1.action AS parallax_action, CASE WHEN "
     "count(*) OVER (PARTITION BY u.id) > 1 AND u.id IS NOT NULL THEN (SELECT "
     "n FROM (VALUES (1), (2)) AS twice (n)) END AS parallax_twice, "
     "profiles.user_id AS parallax_part_2_1 FROM tags AS t JOIN (accounts AS u "
     "LEFT JOIN profiles ON profiles.user_id = u.id) ON u.id = t.user_id, "
     "LATERAL (SELECT 1 AS action) AS parallax_choice_1 WHERE "
     "parallax_choice_1.action > 0), parallax_write_2 AS (UPDATE profiles AS "
     "target SET bio = parallax_row_1.bio FROM parallax_row_1 WHERE "
     "(target.user_id = parallax_row_1.parallax_part_2_1 AND "
     "COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) AND "
     "parallax_row_1.parallax_action = 1), parallax_write_3 AS (DELETE FROM "
     "profiles AS target USING parallax_row_1 WHERE (target.user_id = "
     "parallax_row_1.parallax_part_2_1 AND NOT COALESCE(parallax_row_1.bio IS "
     "NOT NULL, FALSE)) AND parallax_row_1.parallax_action = 1), "
     "parallax_write_4 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "(parallax_row_1.parallax_part_2_1 IS NULL AND "
     "COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) AND "
     "parallax_row_1.parallax_action = 1) SELECT  FROM parallax_row_1"},
    {"MERGE INTO orders o USING (VALUES (1, 'done'), (20, 'new')) s (i, st) ON "
     "o.id = s.i WHEN MATCHED THEN UPDATE SET state = s.st WHEN NOT MATCHED "
     "THEN INSERT VALUES (s.i, NULL, s.st, 0)",
     "SELECT 1 FROM (VALUES (1, 'done'), (20, 'new')) AS s (i, st) JOIN "
     "(SELECT open.id AS id, open.user_id AS user_id, open.state AS state, "
     "open.total AS total, open.id AS parallax_key_1, 0 AS parallax_place FROM "
     "open) AS o ON o.id = s.i, LATERAL (SELECT CASE WHEN o.parallax_key_1 IS "
     "NOT NULL THEN 1 ELSE 2 END AS action) AS parallax_choice_1 WHERE "
     "parallax_choice_1.action > 0 FOR NO KEY UPDATE OF o ; SELECT 1 FROM "
     "(VALUES (1, 'done'), (20, 'new')) AS s (i, st) JOIN (SELECT done.id AS "
     "id, done.user_id AS user_id, done.state AS state, done.total AS total, "
     "done.id AS parallax_key_1, 1 AS parallax_place FROM done) AS o ON o.id = "
     "s.i, LATERAL (SELECT CASE WHEN o.parallax_key_1 IS NOT NULL THEN 1 ELSE "
     "2 END AS action) AS parallax_choice_1 WHERE parallax_choice_1.action > 0 "
     "FOR NO KEY UPDATE OF o ; WITH parallax_row_1 AS MATERIALIZED (SELECT "
     "CASE parallax_choice_1.action WHEN 2 THEN s.i::integer ELSE "
     "o.id::integer END AS id, CASE parallax_choice_1.action WHEN 2 THEN "
     "NULL::integer ELSE o.user_id::integer END AS user_id, CASE "
     "parallax_choice_1.action WHEN 1 THEN s.st::text WHEN 2 THEN s.st::text "
     "END AS state, CASE parallax_choice_1.action WHEN 2 THEN 0::integer ELSE "
     "o.total::integer END AS total, o.parallax_key_1 AS parallax_key_1, "
     "o.parallax_place AS parallax_place, parallax_choice_1.action AS "
     "parallax_action, CASE WHEN (count(*) OVER (PARTITION BY "
     "o.parallax_key_1, o.parallax_place) > 1 AND o.parallax_key_1 IS NOT "
     "NULL) AND o.parallax_place IS NOT NULL THEN (SELECT n FROM (VALUES (1), "
     "(2)) AS twice (n)) END AS parallax_twice FROM (VALUES (1, 'done'), (20, "
     "'new')) AS s (i, st) LEFT JOIN (SELECT open.id AS id, open.user_id AS "
     "user_id, open.total AS total, open.id AS parallax_key_1, 0 AS "
     "parallax_place FROM open UNION ALL SELECT done.id AS id, done.user_id AS "
     "user_id, done.total AS total, done.id AS parallax_key_1, 1 AS "
     "parallax_place FROM done) AS o ON o.id = s.i, LATERAL (SELECT CASE WHEN "
     "o.parallax_key_1 IS NOT NULL THEN 1 ELSE 2 END AS action) AS "
     "parallax_choice_1 WHERE parallax_choice_1.action > 0), parallax_write_2 "
     "AS (INSERT INTO open (id, user_id, state, total) SELECT "
     "parallax_row_1.id, parallax_row_1.user_id, parallax_row_1.state, "
     "parallax_row_1.total FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.state = 'new', FALSE) AND "
     "parallax_row_1.parallax_action = 2), parallax_write_3 AS (INSERT INTO "
     "done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE NOT COALESCE(parallax_row_1.state = 'new', FALSE) "
     "AND parallax_row_1.parallax_action = 2), parallax_write_4 AS (UPDATE "
     "open AS target SET state = parallax_row_1.state FROM parallax_row_1 "
     "WHERE ((target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 0) AND COALESCE(parallax_row_1.state = "
     "'new', FALSE)) AND parallax_row_1.parallax_action = 1), parallax_write_5 "
     "AS (DELETE FROM open AS target USING parallax_row_1 WHERE ((target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0) AND "
     "NOT COALESCE(parallax_row_1.state = 'new', FALSE)) AND "
     "parallax_row_1.parallax_action = 1), parallax_write_6 AS (INSERT INTO "
     "open (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE (parallax_row_1.parallax_place <> 0 AND "
     "COALESCE(parallax_row_1.state = 'new', FALSE)) AND "
     "parallax_row_1.parallax_action = 1), parallax_write_7 AS (UPDATE done AS "
     "target SET state = parallax_row_1.state FROM parallax_row_1 WHERE "
     "((target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 1) AND NOT COALESCE(parallax_row_1.state "
     "= 'new', FALSE)) AND parallax_row_1.parallax_action = 1), "
     "parallax_write_8 AS (DELETE FROM done AS target USING parallax_row_1 "
     "WHERE ((target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 1) AND NOT (NOT "
     "COALESCE(parallax_row_1.state = 'new', FALSE))) AND "
     "parallax_row_1.parallax_action = 1), parallax_write_9 AS (INSERT INTO "
     "done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE (parallax_row_1.parallax_place <> 1 AND NOT "
     "COALESCE(parallax_row_1.state = 'new', FALSE)) AND "
     "parallax_row_1.parallax_action = 1) SELECT  FROM parallax_row_1"},
    {"MERGE INTO cats c USING tags t ON c.id = t.id WHEN MATCHED THEN UPDATE "
     "SET name = t.label WHEN NOT MATCHED THEN INSERT VALUES (t.id + 40, "
     "t.label)",
     "MERGE INTO pets AS c USING tags AS t ON c.kind = 'cat' AND c.id = t.id "
     "WHEN MATCHED THEN UPDATE SET name = t.label WHEN NOT MATCHED THEN INSERT "
     "(id, name, kind) VALUES (t.id + 40, t.label, 'cat')"},
    {"MERGE INTO tags t USING users u ON t.user_id = u.id WHEN MATCHED THEN "
     "UPDATE SET label = u.name WHEN NOT MATCHED THEN INSERT VALUES (u.id + "
     "60, u.bio, u.id)",
     "MERGE INTO tags AS t USING accounts AS u LEFT JOIN profiles ON "
     "profiles.user_id = u.id ON t.user_id = u.id WHEN MATCHED THEN UPDATE SET "
     "label = u.first || ' ' || u.last WHEN NOT MATCHED THEN INSERT VALUES "
     "(u.id + 60, profiles.bio, u.id)"},
};

static void test_rows(void **state)
{
	(void)state;
	CHECK_PLANS(rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
