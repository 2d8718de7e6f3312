/* Expressions: (statement) -> its plan over the shop. */
#include "unit/lens/shop.h"

static const struct plan_row rows[] = {
    /* a table's row as one value */
    {"SELECT u FROM users u WHERE id = 1 AND price IS NULL",
     "SELECT ROW(u.id, u.mail, u.first || ' ' || u.last, CASE u.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END, u.cents / 100.0, "
     "NULL::integer, profiles.bio, settings.theme, (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = u.land_id), u.at)::record "
     "AS u FROM accounts AS u LEFT JOIN settings ON settings.user_id = u.id "
     "LEFT JOIN profiles ON profiles.user_id = u.id WHERE u.id = 1 AND "
     "(u.cents / 100.0) IS NULL"},
    {"SELECT count(u), count(DISTINCT u.id) FROM users u",
     "SELECT count((SELECT old_row FROM (SELECT u.id AS id, u.mail AS email, "
     "u.first || ' ' || u.last AS name, CASE u.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END AS active, u.cents / 100.0 AS price, NULL::integer "
     "AS flags, profiles.bio AS bio, settings.theme AS theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "u.land_id) AS land, u.at AS at) AS old_row)), count(DISTINCT u.id) FROM "
     "accounts AS u LEFT JOIN settings ON settings.user_id = u.id LEFT JOIN "
     "profiles ON profiles.user_id = u.id"},
    {"SELECT u IS NULL, u IS NOT NULL FROM users u",
     "SELECT ROW(u.id, u.mail, u.first || ' ' || u.last, CASE u.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END, u.cents / 100.0, "
     "NULL::integer, profiles.bio, settings.theme, (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = u.land_id), u.at)::record "
     "IS NULL, ROW(u.id, u.mail, u.first || ' ' || u.last, CASE u.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END, u.cents / 100.0, "
     "NULL::integer, profiles.bio, settings.theme, (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = u.land_id), u.at)::record "
     "IS NOT NULL FROM accounts AS u LEFT JOIN settings ON settings.user_id = "
     "u.id LEFT JOIN profiles ON profiles.user_id = u.id"},
    {"SELECT t, u IS NULL FROM tags t LEFT JOIN users u ON u.id = t.user_id "
     "WHERE u.id IS NULL",
     "SELECT t, CASE WHEN u.* IS DISTINCT FROM NULL THEN ROW(u.id, u.mail, "
     "u.first || ' ' || u.last, CASE u.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END, u.cents / 100.0, NULL::integer, profiles.bio, "
     "settings.theme, CASE WHEN u.* IS DISTINCT FROM NULL THEN (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "u.land_id) END, u.at)::record END IS NULL FROM tags AS t LEFT JOIN "
     "(accounts AS u LEFT JOIN settings ON settings.user_id = u.id LEFT JOIN "
     "profiles ON profiles.user_id = u.id) ON u.id = t.user_id WHERE u.id IS "
     "NULL"},
    {"SELECT row_to_json(c) FROM cats c",
     "SELECT row_to_json((SELECT old_row FROM (SELECT c.id AS id, c.name AS "
     "name) AS old_row)) FROM pets AS c WHERE c.kind = 'cat'"},
    {"SELECT to_jsonb(o) - 'total' FROM orders o ORDER BY o.id",
     "SELECT to_jsonb((SELECT old_row FROM (SELECT o.id AS id, o.user_id AS "
     "user_id, o.state AS state, o.total AS total) AS old_row)) - 'total' FROM "
     "(SELECT open.id AS id, open.user_id AS user_id, open.state AS state, "
     "open.total AS total FROM open UNION ALL SELECT done.id AS id, "
     "done.user_id AS user_id, done.state AS state, done.total AS total FROM "
     "done) AS o ORDER BY o.id"},
    {"SELECT json_agg(c.* ORDER BY c.id) FROM cats c",
     "SELECT json_agg((SELECT old_row FROM (SELECT c.id AS id, c.name AS name) "
     "AS old_row) ORDER BY c.id) FROM pets AS c WHERE c.kind = 'cat'"},
    {"SELECT c = d FROM cats c, cats d",
     "SELECT ROW(c.id, c.name)::record = ROW(d.id, d.name)::record FROM pets "
     "AS c, pets AS d WHERE c.kind = 'cat' AND d.kind = 'cat'"},
    {"SELECT c IN (SELECT d FROM cats d) FROM cats c",
     "SELECT COALESCE(ROW(c.id, c.name)::record) IN (SELECT ROW(d.id, "
     "d.name)::record AS d FROM pets AS d WHERE d.kind = 'cat') FROM pets AS c "
     "WHERE c.kind = 'cat'"},
    {"SELECT c::text FROM cats c", "SELECT ROW(c.id, c.name)::record::text AS "
				   "c FROM pets AS c WHERE c.kind = 'cat'"},
    {"SELECT (c).name, (c).* FROM cats c",
     "SELECT c.name, c.id AS id, c.name AS name FROM pets AS c WHERE c.kind = "
     "'cat'"},
    {"SELECT (s.c).name FROM (SELECT c FROM cats c) s",
     "!a field of a row from a sub-query"},
    {"SELECT ROW(c.*, 1) FROM cats c",
     "SELECT ROW(c.id, c.name, 1) FROM pets AS c WHERE c.kind = 'cat'"},
    {"SELECT ROW(u.id, u.email) FROM users u",
     "SELECT ROW(u.id, u.mail) FROM accounts AS u"},
    {"SELECT coalesce(o, o) IS NULL FROM orders o",
     "SELECT COALESCE(ROW(o.id, o.user_id, o.state, o.total)::record, "
     "ROW(o.id, o.user_id, o.state, o.total)::record) IS NULL FROM (SELECT "
     "open.id AS id, open.user_id AS user_id, open.state AS state, open.total "
     "AS total FROM open UNION ALL SELECT done.id AS id, done.user_id AS "
     "user_id, done.state AS state, done.total AS total FROM done) AS o"},
    {"SELECT t.user_id FROM tags t WHERE t IS NOT NULL", "="},
    {"SELECT (t).label FROM tags t, users u WHERE u.id = (t).user_id",
     "SELECT t.label FROM tags AS t, accounts AS u WHERE u.id = t.user_id"},
    {"SELECT row_to_json(s) FROM (SELECT email, bio FROM users) s",
     "SELECT row_to_json(s) FROM (SELECT users.mail AS email, profiles.bio "
     "FROM accounts AS users LEFT JOIN profiles ON profiles.user_id = "
     "users.id) AS s"},
    {"SELECT row_to_json(x) FROM old_users x",
     "SELECT row_to_json(x) FROM (SELECT users.id, users.mail AS email FROM "
     "public.accounts AS users WHERE users.state = 'on') AS x (id, email)"},
};

