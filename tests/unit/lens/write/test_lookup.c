/* Values that live in a table of their own: (statement) -> its plan. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text)"
    "orders(id int4 key, user_id int4 refs=users, city text, land text)"
    "free(id int4 key, user_id int4, city text)"
    "late(id int4 key, user_id int4 refs=users deferrable)";
static const char new_schema[] =
    "users(uid uuid key volatile, id int4 unique, email text)"
    "cities(id int4 serial key, name text)"
    "lands(id int4 serial key, name text unique)"
    "orders(id int4 key, user_uid uuid refs=users, city_id int4 refs=cities, "
    "land_id int4 refs=lands)"
    "free(id int4 key, user_uid uuid, city_id int4)"
    "late(id int4 key, user_uid uuid refs=users)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users: {}\n"
    "  orders:\n"
    "    columns:\n"
    "      user_id: {lookup: {table: users, value: id, key: uid, column: "
    "user_uid}}\n"
    "      city: {lookup: {table: cities, value: name, key: id, column: "
    "city_id}}\n"
    "      land: {lookup: {table: lands, value: name, key: id, column: "
    "land_id, create: true}}\n"
    "  free:\n"
    "    columns:\n"
    "      user_id: {lookup: {table: users, value: id, key: uid, column: "
    "user_uid}}\n"
    "      city: {lookup: {table: cities, value: name, key: id, column: "
    "city_id, create: true}}\n"
    "  late: {columns: {user_id: {lookup: {table: users, value: id, key: uid, "
    "column: user_uid}}}}\n";

static const struct plan_row found[] = {
    /* a value that no row has is written as NULL, or as a key that no row has where both schemas refuse it */
    {"INSERT INTO orders (id, user_id) VALUES (1, 5)",
     "INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = 5::integer), CASE WHEN 5::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = NULL::text))"},
    {"INSERT INTO orders (id, user_id) VALUES (1, NULL)",
     "INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = NULL::text))"},
    {"INSERT INTO orders (id, city) VALUES (1, 'Rome')",
     "INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "'Rome'::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = NULL::text))"},
    {"INSERT INTO free (id, user_id) VALUES (1, 5)",
     "INSERT INTO free (id, user_uid, city_id) VALUES (1, (SELECT "
     "looked_up.uid FROM public.users AS looked_up WHERE looked_up.id = "
     "5::integer), (SELECT looked_up.id FROM public.cities AS looked_up WHERE "
     "looked_up.name = NULL::text))"},
    {"INSERT INTO late (id, user_id) VALUES (1, 5)",
     "INSERT INTO late (id, user_uid) VALUES (1, (SELECT looked_up.uid FROM "
     "public.users AS looked_up WHERE looked_up.id = 5::integer))"},
    {"UPDATE orders SET user_id = 5 WHERE id = 1",
     "UPDATE orders SET user_uid = COALESCE((SELECT looked_up.uid FROM "
     "public.users AS looked_up WHERE looked_up.id = 5::integer), CASE WHEN "
     "5::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END) WHERE "
     "orders.id = 1"},
    {"UPDATE orders SET user_id = user_id + 1",
     "UPDATE orders SET (user_uid) = (SELECT COALESCE((SELECT looked_up.uid "
     "FROM public.users AS looked_up WHERE looked_up.id = "
     "old_value.user_id::integer), CASE WHEN old_value.user_id::integer IS NOT "
     "NULL THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END) "
     "FROM (SELECT ((SELECT looked_up.id FROM public.users AS looked_up WHERE "
     "looked_up.uid = orders.user_uid) + 1)::integer AS user_id) AS "
     "old_value)"},
    {"UPDATE free SET user_id = 5 WHERE user_id = 4",
     "UPDATE free SET user_uid = (SELECT looked_up.uid FROM public.users AS "
     "looked_up WHERE looked_up.id = 5::integer) WHERE free.user_uid = (SELECT "
     "looked_up.uid FROM public.users AS looked_up WHERE looked_up.id = 4)"},
    {"UPDATE late SET user_id = 5",
     "UPDATE late SET user_uid = (SELECT looked_up.uid FROM public.users AS "
     "looked_up WHERE looked_up.id = 5::integer)"},
    {"SELECT user_id, city FROM orders WHERE user_id = 5 AND city = 'Rome'",
     "SELECT (SELECT looked_up.id FROM public.users AS looked_up WHERE "
     "looked_up.uid = orders.user_uid) AS user_id, (SELECT looked_up.name FROM "
     "public.cities AS looked_up WHERE looked_up.id = orders.city_id) AS city "
     "FROM orders WHERE orders.user_uid = (SELECT looked_up.uid FROM "
     "public.users AS looked_up WHERE looked_up.id = 5) AND orders.city_id = "
     "(SELECT looked_up.id FROM public.cities AS looked_up WHERE "
     "looked_up.name = 'Rome'::text)"},
    {"SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id",
     "SELECT o.id, u.email FROM orders AS o JOIN users AS u ON u.id = (SELECT "
     "looked_up.id FROM public.users AS looked_up WHERE looked_up.uid = "
     "o.user_uid)"},
    {"DELETE FROM orders WHERE user_id IN (4, 5)",
     "DELETE FROM orders WHERE (SELECT looked_up.id FROM public.users AS "
     "looked_up WHERE looked_up.uid = orders.user_uid) IN (4, 5)"},
};

