/*
 * INSERT into tables that are split, shared, absorbed or in several: (statement) -> its plan
 * over the shop.
 */
#include "unit/lens/shop.h"

static const struct plan_row inserts[] = {
    /* the new columns are computed from the old row */
    {"INSERT INTO users (id, email, bio) VALUES (10, 'z', NULL), (11, 'y', "
     "'yes')",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.email AS email, NULL::text AS name, NULL::boolean AS active, "
     "NULL::numeric(10, 2) AS price, old_row.bio AS bio, NULL::text AS theme, "
     "NULL::text AS land, NULL::timestamp with time zone AS at FROM (VALUES "
     "(10::integer, 'z'::text, NULL::text), (11::integer, 'y'::text, "
     "'yes'::text)) AS old_row (id, email, bio)), parallax_write_2 AS (INSERT "
     "INTO accounts (id, mail, first, last, state, cents, land_id, at) SELECT "
     "parallax_row_1.id, parallax_row_1.email, split_part(parallax_row_1.name, "
     "' ', 1), substr(parallax_row_1.name, "
     "length(split_part(parallax_row_1.name, ' ', 1)) + 2), CASE "
     "parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END, (parallax_row_1.price * 100)::int8, (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = parallax_row_1.land), "
     "parallax_row_1.at FROM parallax_row_1), parallax_write_3 AS (INSERT INTO "
     "settings (user_id, theme) SELECT parallax_row_1.id, parallax_row_1.theme "
     "FROM parallax_row_1), parallax_write_4 AS (INSERT INTO profiles "
     "(user_id, bio) SELECT parallax_row_1.id, parallax_row_1.bio FROM "
     "parallax_row_1 WHERE COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) "
     "SELECT  FROM parallax_row_1"},
    {"INSERT INTO users (id, email, land) VALUES (10, 'z', 'IT'), (11, 'y', "
     "'IT'), (12, 'x', NULL), (13, 'w', 'FR')",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'IT'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO lands (name) SELECT DISTINCT parallax_added.value "
     "FROM (SELECT 'IT'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; INSERT INTO lands (name) SELECT DISTINCT parallax_added.value "
     "FROM (SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.email AS email, NULL::text AS name, NULL::boolean AS active, "
     "NULL::numeric(10, 2) AS price, NULL::text AS bio, NULL::text AS theme, "
     "old_row.land AS land, NULL::timestamp with time zone AS at FROM (VALUES "
     "(10::integer, 'z'::text, 'IT'::text), (11::integer, 'y'::text, "
     "'IT'::text), (12::integer, 'x'::text, NULL::text), (13::integer, "
     "'w'::text, 'FR'::text)) AS old_row (id, email, land)), parallax_write_2 "
     "AS (INSERT INTO accounts (id, mail, first, last, state, cents, land_id, "
     "at) SELECT parallax_row_1.id, parallax_row_1.email, "
     "split_part(parallax_row_1.name, ' ', 1), substr(parallax_row_1.name, "
     "length(split_part(parallax_row_1.name, ' ', 1)) + 2), CASE "
     "parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END, (parallax_row_1.price * 100)::int8, (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = parallax_row_1.land), "
     "parallax_row_1.at FROM parallax_row_1), parallax_write_3 AS (INSERT INTO "
     "settings (user_id, theme) SELECT parallax_row_1.id, parallax_row_1.theme "
     "FROM parallax_row_1), parallax_write_4 AS (INSERT INTO profiles "
     "(user_id, bio) SELECT parallax_row_1.id, parallax_row_1.bio FROM "
     "parallax_row_1 WHERE COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) "
     "SELECT  FROM parallax_row_1"},
    {"INSERT INTO users (id, email) SELECT id + 20, label FROM tags WHERE "
     "label IS NOT NULL",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id::integer AS id, "
     "old_row.email::text AS email, NULL::text AS name, NULL::boolean AS "
     "active, NULL::numeric(10, 2) AS price, NULL::text AS bio, NULL::text AS "
     "theme, NULL::text AS land, NULL::timestamp with time zone AS at FROM "
     "(SELECT tags.id + 20, tags.label FROM tags WHERE tags.label IS NOT NULL) "
     "AS old_row (id, email)), parallax_write_2 AS (INSERT INTO accounts (id, "
     "mail, first, last, state, cents, land_id, at) SELECT parallax_row_1.id, "
     "parallax_row_1.email, split_part(parallax_row_1.name, ' ', 1), "
     "substr(parallax_row_1.name, length(split_part(parallax_row_1.name, ' ', "
     "1)) + 2), CASE parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN "
     "FALSE THEN 'off' END, (parallax_row_1.price * 100)::int8, (SELECT "
     "looked_up.id FROM public.lands AS looked_up WHERE looked_up.name = "
     "parallax_row_1.land), parallax_row_1.at FROM parallax_row_1), "
     "parallax_write_3 AS (INSERT INTO settings (user_id, theme) SELECT "
     "parallax_row_1.id, parallax_row_1.theme FROM parallax_row_1), "
     "parallax_write_4 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"INSERT INTO users (id, email) VALUES (10, 'z') RETURNING id, email, "
     "name, bio, active",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.email AS email, NULL::text AS name, NULL::boolean AS active, "
     "NULL::numeric(10, 2) AS price, NULL::text AS bio, NULL::text AS theme, "
     "NULL::text AS land, NULL::timestamp with time zone AS at FROM (VALUES "
     "(10::integer, 'z'::text)) AS old_row (id, email)), parallax_write_2 AS "
     "(INSERT INTO accounts (id, mail, first, last, state, cents, land_id, at) "
     "SELECT parallax_row_1.id, parallax_row_1.email, "
     "split_part(parallax_row_1.name, ' ', 1), substr(parallax_row_1.name, "
     "length(split_part(parallax_row_1.name, ' ', 1)) + 2), CASE "
     "parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END, (parallax_row_1.price * 100)::int8, (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = parallax_row_1.land), "
     "parallax_row_1.at FROM parallax_row_1 RETURNING id, mail, first, last, "
     "state), parallax_write_3 AS (INSERT INTO settings (user_id, theme) "
     "SELECT parallax_row_1.id, parallax_row_1.theme FROM parallax_row_1), "
     "parallax_write_4 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.bio IS NOT NULL, FALSE) RETURNING bio, user_id) "
     "SELECT users.id, users.mail AS email, users.first || ' ' || users.last "
     "AS name, profiles.bio, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END AS active FROM parallax_write_2 AS users LEFT JOIN "
     "parallax_write_4 AS profiles ON profiles.user_id = users.id"},
    {"INSERT INTO users (id, email, email) VALUES (10, 'z', 'y')",
     "!column \"email\" is named twice"},
    {"INSERT INTO users (id, nosuch) VALUES (10, 'z')",
     "!table \"users\" has no column \"nosuch\""},
    {"INSERT INTO users (id, email) VALUES (10)",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO tags (id, label) SELECT id + 50, name FROM users",
     "INSERT INTO tags (id, label) SELECT users.id + 50, users.first || ' ' || "
     "users.last AS name FROM accounts AS users"},
    {"INSERT INTO tags DEFAULT VALUES", "="},
    {"INSERT INTO tags VALUES (50, (SELECT email FROM users WHERE id = 1))",
     "INSERT INTO tags VALUES (50, (SELECT users.mail AS email FROM accounts "
     "AS users WHERE users.id = 1))"},
};