static const struct plan_row operators[] = {
    /* brackets stand where the column's expression needs them */
    {"SELECT name || '!' FROM users",
     "SELECT users.first || ' ' || users.last || '!' FROM accounts AS users"},
    {"SELECT lower(name) LIKE 'a%', name ILIKE '%lee', name ~ '^B', name "
     "SIMILAR TO 'A%' FROM users",
     "SELECT lower(users.first || ' ' || users.last) LIKE 'a%', (users.first "
     "|| ' ' || users.last) ILIKE '%lee', users.first || ' ' || users.last ~ "
     "'^B', (users.first || ' ' || users.last) SIMILAR TO 'A%' FROM accounts "
     "AS users"},
    {"SELECT price * 2, -price, price % 3, price ^ 2 FROM users",
     "SELECT users.cents / 100.0 * 2, - (users.cents / 100.0), users.cents / "
     "100.0 % 3, (users.cents / 100.0) ^ 2 FROM accounts AS users"},
    {"SELECT name COLLATE \"C\" FROM users",
     "SELECT (users.first || ' ' || users.last) COLLATE \"C\" AS name FROM "
     "accounts AS users"},
    {"SELECT at AT TIME ZONE 'UTC', at + interval '1 day', extract(year FROM "
     "at) FROM users",
     "SELECT users.at AT TIME ZONE 'UTC', users.at + '1 day'::interval, "
     "EXTRACT('year' FROM users.at) FROM accounts AS users"},
    {"SELECT price BETWEEN 1 AND 5, price NOT BETWEEN SYMMETRIC 5 AND 1 FROM "
     "users",
     "SELECT (users.cents / 100.0) BETWEEN 1 AND 5, (users.cents / 100.0) NOT "
     "BETWEEN SYMMETRIC 5 AND 1 FROM accounts AS users"},
    {"SELECT name IS DISTINCT FROM 'Bob Ray', name IS NOT NULL FROM users",
     "SELECT (users.first || ' ' || users.last) IS DISTINCT FROM 'Bob Ray', "
     "(users.first || ' ' || users.last) IS NOT NULL FROM accounts AS users"},
    {"SELECT (price)::int, CAST(price AS float8) FROM users",
     "SELECT (users.cents / 100.0)::integer AS price, (users.cents / "
     "100.0)::float8 AS price FROM accounts AS users"},
    {"SELECT name[1] FROM users",
     "SELECT (users.first || ' ' || users.last)[1] AS name FROM accounts AS "
     "users"},
    {"SELECT (string_to_array(name, ' '))[1:2] FROM users",
     "SELECT (string_to_array(users.first || ' ' || users.last, ' '))[1 : 2] "
     "FROM accounts AS users"},
    {"SELECT substring(name FROM 2 FOR 3), overlay(name PLACING 'x' FROM 1), "
     "trim(both 'A' FROM name), position('e' IN name) FROM users",
     "SELECT SUBSTRING((users.first || ' ' || users.last) FROM 2 FOR 3), "
     "OVERLAY((users.first || ' ' || users.last) PLACING 'x' FROM 1), "
     "TRIM(BOTH FROM users.first || ' ' || users.last, 'A'), POSITION('e' IN "
     "(users.first || ' ' || users.last)) FROM accounts AS users"},
    {"SELECT CASE active WHEN true THEN 'y' ELSE 'n' END, CASE WHEN price > 5 "
     "THEN bio END FROM users",
     "SELECT CASE CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END WHEN TRUE THEN 'y' ELSE 'n' END, CASE WHEN users.cents / 100.0 > 5 "
     "THEN profiles.bio END FROM accounts AS users LEFT JOIN profiles ON "
     "profiles.user_id = users.id"},
    {"SELECT coalesce(bio, theme), nullif(theme, 'dark'), least(price, 2), "
     "greatest(name, email) FROM users",
     "SELECT COALESCE(profiles.bio, settings.theme), NULLIF(settings.theme, "
     "'dark'), LEAST(users.cents / 100.0, 2), GREATEST(users.first || ' ' || "
     "users.last, users.mail) FROM accounts AS users LEFT JOIN settings ON "
     "settings.user_id = users.id LEFT JOIN profiles ON profiles.user_id = "
     "users.id"},
    {"SELECT NOT (active OR id = 2) AND price > 0 FROM users",
     "SELECT NOT (CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END OR users.id = 2) AND users.cents / 100.0 > 0 FROM accounts AS users"},
    {"SELECT (name || name) || email, price - (price - 1) FROM users",
     "SELECT users.first || ' ' || users.last || (users.first || ' ' || "
     "users.last) || users.mail, users.cents / 100.0 - (users.cents / 100.0 - "
     "1) FROM accounts AS users"},
    {"SELECT xmlelement(name x, name) FROM users",
     "SELECT XMLELEMENT(NAME x, users.first || ' ' || users.last) FROM "
     "accounts AS users"},
    {"SELECT ARRAY[name, email], ARRAY[[id, 1], [2, id]] FROM users",
     "SELECT ARRAY[users.first || ' ' || users.last, users.mail], "
     "ARRAY[ARRAY[users.id, 1], ARRAY[2, users.id]] FROM accounts AS users"},
    {"SELECT email = ANY (ARRAY['a@x', name]), id <> ALL ('{2,3}') FROM users",
     "SELECT users.mail = ANY (ARRAY['a@x', users.first || ' ' || "
     "users.last]), users.id <> ALL ('{2,3}') FROM accounts AS users"},
    {"SELECT current_user = 'postgres', session_user = current_user, "
     "current_schema FROM users",
     "SELECT CURRENT_USER = 'postgres', SESSION_USER = CURRENT_USER, "
     "CURRENT_SCHEMA FROM accounts AS users"},
    {"SELECT (SELECT u.name) FROM users u",
     "SELECT (SELECT u.first || ' ' || u.last AS name) FROM accounts AS u"},
    {"SELECT id FROM users WHERE ROW(id, name) > ROW(1, 'A')",
     "SELECT users.id FROM accounts AS users WHERE ROW(users.id, users.first "
     "|| ' ' || users.last) > ROW(1, 'A')"},
    {"SELECT id FROM users WHERE (id, name) IN ((1, 'Ann Lee'), (2, 'x'))",
     "SELECT users.id FROM accounts AS users WHERE (users.id, users.first || ' "
     "' || users.last) IN ((1, 'Ann Lee'), (2, 'x'))"},
    {"SELECT users.id FROM users WHERE (SELECT count(*) FROM tags WHERE "
     "users.id = tags.user_id AND label = email) = 1",
     "SELECT users.id FROM accounts AS users WHERE (SELECT count(*) FROM tags "
     "WHERE users.id = tags.user_id AND tags.label = users.mail) = 1"},
    {"SELECT format('%s/%s', VARIADIC ARRAY[name, email]) FROM users",
     "SELECT format('%s/%s', VARIADIC ARRAY[users.first || ' ' || users.last, "
     "users.mail]) FROM accounts AS users"},
    {"SELECT f.email FROM users f WHERE f.id = (SELECT min(id) FROM users)",
     "SELECT f.mail AS email FROM accounts AS f WHERE f.id = (SELECT "
     "min(users.id) FROM accounts AS users)"},
    {"SELECT sum(price) FILTER (WHERE active), count(*) FILTER (WHERE bio IS "
     "NULL) FROM users",
     "SELECT sum(users.cents / 100.0) FILTER (WHERE CASE users.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END), count(*) FILTER (WHERE "
     "profiles.bio IS NULL) FROM accounts AS users LEFT JOIN profiles ON "
     "profiles.user_id = users.id"},
    {"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM users",
     "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY users.cents / 100.0) "
     "FROM accounts AS users"},
    {"SELECT string_agg(name, ',' ORDER BY price DESC NULLS LAST, id) FROM "
     "users",
     "SELECT string_agg(users.first || ' ' || users.last, ',' ORDER BY "
     "users.cents / 100.0 DESC NULLS LAST, users.id) FROM accounts AS users"},
    {"SELECT make_interval(days => id), substr(string => name, start => 2) "
     "FROM users",
     "SELECT make_interval(days => users.id), substr(string => users.first || "
     "' ' || users.last, start => 2) FROM accounts AS users"},
    {"SELECT \"users\".\"id\" AS \"Id\", 'it''s', E'a\\\\tb', U&'\\0041', "
     "B'101', X'1F', 1e3, .5, 12345678901234567890 FROM users",
     "SELECT users.id AS \"Id\", 'it''s', E'a\\\\tb', 'A', B'101', X'1F', 1e3, "
     ".5, 12345678901234567890 FROM accounts AS users"},
};

