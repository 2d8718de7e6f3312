/* UPDATE and DELETE: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row updates[] = {
    /* a new column is set when an old column that feeds it is */
    {"UPDATE users SET email = 'z' WHERE id = 1",
     "UPDATE accounts AS users SET mail = 'z' WHERE users.id = 1"},
    {"UPDATE users SET email = upper(email), price = price * 2",
     "UPDATE accounts AS users SET mail = upper(users.mail), cents = "
     "((users.cents / 100.0 * 2)::numeric(10, 2) * 100)::int8"},
    {"UPDATE users SET name = 'Q R' WHERE active",
     "UPDATE accounts AS users SET first = split_part('Q R'::text, ' ', 1), "
     "last = substr('Q R'::text, length(split_part('Q R'::text, ' ', 1)) + 2) "
     "WHERE users.state = 'on'"},
    {"UPDATE users SET name = email || ' ' || id WHERE id < 3",
     "UPDATE accounts AS users SET (first, last) = (SELECT "
     "split_part(old_value.name::text, ' ', 1), substr(old_value.name::text, "
     "length(split_part(old_value.name::text, ' ', 1)) + 2) FROM (SELECT "
     "(users.mail || ' ' || users.id)::text AS name) AS old_value) WHERE "
     "users.id < 3"},
    {"UPDATE users SET name = NULL",
     "UPDATE accounts AS users SET first = split_part(NULL::text, ' ', 1), "
     "last = substr(NULL::text, length(split_part(NULL::text, ' ', 1)) + 2)"},
    {"UPDATE users SET active = NOT active",
     "UPDATE accounts AS users SET state = CASE (NOT CASE users.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END)::boolean WHEN TRUE THEN 'on' "
     "WHEN FALSE THEN 'off' END"},
    {"UPDATE users SET active = (id = 1)",
     "UPDATE accounts AS users SET state = CASE (users.id = 1)::boolean WHEN "
     "TRUE THEN 'on' WHEN FALSE THEN 'off' END"},
    {"UPDATE users SET active = DEFAULT, email = 'x' WHERE id = 1",
     "UPDATE accounts AS users SET mail = 'x', state = NULL WHERE users.id = "
     "1"},
    {"UPDATE users SET flags = NULL WHERE id = 1",
     "UPDATE accounts AS users SET id = users.id WHERE users.id = 1"},
    {"UPDATE users SET flags = NULL, email = 'n'",
     "UPDATE accounts AS users SET mail = 'n'"},
    {"UPDATE users SET land = 'FR' WHERE land = 'DE'",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'FR'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; UPDATE accounts AS users SET land_id = (SELECT looked_up.id "
     "FROM public.lands AS looked_up WHERE looked_up.name = 'FR'::text) WHERE "
     "users.land_id = (SELECT looked_up.id FROM public.lands AS looked_up "
     "WHERE looked_up.name = 'DE'::text)"},
    {"UPDATE users SET land = 'NEW' WHERE id < 3",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT 'NEW'::text AS value) AS parallax_added WHERE "
     "parallax_added.value IS NOT NULL AND NOT EXISTS (SELECT  FROM lands AS "
     "looked_up WHERE looked_up.name = parallax_added.value) ON CONFLICT DO "
     "NOTHING ; UPDATE accounts AS users SET land_id = (SELECT looked_up.id "
     "FROM public.lands AS looked_up WHERE looked_up.name = 'NEW'::text) WHERE "
     "users.id < 3"},
    {"UPDATE users SET land = NULL",
     "UPDATE accounts AS users SET land_id = (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = NULL::text)"},
    {"UPDATE users SET land = email WHERE id = 3",
     "INSERT INTO lands (name) SELECT DISTINCT parallax_added.value FROM "
     "(SELECT users.mail::text AS value FROM accounts AS users WHERE users.id "
     "= 3) AS parallax_added WHERE parallax_added.value IS NOT NULL AND NOT "
     "EXISTS (SELECT  FROM lands AS looked_up WHERE looked_up.name = "
     "parallax_added.value) ON CONFLICT DO NOTHING ; UPDATE accounts AS users "
     "SET land_id = (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = users.mail::text) WHERE users.id = 3"},
    {"UPDATE users SET (email, name) = ('e', 'N M') WHERE id = 2",
     "UPDATE accounts AS users SET mail = 'e', first = split_part('N M'::text, "
     "' ', 1), last = substr('N M'::text, length(split_part('N M'::text, ' ', "
     "1)) + 2) WHERE users.id = 2"},
    {"UPDATE users SET (email, active) = (SELECT label, true FROM tags WHERE "
     "tags.id = 1) WHERE id = 2",
     "UPDATE accounts AS users SET (mail, state) = (SELECT old_query.email, "
     "CASE old_query.active::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' "
     "END FROM (SELECT 1) AS parallax_one LEFT JOIN LATERAL (SELECT "
     "tags.label, TRUE FROM tags WHERE tags.id = 1) AS old_query (email, "
     "active) ON TRUE) WHERE users.id = 2"},
    {"UPDATE users SET (email, price) = ROW('e', DEFAULT) WHERE id = 2",
     "UPDATE accounts AS users SET mail = 'e', cents = (NULL::numeric(10, 2) * "
     "100)::int8 WHERE users.id = 2"},
    {"UPDATE users SET email = t.label FROM tags t WHERE t.user_id = users.id "
     "AND t.label IS NOT NULL",
     "UPDATE accounts AS users SET mail = t.label FROM tags AS t WHERE "
     "t.user_id = users.id AND t.label IS NOT NULL"},
    {"UPDATE users u SET name = 'From Tag', price = t.id FROM tags t WHERE "
     "t.user_id = u.id RETURNING u.id, u.name, t.label",
     "UPDATE accounts AS u SET first = split_part('From Tag'::text, ' ', 1), "
     "last = substr('From Tag'::text, length(split_part('From Tag'::text, ' ', "
     "1)) + 2), cents = (t.id::numeric(10, 2) * 100)::int8 FROM tags AS t "
     "WHERE t.user_id = u.id RETURNING u.id, u.first || ' ' || u.last AS name, "
     "t.label"},
    {"UPDATE users SET price = price + 1 FROM orders o WHERE o.user_id = "
     "users.id AND o.state = 'new'",
     "UPDATE accounts AS users SET cents = ((users.cents / 100.0 + "
     "1)::numeric(10, 2) * 100)::int8 FROM (SELECT open.user_id AS user_id, "
     "open.state AS state FROM open UNION ALL SELECT done.user_id AS user_id, "
     "done.state AS state FROM done) AS o WHERE o.user_id = users.id AND "
     "o.state = 'new'"},
    {"UPDATE users SET email = 'z' WHERE id IN (SELECT user_id FROM orders "
     "WHERE total > 15)",
     "UPDATE accounts AS users SET mail = 'z' WHERE users.id IN (SELECT "
     "orders.user_id FROM (SELECT open.user_id AS user_id, open.total AS total "
     "FROM open UNION ALL SELECT done.user_id AS user_id, done.total AS total "
     "FROM done) AS orders WHERE orders.total > 15)"},
    {"UPDATE users SET email = (SELECT max(label) FROM tags) WHERE id = 1",
     "UPDATE accounts AS users SET mail = (SELECT max(tags.label) FROM tags) "
     "WHERE users.id = 1"},
    {"UPDATE ONLY users SET email = 'o' WHERE id = 1",
     "UPDATE ONLY accounts AS users SET mail = 'o' WHERE users.id = 1"},
    {"UPDATE users SET nosuch = 1",
     "!table \"users\" has no column \"nosuch\""},
    {"UPDATE users SET email = nosuch", "!column \"nosuch\" is unknown"},
    {"UPDATE tags SET label = (SELECT email FROM users WHERE users.id = "
     "tags.user_id)",
     "UPDATE tags SET label = (SELECT users.mail AS email FROM accounts AS "
     "users WHERE users.id = tags.user_id)"},
    {"UPDATE tags SET label = u.name FROM users u WHERE u.id = tags.user_id",
     "UPDATE tags SET label = u.first || ' ' || u.last FROM accounts AS u "
     "WHERE u.id = tags.user_id"},
    {"UPDATE tags t SET label = bio FROM users u WHERE u.id = t.user_id "
     "RETURNING t.*",
     "UPDATE tags AS t SET label = profiles.bio FROM accounts AS u LEFT JOIN "
     "profiles ON profiles.user_id = u.id WHERE u.id = t.user_id RETURNING "
     "t.id AS id, t.label AS label, t.user_id AS user_id"},
    {"WITH w AS (UPDATE users SET email = 'w' WHERE id = 1 RETURNING id, "
     "email) SELECT * FROM w",
     "WITH w AS (UPDATE accounts AS users SET mail = 'w' WHERE users.id = 1 "
     "RETURNING users.id, users.mail AS email) SELECT w.id AS id, w.email AS "
     "email FROM w"},
    {"WITH w AS (SELECT 2 AS i) UPDATE users SET email = 'w' FROM w WHERE id = "
     "w.i",
     "WITH w AS (SELECT 2 AS i) UPDATE accounts AS users SET mail = 'w' FROM w "
     "WHERE users.id = w.i"},
};

