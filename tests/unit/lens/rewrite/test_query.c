/* Queries within queries, and row locks: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row queries[] = {
    /* WITH, set operations, sub-queries */
    {"WITH a AS (SELECT id, email AS mail FROM users) SELECT mail FROM a",
     "WITH a AS (SELECT users.id, users.mail AS mail FROM accounts AS users) "
     "SELECT a.mail FROM a"},
    {"WITH a (x, y) AS (SELECT id, email FROM users) SELECT y FROM a WHERE x = "
     "1",
     "WITH a(x, y) AS (SELECT users.id, users.mail AS email FROM accounts AS "
     "users) SELECT a.y FROM a WHERE a.x = 1"},
    {"WITH users AS (SELECT 5 AS id) SELECT id FROM users", "="},
    {"WITH a AS (SELECT 1 AS x), b AS (SELECT email, x FROM users, a) SELECT * "
     "FROM b",
     "WITH a AS (SELECT 1 AS x), b AS (SELECT users.mail AS email, a.x FROM "
     "accounts AS users, a) SELECT b.email AS email, b.x AS x FROM b"},
    {"WITH a AS MATERIALIZED (SELECT bio FROM users) SELECT * FROM a, a AS c",
     "WITH a AS MATERIALIZED (SELECT profiles.bio FROM accounts AS users LEFT "
     "JOIN profiles ON profiles.user_id = users.id) SELECT a.bio AS bio, c.bio "
     "AS bio FROM a, a AS c"},
    {"WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE "
     "i < 3) SELECT email FROM users JOIN n ON n.i = id",
     "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT n.i + 1 FROM n WHERE "
     "n.i < 3) SELECT users.mail AS email FROM accounts AS users JOIN n ON n.i "
     "= users.id"},
    {"WITH RECURSIVE n AS (SELECT id, user_id FROM orders WHERE id = 2 UNION "
     "SELECT o.id, o.user_id FROM orders o JOIN n ON o.id = n.user_id) SELECT "
     "* FROM n",
     "WITH RECURSIVE n AS (SELECT orders.id, orders.user_id FROM (SELECT "
     "open.id AS id, open.user_id AS user_id FROM open UNION ALL SELECT "
     "done.id AS id, done.user_id AS user_id FROM done) AS orders WHERE "
     "orders.id = 2 UNION SELECT o.id, o.user_id FROM (SELECT open.id AS id, "
     "open.user_id AS user_id FROM open UNION ALL SELECT done.id AS id, "
     "done.user_id AS user_id FROM done) AS o JOIN n ON o.id = n.user_id) "
     "SELECT n.id AS id, n.user_id AS user_id FROM n"},
    {"WITH RECURSIVE n AS (SELECT id, email FROM users WHERE id = 1 UNION ALL "
     "SELECT u.id, u.email FROM users u, n WHERE u.id = n.id + 1) SEARCH DEPTH "
     "FIRST BY id SET o SELECT id, email FROM n ORDER BY o",
     "WITH RECURSIVE n AS (SELECT users.id, users.mail AS email FROM accounts "
     "AS users WHERE users.id = 1 UNION ALL SELECT u.id, u.mail AS email FROM "
     "accounts AS u, n WHERE u.id = n.id + 1) SEARCH DEPTH FIRST BY id SET o "
     "SELECT n.id, n.email FROM n ORDER BY n.o"},
    {"WITH RECURSIVE n AS (SELECT id FROM users WHERE id = 1 UNION ALL SELECT "
     "u.id FROM users u, n WHERE u.id = n.id) CYCLE id SET c USING p SELECT "
     "id, c FROM n",
     "WITH RECURSIVE n AS (SELECT users.id FROM accounts AS users WHERE "
     "users.id = 1 UNION ALL SELECT u.id FROM accounts AS u, n WHERE u.id = "
     "n.id) CYCLE id SET c TO TRUE DEFAULT FALSE USING p SELECT n.id, n.c FROM "
     "n"},
    {"WITH a AS (SELECT id FROM users) SELECT (WITH a AS (SELECT label FROM "
     "tags) SELECT max(label) FROM a), id FROM a",
     "WITH a AS (SELECT users.id FROM accounts AS users) SELECT (WITH a AS "
     "(SELECT tags.label FROM tags) SELECT max(a_1.label) FROM a AS a_1), a.id "
     "FROM a"},
    {"SELECT email FROM users UNION SELECT label FROM tags WHERE label IS NOT "
     "NULL",
     "SELECT users.mail AS email FROM accounts AS users UNION SELECT "
     "tags.label FROM tags WHERE tags.label IS NOT NULL"},
    {"SELECT id FROM users UNION ALL SELECT id FROM cats UNION ALL SELECT id "
     "FROM orders ORDER BY 1",
     "SELECT users.id FROM accounts AS users UNION ALL SELECT cats.id FROM "
     "pets AS cats WHERE cats.kind = 'cat' UNION ALL SELECT orders.id FROM "
     "(SELECT open.id AS id FROM open UNION ALL SELECT done.id AS id FROM "
     "done) AS orders ORDER BY 1"},
    {"SELECT active FROM users EXCEPT SELECT true",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS users EXCEPT SELECT TRUE"},
    {"SELECT email AS e FROM users UNION SELECT 'z' ORDER BY e DESC LIMIT 2",
     "SELECT users.mail AS e FROM accounts AS users UNION SELECT 'z' ORDER BY "
     "e DESC LIMIT 2"},
    {"SELECT id FROM users INTERSECT ALL (SELECT id FROM tags EXCEPT SELECT 2)",
     "SELECT users.id FROM accounts AS users INTERSECT ALL (SELECT tags.id "
     "FROM tags EXCEPT SELECT 2)"},
    {"SELECT DISTINCT email, active FROM users ORDER BY email",
     "SELECT DISTINCT users.mail AS email, CASE users.state WHEN 'on' THEN "
     "TRUE WHEN 'off' THEN FALSE END AS active FROM accounts AS users ORDER BY "
     "email"},
    {"SELECT DISTINCT ON (o.user_id) o.user_id, o.id FROM orders o ORDER BY "
     "o.user_id, o.id DESC",
     "SELECT DISTINCT ON (o.user_id) o.user_id, o.id FROM (SELECT open.id AS "
     "id, open.user_id AS user_id FROM open UNION ALL SELECT done.id AS id, "
     "done.user_id AS user_id FROM done) AS o ORDER BY o.user_id, o.id DESC"},
    {"SELECT id FROM users LIMIT 1 OFFSET 1",
     "SELECT users.id FROM accounts AS users OFFSET 1 LIMIT 1"},
    {"SELECT id FROM users ORDER BY id FETCH FIRST 2 ROWS WITH TIES",
     "SELECT users.id FROM accounts AS users ORDER BY id FETCH FIRST (2) ROWS "
     "WITH TIES"},
    {"SELECT name, rank() OVER (ORDER BY price DESC) FROM users",
     "SELECT users.first || ' ' || users.last AS name, rank() OVER (ORDER BY "
     "users.cents / 100.0 DESC) FROM accounts AS users"},
    {"SELECT sum(price) OVER (PARTITION BY active ORDER BY id ROWS 1 "
     "PRECEDING) FROM users",
     "SELECT sum(users.cents / 100.0) OVER (PARTITION BY CASE users.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END ORDER BY users.id ROWS 1 "
     "PRECEDING) FROM accounts AS users"},
    {"SELECT id, lag(email) OVER w FROM users WINDOW w AS (ORDER BY id)",
     "SELECT users.id, lag(users.mail) OVER w FROM accounts AS users WINDOW w "
     "AS (ORDER BY users.id)"},
    {"SELECT id FROM users WHERE id IN (SELECT user_id FROM orders WHERE state "
     "= 'new')",
     "SELECT users.id FROM accounts AS users WHERE users.id IN (SELECT "
     "orders.user_id FROM (SELECT open.user_id AS user_id, open.state AS state "
     "FROM open UNION ALL SELECT done.user_id AS user_id, done.state AS state "
     "FROM done) AS orders WHERE orders.state = 'new')"},
    {"SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE "
     "user_id IS NOT NULL)",
     "SELECT users.id FROM accounts AS users WHERE NOT (users.id IN (SELECT "
     "orders.user_id FROM (SELECT open.user_id AS user_id FROM open UNION ALL "
     "SELECT done.user_id AS user_id FROM done) AS orders WHERE orders.user_id "
     "IS NOT NULL))"},
    {"SELECT id FROM users u WHERE price > ALL (SELECT o.total / 100 FROM "
     "orders o WHERE o.user_id = u.id)",
     "SELECT u.id FROM accounts AS u WHERE (u.cents / 100.0) > ALL (SELECT "
     "o.total / 100 FROM (SELECT open.user_id AS user_id, open.total AS total "
     "FROM open UNION ALL SELECT done.user_id AS user_id, done.total AS total "
     "FROM done) AS o WHERE o.user_id = u.id)"},
    {"SELECT ARRAY(SELECT email FROM users ORDER BY id)",
     "SELECT ARRAY(SELECT users.mail AS email FROM accounts AS users ORDER BY "
     "users.id)"},
    {"SELECT id, (SELECT count(*) FROM cats WHERE cats.id <= users.id) FROM "
     "users",
     "SELECT users.id, (SELECT count(*) FROM pets AS cats WHERE cats.kind = "
     "'cat' AND cats.id <= users.id) FROM accounts AS users"},
    {"SELECT (SELECT ROW(id, email) FROM users WHERE id = 1)",
     "SELECT (SELECT ROW(users.id, users.mail) FROM accounts AS users WHERE "
     "users.id = 1)"},
    {"SELECT id FROM users WHERE (SELECT active)",
     "SELECT users.id FROM accounts AS users WHERE (SELECT CASE users.state "
     "WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS active)"},
    {"SELECT id FROM users ORDER BY (SELECT max(total) FROM orders WHERE "
     "user_id = users.id) NULLS FIRST, id",
     "SELECT users.id FROM accounts AS users ORDER BY (SELECT "
     "max(orders.total) FROM (SELECT open.user_id AS user_id, open.total AS "
     "total FROM open UNION ALL SELECT done.user_id AS user_id, done.total AS "
     "total FROM done) AS orders WHERE orders.user_id = users.id) NULLS FIRST, "
     "id"},
    {"VALUES (1, (SELECT email FROM users WHERE id = 2))",
     "VALUES (1, (SELECT users.mail AS email FROM accounts AS users WHERE "
     "users.id = 2))"},
    {"SELECT", "="},
    {"SELECT FROM users", "SELECT  FROM accounts AS users"},
    {"SELECT email FROM (TABLE users) t",
     "SELECT t.email FROM (SELECT users.id AS id, users.mail AS email, "
     "users.first || ' ' || users.last AS name, CASE users.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END AS active, users.cents / 100.0 AS "
     "price, NULL::integer AS flags, profiles.bio AS bio, settings.theme AS "
     "theme, (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = users.land_id) AS land, users.at AS at FROM accounts AS "
     "users LEFT JOIN settings ON settings.user_id = users.id LEFT JOIN "
     "profiles ON profiles.user_id = users.id) AS t"},
    {"SELECT email INTO TEMP kept FROM users",
     "SELECT users.mail AS email INTO TEMPORARY TABLE kept FROM accounts AS "
     "users"},
};

