/* Generated values, where the new schema's engine has sequences and where not. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 serial key, name text, at timestamptz clock)"
    "parts(id int4 serial key, name text, note text)";
static const char new_schema[] =
    "app.accounts(id int4 serial key, name text, at timestamptz clock)"
    "parts(id int4 serial key, name text)"
    "notes(part int4 key, note text)";
static const char mapping_text[] =
    "version: 1\n"
    "tables:\n"
    "  users: {rows: app.accounts}\n"
    "  parts:\n"
    "    rows: [parts, {table: notes, join: {part: id}}]\n"
    "    columns: {note: notes.note}\n";

/* The same engine without sequences. */
static struct sql_dialect plain_dialect;
static struct parser plain_parser;
static struct lens *plain_lens;

static int start(void **state)
{
	struct diagnostics diagnostics;
	const struct parser *parser = adapter_find("postgres")->parser;
	struct mapping *mapping = NULL;
	int result;

	(void)state;
	if (start_lens(old_schema, new_schema, mapping_text) < 0)
		return -1;
	plain_parser = *parser;
	plain_dialect = *plain_parser.dialect;
	plain_dialect.sequences = false;
	plain_parser.dialect = &plain_dialect;
	diagnostics_init(&diagnostics);
	result = mapping_parse("mapping", mapping_text, strlen(mapping_text),
			       &diagnostics, &mapping);
	if (!result)
		result = lens_new(parser, &plain_parser, mapping, old_catalog,
				  new_catalog, &diagnostics, &plain_lens);
	mapping_free(&mapping);
	diagnostics_release(&diagnostics);
	return result;
}

static int stop(void **state)
{
	lens_free(&plain_lens);
	return stop_lens(state);
}

static const struct plan *plan_of(struct lens *by, const char *text)
{
	static const char *const path[] = {"public", NULL};
	struct lens_session session = {.search_path = path};

	return lens_plan(by, &session, text, strlen(text), NULL, 0);
}

/* The last step's text, or the reason why there is none. */
static const char *made_of(struct lens *by, const char *text,
			   const struct answer *answer,
			   struct plan_carried *carried,
			   struct plan_steps *steps)
{
	const struct plan *plan = plan_of(by, text);
	struct plan_input input = {.text = text,
				   .text_size = strlen(text),
				   .answer = answer,
				   .carried = carried};
	struct error error;
	const char *made;

	memset(steps, 0, sizeof(*steps));
	error_init(&error);
	if (plan->action == PLAN_UNTRANSLATABLE)
		made = arena_string(&arena, plan->detail);
	else if (plan_fill(plan, &input, &arena, steps, &error) < 0)
		made = arena_string(&arena, error.message);
	else
		made = steps->steps[steps->count - 1].text;
	lens_release(by, plan);
	return made;
}

/* Nothing is known of the answer. expected[1]: without sequences. */
static void test_unknown(void **state)
{
	static const struct {
		const char *statement;
		const char *expected[2];
	} cases[] = {
	    {"SELECT nextval('s')",
	     {"SELECT pg_catalog.nextval('s')::int8 AS nextval",
	      "SELECT NULL::int8 AS nextval"}},
	    {"SELECT lastval() FROM users",
	     {"SELECT pg_catalog.lastval()::int8 AS lastval FROM app.accounts "
	      "AS users",
	      "SELECT pg_catalog.lastval()::int8 AS lastval FROM app.accounts "
	      "AS users"}},
	    {"SELECT currval('\"it''s\"') FROM users",
	     {"SELECT pg_catalog.currval('\"it''s\"')::int8 AS currval FROM "
	      "app.accounts AS users",
	      "currval asks for a number of a sequence: the new schema's "
	      "engine has none"}},
	    {"SELECT name FROM users WHERE id = nextval('s')",
	     {"SELECT users.name FROM app.accounts AS users WHERE users.id = "
	      "nextval('s')",
	      "nextval asks for a number of a sequence: the new schema's "
	      "engine has none"}},
	    {"INSERT INTO users (name) VALUES ('a')",
	     {"INSERT INTO app.accounts AS users (name, at) VALUES ('a', "
	      "'1970-01-01 00:00:00.000000+00'::timestamptz)",
	      "INSERT INTO app.accounts AS users (name, at) VALUES ('a', "
	      "'1970-01-01 00:00:00.000000+00'::timestamptz)"}},
	    {"INSERT INTO users (id, name, at) VALUES (nextval('s'), 'a', "
	     "NULL) RETURNING id",
	     {"INSERT INTO app.accounts AS users (id, name, at) VALUES "
	      "(pg_catalog.nextval('s')::integer, 'a', NULL) RETURNING "
	      "users.id",
	      "INSERT INTO app.accounts AS users (id, name, at) VALUES (NULL, "
	      "'a', NULL) RETURNING users.id"}},
	    {"INSERT INTO parts (name, note) VALUES ('a', 'b')",
	     {NULL, "the number of column \"id\" of \"parts\" is needed before "
		    "its row is inserted: the new schema's engine has no "
		    "sequences"}},
	};
	struct plan_steps steps;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (int plain = 0; plain < 2; plain++) {
			const char *made =
			    made_of(plain ? plain_lens : lens,
				    cases[i].statement, NULL, NULL, &steps);

			if (cases[i].expected[plain])
				assert_string_equal(made,
						    cases[i].expected[plain]);
			else
				assert_non_null(steps.steps);
		}
}

/* A number that the answer shows is carried; a sequence moves past it, where
 * there is one; and it is the session's last from then on. */
static void test_shown(void **state)
{
	static const struct answer_column columns[] = {{.name = "id"}};
	static const struct value rows[] = {
	    {.data = (const uint8_t *)"7", .size = 1}};
	const struct answer answer = {.outcome = ANSWER_OK,
				      .has_columns = true,
				      .columns = columns,
				      .column_count = 1,
				      .rows = rows,
				      .row_count = 1,
				      .row_held = 1};

	(void)state;
	for (int plain = 0; plain < 2; plain++) {
		struct lens *by = plain ? plain_lens : lens;
		struct plan_carried *carried = plan_carried_new();
		struct plan_steps steps;

		made_of(by,
			"INSERT INTO parts (name, note) VALUES ('a', 'b') "
			"RETURNING id",
			&answer, carried, &steps);
		assert_true(steps.pinned);
		assert_int_equal(steps.count, plain ? 1 : 2);
		assert_string_equal(made_of(by, "SELECT lastval() FROM users",
					    NULL, carried, &steps),
				    "SELECT '7'::int8 AS lastval FROM "
				    "app.accounts AS users");
		plan_carried_free(&carried);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_shown),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
