/*
 * GROUP BY: (statement) -> its plan over the shop. The columns that an old key determines
 * are grouped too where the new server cannot know it.
 */
#include "unit/lens/shop.h"

static const struct plan_row groups[] = {
    /* a key of the old table determines its row, whatever the new key is */
    {"SELECT count(*) FROM users HAVING count(active) > 1",
     "SELECT count(*) FROM accounts AS users HAVING count(CASE users.state "
     "WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END) > 1"},
    {"SELECT active, count(*) FROM users GROUP BY active",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, count(*) FROM accounts AS users GROUP BY CASE users.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END"},
    {"SELECT active AS a, count(*) FROM users GROUP BY a",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "a, count(*) FROM accounts AS users GROUP BY 1"},
    {"SELECT active AS email, count(*) FROM users GROUP BY email",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "email, count(*) FROM accounts AS users GROUP BY users.mail"},
    {"SELECT lower(name), count(*) FROM users GROUP BY lower(name)",
     "SELECT lower(users.first || ' ' || users.last), count(*) FROM accounts "
     "AS users GROUP BY lower(users.first || ' ' || users.last)"},
    {"SELECT id, bio FROM users GROUP BY id, bio",
     "SELECT users.id, profiles.bio FROM accounts AS users LEFT JOIN profiles "
     "ON profiles.user_id = users.id GROUP BY users.id, profiles.bio"},
    {"SELECT u.id, u.email, count(o.id) FROM users u LEFT JOIN orders o ON "
     "o.user_id = u.id GROUP BY u.id",
     "SELECT u.id, u.mail AS email, count(o.id) FROM accounts AS u LEFT JOIN "
     "(SELECT open.id AS id, open.user_id AS user_id FROM open UNION ALL "
     "SELECT done.id AS id, done.user_id AS user_id FROM done) AS o ON "
     "o.user_id = u.id GROUP BY u.id, u.mail"},
    {"SELECT u.id, u.bio || 'x', sum(o.total) FROM users u JOIN orders o ON "
     "o.user_id = u.id GROUP BY u.id ORDER BY u.name",
     "SELECT u.id, profiles.bio || 'x', sum(o.total) FROM accounts AS u LEFT "
     "JOIN profiles ON profiles.user_id = u.id JOIN (SELECT open.user_id AS "
     "user_id, open.total AS total FROM open UNION ALL SELECT done.user_id AS "
     "user_id, done.total AS total FROM done) AS o ON o.user_id = u.id GROUP "
     "BY u.id, u.first || ' ' || u.last, profiles.bio ORDER BY u.first || ' ' "
     "|| u.last"},
    {"SELECT o.id, o.state FROM orders o GROUP BY o.id",
     "SELECT o.id, o.state FROM (SELECT open.id AS id, open.state AS state "
     "FROM open UNION ALL SELECT done.id AS id, done.state AS state FROM done) "
     "AS o GROUP BY o.id, o.state"},
    {"SELECT o.id, o.state FROM orders o GROUP BY o.id HAVING o.total > 10",
     "SELECT o.id, o.state FROM (SELECT open.id AS id, open.state AS state, "
     "open.total AS total FROM open UNION ALL SELECT done.id AS id, done.state "
     "AS state, done.total AS total FROM done) AS o GROUP BY o.id, o.state, "
     "o.total HAVING o.total > 10"},
    {"SELECT id, email FROM users GROUP BY CUBE (id, email)",
     "SELECT users.id, users.mail AS email FROM accounts AS users GROUP BY "
     "CUBE(users.id, users.mail)"},
    {"SELECT active, bio, count(*) FROM users GROUP BY DISTINCT active, bio",
     "SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "active, profiles.bio, count(*) FROM accounts AS users LEFT JOIN profiles "
     "ON profiles.user_id = users.id GROUP BY DISTINCT CASE users.state WHEN "
     "'on' THEN TRUE WHEN 'off' THEN FALSE END, profiles.bio"},
    {"SELECT street, count(*) FROM homes GROUP BY user_id",
     "SELECT homes.street, count(*) FROM accounts AS homes WHERE homes.street "
     "IS NOT NULL GROUP BY homes.id"},
    {"SELECT grouping(active), active, count(*) FROM users GROUP BY ROLLUP "
     "(active)",
     "SELECT GROUPING(CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END), CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END AS active, count(*) FROM accounts AS users GROUP BY ROLLUP(CASE "
     "users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END)"},
    {"SELECT id, active FROM users GROUP BY 1",
     "SELECT users.id, CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AS active FROM accounts AS users GROUP BY 1, users.id, CASE "
     "users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END"},
    {"SELECT u.name FROM users u, tags t GROUP BY u.id, t.id",
     "SELECT u.first || ' ' || u.last AS name FROM accounts AS u, tags AS t "
     "GROUP BY u.id, t.id, u.first || ' ' || u.last"},
    {"SELECT u.name, t.label FROM users u JOIN tags t ON t.user_id = u.id "
     "GROUP BY t.id, u.id",
     "SELECT u.first || ' ' || u.last AS name, t.label FROM accounts AS u JOIN "
     "tags AS t ON t.user_id = u.id GROUP BY t.id, u.id, u.first || ' ' || "
     "u.last"},
    {"SELECT max(total), state FROM orders GROUP BY id, state ORDER BY state",
     "SELECT max(orders.total), orders.state FROM (SELECT open.id AS id, "
     "open.state AS state, open.total AS total FROM open UNION ALL SELECT "
     "done.id AS id, done.state AS state, done.total AS total FROM done) AS "
     "orders GROUP BY orders.id, orders.state, orders.total ORDER BY state"},
    {"SELECT label FROM tags GROUP BY id", "="},
    {"SELECT c.name FROM cats c GROUP BY c.id",
     "SELECT c.name FROM pets AS c WHERE c.kind = 'cat' GROUP BY c.id"},
};

static void test_groups(void **state)
{
	(void)state;
	CHECK_PLANS(groups);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, start_shop, stop_lens);
}