static const struct plan_row locks[] = {
    /* row locks go to the anchors, or into the derived table; a query whose rows cannot be locked is left to the server, which refuses it */
    {"SELECT id FROM users FOR UPDATE",
     "SELECT users.id FROM accounts AS users FOR UPDATE OF users"},
    {"SELECT id FROM users FOR NO KEY UPDATE NOWAIT",
     "SELECT users.id FROM accounts AS users FOR NO KEY UPDATE OF users "
     "NOWAIT"},
    {"SELECT bio FROM users FOR UPDATE",
     "SELECT profiles.bio FROM accounts AS users LEFT JOIN profiles ON "
     "profiles.user_id = users.id FOR UPDATE OF users"},
    {"SELECT id FROM users, tags FOR SHARE", "!column \"id\" is ambiguous"},
    {"SELECT users.id FROM users, tags FOR SHARE OF tags",
     "SELECT users.id FROM accounts AS users, tags FOR SHARE OF tags"},
    {"SELECT u.id FROM users u JOIN tags t ON t.user_id = u.id FOR UPDATE OF t "
     "FOR SHARE OF u",
     "SELECT u.id FROM accounts AS u JOIN tags AS t ON t.user_id = u.id FOR "
     "UPDATE OF t FOR SHARE OF u"},
    {"SELECT id FROM orders FOR UPDATE SKIP LOCKED",
     "SELECT orders.id FROM (SELECT parallax_arm.* FROM (SELECT open.id AS id "
     "FROM open FOR UPDATE OF open SKIP LOCKED) AS parallax_arm UNION ALL "
     "SELECT parallax_arm.* FROM (SELECT done.id AS id FROM done FOR UPDATE OF "
     "done SKIP LOCKED) AS parallax_arm) AS orders"},
    {"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id FOR UPDATE OF "
     "o",
     "SELECT o.id FROM (SELECT parallax_arm.* FROM (SELECT open.id AS id, "
     "open.user_id AS user_id FROM open FOR UPDATE OF open) AS parallax_arm "
     "UNION ALL SELECT parallax_arm.* FROM (SELECT done.id AS id, done.user_id "
     "AS user_id FROM done FOR UPDATE OF done) AS parallax_arm) AS o JOIN "
     "accounts AS u ON u.id = o.user_id"},
    {"SELECT id FROM cats FOR KEY SHARE",
     "SELECT cats.id FROM pets AS cats WHERE cats.kind = 'cat' FOR KEY SHARE"},
    {"SELECT street FROM homes FOR UPDATE",
     "SELECT homes.street FROM accounts AS homes WHERE homes.street IS NOT "
     "NULL FOR UPDATE"},
    {"SELECT s.id FROM (SELECT id FROM users) s FOR UPDATE",
     "SELECT s.id FROM (SELECT users.id FROM accounts AS users) AS s FOR "
     "UPDATE"},
    {"SELECT s.id FROM (SELECT id FROM users FOR UPDATE) s",
     "SELECT s.id FROM (SELECT users.id FROM accounts AS users FOR UPDATE OF "
     "users) AS s"},
    {"SELECT id FROM orders GROUP BY id FOR UPDATE",
     "SELECT orders.id FROM (SELECT open.id AS id FROM open UNION ALL SELECT "
     "done.id AS id FROM done) AS orders GROUP BY orders.id FOR UPDATE"},
    {"SELECT DISTINCT id FROM orders FOR UPDATE",
     "SELECT DISTINCT orders.id FROM (SELECT open.id AS id FROM open UNION ALL "
     "SELECT done.id AS id FROM done) AS orders FOR UPDATE"},
    {"SELECT count(*) FROM orders FOR UPDATE",
     "SELECT count(*) FROM (SELECT open.id AS id FROM open UNION ALL SELECT "
     "done.id AS id FROM done) AS orders FOR UPDATE"},
    {"SELECT count(*) FROM users FOR UPDATE",
     "SELECT count(*) FROM accounts AS users FOR UPDATE"},
    {"SELECT rank() OVER (ORDER BY id) FROM orders FOR UPDATE",
     "SELECT rank() OVER (ORDER BY orders.id) FROM (SELECT open.id AS id FROM "
     "open UNION ALL SELECT done.id AS id FROM done) AS orders FOR UPDATE"},
    {"SELECT generate_series(1, 2) FROM orders FOR UPDATE",
     "SELECT generate_series(1, 2) FROM (SELECT open.id AS id FROM open UNION "
     "ALL SELECT done.id AS id FROM done) AS orders FOR UPDATE"},
    {"SELECT id FROM orders UNION SELECT id FROM orders FOR UPDATE",
     "SELECT orders.id FROM (SELECT open.id AS id FROM open UNION ALL SELECT "
     "done.id AS id FROM done) AS orders UNION SELECT orders.id FROM (SELECT "
     "open.id AS id FROM open UNION ALL SELECT done.id AS id FROM done) AS "
     "orders FOR UPDATE"},
    {"SELECT o.id FROM tags t LEFT JOIN orders o ON o.id = t.id FOR UPDATE",
     "SELECT o.id FROM tags AS t LEFT JOIN (SELECT open.id AS id FROM open "
     "UNION ALL SELECT done.id AS id FROM done) AS o ON o.id = t.id FOR UPDATE "
     "OF t, o"},
    {"SELECT o.id FROM tags t LEFT JOIN orders o ON o.id = t.id FOR UPDATE OF "
     "o",
     "SELECT o.id FROM tags AS t LEFT JOIN (SELECT open.id AS id FROM open "
     "UNION ALL SELECT done.id AS id FROM done) AS o ON o.id = t.id FOR UPDATE "
     "OF o"},
    {"SELECT id FROM users FOR UPDATE OF nosuch",
     "!FOR UPDATE OF names an unknown table"},
    {"WITH a AS (SELECT id FROM users) SELECT * FROM a FOR UPDATE",
     "WITH a AS (SELECT users.id FROM accounts AS users) SELECT a.id AS id "
     "FROM a FOR UPDATE"},
    {"SELECT id FROM old_users FOR UPDATE",
     "SELECT old_users.id FROM (SELECT users.id, users.mail AS email FROM "
     "public.accounts AS users WHERE users.state = 'on') AS old_users (id, "
     "email) FOR UPDATE"},
};