static const struct plan_row places[] = {
    /* a row goes into one of several tables, into several, or becomes a part of another row */
    {"INSERT INTO orders VALUES (10, 1, 'new', 5), (11, 2, 'paid', 6), (12, "
     "NULL, NULL, NULL)",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.user_id AS user_id, old_row.state AS state, old_row.total AS "
     "total FROM (VALUES (10::integer, 1::integer, 'new'::text, 5::integer), "
     "(11::integer, 2::integer, 'paid'::text, 6::integer), (12::integer, "
     "NULL::integer, NULL::text, NULL::integer)) AS old_row (id, user_id, "
     "state, total)), parallax_write_2 AS (INSERT INTO open (id, user_id, "
     "state, total) SELECT parallax_row_1.id, parallax_row_1.user_id, "
     "parallax_row_1.state, parallax_row_1.total FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_3 AS "
     "(INSERT INTO done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE NOT COALESCE(parallax_row_1.state = 'new', FALSE)) "
     "SELECT  FROM parallax_row_1"},
    {"INSERT INTO orders (id, state, total) VALUES (10, 'new', 5), (11, 'x', "
     "6) RETURNING id, state",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, "
     "NULL::integer AS user_id, old_row.state AS state, old_row.total AS total "
     "FROM (VALUES (10::integer, 'new'::text, 5::integer), (11::integer, "
     "'x'::text, 6::integer)) AS old_row (id, state, total)), parallax_write_2 "
     "AS (INSERT INTO open (id, user_id, state, total) SELECT "
     "parallax_row_1.id, parallax_row_1.user_id, parallax_row_1.state, "
     "parallax_row_1.total FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_3 AS "
     "(INSERT INTO done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE NOT COALESCE(parallax_row_1.state = 'new', FALSE)) "
     "SELECT parallax_row_1.id, parallax_row_1.state FROM parallax_row_1"},
    {"INSERT INTO cats VALUES (10, 'Kit'), (11, NULL)",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (10, 'Kit', 'cat'), "
     "(11, NULL, 'cat')"},
    {"INSERT INTO cats (id) VALUES (10) RETURNING *",
     "INSERT INTO pets AS cats (id, kind) VALUES (10, 'cat') RETURNING cats.id "
     "AS id, cats.name AS name"},
    {"INSERT INTO cats SELECT id + 30, email FROM users",
     "INSERT INTO pets AS cats (id, name, kind) SELECT old_row.id::integer, "
     "old_row.name::text, 'cat' FROM (SELECT users.id + 30, users.mail AS "
     "email FROM accounts AS users) AS old_row (id, name)"},
    {"INSERT INTO homes VALUES (1, 'Main St')",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.user_id AS user_id, "
     "old_row.street AS street FROM (VALUES (1::integer, 'Main St'::text)) AS "
     "old_row (user_id, street)), parallax_write_2 AS (UPDATE accounts AS "
     "target SET street = parallax_row_1.street FROM parallax_row_1 WHERE "
     "target.id = parallax_row_1.user_id RETURNING target.id) SELECT  FROM "
     "parallax_row_1 WHERE EXISTS (SELECT  FROM parallax_write_2 WHERE "
     "parallax_write_2.id = parallax_row_1.user_id)"},
    {"INSERT INTO homes VALUES (1, 'Main St'), (2, 'Side St') RETURNING "
     "user_id, street",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.user_id AS user_id, "
     "old_row.street AS street FROM (VALUES (1::integer, 'Main St'::text), "
     "(2::integer, 'Side St'::text)) AS old_row (user_id, street)), "
     "parallax_write_2 AS (UPDATE accounts AS target SET street = "
     "parallax_row_1.street FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.user_id RETURNING target.id) SELECT "
     "parallax_row_1.user_id, parallax_row_1.street FROM parallax_row_1 WHERE "
     "EXISTS (SELECT  FROM parallax_write_2 WHERE parallax_write_2.id = "
     "parallax_row_1.user_id)"},
    {"INSERT INTO homes SELECT id, email FROM users",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.user_id::integer AS "
     "user_id, old_row.street::text AS street FROM (SELECT users.id, "
     "users.mail AS email FROM accounts AS users) AS old_row (user_id, "
     "street)), parallax_write_2 AS (UPDATE accounts AS target SET street = "
     "parallax_row_1.street FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.user_id RETURNING target.id) SELECT  FROM parallax_row_1 "
     "WHERE EXISTS (SELECT  FROM parallax_write_2 WHERE parallax_write_2.id = "
     "parallax_row_1.user_id)"},
};

