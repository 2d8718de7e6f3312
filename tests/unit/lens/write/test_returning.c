/* RETURNING of an engine that has none: (statement) -> the steps, in their
 * order. */
#include "adapters/postgres/parse.h"
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text, theme text)"
    "logs(id int4 key, n int4, said text) loose(id int4, n int4)";
static const char new_schema[] =
    "accounts(id int4 key, mail text)"
    "settings(user_id int4 key refs=accounts, theme text)"
    "logs(id int4 key, n int4, said text) loose(id int4, n int4)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows: [accounts, {table: settings, join: {user_id: id}}]\n"
    "    columns: {email: mail, theme: settings.theme}\n";

static const char *const path[] = {"public", NULL};

/* The steps' texts; the one that answers begins with '='. "!": part of the
 * reason that there is no plan. */
static const struct row {
	const char *statement;
	const char *steps[6];
} rows[] = {
    {"DELETE FROM logs WHERE n > 5", {"=DELETE FROM logs WHERE n > 5"}},
    {"DELETE FROM logs AS l WHERE n > 5 RETURNING l.id, n + 1 AS m",
     {"=SELECT l.id, n + 1 AS m FROM logs AS l WHERE n > 5 FOR UPDATE OF l",
      "DELETE FROM logs AS l WHERE n > 5"}},
    {"UPDATE logs SET n = n + 1 WHERE n > 5 RETURNING *",
     {"SELECT logs.id FROM logs WHERE n > 5 FOR NO KEY UPDATE OF logs",
      "UPDATE logs SET n = n + 1 WHERE logs.id IN (SELECT "
      "parallax_returned.id FROM (SELECT ) AS parallax_returned)",
      "=SELECT * FROM logs WHERE logs.id IN (SELECT "
      "parallax_returned.id FROM (SELECT ) AS parallax_returned)"}},
    {"INSERT INTO logs VALUES (7, 1, 'x'), (8, 2, 'y') RETURNING said",
     {"INSERT INTO logs (id, n, said) VALUES (7, 1, E'x'), (8, 2, E'y')",
      "=SELECT said FROM logs WHERE logs.id = 7 OR logs.id = 8"}},
    {"INSERT INTO logs (n, id) SELECT n, id + 10 FROM logs RETURNING id",
     {"SELECT n AS n, id + 10 AS id FROM logs",
      "INSERT INTO logs (n, id) SELECT parallax_returned.n, "
      "parallax_returned.id FROM (SELECT ) AS parallax_returned",
      "=SELECT id FROM logs WHERE logs.id IN (SELECT parallax_returned.id "
      "FROM (SELECT ) AS parallax_returned)"}},
    {"INSERT INTO logs (id, n) VALUES (7, 1) ON CONFLICT (id) DO UPDATE SET n "
     "= excluded.n RETURNING n",
     {"INSERT INTO logs (id, n) VALUES (7, 1) ON CONFLICT (id) DO UPDATE SET "
      "n = excluded.n",
      "=SELECT n FROM logs WHERE logs.id = 7"}},
    /* The lens's own, in place. */
    {"UPDATE users SET email = 'x' WHERE id = 3 RETURNING email",
     {"SELECT users.id FROM accounts AS users WHERE users.id = 3 FOR NO KEY "
      "UPDATE "
      "OF users",
      "UPDATE accounts AS users SET mail = E'x' WHERE users.id IN (SELECT "
      "parallax_returned.id FROM (SELECT ) AS parallax_returned)",
      "=SELECT users.mail AS email FROM accounts AS users WHERE users.id IN "
      "(SELECT parallax_returned.id FROM (SELECT ) AS parallax_returned)"}},
    {"WITH gone AS (DELETE FROM logs WHERE n = 1 RETURNING id) INSERT INTO "
     "loose SELECT id, 0 FROM gone",
     {"SELECT id FROM logs WHERE n = 1 FOR UPDATE OF logs",
      "DELETE FROM logs WHERE n = 1",
      "=INSERT INTO loose SELECT id, 0 FROM (SELECT ) AS gone"}},
    {"DELETE FROM logs USING loose WHERE loose.id = logs.id RETURNING logs.id",
     {"!RETURNING of a DELETE with USING"}},
    {"UPDATE logs SET n = loose.n FROM loose RETURNING logs.id",
     {"!RETURNING of an UPDATE with FROM"}},
    {"UPDATE logs SET id = 5 RETURNING n",
     {"!RETURNING of an UPDATE, of rows that no key tells"}},
    {"UPDATE loose SET n = 5 RETURNING n",
     {"!RETURNING of an UPDATE, of rows that no key tells"}},
    {"INSERT INTO logs (n) VALUES (5) RETURNING n",
     {"!RETURNING of an INSERT, of rows that no key tells"}},
    {"INSERT INTO logs (id) VALUES (1 + 1) RETURNING n",
     {"!RETURNING of an INSERT, of a key that is computed"}},
    {"UPDATE logs SET n = 1 RETURNING (SELECT max(n) FROM logs)",
     {"!RETURNING of a write that it reads beside"}},
    {"WITH l AS (SELECT 1 AS n) INSERT INTO logs (id) VALUES (7) RETURNING "
     "(SELECT n FROM l)",
     {"!RETURNING of a write that it reads beside"}},
    {"DELETE FROM logs RETURNING (SELECT max(n) FROM logs)",
     {"=SELECT (SELECT max(n) FROM logs) FROM logs FOR UPDATE OF logs",
      "DELETE FROM logs"}},
    {"INSERT INTO logs (id) VALUES (1) ON CONFLICT DO NOTHING RETURNING n",
     {"!RETURNING of an INSERT that leaves rows out"}},
    {"PREPARE p AS DELETE FROM logs RETURNING n",
     {"!RETURNING of a write within another statement"}},
};

static bool is_step(const struct plan_step *step, const char *text)
{
	bool answers = text && *text == '=';

	return text && answers == (step->role == STEP_ANSWER) &&
	       !strcmp(step->text, text + answers);
}

static bool matches(const struct row *row)
{
	struct lens_session session = {.search_path = path, .key = 1};
	struct plan_input input = {.text = row->statement,
				   .text_size = strlen(row->statement)};
	const struct plan *plan = lens_plan(lens, &session, row->statement,
					    strlen(row->statement), NULL, 0);
	struct plan_steps steps = {0};
	struct error error;
	bool right;

	error_init(&error);
	if (*row->steps[0] == '!') {
		right = plan->action == PLAN_UNTRANSLATABLE &&
			strstr(plan->detail, row->steps[0] + 1);
		if (!right)
			printf("%s\n  is run, or \"%s\"\n", row->statement,
			       plan->detail ? plan->detail : "");
	} else {
		right = !plan_fill(plan, &input, &arena, &steps, &error);
		for (size_t i = 0; right && i < steps.count; i++)
			right =
			    i < 6 && is_step(&steps.steps[i], row->steps[i]);
		right = right && (steps.count == 6 || !row->steps[steps.count]);
		for (size_t i = 0; !right && i < steps.count; i++)
			printf("%s\n  %s%s\n", i ? "" : row->statement,
			       steps.steps[i].role == STEP_ANSWER ? "=" : "",
			       steps.steps[i].text);
		if (!right)
			printf("  %s\n", plan->detail ? plan->detail : "");
	}
	lens_release(lens, plan);
	return right;
}

static void test_steps(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		wrong += !matches(&rows[i]);
	assert_int_equal(wrong, 0);
}

static int start(void **state)
{
	(void)state;
	shadow_parser = &postgres_parser_reduced;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps)};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