static const struct plan_row fields[] = {
    /* functional notation, where no function takes the row */
    {"SELECT email(u), bio(u), flags(u) FROM users u",
     "SELECT u.mail AS email, profiles.bio, NULL::integer AS flags FROM "
     "accounts AS u LEFT JOIN profiles ON profiles.user_id = u.id"},
    {"SELECT u.lower FROM users u", "!\"u\" has no column \"lower\""},
    {"SELECT c.row_to_json FROM cats c",
     "!\"c\" has no column \"row_to_json\""},
    {"SELECT name(cats) FROM cats",
     "SELECT cats.name FROM pets AS cats WHERE cats.kind = 'cat'"},
    {"SELECT label(t.*) FROM tags t, cats",
     "SELECT t.label FROM tags AS t, pets AS cats WHERE cats.kind = 'cat'"},
    {"SELECT id(u), count(u) FROM users u GROUP BY u.id",
     "SELECT u.id, count((SELECT old_row FROM (SELECT u.id AS id, u.mail AS "
     "email, u.first || ' ' || u.last AS name, CASE u.state WHEN 'on' THEN "
     "TRUE WHEN 'off' THEN FALSE END AS active, u.cents / 100.0 AS price, "
     "NULL::integer AS flags, profiles.bio AS bio, settings.theme AS theme, "
     "(SELECT looked_up.name FROM public.lands AS looked_up WHERE looked_up.id "
     "= u.land_id) AS land, u.at AS at) AS old_row)) FROM accounts AS u LEFT "
     "JOIN settings ON settings.user_id = u.id LEFT JOIN profiles ON "
     "profiles.user_id = u.id GROUP BY u.id, u.mail, u.first || ' ' || u.last, "
     "CASE u.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END, u.cents / "
     "100.0, NULL::integer, profiles.bio, settings.theme, (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "u.land_id), u.at"},
    {"SELECT email(s) FROM (SELECT email FROM users) s",
     "SELECT s.email FROM (SELECT users.mail AS email FROM accounts AS users) "
     "AS s"},
    {"SELECT upper(email(u)) FROM users u WHERE active(u)",
     "SELECT upper(u.mail) FROM accounts AS u WHERE CASE u.state WHEN 'on' "
     "THEN TRUE WHEN 'off' THEN FALSE END"},
    {"SELECT to_json(email(u)), pg_typeof(u.price) FROM users u",
     "SELECT to_json(u.mail), pg_typeof(u.cents / 100.0) FROM accounts AS u"},
    {"SELECT street(h) FROM homes h",
     "SELECT h.street FROM accounts AS h WHERE h.street IS NOT NULL"},
    {"SELECT state(o) FROM orders o ORDER BY id(o)",
     "SELECT o.state FROM (SELECT open.id AS id, open.state AS state FROM open "
     "UNION ALL SELECT done.id AS id, done.state AS state FROM done) AS o "
     "ORDER BY o.id"},
};