static const struct plan_row parts[] = {
    /* rows are found by the anchor, each part is changed, added or taken away */
    {"UPDATE users SET bio = 'x' WHERE id = 1",
     "SELECT 1 FROM accounts AS users LEFT JOIN settings ON settings.user_id = "
     "users.id LEFT JOIN profiles ON profiles.user_id = users.id WHERE "
     "users.id = 1 FOR NO KEY UPDATE OF users ; WITH parallax_row_1 AS "
     "MATERIALIZED (SELECT users.id AS id, 'x'::text AS bio, users.id AS "
     "parallax_key_1, profiles.user_id AS parallax_part_2_1 FROM accounts AS "
     "users LEFT JOIN profiles ON profiles.user_id = users.id WHERE users.id = "
     "1), parallax_write_2 AS (UPDATE profiles AS target SET bio = "
     "parallax_row_1.bio FROM parallax_row_1 WHERE target.user_id = "
     "parallax_row_1.parallax_part_2_1 AND COALESCE(parallax_row_1.bio IS NOT "
     "NULL, FALSE)), parallax_write_3 AS (DELETE FROM profiles AS target USING "
     "parallax_row_1 WHERE target.user_id = parallax_row_1.parallax_part_2_1 "
     "AND NOT COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)), "
     "parallax_write_4 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "parallax_row_1.parallax_part_2_1 IS NULL AND COALESCE(parallax_row_1.bio "
     "IS NOT NULL, FALSE)) SELECT  FROM parallax_row_1"},
    {"UPDATE users SET bio = 'x' WHERE id = 2 RETURNING id, bio",
     "SELECT 1 FROM accounts AS users LEFT JOIN settings ON settings.user_id = "
     "users.id LEFT JOIN profiles ON profiles.user_id = users.id WHERE "
     "users.id = 2 FOR NO KEY UPDATE OF users ; WITH parallax_row_1 AS "
     "MATERIALIZED (SELECT users.id AS id, 'x'::text AS bio, users.id AS "
     "parallax_key_1, profiles.user_id AS parallax_part_2_1 FROM accounts AS "
     "users LEFT JOIN profiles ON profiles.user_id = users.id WHERE users.id = "
     "2), parallax_write_2 AS (UPDATE profiles AS target SET bio = "
     "parallax_row_1.bio FROM parallax_row_1 WHERE target.user_id = "
     "parallax_row_1.parallax_part_2_1 AND COALESCE(parallax_row_1.bio IS NOT "
     "NULL, FALSE)), parallax_write_3 AS (DELETE FROM profiles AS target USING "
     "parallax_row_1 WHERE target.user_id = parallax_row_1.parallax_part_2_1 "
     "AND NOT COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)), "
     "parallax_write_4 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "parallax_row_1.parallax_part_2_1 IS NULL AND COALESCE(parallax_row_1.bio "
     "IS NOT NULL, FALSE)) SELECT parallax_row_1.id, parallax_row_1.bio FROM "
     "parallax_row_1"},
    {"UPDATE users SET id = 50, bio = 'moved' WHERE id = 1",
     "SELECT 1 FROM accounts AS users LEFT JOIN settings ON settings.user_id = "
     "users.id LEFT JOIN profiles ON profiles.user_id = users.id WHERE "
     "users.id = 1 FOR UPDATE OF users ; WITH parallax_row_1 AS MATERIALIZED "
     "(SELECT 50::integer AS id, 'moved'::text AS bio, users.id AS "
     "parallax_key_1, settings.user_id AS parallax_part_1_1, profiles.user_id "
     "AS parallax_part_2_1 FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id WHERE users.id = 1), parallax_write_2 AS (UPDATE accounts AS "
     "target SET id = parallax_row_1.id FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1), parallax_write_3 AS (UPDATE settings AS "
     "target SET user_id = parallax_row_1.id FROM parallax_row_1 WHERE "
     "target.user_id = parallax_row_1.parallax_part_1_1), parallax_write_4 AS "
     "(UPDATE profiles AS target SET user_id = parallax_row_1.id, bio = "
     "parallax_row_1.bio FROM parallax_row_1 WHERE target.user_id = "
     "parallax_row_1.parallax_part_2_1 AND COALESCE(parallax_row_1.bio IS NOT "
     "NULL, FALSE)), parallax_write_5 AS (DELETE FROM profiles AS target USING "
     "parallax_row_1 WHERE target.user_id = parallax_row_1.parallax_part_2_1 "
     "AND NOT COALESCE(parallax_row_1.bio IS NOT NULL, FALSE)), "
     "parallax_write_6 AS (INSERT INTO profiles (user_id, bio) SELECT "
     "parallax_row_1.id, parallax_row_1.bio FROM parallax_row_1 WHERE "
     "parallax_row_1.parallax_part_2_1 IS NULL AND COALESCE(parallax_row_1.bio "
     "IS NOT NULL, FALSE)) SELECT  FROM parallax_row_1"},
};

static const struct plan_row moves[] = {
    /* an update can move a row to another table */
    {"UPDATE orders SET state = 'done' WHERE state = 'new'",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT orders.id AS id, "
     "orders.user_id AS user_id, 'done'::text AS state, orders.total AS total, "
     "orders.parallax_key_1 AS parallax_key_1, orders.parallax_place AS "
     "parallax_place FROM (SELECT parallax_arm.* FROM (SELECT open.id AS id, "
     "open.user_id AS user_id, open.state AS state, open.total AS total, "
     "open.id AS parallax_key_1, 0 AS parallax_place FROM open FOR NO KEY "
     "UPDATE OF open) AS parallax_arm UNION ALL SELECT parallax_arm.* FROM "
     "(SELECT done.id AS id, done.user_id AS user_id, done.state AS state, "
     "done.total AS total, done.id AS parallax_key_1, 1 AS parallax_place FROM "
     "done FOR NO KEY UPDATE OF done) AS parallax_arm) AS orders WHERE "
     "orders.state = 'new'), parallax_write_2 AS (UPDATE open AS target SET "
     "state = parallax_row_1.state FROM parallax_row_1 WHERE (target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0) AND "
     "COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_3 AS "
     "(DELETE FROM open AS target USING parallax_row_1 WHERE (target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0) AND "
     "NOT COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_4 AS "
     "(INSERT INTO open (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE parallax_row_1.parallax_place <> 0 AND "
     "COALESCE(parallax_row_1.state = 'new', FALSE)), parallax_write_5 AS "
     "(UPDATE done AS target SET state = parallax_row_1.state FROM "
     "parallax_row_1 WHERE (target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 1) AND NOT COALESCE(parallax_row_1.state "
     "= 'new', FALSE)), parallax_write_6 AS (DELETE FROM done AS target USING "
     "parallax_row_1 WHERE (target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 1) AND NOT (NOT "
     "COALESCE(parallax_row_1.state = 'new', FALSE))), parallax_write_7 AS "
     "(INSERT INTO done (id, user_id, state, total) SELECT parallax_row_1.id, "
     "parallax_row_1.user_id, parallax_row_1.state, parallax_row_1.total FROM "
     "parallax_row_1 WHERE parallax_row_1.parallax_place <> 1 AND NOT "
     "COALESCE(parallax_row_1.state = 'new', FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"UPDATE orders SET total = 5 WHERE id = 1 RETURNING *",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT orders.id AS id, "
     "orders.user_id AS user_id, orders.state AS state, 5::integer AS total, "
     "orders.parallax_key_1 AS parallax_key_1, orders.parallax_place AS "
     "parallax_place FROM (SELECT parallax_arm.* FROM (SELECT open.id AS id, "
     "open.user_id AS user_id, open.state AS state, open.id AS parallax_key_1, "
     "0 AS parallax_place FROM open FOR NO KEY UPDATE OF open) AS parallax_arm "
     "UNION ALL SELECT parallax_arm.* FROM (SELECT done.id AS id, done.user_id "
     "AS user_id, done.state AS state, done.id AS parallax_key_1, 1 AS "
     "parallax_place FROM done FOR NO KEY UPDATE OF done) AS parallax_arm) AS "
     "orders WHERE orders.id = 1), parallax_write_2 AS (UPDATE open AS target "
     "SET total = parallax_row_1.total FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0), "
     "parallax_write_3 AS (UPDATE done AS target SET total = "
     "parallax_row_1.total FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 1) "
     "SELECT parallax_row_1.id AS id, parallax_row_1.user_id AS user_id, "
     "parallax_row_1.state AS state, parallax_row_1.total AS total FROM "
     "parallax_row_1"},
    {"UPDATE orders SET total = u.id FROM users u WHERE u.id = orders.user_id",
     "SELECT 1 FROM (SELECT open.id AS id, open.user_id AS user_id, open.state "
     "AS state, open.total AS total FROM open) AS orders, accounts AS u LEFT "
     "JOIN settings ON settings.user_id = u.id LEFT JOIN profiles ON "
     "profiles.user_id = u.id WHERE u.id = orders.user_id FOR NO KEY UPDATE OF "
     "orders ; SELECT 1 FROM (SELECT done.id AS id, done.user_id AS user_id, "
     "done.state AS state, done.total AS total FROM done) AS orders, accounts "
     "AS u LEFT JOIN settings ON settings.user_id = u.id LEFT JOIN profiles ON "
     "profiles.user_id = u.id WHERE u.id = orders.user_id FOR NO KEY UPDATE OF "
     "orders ; WITH parallax_row_1 AS MATERIALIZED (SELECT DISTINCT ON "
     "(orders.parallax_key_1, orders.parallax_place) u.id::integer AS total, "
     "orders.parallax_key_1 AS parallax_key_1, orders.parallax_place AS "
     "parallax_place FROM (SELECT open.user_id AS user_id, open.id AS "
     "parallax_key_1, 0 AS parallax_place FROM open UNION ALL SELECT "
     "done.user_id AS user_id, done.id AS parallax_key_1, 1 AS parallax_place "
     "FROM done) AS orders, accounts AS u WHERE u.id = orders.user_id), "
     "parallax_write_2 AS (UPDATE open AS target SET total = "
     "parallax_row_1.total FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0), "
     "parallax_write_3 AS (UPDATE done AS target SET total = "
     "parallax_row_1.total FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 1) "
     "SELECT  FROM parallax_row_1"},
    {"UPDATE cats SET name = 'Kit' WHERE id = 1",
     "UPDATE pets AS cats SET name = 'Kit' WHERE cats.kind = 'cat' AND cats.id "
     "= 1"},
    {"UPDATE cats SET id = id + 10 RETURNING *",
     "UPDATE pets AS cats SET id = cats.id + 10 WHERE cats.kind = 'cat' "
     "RETURNING cats.id AS id, cats.name AS name"},
    {"UPDATE cats SET name = t.label FROM tags t WHERE t.id = cats.id",
     "UPDATE pets AS cats SET name = t.label FROM tags AS t WHERE cats.kind = "
     "'cat' AND t.id = cats.id"},
    {"UPDATE homes SET street = 'x'", "UPDATE accounts AS homes SET street = "
				      "'x' WHERE homes.street IS NOT NULL"},
};

static const struct plan_row deletes[] = {
    /* each place loses its row, and an absorbed one its columns */
    {"DELETE FROM users WHERE id = 1",
     "SELECT 1 FROM accounts AS users LEFT JOIN settings ON settings.user_id = "
     "users.id LEFT JOIN profiles ON profiles.user_id = users.id WHERE "
     "users.id = 1 FOR UPDATE OF users ; WITH parallax_row_1 AS MATERIALIZED "
     "(SELECT users.id AS parallax_key_1, settings.user_id AS "
     "parallax_part_1_1, profiles.user_id AS parallax_part_2_1 FROM accounts "
     "AS users LEFT JOIN settings ON settings.user_id = users.id LEFT JOIN "
     "profiles ON profiles.user_id = users.id WHERE users.id = 1), "
     "parallax_write_2 AS (DELETE FROM settings AS target USING parallax_row_1 "
     "WHERE target.user_id = parallax_row_1.parallax_part_1_1), "
     "parallax_write_3 AS (DELETE FROM profiles AS target USING parallax_row_1 "
     "WHERE target.user_id = parallax_row_1.parallax_part_2_1), "
     "parallax_write_4 AS (DELETE FROM accounts AS target USING parallax_row_1 "
     "WHERE target.id = parallax_row_1.parallax_key_1) SELECT  FROM "
     "parallax_row_1"},
    {"DELETE FROM orders WHERE state = 'new'",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT orders.parallax_key_1 AS "
     "parallax_key_1, orders.parallax_place AS parallax_place FROM (SELECT "
     "parallax_arm.* FROM (SELECT open.state AS state, open.id AS "
     "parallax_key_1, 0 AS parallax_place FROM open FOR UPDATE OF open) AS "
     "parallax_arm UNION ALL SELECT parallax_arm.* FROM (SELECT done.state AS "
     "state, done.id AS parallax_key_1, 1 AS parallax_place FROM done FOR "
     "UPDATE OF done) AS parallax_arm) AS orders WHERE orders.state = 'new'), "
     "parallax_write_2 AS (DELETE FROM open AS target USING parallax_row_1 "
     "WHERE target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 0), parallax_write_3 AS (DELETE FROM "
     "done AS target USING parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 1) "
     "SELECT  FROM parallax_row_1"},
    {"DELETE FROM cats RETURNING name",
     "DELETE FROM pets AS cats WHERE cats.kind = 'cat' RETURNING cats.name"},
    {"DELETE FROM ONLY cats WHERE id = 1",
     "DELETE FROM ONLY pets AS cats WHERE cats.kind = 'cat' AND cats.id = 1"},
    {"DELETE FROM homes",
     "SELECT 1 FROM accounts AS homes WHERE homes.street IS NOT NULL FOR NO "
     "KEY UPDATE OF homes ; WITH parallax_row_1 AS MATERIALIZED (SELECT "
     "homes.id AS parallax_key_1 FROM accounts AS homes WHERE homes.street IS "
     "NOT NULL), parallax_write_2 AS (UPDATE accounts AS target SET street = "
     "DEFAULT FROM parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1) SELECT  FROM parallax_row_1"},
    {"DELETE FROM tags USING users u WHERE u.id = tags.user_id AND u.land = "
     "'FR'",
     "DELETE FROM tags USING accounts AS u WHERE u.id = tags.user_id AND "
     "u.land_id = (SELECT looked_up.id FROM public.lands AS looked_up WHERE "
     "looked_up.name = 'FR'::text)"},
    {"DELETE FROM tags WHERE id IN (SELECT id FROM users WHERE active)",
     "DELETE FROM tags WHERE tags.id IN (SELECT users.id FROM accounts AS "
     "users WHERE users.state = 'on')"},
    {"WITH w AS (DELETE FROM orders RETURNING id) DELETE FROM tags USING w "
     "WHERE w.id = tags.id",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT orders.id AS id, "
     "orders.parallax_key_1 AS parallax_key_1, orders.parallax_place AS "
     "parallax_place FROM (SELECT parallax_arm.* FROM (SELECT open.id AS id, "
     "open.id AS parallax_key_1, 0 AS parallax_place FROM open FOR UPDATE OF "
     "open) AS parallax_arm UNION ALL SELECT parallax_arm.* FROM (SELECT "
     "done.id AS id, done.id AS parallax_key_1, 1 AS parallax_place FROM done "
     "FOR UPDATE OF done) AS parallax_arm) AS orders), parallax_write_2 AS "
     "(DELETE FROM open AS target USING parallax_row_1 WHERE target.id = "
     "parallax_row_1.parallax_key_1 AND parallax_row_1.parallax_place = 0), "
     "parallax_write_3 AS (DELETE FROM done AS target USING parallax_row_1 "
     "WHERE target.id = parallax_row_1.parallax_key_1 AND "
     "parallax_row_1.parallax_place = 1), w AS (SELECT parallax_row_1.id FROM "
     "parallax_row_1) DELETE FROM tags USING w WHERE w.id = tags.id"},
};

static const struct plan_row self[] = {
    /* writes that read their own table, or write within WITH */
    {"UPDATE users a SET email = b.email FROM users b WHERE b.id = a.id + 1",
     "UPDATE accounts AS a SET mail = b.mail FROM accounts AS b WHERE b.id = "
     "a.id + 1"},
    {"UPDATE users SET price = (SELECT sum(total) FROM orders WHERE user_id = "
     "users.id)",
     "UPDATE accounts AS users SET cents = ((SELECT sum(orders.total) FROM "
     "(SELECT open.id AS id, open.user_id AS user_id, open.state AS state, "
     "open.total AS total FROM open UNION ALL SELECT done.id AS id, "
     "done.user_id AS user_id, done.state AS state, done.total AS total FROM "
     "done) AS orders WHERE orders.user_id = users.id)::numeric(10, 2) * "
     "100)::int8"},
    {"UPDATE users SET active = land = 'FR'",
     "UPDATE accounts AS users SET state = CASE ((SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = users.land_id) = "
     "'FR')::boolean WHEN TRUE THEN 'on' WHEN FALSE THEN 'off' END"},
    {"WITH i AS (INSERT INTO tags VALUES (70, 'x', 1) RETURNING user_id) "
     "UPDATE users SET email = 'hit' FROM i WHERE users.id = i.user_id "
     "RETURNING users.id",
     "WITH i AS (INSERT INTO tags VALUES (70, 'x', 1) RETURNING tags.user_id) "
     "UPDATE accounts AS users SET mail = 'hit' FROM i WHERE users.id = "
     "i.user_id RETURNING users.id"},
};

static void test_updates(void **state)
{
	(void)state;
	CHECK_PLANS(updates);
}

static void test_parts(void **state)
{
	(void)state;
	CHECK_PLANS(parts);
}

static void test_moves(void **state)
{
	(void)state;
	CHECK_PLANS(moves);
}

static void test_deletes(void **state)
{
	(void)state;
	CHECK_PLANS(deletes);
}

static void test_self(void **state)
{
	(void)state;
	CHECK_PLANS(self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_updates), cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_moves),   cmocka_unit_test(test_deletes),
	    cmocka_unit_test(test_self),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
