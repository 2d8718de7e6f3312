/* Rows in several new tables: (statement) -> the steps of its plan, or why
 * there is none; and mistakes in `rows` that catalogs tell. */
#include "adapters/postgres/parse.h"
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text, theme text unique, bio text, land text)"
    "orders(id int4 key, state text, note text)"
    "staff(id int4 key, boss int4) clerks(id int4 key, boss int4) "
    "cats(id int4 key, name text)"
    "homes(user_id int4 key, street text)";
static const char new_schema[] =
    "users(id int4 key, mail text, land_id int4, street text)"
    "settings(user_id int4 key, theme text)"
    "profiles(user_id int4 key, bio text)"
    "staff(uid uuid key volatile, id int4 unique, boss_uid uuid) "
    "clerks(uid uuid unique, id int4 unique, boss_uid uuid) "
    "lands(id int4 serial key, name text)"
    "open(id int4 key, state text, note text)"
    "done(id int4 key, state text, note text)"
    "pets(id int4, kind text, name text)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows:\n"
    "      - users\n"
    "      - {table: settings, join: {user_id: id}}\n"
    "      - {table: profiles, join: {user_id: id}, when: bio IS NOT NULL}\n"
    "    columns:\n"
    "      email: mail\n"
    "      theme: settings.theme\n"
    "      bio: profiles.bio\n"
    "      land: {lookup: {table: lands, value: name, key: id,\n"
    "                      column: land_id, create: true}}\n"
    "  orders:\n"
    "    rows: {any_of: [{table: open, when: state = 'new'}, done]}\n"
    "  staff: {columns: {boss: {lookup: {table: staff, value: id, key: uid,\n"
    "                      column: boss_uid}}}}\n"
    "  clerks: {columns: {boss: {lookup: {table: clerks, value: id, key: uid,\n"
    "                      column: boss_uid}}}}\n"
    "  cats:\n"
    "    rows: {table: pets, where: kind = 'cat', set: {kind: \"'cat'\"}}\n"
    "  homes:\n"
    "    rows: {table: users, key: {user_id: id}, absorbed: true}\n";

static const char *const path[] = {"public", NULL};

/* Each "&" apart is a part of the text of one step, in their order; "!": of the
 * reason that there is none. */
static const struct row {
	const char *statement;
	size_t steps;
	const char *parts[4];
} rows[] = {
    {"SELECT email FROM users", 1, {"SELECT users.mail AS email FROM users"}},
    {"SELECT theme FROM users",
     1,
     {"SELECT settings.theme FROM users LEFT JOIN settings ON "
      "settings.user_id = users.id"}},
    {"SELECT u.id, u.bio FROM users u GROUP BY u.id",
     1,
     {"GROUP BY u.id, profiles.bio"}},
    {"SELECT id FROM users FOR UPDATE", 1, {"FOR UPDATE OF users"}},
    {"SELECT 1 FROM cats LEFT JOIN cats c ON true",
     1,
     {"LEFT JOIN pets AS c ON TRUE AND c.kind = 'cat' WHERE cats.kind = "
      "'cat'"}},
    {"SELECT 1 FROM cats FULL JOIN orders o ON true",
     1,
     {"FROM pets WHERE pets.kind = 'cat') AS cats FULL JOIN ("}},
    {"SELECT note FROM orders",
     1,
     {"FROM (SELECT open.note AS note FROM open UNION ALL SELECT done.note AS "
      "note FROM done) AS orders"}},
    {"SELECT street FROM homes",
     1,
     {"FROM users AS homes WHERE homes.street IS NOT NULL"}},
    {"UPDATE users SET email = 'a' WHERE id = 1",
     1,
     {"UPDATE users SET mail = 'a' WHERE users.id = 1"}},
    {"UPDATE users SET theme = 'a' WHERE id = 1",
     2,
     {"FOR NO KEY UPDATE OF users", "UPDATE settings AS target SET theme = "}},
    {"UPDATE users SET land = 'x'",
     2,
     {"INSERT INTO lands (name) SELECT DISTINCT",
      "UPDATE users SET land_id = (SELECT looked_up.id"}},
    {"DELETE FROM cats WHERE id = 1",
     1,
     {"DELETE FROM pets AS cats WHERE cats.kind = 'cat' AND cats.id = 1"}},
    {"INSERT INTO cats VALUES (1, 'Tom')",
     1,
     {"INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Tom', 'cat')"}},
    {"INSERT INTO homes VALUES (1, 'Main')",
     1,
     {"UPDATE users AS target SET street = "}},
    {"DELETE FROM homes", 2, {"FOR NO KEY UPDATE", "SET street = DEFAULT"}},
    /* As weak as the statement's own lock, and no weaker. */
    {"DELETE FROM orders WHERE id = 1", 1, {"FOR UPDATE"}},
    {"UPDATE orders SET note = 'x' WHERE id = 1", 1, {"FOR NO KEY UPDATE"}},
    {"TRUNCATE users", 1, {"TRUNCATE TABLE public.users, settings, profiles"}},
    {"TRUNCATE cats", 1, {"DELETE FROM pets AS cats WHERE cats.kind = 'cat'"}},
    {"SELECT ctid FROM users", 0, {"!system column"}},
    {"SELECT * FROM orders TABLESAMPLE system (1)", 0, {"!TABLESAMPLE"}},
    {"INSERT INTO users (id) VALUES (1) ON CONFLICT (theme) DO NOTHING",
     0,
     {"!whose key is not in one new table"}},
    {"TRUNCATE cats, orders",
     2,
     {"TRUNCATE TABLE open, done",
      "DELETE FROM pets AS cats WHERE cats.kind = 'cat'"}},
    {"TRUNCATE homes, cats CASCADE",
     3,
     {"FOR NO KEY UPDATE", "SET street = DEFAULT", "DELETE FROM pets"}},
    {"WITH n AS (SELECT 'x' AS l) UPDATE users SET land = n.l FROM n",
     1,
     {"parallax_added_1 AS (INSERT INTO lands (name)"}},
    {"INSERT INTO clerks VALUES (1, NULL)",
     1,
     {"INSERT INTO clerks (id, boss_uid) VALUES (1, "}},
    {"INSERT INTO clerks VALUES (1, 1)",
     0,
     {"!the value of \"uid\" in the new schema is unknown"}},
    {"INSERT INTO staff VALUES (1, 2)",
     1,
     {"WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key"}},
    {"MERGE INTO staff USING cats ON cats.id = staff.id WHEN NOT MATCHED THEN "
     "INSERT VALUES (cats.id, 1)",
     0,
     {"!that it may look up, but cannot see"}},
    /* A number that the old type does not hold is none of its values. */
    {"UPDATE staff SET boss = NULL WHERE boss = 1000000000000",
     1,
     {"WHERE looked_up.id = 1000000000000)"}},
    {"UPDATE staff SET boss = NULL WHERE boss = 2.5",
     1,
     {"WHERE looked_up.id = 2.5)"}},
    {"UPDATE staff SET boss = NULL WHERE boss = '2'",
     1,
     {"WHERE looked_up.id = '2'::integer)"}},
    {"UPDATE staff SET boss = 3 WHERE id = 4",
     1,
     {"UPDATE staff SET boss_uid = (SELECT looked_up.uid FROM"}},
    {"UPDATE staff SET id = 3, boss = 3 WHERE id = 4",
     0,
     {"!\"boss\" is set by a look-up whose rows the same statement changes"}},
    {"WITH u AS (UPDATE staff SET boss = 9 WHERE id = 1) INSERT INTO staff "
     "VALUES (9)",
     0,
     {"!that the statement inserts after it"}},
    {"UPDATE users SET bio = 'x' WHERE CURRENT OF c", 0, {"!WHERE CURRENT OF"}},
};