static const struct plan_row conflicts[] = {
    /* ON CONFLICT finds the row where the key lies */
    {"INSERT INTO users (id, email) VALUES (1, 'q'), (10, 'r') ON CONFLICT "
     "(id) DO NOTHING RETURNING id",
     "WITH parallax_row_2 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.email AS email, NULL::text AS name, NULL::boolean AS active, "
     "NULL::numeric(10, 2) AS price, NULL::integer AS flags, NULL::text AS "
     "bio, NULL::text AS theme, NULL::text AS land, NULL::timestamp with time "
     "zone AS at, row_number() OVER () AS parallax_order FROM (VALUES "
     "(1::integer, 'q'::text), (10::integer, 'r'::text)) AS old_row (id, "
     "email)), parallax_row_3 AS MATERIALIZED (SELECT parallax_row_2.id AS id, "
     "parallax_row_2.email AS email, parallax_row_2.name AS name, "
     "parallax_row_2.active AS active, parallax_row_2.price AS price, "
     "parallax_row_2.flags AS flags, parallax_row_2.bio AS bio, "
     "parallax_row_2.theme AS theme, parallax_row_2.land AS land, "
     "parallax_row_2.at AS at, row_number() OVER (PARTITION BY "
     "parallax_row_2.id ORDER BY parallax_row_2.parallax_order) = 1 OR "
     "parallax_row_2.id IS NULL AS parallax_first FROM parallax_row_2), "
     "parallax_row_1 AS MATERIALIZED (SELECT parallax_row_3.id AS id, "
     "parallax_row_3.email AS email, parallax_row_3.name AS name, "
     "parallax_row_3.active AS active, parallax_row_3.price AS price, "
     "parallax_row_3.bio AS bio, parallax_row_3.theme AS theme, "
     "parallax_row_3.land AS land, parallax_row_3.at AS at FROM parallax_row_3 "
     "WHERE parallax_row_3.parallax_first AND NOT EXISTS (SELECT  FROM "
     "accounts AS users_1 WHERE users_1.id = parallax_row_3.id)), "
     "parallax_write_4 AS (INSERT INTO accounts (id, mail, first, last, state, "
     "cents, land_id, at) SELECT parallax_row_1.id, parallax_row_1.email, "
     "split_part(parallax_row_1.name, ' ', 1), substr(parallax_row_1.name, "
     "length(split_part(parallax_row_1.name, ' ', 1)) + 2), CASE "
     "parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END, (parallax_row_1.price * 100)::int8, (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = parallax_row_1.land), "
     "parallax_row_1.at FROM parallax_row_1), parallax_write_5 AS (INSERT INTO "
     "settings (user_id, theme) SELECT parallax_row_1.id, parallax_row_1.theme "
     "FROM parallax_row_1), parallax_write_6 AS (INSERT INTO profiles "
     "(user_id, bio) SELECT parallax_row_1.id, parallax_row_1.bio FROM "
     "parallax_row_1 WHERE COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) "
     "SELECT parallax_row_1.id FROM parallax_row_1"},
    {"INSERT INTO users (id, email) VALUES (1, 'q') ON CONFLICT (id) DO UPDATE "
     "SET email = excluded.email",
     "WITH parallax_row_2 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.email AS email, NULL::text AS name, NULL::boolean AS active, "
     "NULL::numeric(10, 2) AS price, NULL::integer AS flags, NULL::text AS "
     "bio, NULL::text AS theme, NULL::text AS land, NULL::timestamp with time "
     "zone AS at FROM (VALUES (1::integer, 'q'::text)) AS old_row (id, "
     "email)), parallax_row_3 AS MATERIALIZED (SELECT "
     "parallax_row_2.email::text AS email, users_1.id AS parallax_key_1, CASE "
     "WHEN count(*) OVER (PARTITION BY parallax_row_2.id) > 1 AND "
     "parallax_row_2.id IS NOT NULL THEN (SELECT n FROM (VALUES (1), (2)) AS "
     "twice (n)) END AS parallax_twice FROM accounts AS users_1, "
     "parallax_row_2 WHERE users_1.id = parallax_row_2.id), parallax_write_4 "
     "AS (UPDATE accounts AS target SET mail = parallax_row_3.email FROM "
     "parallax_row_3 WHERE target.id = parallax_row_3.parallax_key_1), "
     "parallax_row_1 AS MATERIALIZED (SELECT parallax_row_2.id AS id, "
     "parallax_row_2.email AS email, parallax_row_2.name AS name, "
     "parallax_row_2.active AS active, parallax_row_2.price AS price, "
     "parallax_row_2.bio AS bio, parallax_row_2.theme AS theme, "
     "parallax_row_2.land AS land, parallax_row_2.at AS at, CASE WHEN count(*) "
     "OVER (PARTITION BY parallax_row_2.id) > 1 AND parallax_row_2.id IS NOT "
     "NULL THEN (SELECT n FROM (VALUES (1), (2)) AS twice (n)) END AS "
     "parallax_twice FROM parallax_row_2 WHERE NOT EXISTS (SELECT  FROM "
     "accounts AS users_1 WHERE users_1.id = parallax_row_2.id)), "
     "parallax_write_5 AS (INSERT INTO accounts (id, mail, first, last, state, "
     "cents, land_id, at) SELECT parallax_row_1.id, parallax_row_1.email, "
     "split_part(parallax_row_1.name, ' ', 1), substr(parallax_row_1.name, "
     "length(split_part(parallax_row_1.name, ' ', 1)) + 2), CASE "
     "parallax_row_1.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END, (parallax_row_1.price * 100)::int8, (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = parallax_row_1.land), "
     "parallax_row_1.at FROM parallax_row_1), parallax_write_6 AS (INSERT INTO "
     "settings (user_id, theme) SELECT parallax_row_1.id, parallax_row_1.theme "
     "FROM parallax_row_1), parallax_write_7 AS (INSERT INTO profiles "
     "(user_id, bio) SELECT parallax_row_1.id, parallax_row_1.bio FROM "
     "parallax_row_1 WHERE COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)) "
     "SELECT  FROM parallax_row_1 UNION ALL SELECT  FROM parallax_row_3"},
    {"INSERT INTO users (id, email) VALUES (1, 'q') ON CONFLICT ON CONSTRAINT "
     "users_pkey DO NOTHING",
     "!constraint \"users_pkey\" is not known"},
    {"INSERT INTO users (id, email) VALUES (1, 'q') ON CONFLICT (bio) DO "
     "NOTHING",
     "!ON CONFLICT of columns of \"users\" that are no key"},
    {"INSERT INTO orders VALUES (1, 5, 'done', 5), (10, 5, 'x', 5) ON CONFLICT "
     "(id) DO UPDATE SET state = excluded.state, total = orders.total + 1",
     "WITH parallax_row_2 AS MATERIALIZED (SELECT old_row.id AS id, "
     "old_row.user_id AS user_id, old_row.state AS state, old_row.total AS "
     "total FROM (VALUES (1::integer, 5::integer, 'done'::text, 5::integer), "
     "(10::integer, 5::integer, 'x'::text, 5::integer)) AS old_row (id, "
     "user_id, state, total)), parallax_row_3 AS MATERIALIZED (SELECT "
     "orders_1.id AS id, orders_1.user_id AS user_id, "
     "parallax_row_2.state::text AS state, (orders_1.total + 1)::integer AS "
     "total, orders_1.parallax_key_1 AS parallax_key_1, "
     "orders_1.parallax_place AS parallax_place, CASE WHEN count(*) OVER "
     "(PARTITION BY parallax_row_2.id) > 1 AND parallax_row_2.id IS NOT NULL "
     "THEN (SELECT n FROM (VALUES (1), (2)) AS twice (n)) END AS "
     "parallax_twice FROM (SELECT open.id AS id, open.user_id AS user_id, "
     "open.total AS total, open.id AS parallax_key_1, 0 AS parallax_place FROM "
     "open UNION ALL SELECT done.id AS id, done.user_id AS user_id, done.total "
     "AS total, done.id AS parallax_key_1, 1 AS parallax_place FROM done) AS "
     "orders_1, parallax_row_2 WHERE orders_1.id = parallax_row_2.id), "
     "parallax_write_4 AS (UPDATE open AS target SET state = "
     "parallax_row_3.state, total = parallax_row_3.total FROM parallax_row_3 "
     "WHERE (target.id = parallax_row_3.parallax_key_1 AND "
     "parallax_row_3.parallax_place = 0) AND COALESCE(parallax_row_3.state = "
     "'new', FALSE)), parallax_write_5 AS (DELETE FROM open AS target USING "
     "parallax_row_3 WHERE (target.id = parallax_row_3.parallax_key_1 AND "
     "parallax_row_3.parallax_place = 0) AND NOT COALESCE(parallax_row_3.state "
     "= 'new', FALSE)), parallax_write_6 AS (INSERT INTO open (id, user_id, "
     "state, total) SELECT parallax_row_3.id, parallax_row_3.user_id, "
     "parallax_row_3.state, parallax_row_3.total FROM parallax_row_3 WHERE "
     "parallax_row_3.parallax_place <> 0 AND COALESCE(parallax_row_3.state = "
     "'new', FALSE)), parallax_write_7 AS (UPDATE done AS target SET state = "
     "parallax_row_3.state, total = parallax_row_3.total FROM parallax_row_3 "
     "WHERE (target.id = parallax_row_3.parallax_key_1 AND "
     "parallax_row_3.parallax_place = 1) AND NOT COALESCE(parallax_row_3.state "
     "= 'new', FALSE)), parallax_write_8 AS (DELETE FROM done AS target USING "
     "parallax_row_3 WHERE (target.id = parallax_row_3.parallax_key_1 AND "
     "parallax_row_3.parallax_place = 1) AND NOT (NOT "
     "COALESCE(parallax_row_3.state = 'new', FALSE))), parallax_write_9 AS "
     "(INSERT INTO done (id, user_id, state, total) SELECT parallax_row_3.id, "
     "parallax_row_3.user_id, parallax_row_3.state, parallax_row_3.total FROM "
     "parallax_row_3 WHERE parallax_row_3.parallax_place <> 1 AND NOT "
     "COALESCE(parallax_row_3.state = 'new', FALSE)), parallax_row_1 AS "
     "MATERIALIZED (SELECT parallax_row_2.id AS id, parallax_row_2.user_id AS "
     "user_id, parallax_row_2.state AS state, parallax_row_2.total AS total, "
     "CASE WHEN count(*) OVER (PARTITION BY parallax_row_2.id) > 1 AND "
     "parallax_row_2.id IS NOT NULL THEN (SELECT n FROM (VALUES (1), (2)) AS "
     "twice (n)) END AS parallax_twice FROM parallax_row_2 WHERE NOT EXISTS "
     "(SELECT  FROM (SELECT open.id AS id FROM open UNION ALL SELECT done.id "
     "AS id FROM done) AS orders_1 WHERE orders_1.id = parallax_row_2.id)), "
     "parallax_write_10 AS (INSERT INTO open (id, user_id, state, total) "
     "SELECT parallax_row_1.id, parallax_row_1.user_id, parallax_row_1.state, "
     "parallax_row_1.total FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_11 AS "
     "(INSERT INTO done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE NOT COALESCE(parallax_row_1.state = 'new', FALSE)) "
     "SELECT  FROM parallax_row_1 UNION ALL SELECT  FROM parallax_row_3"},
    {"INSERT INTO cats VALUES (1, 'Kit'), (10, 'Kat') ON CONFLICT (id) DO "
     "UPDATE SET name = excluded.name || cats.id",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Kit', 'cat'), (10, "
     "'Kat', 'cat') ON CONFLICT (id) DO UPDATE SET name = excluded.name || "
     "cats.id"},
    {"INSERT INTO cats VALUES (1, 'Kit') ON CONFLICT DO NOTHING",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Kit', 'cat') ON "
     "CONFLICT DO NOTHING"},
    {"INSERT INTO homes VALUES (1, 'M') ON CONFLICT (user_id) DO UPDATE SET "
     "street = excluded.street",
     "WITH parallax_row_2 AS MATERIALIZED (SELECT old_row.user_id AS user_id, "
     "old_row.street AS street FROM (VALUES (1::integer, 'M'::text)) AS "
     "old_row (user_id, street)), parallax_row_3 AS MATERIALIZED (SELECT "
     "parallax_row_2.street::text AS street, homes_1.id AS parallax_key_1, "
     "CASE WHEN count(*) OVER (PARTITION BY parallax_row_2.user_id) > 1 AND "
     "parallax_row_2.user_id IS NOT NULL THEN (SELECT n FROM (VALUES (1), (2)) "
     "AS twice (n)) END AS parallax_twice FROM accounts AS homes_1, "
     "parallax_row_2 WHERE homes_1.street IS NOT NULL AND homes_1.id = "
     "parallax_row_2.user_id), parallax_write_4 AS (UPDATE accounts AS target "
     "SET street = parallax_row_3.street FROM parallax_row_3 WHERE target.id = "
     "parallax_row_3.parallax_key_1), parallax_row_1 AS MATERIALIZED (SELECT "
     "parallax_row_2.user_id AS user_id, parallax_row_2.street AS street, CASE "
     "WHEN count(*) OVER (PARTITION BY parallax_row_2.user_id) > 1 AND "
     "parallax_row_2.user_id IS NOT NULL THEN (SELECT n FROM (VALUES (1), (2)) "
     "AS twice (n)) END AS parallax_twice FROM parallax_row_2 WHERE NOT EXISTS "
     "(SELECT  FROM accounts AS homes_1 WHERE homes_1.street IS NOT NULL AND "
     "homes_1.id = parallax_row_2.user_id)), parallax_write_5 AS (UPDATE "
     "accounts AS target SET street = parallax_row_1.street FROM "
     "parallax_row_1 WHERE target.id = parallax_row_1.user_id RETURNING "
     "target.id) SELECT  FROM parallax_row_1 WHERE EXISTS (SELECT  FROM "
     "parallax_write_5 WHERE parallax_write_5.id = parallax_row_1.user_id) "
     "UNION ALL SELECT  FROM parallax_row_3"},
    {"INSERT INTO tags VALUES (1, 'q', 1) ON CONFLICT (id) DO UPDATE SET label "
     "= excluded.label",
     "="},
};

