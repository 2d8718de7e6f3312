/* FROM: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row from[] = {
    /* tables, queries, functions and joins */
    {"SELECT * FROM users CROSS JOIN tags",
     "SELECT users.id AS id, users.mail AS email, users.first || ' ' || "
     "users.last AS name, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AS active, users.cents / 100.0 AS price, NULL::integer AS "
     "flags, profiles.bio AS bio, settings.theme AS theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "users.land_id) AS land, users.at AS at, tags.id AS id, tags.label AS "
     "label, tags.user_id AS user_id FROM accounts AS users LEFT JOIN settings "
     "ON settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id CROSS JOIN tags"},
    {"SELECT * FROM users NATURAL LEFT JOIN tags",
     "SELECT users.id AS id, users.mail AS email, users.first || ' ' || "
     "users.last AS name, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AS active, users.cents / 100.0 AS price, NULL::integer AS "
     "flags, profiles.bio AS bio, settings.theme AS theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "users.land_id) AS land, users.at AS at, tags.label AS label, "
     "tags.user_id AS user_id FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id LEFT JOIN tags ON users.id = tags.id"},
    {"SELECT active FROM users u JOIN tags t USING (id) JOIN orders o USING "
     "(id)",
     "SELECT CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS u JOIN tags AS t ON u.id = t.id JOIN (SELECT "
     "open.id AS id FROM open UNION ALL SELECT done.id AS id FROM done) AS o "
     "ON u.id = o.id"},
    {"SELECT id, u.id, t.id FROM users u FULL JOIN tags t USING (id)",
     "SELECT COALESCE(u.id, t.id) AS id, u.id, t.id FROM accounts AS u FULL "
     "JOIN tags AS t ON u.id = t.id"},
    {"SELECT id FROM users u LEFT JOIN tags t USING (id) WHERE id > 1",
     "SELECT u.id FROM accounts AS u LEFT JOIN tags AS t ON u.id = t.id WHERE "
     "u.id > 1"},
    {"SELECT id FROM users u RIGHT JOIN tags t USING (id) ORDER BY id",
     "SELECT t.id FROM accounts AS u RIGHT JOIN tags AS t ON u.id = t.id ORDER "
     "BY id"},
    {"SELECT j.id FROM (users u JOIN tags t USING (id)) AS j",
     "SELECT u.id FROM accounts AS u JOIN tags AS t ON u.id = t.id"},
    {"SELECT j.x FROM (users u JOIN tags t USING (id)) AS j (x)",
     "SELECT u.id AS x FROM accounts AS u JOIN tags AS t ON u.id = t.id"},
    {"SELECT k.id FROM users u JOIN tags t USING (id) AS k",
     "SELECT u.id FROM accounts AS u JOIN tags AS t ON u.id = t.id"},
    {"SELECT active FROM users u JOIN tags t ON u.id = t.id AND u.active",
     "SELECT CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS u JOIN tags AS t ON u.id = t.id AND u.state = "
     "'on'"},
    {"SELECT * FROM cats c FULL JOIN cats d ON c.id = d.id + 1",
     "SELECT c.id AS id, c.name AS name, d.id AS id, d.name AS name FROM "
     "(SELECT pets.id AS id, pets.name AS name FROM pets WHERE pets.kind = "
     "'cat') AS c FULL JOIN (SELECT pets.id AS id, pets.name AS name FROM pets "
     "WHERE pets.kind = 'cat') AS d ON c.id = d.id + 1"},
    {"SELECT * FROM cats c RIGHT JOIN tags t ON c.id = t.id",
     "SELECT c.id AS id, c.name AS name, t.id AS id, t.label AS label, "
     "t.user_id AS user_id FROM pets AS c RIGHT JOIN tags AS t ON c.id = t.id "
     "AND c.kind = 'cat'"},
    {"SELECT * FROM cats c JOIN tags t ON c.id = t.id",
     "SELECT c.id AS id, c.name AS name, t.id AS id, t.label AS label, "
     "t.user_id AS user_id FROM pets AS c JOIN tags AS t ON c.id = t.id WHERE "
     "c.kind = 'cat'"},
    {"SELECT street, bio FROM homes h RIGHT JOIN users u ON h.user_id = u.id",
     "SELECT h.street, profiles.bio FROM accounts AS h RIGHT JOIN (accounts AS "
     "u LEFT JOIN profiles ON profiles.user_id = u.id) ON h.id = u.id AND "
     "h.street IS NOT NULL"},
    {"SELECT active FROM users u, LATERAL (SELECT t.label FROM tags t WHERE "
     "t.user_id = u.id) l",
     "SELECT CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS u, LATERAL (SELECT t.label FROM tags AS t WHERE "
     "t.user_id = u.id) AS l"},
    {"SELECT active FROM users u LEFT JOIN LATERAL (SELECT max(o.total) AS m "
     "FROM orders o WHERE o.user_id = u.id) l ON true",
     "SELECT CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS u LEFT JOIN LATERAL (SELECT max(o.total) AS m "
     "FROM (SELECT open.user_id AS user_id, open.total AS total FROM open "
     "UNION ALL SELECT done.user_id AS user_id, done.total AS total FROM done) "
     "AS o WHERE o.user_id = u.id) AS l ON TRUE"},
    {"SELECT * FROM (SELECT id, email FROM users WHERE active) s",
     "SELECT s.id AS id, s.email AS email FROM (SELECT users.id, users.mail AS "
     "email FROM accounts AS users WHERE users.state = 'on') AS s"},
    {"SELECT s.a FROM (SELECT id, email FROM users) s (a, b)",
     "SELECT s.a FROM (SELECT users.id, users.mail AS email FROM accounts AS "
     "users) AS s (a, b)"},
    {"SELECT id, y, email FROM (VALUES (1, 'x'), (2, 'y')) v (id, y) JOIN "
     "users USING (id)",
     "SELECT v.id, v.y, users.mail AS email FROM (VALUES (1, 'x'), (2, 'y')) "
     "AS v (id, y) JOIN accounts AS users ON v.id = users.id"},
    {"SELECT active FROM users JOIN generate_series(1, 2) g ON g = users.id",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS users JOIN generate_series(1, 2) AS g ON g.g = "
     "users.id"},
    {"SELECT g.n FROM users, generate_series(1, users.id) WITH ORDINALITY g "
     "(v, n)",
     "SELECT g.n FROM accounts AS users, generate_series(1, users.id) WITH "
     "ORDINALITY AS g (v, n)"},
    {"SELECT n FROM users JOIN unnest(ARRAY[1, 2]) n ON n = id",
     "SELECT n FROM accounts AS users JOIN unnest(ARRAY[1, 2]) AS n ON n = "
     "users.id"},
    {"SELECT x.a FROM users, jsonb_to_record('{\"a\": 5}') AS x (a int)",
     "SELECT x.a FROM accounts AS users, jsonb_to_record('{\"a\": 5}') AS x (a "
     "integer)"},
    {"SELECT active FROM users, ROWS FROM (generate_series(1, 2), "
     "generate_series(3, 4)) r (a, b)",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS users, ROWS FROM (generate_series(1, 2), "
     "generate_series(3, 4)) AS r (a, b)"},
    {"SELECT id, email FROM old_users",
     "SELECT old_users.id, old_users.email FROM (SELECT users.id, users.mail "
     "AS email FROM public.accounts AS users WHERE users.state = 'on') AS "
     "old_users (id, email)"},
    {"SELECT a FROM old_users o (a, b) WHERE b = 'a@x'",
     "SELECT o.a FROM (SELECT users.id, users.mail AS email FROM "
     "public.accounts AS users WHERE users.state = 'on') AS o (a, b) WHERE o.b "
     "= 'a@x'"},
    {"SELECT v.id, count(*) FROM old_users v JOIN orders o ON o.user_id = v.id "
     "GROUP BY v.id",
     "SELECT v.id, count(*) FROM (SELECT users.id, users.mail AS email FROM "
     "public.accounts AS users WHERE users.state = 'on') AS v (id, email) JOIN "
     "(SELECT open.user_id AS user_id FROM open UNION ALL SELECT done.user_id "
     "AS user_id FROM done) AS o ON o.user_id = v.id GROUP BY v.id"},
    {"SELECT * FROM public.users",
     "SELECT users.id AS id, users.mail AS email, users.first || ' ' || "
     "users.last AS name, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AS active, users.cents / 100.0 AS price, NULL::integer AS "
     "flags, profiles.bio AS bio, settings.theme AS theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "users.land_id) AS land, users.at AS at FROM public.accounts AS users "
     "LEFT JOIN settings ON settings.user_id = users.id LEFT JOIN profiles ON "
     "profiles.user_id = users.id"},
    {"SELECT public.users.email FROM public.users",
     "SELECT users.mail AS email FROM public.accounts AS users"},
    {"SELECT accounts.id FROM users AS accounts",
     "SELECT accounts.id FROM accounts AS accounts"},
    {"SELECT settings.id FROM users settings",
     "SELECT settings.id FROM accounts AS settings"},
    {"SELECT users.id FROM tags AS users", "="},
    {"SELECT tags.label FROM tags, users WHERE users.id = tags.user_id",
     "SELECT tags.label FROM tags, accounts AS users WHERE users.id = "
     "tags.user_id"},
    {"SELECT active FROM users TABLESAMPLE bernoulli (100) REPEATABLE (1)",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS users TABLESAMPLE bernoulli(100) REPEATABLE (1)"},
    {"SELECT id FROM users u TABLESAMPLE system (100) WHERE bio IS NULL",
     "SELECT u.id FROM accounts AS u TABLESAMPLE system(100) LEFT JOIN "
     "profiles ON profiles.user_id = u.id WHERE profiles.bio IS NULL"},
    {"SELECT * FROM orders TABLESAMPLE system (100)",
     "!TABLESAMPLE of a table whose rows are in several tables"},
    {"SELECT id FROM ONLY orders",
     "SELECT orders.id FROM (SELECT open.id AS id FROM ONLY open UNION ALL "
     "SELECT done.id AS id FROM ONLY done) AS orders"},
    {"SELECT u1.active, u2.theme FROM users u1, users u2 WHERE u1.id = u2.id",
     "SELECT CASE u1.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, settings_1.theme FROM accounts AS u1, accounts AS u2 LEFT JOIN "
     "settings AS settings_1 ON settings_1.user_id = u2.id WHERE u1.id = "
     "u2.id"},
    {"SELECT u1.bio, u2.bio FROM users u1 JOIN users u2 ON u1.id = u2.id",
     "SELECT profiles.bio, profiles_1.bio FROM accounts AS u1 LEFT JOIN "
     "profiles ON profiles.user_id = u1.id JOIN (accounts AS u2 LEFT JOIN "
     "profiles AS profiles_1 ON profiles_1.user_id = u2.id) ON u1.id = u2.id"},
    {"SELECT (SELECT bio FROM users WHERE id = 1), bio FROM users",
     "SELECT (SELECT profiles_1.bio FROM accounts AS users_1 LEFT JOIN "
     "profiles AS profiles_1 ON profiles_1.user_id = users_1.id WHERE "
     "users_1.id = 1), profiles.bio FROM accounts AS users LEFT JOIN profiles "
     "ON profiles.user_id = users.id"},
    {"SELECT bio FROM users WHERE EXISTS (SELECT FROM users x WHERE x.bio = "
     "users.bio)",
     "SELECT profiles.bio FROM accounts AS users LEFT JOIN profiles ON "
     "profiles.user_id = users.id WHERE EXISTS (SELECT  FROM accounts AS x "
     "LEFT JOIN profiles AS profiles_1 ON profiles_1.user_id = x.id WHERE "
     "profiles_1.bio = profiles.bio)"},
    {"SELECT id FROM users, tags", "!column \"id\" is ambiguous"},
    {"SELECT u.id FROM users u, LATERAL (SELECT x.id FROM users x) x",
     "SELECT u.id FROM accounts AS u, LATERAL (SELECT x.id FROM accounts AS x) "
     "AS x"},
    {"SELECT email FROM users, pg_class WHERE relname = 'pg_class'",
     "SELECT users.mail AS email FROM accounts AS users, pg_class WHERE "
     "relname = 'pg_class'"},
};

static const struct plan_row refused[] = {
    /* names that are not there */
    {"SELECT nosuch FROM users", "!column \"nosuch\" is unknown"},
    {"SELECT users.nosuch FROM users", "!\"users\" has no column \"nosuch\""},
    {"SELECT id FROM users JOIN tags USING (nosuch)",
     "!column \"nosuch\" of USING is unknown"},
    {"SELECT * FROM users JOIN nosuch USING (id)",
     "!column \"id\" of USING is unknown"},
    {"SELECT nosuch.* FROM users, nosuch",
     "SELECT nosuch.* FROM accounts AS users, nosuch"},
};

static void test_from(void **state)
{
	(void)state;
	CHECK_PLANS(from);
}

static void test_refused(void **state)
{
	(void)state;
	CHECK_PLANS(refused);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_from),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