static const struct plan_row created[] = {
    /* a value that is not there is added first */
    {"INSERT INTO orders (id, land) VALUES (1, 'FR')",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = 'FR'::text))"},
    {"INSERT INTO orders (id, land) VALUES (1, 'FR'), (2, NULL), (3, 'DE')",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO lands (name) SELECT DISTINCT parallax_added.value "
     "FROM (SELECT 'DE'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = 'FR'::text)), (2, COALESCE((SELECT looked_up.uid FROM "
     "public.users AS looked_up WHERE looked_up.id = NULL::integer), CASE WHEN "
     "NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = NULL::text)), (3, COALESCE((SELECT looked_up.uid FROM "
     "public.users AS looked_up WHERE looked_up.id = NULL::integer), CASE WHEN "
     "NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = 'DE'::text))"},
    {"INSERT INTO orders (id, land) SELECT id, email FROM users",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT old_row.land::text AS value FROM (SELECT users.id, users.email "
     "FROM users) AS old_row (id, land)) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO orders (id, user_uid, city_id, land_id) SELECT "
     "old_row.id::integer, COALESCE((SELECT looked_up.uid FROM public.users AS "
     "looked_up WHERE looked_up.id = NULL::integer), CASE WHEN NULL::integer "
     "IS NOT NULL THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid "
     "END), (SELECT looked_up.id FROM public.cities AS looked_up WHERE "
     "looked_up.name = NULL::text), (SELECT looked_up.id FROM public.lands AS "
     "looked_up WHERE looked_up.name = old_row.land::text) FROM (SELECT "
     "users.id, users.email FROM users) AS old_row (id, land)"},
    {"INSERT INTO free (id, city) VALUES (1, 'Rome')",
     "INSERT INTO cities (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'Rome'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM cities AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO free (id, user_uid, city_id) VALUES (1, (SELECT "
     "looked_up.uid FROM public.users AS looked_up WHERE looked_up.id = "
     "NULL::integer), (SELECT looked_up.id FROM public.cities AS looked_up "
     "WHERE looked_up.name = 'Rome'::text))"},
    {"UPDATE orders SET land = 'FR' WHERE id = 1",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; UPDATE orders SET land_id = (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = 'FR'::text) WHERE "
     "orders.id = 1"},
    {"UPDATE orders SET land = NULL",
     "UPDATE orders SET land_id = (SELECT looked_up.id FROM public.lands AS "
     "looked_up WHERE looked_up.name = NULL::text)"},
    {"UPDATE orders SET land = land || '!'",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT ((SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = orders.land_id) || '!')::text AS value FROM orders) AS "
     "parallax_added WHERE parallax_added.value IS NOT NULL AND NOT EXISTS "
     "(SELECT  FROM lands AS looked_up WHERE looked_up.name = "
     "parallax_added.value) ON CONFLICT DO NOTHING ; UPDATE orders SET land_id "
     "= (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = ((SELECT looked_up.name FROM public.lands AS looked_up "
     "WHERE looked_up.id = orders.land_id) || '!')::text)"},
    {"UPDATE orders SET land = u.email FROM users u WHERE u.id = "
     "orders.user_id",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT u.email::text AS value FROM orders, users AS u WHERE u.id = "
     "(SELECT looked_up.id FROM public.users AS looked_up WHERE looked_up.uid "
     "= orders.user_uid)) AS parallax_added WHERE parallax_added.value IS NOT "
     "NULL AND NOT EXISTS (SELECT  FROM lands AS looked_up WHERE "
     "looked_up.name = parallax_added.value) ON CONFLICT DO NOTHING ; UPDATE "
     "orders SET land_id = (SELECT looked_up.id FROM public.lands AS looked_up "
     "WHERE looked_up.name = u.email::text) FROM users AS u WHERE u.id = "
     "(SELECT looked_up.id FROM public.users AS looked_up WHERE looked_up.uid "
     "= orders.user_uid)"},
    {"INSERT INTO orders (id, land) VALUES (1, 'FR') ON CONFLICT (id) DO "
     "UPDATE SET land = excluded.land",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = 'FR'::text)) ON CONFLICT (id) DO UPDATE SET land_id = "
     "(SELECT looked_up.id FROM public.lands AS looked_up WHERE looked_up.name "
     "= (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = excluded.land_id)::text)"},
    {"INSERT INTO orders (id, land) VALUES (1, random()::text)",
     "!a value to look up in \"lands\" is volatile"},
    {"PREPARE p AS INSERT INTO orders (id, land) VALUES (1, $1)",
     "PREPARE p AS WITH parallax_added_1 AS (INSERT INTO lands (name) SELECT "
     "DISTINCT parallax_added.value FROM (SELECT $1::text AS value) AS "
     "parallax_added WHERE parallax_added.value IS NOT NULL AND NOT EXISTS "
     "(SELECT  FROM lands AS looked_up WHERE looked_up.name = "
     "parallax_added.value) ON CONFLICT (name) DO UPDATE SET name = "
     "excluded.name RETURNING id AS parallax_key, name AS parallax_value) "
     "INSERT INTO orders (id, user_uid, city_id, land_id) VALUES (1, "
     "COALESCE((SELECT looked_up.uid FROM public.users AS looked_up WHERE "
     "looked_up.id = NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), COALESCE((SELECT looked_up.id FROM public.lands AS "
     "looked_up WHERE looked_up.name = $1::text), (SELECT looked_up.id FROM "
     "(SELECT parallax_key, parallax_value FROM parallax_added_1) AS looked_up "
     "(id, name) WHERE looked_up.name = $1::text)))"},
    {"WITH w AS (SELECT 'x' AS l) INSERT INTO orders (id, land) SELECT 1, l "
     "FROM w",
     "WITH w AS (SELECT 'x' AS l), parallax_added_1 AS (INSERT INTO lands "
     "(name) SELECT DISTINCT parallax_added.value FROM (SELECT "
     "old_row.land::text AS value FROM (SELECT 1, w.l FROM w) AS old_row (id, "
     "land)) AS parallax_added WHERE parallax_added.value IS NOT NULL AND NOT "
     "EXISTS (SELECT  FROM lands AS looked_up WHERE looked_up.name = "
     "parallax_added.value) ON CONFLICT (name) DO UPDATE SET name = "
     "excluded.name RETURNING id AS parallax_key, name AS parallax_value) "
     "INSERT INTO orders (id, user_uid, city_id, land_id) SELECT "
     "old_row.id::integer, COALESCE((SELECT looked_up.uid FROM public.users AS "
     "looked_up WHERE looked_up.id = NULL::integer), CASE WHEN NULL::integer "
     "IS NOT NULL THEN 'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid "
     "END), (SELECT looked_up.id FROM public.cities AS looked_up WHERE "
     "looked_up.name = NULL::text), COALESCE((SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = old_row.land::text), "
     "(SELECT looked_up.id FROM (SELECT parallax_key, parallax_value FROM "
     "parallax_added_1) AS looked_up (id, name) WHERE looked_up.name = "
     "old_row.land::text)) AS id FROM (SELECT 1, w.l FROM w) AS old_row (id, "
     "land)"},
    {"COPY orders (id, land) FROM STDIN",
     "CREATE TEMPORARY TABLE parallax_copy_4e22 (id integer, land text) ON "
     "COMMIT DROP ; COPY pg_temp.parallax_copy_4e22 (id, land) FROM STDIN ; "
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT old_row.land::text AS value FROM (SELECT orders.id, orders.land "
     "FROM pg_temp.parallax_copy_4e22 AS orders) AS old_row (id, land)) AS "
     "parallax_added WHERE parallax_added.value IS NOT NULL AND NOT EXISTS "
     "(SELECT  FROM lands AS looked_up WHERE looked_up.name = "
     "parallax_added.value) ON CONFLICT DO NOTHING ; INSERT INTO orders (id, "
     "user_uid, city_id, land_id) SELECT old_row.id::integer, COALESCE((SELECT "
     "looked_up.uid FROM public.users AS looked_up WHERE looked_up.id = "
     "NULL::integer), CASE WHEN NULL::integer IS NOT NULL THEN "
     "'ffffffff-ffff-ffff-ffff-ffffffffffff'::pg_catalog.uuid END), (SELECT "
     "looked_up.id FROM public.cities AS looked_up WHERE looked_up.name = "
     "NULL::text), (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = old_row.land::text) FROM (SELECT orders.id, orders.land "
     "FROM pg_temp.parallax_copy_4e22 AS orders) AS old_row (id, land) ; DROP "
     "TABLE pg_temp.parallax_copy_4e22"},
};

static void test_found(void **state)
{
	(void)state;
	CHECK_PLANS(found);
}

static void test_created(void **state)
{
	(void)state;
	CHECK_PLANS(created);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_found),
	    cmocka_unit_test(test_created),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
