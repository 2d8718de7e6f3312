/* RETURNING of writes to several tables, where triggers may change what is written:
 * (statement) -> its plan, or the parts of it that answer. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text, bio text)"
    "posts(id int4 key, title text, body text)"
    "calm(id int4 key, a text, b text)"
    "prices(id int4 key, price numeric, label text)"
    "orders(id int4 key, state text, note text)"
    "homes(user_id int4 key, street text)"
    "ruled(id int4 key, a text, b text)";
static const char new_schema[] =
    "users(id int4 key, mail text, street text){triggers}"
    "profiles(user_id int4 key, bio text)"
    "posts(id int4 key, title text)"
    "bodies(post_id int4 key, body text){triggers}"
    "calm(id int4 key, a text)"
    "calm_more(calm_id int4 key, b text)"
    "prices(id int4 key, cents int8)"
    "labels(price_id int4 key, label text)"
    "open(id int4 key, state text, note text){triggers}"
    "done(id int4 key, state text, note text)"
    "ruled(id int4 key, a text){triggers}{rules}"
    "ruled_more(ruled_id int4 key, b text)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows: [users, {table: profiles, join: {user_id: id}, when: bio IS NOT "
    "NULL}]\n"
    "    columns: {email: mail, bio: profiles.bio}\n"
    "  posts:\n"
    "    rows: [posts, {table: bodies, join: {post_id: id}}]\n"
    "    columns: {body: bodies.body}\n"
    "  calm:\n"
    "    rows: [calm, {table: calm_more, join: {calm_id: id}}]\n"
    "    columns: {b: calm_more.b}\n"
    "  ruled:\n"
    "    rows: [ruled, {table: ruled_more, join: {ruled_id: id}}]\n"
    "    columns: {b: ruled_more.b}\n"
    "  prices:\n"
    "    rows: [prices, {table: labels, join: {price_id: id}}]\n"
    "    columns:\n"
    "      price: {column: cents, read: cents / 100.0,\n"
    "              write: round(price * 100)}\n"
    "      label: labels.label\n"
    "  orders:\n"
    "    rows: {any_of: [{table: open, when: state = 'new'}, done]}\n"
    "  homes:\n"
    "    rows: {table: users, key: {user_id: id}, absorbed: true}\n";

/* Each "&" apart: parts of the plan, in their order; "!": it is not there. */
static const struct row {
	const char *statement;
	const char *parts[6];
} rows[] = {
    {"INSERT INTO users VALUES (1, 'a', 'b') RETURNING id, email, bio",
     {"INSERT INTO users (id, mail) SELECT ", " RETURNING id, mail), ",
      "INSERT INTO profiles (user_id, bio) SELECT ",
      " RETURNING bio, user_id) SELECT users.id, users.mail AS email, "
      "profiles.bio FROM parallax_write_2 AS users LEFT JOIN parallax_write_3 "
      "AS profiles ON profiles.user_id = users.id"}},
    /* nothing is returned, but a trigger may leave rows out */
    {"INSERT INTO users VALUES (1, 'a', 'b')",
     {" RETURNING 1 AS parallax_one), ", "IS NOT NULL, FALSE)) SELECT  FROM "
					 "parallax_write_2 AS users"}},
    {"INSERT INTO posts VALUES (1, 't', 'b') RETURNING posts",
     {"SELECT ROW(posts.id, posts.title, bodies.body)::record AS posts FROM "
      "parallax_write_2 AS posts LEFT JOIN parallax_write_3 AS bodies ON "}},
    /* nothing can change what is named */
    {"INSERT INTO posts VALUES (1, 't', 'b') RETURNING title",
     {"!RETURNING", "SELECT parallax_row_1.title FROM parallax_row_1"}},
    {"INSERT INTO calm VALUES (1, 'a', 'b') RETURNING *",
     {"!RETURNING", "parallax_row_1.b AS b FROM parallax_row_1"}},
    {"INSERT INTO ruled VALUES (1, 'a', 'b') RETURNING *",
     {"!RETURNING", "parallax_row_1.b AS b FROM parallax_row_1"}},
    {"UPDATE users SET bio = 'b' WHERE id = 1 RETURNING email, bio",
     {"!RETURNING", "SELECT parallax_row_1.email, parallax_row_1.bio FROM "
		    "parallax_row_1"}},
    {"DELETE FROM posts RETURNING body",
     {"!RETURNING", "SELECT parallax_row_1.body FROM parallax_row_1"}},
    {"UPDATE users SET email = 'a', bio = 'b' WHERE id = 1 RETURNING email, "
     "bio",
     {" RETURNING target.mail, target.id), ",
      " RETURNING target.bio, "
      "target.user_id), ",
      " RETURNING bio, user_id) SELECT users.mail AS email, "
      "profiles.bio FROM parallax_write_2 AS users LEFT JOIN (SELECT bio, "
      "user_id FROM parallax_write_3 UNION ALL SELECT bio, user_id FROM "
      "parallax_write_5) AS profiles ON profiles.user_id = users.id"}},
    /* the anchor is left as it is */
    {"UPDATE posts SET body = 'b' RETURNING title, body",
     {"SELECT posts.title, bodies.body FROM posts LEFT JOIN parallax_write_2 "
      "AS "
      "bodies ON bodies.post_id = posts.id, parallax_row_1 WHERE posts.id = "
      "parallax_row_1.parallax_key_1"}},
    {"UPDATE users SET id = 2, bio = 'b' FROM calm c WHERE c.id = users.id "
     "RETURNING bio, c.a",
     {" RETURNING target.id, parallax_row_1.parallax_key_1), ",
      "SELECT profiles.bio, parallax_row_1.parallax_from_1_2 AS a FROM "
      "parallax_write_2 AS users LEFT JOIN ",
      "parallax_row_1 WHERE "
      "users.parallax_key_1 = parallax_row_1.parallax_key_1"}},
    {"INSERT INTO prices VALUES (1, 2.5, 'x') RETURNING id, label",
     {"!RETURNING", "parallax_row_1.label FROM parallax_row_1"}},
    {"INSERT INTO prices VALUES (1, 2.5, 'x') RETURNING price",
     {" RETURNING cents), ", "SELECT prices.cents / 100.0 AS price FROM "
			     "parallax_write_2 AS prices"}},
    {"INSERT INTO orders VALUES (1, 'new', 'n') RETURNING note",
     {" RETURNING note), ",
      " RETURNING note) SELECT orders.note FROM (SELECT "
      "open.note AS note FROM parallax_write_2 AS open UNION ALL SELECT "
      "done.note AS note FROM parallax_write_3 AS done) AS orders"}},
    {"UPDATE orders SET state = 'done', note = 'x' WHERE id = 1 RETURNING note",
     {" RETURNING target.note), ", " RETURNING note), ",
      " RETURNING "
      "target.note), ",
      " RETURNING note) SELECT orders.note FROM (SELECT "
      "open.note AS note FROM (SELECT note FROM parallax_write_2 UNION ALL "
      "SELECT note FROM parallax_write_4) AS open UNION ALL SELECT "}},
    {"UPDATE orders SET state = a FROM calm WHERE calm.id = orders.id "
     "RETURNING note, b",
     {" RETURNING target.note, parallax_row_1.parallax_key_1), ",
      " RETURNING note, id AS parallax_key_1), ",
      "open.parallax_key_1 AS "
      "parallax_key_1 FROM (SELECT ",
      ") AS orders, parallax_row_1 WHERE "
      "orders.parallax_key_1 = parallax_row_1.parallax_key_1"}},
    /* moved rows are not found by a key that changes with them */
    {"UPDATE orders SET id = calm.id + 1, state = a FROM calm WHERE calm.id = "
     "orders.id RETURNING note, b",
     {"!RETURNING", "AS b FROM parallax_row_1"}},
    {"INSERT INTO homes VALUES (1, 'x') RETURNING street, user_id",
     {" RETURNING target.id, target.street) SELECT homes.street, homes.id AS "
      "user_id FROM parallax_write_2 AS homes"}},
    {"INSERT INTO posts VALUES (1, 't', 'b') ON CONFLICT (id) DO UPDATE SET "
     "body "
     "= 'c' RETURNING title, body",
     {"SELECT posts.title, bodies.body FROM parallax_write_5 AS posts LEFT "
      "JOIN "
      "parallax_write_6 AS bodies ON bodies.post_id = posts.id UNION ALL "
      "SELECT "
      "posts.title, bodies.body FROM posts LEFT JOIN parallax_write_4 AS "
      "bodies "
      "ON bodies.post_id = posts.id, parallax_row_3 WHERE posts.id = "
      "parallax_row_3.parallax_key_1"}},
    {"WITH w AS (INSERT INTO posts VALUES (1, 't', 'b') RETURNING body) SELECT "
     "body FROM w",
     {" RETURNING body, post_id), w AS (SELECT bodies.body FROM "
      "parallax_write_2 AS posts LEFT JOIN parallax_write_3 AS bodies ON "
      "bodies.post_id = posts.id) SELECT w.body FROM w"}},
};

static void test_answers(void **state)
{
	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *plan = plan_shown(rows[i].statement), *at = plan;

		for (size_t n = 0; n < 6 && rows[i].parts[n]; n++) {
			const char *part = rows[i].parts[n];
			bool absent = *part == '!';
			const char *found =
			    strstr(absent ? plan : at, part + absent);

			if (absent == !found) {
				at = absent ? at : found + strlen(part);
				continue;
			}
			row_is(&differing, rows[i].statement, plan, part);
		}
	}
	assert_int_equal(differing.count, 0);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