static bool matches(const struct row *row)
{
	struct lens_session session = {.search_path = path, .key = 1};
	const char *text = row->statement;
	const struct plan *plan =
	    lens_plan(lens, &session, text, strlen(text), NULL, 0);
	struct plan_input input = {.text = text, .text_size = strlen(text)};
	struct plan_steps steps = {0};
	struct error error;
	bool same = true;

	if (row->parts[0][0] == '!') {
		same = plan->action == PLAN_UNTRANSLATABLE &&
		       strstr(plan->detail, row->parts[0] + 1);
		if (!same)
			print_error("%s: %s\n", text,
				    plan->detail ? plan->detail : "(a plan)");
	} else if (plan->action != PLAN_RUN ||
		   plan_fill(plan, &input, &arena, &steps, &error) < 0) {
		print_error("%s: %s\n", text, plan->detail);
		same = false;
	} else {
		same = steps.count == row->steps;
		for (size_t i = 0; i < steps.count; i++) {
			same = same && strstr(steps.steps[i].text,
					      row->parts[i]) != NULL;
			if (!same)
				print_error("%s\n  => %s\n", text,
					    steps.steps[i].text);
		}
	}
	lens_release(lens, plan);
	return same;
}

static void test_plans(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		failed += !matches(&rows[i]);
	assert_int_equal(failed, 0);
}

static const struct {
	const char *rows;
	const char *message;
} mistakes[] = {
    {"rows: [users, {table: nosuch, join: {x: id}}]",
     "no table \"public.nosuch\""},
    {"rows: [users, {table: settings, join: {nosuch: id}}]",
     "no column \"nosuch\""},
    {"rows: [users, {table: settings, join: {user_id: nosuch}}]",
     "\"nosuch\" is not a column of the old table"},
    {"rows: [users, {table: settings, join: {user_id: theme}}]\n"
     "    columns: {theme: settings.theme}",
     "column \"theme\" is itself in a part"},
    {"rows: [users, {table: settings, join: {user_id: id}}]\n"
     "    columns: {theme: setings.theme}",
     "\"setings\" is none of the tables in `rows`"},
    {"rows: [users, {table: users, join: {id: id}}]", "stands twice in rows"},
    {"rows: {any_of: [{table: users, when: id > 0}, settings]}",
     "the tables of any_of have the same columns"},
    {"rows: {table: users, key: {nosuch: id}, absorbed: true}",
     "no column \"nosuch\""},
    {"columns: {land: {lookup: {table: lands, value: nosuch, key: id, column: "
     "land_id}}}",
     "no column \"nosuch\""},
};

static void test_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++) {
		struct diagnostics diagnostics;
		struct mapping *wrong = NULL;
		struct lens *made = NULL;
		char text[512];
		bool told = false;

		diagnostics_init(&diagnostics);
		snprintf(text, sizeof(text),
			 "version: 1\ntables:\n  users:\n    %s\n",
			 mistakes[i].rows);
		assert_int_equal(mapping_parse("m.yaml", text, strlen(text),
					       &diagnostics, &wrong),
				 0);
		assert_int_equal(lens_new(&postgres_parser, &postgres_parser,
					  wrong, old_catalog, new_catalog,
					  &diagnostics, &made),
				 -1);
		for (size_t d = 0; d < diagnostics.count; d++)
			told |= strstr(diagnostics.items[d].message,
				       mistakes[i].message) != NULL;
		if (!told)
			print_error("not told: %s\n", mistakes[i].message);
		assert_true(told);
		mapping_free(&wrong);
		diagnostics_release(&diagnostics);
	}
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_plans),
	    cmocka_unit_test(test_mistakes),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