static const struct plan_row widths[] = {
    /* another number of values than of columns is refused, as the primary does */
    {"INSERT INTO cats (id) SELECT id + 100, label FROM tags",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO cats (id, name) SELECT id + 100 FROM tags",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO cats SELECT id + 100, label, 1 FROM tags",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO cats SELECT id + 100 FROM tags",
     "INSERT INTO pets AS cats (id, kind) SELECT old_row.id::integer, 'cat' "
     "FROM (SELECT tags.id + 100 FROM tags) AS old_row (id)"},
    {"INSERT INTO cats VALUES (101)",
     "INSERT INTO pets AS cats (id, kind) VALUES (101, 'cat')"},
    {"INSERT INTO cats VALUES (101, 'x', 3)",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO cats (id, name) VALUES (101)",
     "!INSERT has different numbers of columns and values"},
    {"INSERT INTO homes (user_id) SELECT id, email FROM users",
     "!INSERT has different numbers of columns and values"},
};

static void test_inserts(void **state)
{
	(void)state;
	CHECK_PLANS(inserts);
}

static void test_places(void **state)
{
	(void)state;
	CHECK_PLANS(places);
}

static void test_conflicts(void **state)
{
	(void)state;
	CHECK_PLANS(conflicts);
}

static void test_widths(void **state)
{
	(void)state;
	CHECK_PLANS(widths);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_inserts),
	    cmocka_unit_test(test_places),
	    cmocka_unit_test(test_conflicts),
	    cmocka_unit_test(test_widths),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