static const struct plan_row nested[] = {
    /* joins of joins, sub-queries at each place */
    {"SELECT id FROM users a JOIN users b USING (id, email) JOIN orders USING "
     "(id)",
     "SELECT a.id FROM accounts AS a JOIN accounts AS b ON a.id = b.id AND "
     "a.mail = b.mail JOIN (SELECT open.id AS id FROM open UNION ALL SELECT "
     "done.id AS id FROM done) AS orders ON a.id = orders.id"},
    {"SELECT bio FROM users a FULL JOIN users b USING (bio)",
     "SELECT COALESCE(profiles.bio, profiles_1.bio) AS bio FROM accounts AS a "
     "LEFT JOIN profiles ON profiles.user_id = a.id FULL JOIN (accounts AS b "
     "LEFT JOIN profiles AS profiles_1 ON profiles_1.user_id = b.id) ON "
     "profiles.bio = profiles_1.bio"},
    {"SELECT theme, count(*) FROM users a LEFT JOIN users b USING (theme) "
     "GROUP BY theme",
     "SELECT settings.theme, count(*) FROM accounts AS a LEFT JOIN settings ON "
     "settings.user_id = a.id LEFT JOIN (accounts AS b LEFT JOIN settings AS "
     "settings_1 ON settings_1.user_id = b.id) ON settings.theme = "
     "settings_1.theme GROUP BY settings.theme"},
    {"SELECT a.id FROM users a LEFT JOIN (users b JOIN orders o ON o.user_id = "
     "b.id) ON a.id = b.id AND o.state = 'new'",
     "SELECT a.id FROM accounts AS a LEFT JOIN (accounts AS b JOIN (SELECT "
     "open.user_id AS user_id, open.state AS state FROM open UNION ALL SELECT "
     "done.user_id AS user_id, done.state AS state FROM done) AS o ON "
     "o.user_id = b.id) ON a.id = b.id AND o.state = 'new'"},
    {"SELECT a.bio, b.bio FROM users a LEFT JOIN users b ON a.id = b.id + 1 "
     "WHERE b.bio IS NULL",
     "SELECT profiles.bio, profiles_1.bio FROM accounts AS a LEFT JOIN "
     "profiles ON profiles.user_id = a.id LEFT JOIN (accounts AS b LEFT JOIN "
     "profiles AS profiles_1 ON profiles_1.user_id = b.id) ON a.id = b.id + 1 "
     "WHERE profiles_1.bio IS NULL"},
    {"SELECT a.active, b.active FROM users a LEFT JOIN users b ON a.id = b.id "
     "+ 1",
     "SELECT CASE a.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, CASE b.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active FROM accounts AS a LEFT JOIN accounts AS b ON a.id = b.id + 1"},
    {"SELECT a.flags, b.flags, b.price FROM users a LEFT JOIN users b ON false",
     "SELECT NULL::integer AS flags, NULL::integer AS flags, b.cents / 100.0 "
     "AS price FROM accounts AS a LEFT JOIN accounts AS b ON FALSE"},
    {"SELECT c.name, d.name FROM cats c LEFT JOIN cats d ON d.id = c.id + 1",
     "SELECT c.name, d.name FROM pets AS c LEFT JOIN pets AS d ON d.id = c.id "
     "+ 1 AND d.kind = 'cat' WHERE c.kind = 'cat'"},
    {"SELECT c.name, d.name FROM cats c RIGHT JOIN cats d ON d.id = c.id + 1 "
     "FULL JOIN tags t ON t.id = d.id",
     "SELECT c.name, d.name FROM (SELECT pets.id AS id, pets.name AS name FROM "
     "pets WHERE pets.kind = 'cat') AS c RIGHT JOIN (SELECT pets.id AS id, "
     "pets.name AS name FROM pets WHERE pets.kind = 'cat') AS d ON d.id = c.id "
     "+ 1 FULL JOIN tags AS t ON t.id = d.id"},
    {"SELECT count(*) FROM orders a FULL JOIN orders b ON a.id = b.user_id",
     "SELECT count(*) FROM (SELECT open.id AS id FROM open UNION ALL SELECT "
     "done.id AS id FROM done) AS a FULL JOIN (SELECT open.user_id AS user_id "
     "FROM open UNION ALL SELECT done.user_id AS user_id FROM done) AS b ON "
     "a.id = b.user_id"},
    {"SELECT h.street, u.email FROM users u LEFT JOIN homes h ON h.user_id = "
     "u.id",
     "SELECT h.street, u.mail AS email FROM accounts AS u LEFT JOIN accounts "
     "AS h ON h.id = u.id AND h.street IS NOT NULL"},
    {"SELECT DISTINCT u.active FROM users u JOIN orders o ON o.user_id = u.id",
     "SELECT DISTINCT CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END AS active FROM accounts AS u JOIN (SELECT open.user_id AS user_id "
     "FROM open UNION ALL SELECT done.user_id AS user_id FROM done) AS o ON "
     "o.user_id = u.id"},
    {"SELECT active, array_agg(id ORDER BY email) FROM users GROUP BY active "
     "HAVING bool_or(bio IS NOT NULL) ORDER BY active NULLS FIRST",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, array_agg(users.id ORDER BY users.mail) FROM accounts AS users "
     "LEFT JOIN profiles ON profiles.user_id = users.id GROUP BY CASE "
     "users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END HAVING "
     "bool_or(profiles.bio IS NOT NULL) ORDER BY active NULLS FIRST"},
    {"SELECT * FROM (SELECT id, rank() OVER (PARTITION BY active ORDER BY "
     "price DESC NULLS LAST) AS r FROM users) s WHERE r = 1",
     "SELECT s.id AS id, s.r AS r FROM (SELECT users.id, rank() OVER "
     "(PARTITION BY CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END ORDER BY users.cents / 100.0 DESC NULLS LAST) AS r FROM accounts AS "
     "users) AS s WHERE s.r = 1"},
    {"SELECT lag(name, 1, 'none') OVER (ORDER BY id), first_value(bio) OVER w "
     "FROM users WINDOW w AS (PARTITION BY active ORDER BY id)",
     "SELECT lag(users.first || ' ' || users.last, 1, 'none') OVER (ORDER BY "
     "users.id), first_value(profiles.bio) OVER w FROM accounts AS users LEFT "
     "JOIN profiles ON profiles.user_id = users.id WINDOW w AS (PARTITION BY "
     "CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END ORDER BY "
     "users.id)"},
    {"WITH a AS (SELECT id, land FROM users), b AS (SELECT land, count(*) AS n "
     "FROM a GROUP BY land) SELECT a.id, b.n FROM a LEFT JOIN b USING (land)",
     "WITH a AS (SELECT users.id, (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = users.land_id) AS land FROM accounts AS "
     "users), b AS (SELECT a.land, count(*) AS n FROM a GROUP BY a.land) "
     "SELECT a.id, b.n FROM a LEFT JOIN b ON a.land = b.land"},
    {"WITH RECURSIVE t (i, n) AS (SELECT id, name FROM users WHERE id = 1 "
     "UNION ALL SELECT u.id, t.n || u.name FROM users u JOIN t ON u.id = t.i + "
     "1) SELECT * FROM t",
     "WITH RECURSIVE t(i, n) AS (SELECT users.id, users.first || ' ' || "
     "users.last AS name FROM accounts AS users WHERE users.id = 1 UNION ALL "
     "SELECT u.id, t.n || (u.first || ' ' || u.last) FROM accounts AS u JOIN t "
     "ON u.id = t.i + 1) SELECT t.i AS i, t.n AS n FROM t"},
    {"SELECT (SELECT (SELECT u.name || o.state) FROM orders o WHERE o.user_id "
     "= u.id LIMIT 1) FROM users u WHERE id = 2",
     "SELECT (SELECT (SELECT u.first || ' ' || u.last || o.state) FROM (SELECT "
     "open.user_id AS user_id, open.state AS state FROM open UNION ALL SELECT "
     "done.user_id AS user_id, done.state AS state FROM done) AS o WHERE "
     "o.user_id = u.id LIMIT 1) FROM accounts AS u WHERE u.id = 2"},
    {"SELECT EXISTS (SELECT 1 FROM users a WHERE a.bio = b.label) FROM tags b",
     "SELECT EXISTS (SELECT 1 FROM accounts AS a LEFT JOIN profiles ON "
     "profiles.user_id = a.id WHERE profiles.bio = b.label) FROM tags AS b"},
    {"SELECT id FROM users WHERE bio IN (SELECT bio FROM users WHERE theme = "
     "'dark') OR theme IN ('light')",
     "SELECT users.id FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id WHERE profiles.bio IN (SELECT profiles_1.bio FROM accounts AS "
     "users_1 LEFT JOIN settings AS settings_1 ON settings_1.user_id = "
     "users_1.id LEFT JOIN profiles AS profiles_1 ON profiles_1.user_id = "
     "users_1.id WHERE settings_1.theme = 'dark') OR settings.theme IN "
     "('light')"},
    {"SELECT id FROM users WHERE (bio, theme) = ('likes', 'dark')",
     "SELECT users.id FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id WHERE (profiles.bio, settings.theme) = ('likes', 'dark')"},
    {"SELECT id FROM users WHERE (bio, theme) IS NOT NULL",
     "SELECT users.id FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id WHERE (profiles.bio, settings.theme) IS NOT NULL"},
    {"SELECT id FROM users ORDER BY bio NULLS LAST, theme DESC LIMIT 2 OFFSET "
     "0",
     "SELECT users.id FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id ORDER BY profiles.bio NULLS LAST, settings.theme DESC OFFSET 0 "
     "LIMIT 2"},
    {"SELECT id FROM users WHERE price = 12.5 AND price::text LIKE '12%'",
     "SELECT users.id FROM accounts AS users WHERE users.cents / 100.0 = 12.5 "
     "AND (users.cents / 100.0)::text LIKE '12%'"},
    {"SELECT id FROM users WHERE active IS NULL OR active",
     "SELECT users.id FROM accounts AS users WHERE CASE users.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END IS NULL OR users.state = 'on'"},
    {"SELECT id FROM users WHERE NOT (active AND bio IS NULL)",
     "SELECT users.id FROM accounts AS users LEFT JOIN profiles ON "
     "profiles.user_id = users.id WHERE NOT (CASE users.state WHEN 'on' THEN "
     "TRUE WHEN 'off' THEN FALSE END AND profiles.bio IS NULL)"},
    {"SELECT count(*) FROM users WHERE active = (SELECT active FROM users "
     "WHERE id = 1)",
     "SELECT count(*) FROM accounts AS users WHERE CASE users.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END = (SELECT CASE users_1.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END AS active FROM accounts AS "
     "users_1 WHERE users_1.id = 1)"},
    {"SELECT id, CASE WHEN active THEN land ELSE bio END AS x FROM users ORDER "
     "BY x",
     "SELECT users.id, CASE WHEN CASE users.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END THEN (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = users.land_id) ELSE profiles.bio END AS x "
     "FROM accounts AS users LEFT JOIN profiles ON profiles.user_id = users.id "
     "ORDER BY x"},
    {"SELECT coalesce(sum(price) FILTER (WHERE active), 0) FROM users WHERE "
     "false",
     "SELECT COALESCE(sum(users.cents / 100.0) FILTER (WHERE CASE users.state "
     "WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END), 0) FROM accounts AS "
     "users WHERE FALSE"},
    {"SELECT land, name FROM users UNION SELECT name, land FROM users ORDER BY "
     "land, name",
     "SELECT (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = users.land_id) AS land, users.first || ' ' || users.last "
     "AS name FROM accounts AS users UNION SELECT users.first || ' ' || "
     "users.last AS name, (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = users.land_id) AS land FROM accounts AS "
     "users ORDER BY land, name"},
    {"(SELECT id FROM users EXCEPT SELECT user_id FROM orders) UNION ALL "
     "(SELECT id FROM cats INTERSECT SELECT id FROM tags)",
     "SELECT users.id FROM accounts AS users EXCEPT SELECT orders.user_id FROM "
     "(SELECT open.user_id AS user_id FROM open UNION ALL SELECT done.user_id "
     "AS user_id FROM done) AS orders UNION ALL (SELECT cats.id FROM pets AS "
     "cats WHERE cats.kind = 'cat' INTERSECT SELECT tags.id FROM tags)"},
    {"SELECT json_object_agg(id, bio) FROM users",
     "SELECT json_object_agg(users.id, profiles.bio) FROM accounts AS users "
     "LEFT JOIN profiles ON profiles.user_id = users.id"},
    {"SELECT to_json(u) -> 'land' FROM users u",
     "SELECT to_json((SELECT old_row FROM (SELECT u.id AS id, u.mail AS email, "
     "u.first || ' ' || u.last AS name, CASE u.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END AS active, u.cents / 100.0 AS price, NULL::integer "
     "AS flags, profiles.bio AS bio, settings.theme AS theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "u.land_id) AS land, u.at AS at) AS old_row)) -> 'land' FROM accounts AS "
     "u LEFT JOIN settings ON settings.user_id = u.id LEFT JOIN profiles ON "
     "profiles.user_id = u.id"},
    {"SELECT u.land, (u).theme FROM users AS u (id, mail)",
     "SELECT (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = u.land_id) AS land, settings.theme FROM accounts AS u "
     "LEFT JOIN settings ON settings.user_id = u.id"},
    {"SELECT mail FROM users AS u (id, mail) WHERE u.mail = 'a@x'",
     "SELECT u.mail FROM accounts AS u WHERE u.mail = 'a@x'"},
    {"SELECT DISTINCT ON (u.active) u.active, u.bio FROM users u ORDER BY "
     "u.active, u.price DESC NULLS LAST",
     "SELECT DISTINCT ON (CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END) CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, profiles.bio FROM accounts AS u LEFT JOIN profiles ON "
     "profiles.user_id = u.id ORDER BY CASE u.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END, u.cents / 100.0 DESC NULLS LAST"},
};

static void test_queries(void **state)
{
	(void)state;
	CHECK_PLANS(queries);
}

static void test_locks(void **state)
{
	(void)state;
	CHECK_PLANS(locks);
}

static void test_nested(void **state)
{
	(void)state;
	CHECK_PLANS(nested);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_queries),
	    cmocka_unit_test(test_locks),
	    cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