static const struct plan_row row_types[] = {
    /* the old row's type is not there */
    {"SELECT u::users FROM users u", "!the row of \"u\" is cast to a type"},
    {"SELECT NULL::orders", "!the statement names the row type of \"orders\""},
    {"SELECT c::cats FROM cats c", "!the row of \"c\" is cast to a type"},
    {"SELECT (u::text) LIKE '(1,%' FROM users u",
     "SELECT ROW(u.id, u.mail, u.first || ' ' || u.last, CASE u.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END, u.cents / 100.0, "
     "NULL::integer, profiles.bio, settings.theme, (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = u.land_id), "
     "u.at)::record::text LIKE '(1,%' FROM accounts AS u LEFT JOIN settings ON "
     "settings.user_id = u.id LEFT JOIN profiles ON profiles.user_id = u.id"},
};

static void test_rows(void **state)
{
	(void)state;
	CHECK_PLANS(rows);
}

static void test_operators(void **state)
{
	(void)state;
	CHECK_PLANS(operators);
}

static void test_fields(void **state)
{
	(void)state;
	CHECK_PLANS(fields);
}

static void test_row_types(void **state)
{
	(void)state;
	CHECK_PLANS(row_types);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_operators),
	    cmocka_unit_test(test_fields),
	    cmocka_unit_test(test_row_types),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
