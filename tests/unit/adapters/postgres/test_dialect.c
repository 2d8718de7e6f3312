/* What PostgreSQL's names mean, and how it writes generated values. */
#include "adapters/postgres/parse_text.h"
#include "sql/build.h"
#include "sql/print.h"
#include "unit/sql/support.h"

static const struct sql_name_ops *names;
static const struct sql_generated_ops *generated;

static const char *printed(const PgQuery__Node *node)
{
	struct buffer out;
	struct error error;
	const char *text;

	error_init(&error);
	buffer_init(&out, 0);
	if (sql_print(node, &postgres_dialect, &out, NULL, &error))
		fail_msg("%s", error.message);
	text = arena_string(&arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

static PgQuery__Node *expression(const char *text)
{
	PgQuery__Node *node = NULL;
	struct error error;

	error_init(&error);
	if (parser_expression(&postgres_parser, text, &arena, &node, &error))
		fail_msg("%s: %s", text, error.message);
	return node;
}

static void test_schemas_and_columns(void **state)
{
	(void)state;
	assert_true(postgres_dialect.is_builtin("pg_catalog"));
	assert_false(postgres_dialect.is_builtin("public"));
	assert_false(postgres_dialect.is_builtin(NULL));
	assert_true(names->is_system_table("", "pg_class"));
	assert_true(names->is_system_table("pg_catalog", "anything"));
	assert_true(names->is_system_table("information_schema", "tables"));
	assert_false(names->is_system_table("app", "pg_class"));
	assert_false(names->is_system_table("", "users"));
	assert_true(postgres_dialect.is_temporary(names->temporary_schema()));
	assert_true(postgres_dialect.is_temporary("pg_temp_3"));
	assert_false(postgres_dialect.is_temporary("public"));
	assert_false(postgres_dialect.is_temporary("pg_temporal"));
	assert_true(names->is_system_column(names->row_identity()));
	assert_true(names->is_system_column("xmin"));
	assert_false(names->is_system_column("id"));
}

static void test_types(void **state)
{
	(void)state;
	assert_string_equal(names->type(SQL_TYPE_POSITION), "int4");
	assert_string_equal(names->type(SQL_TYPE_COUNT), "int8");
	assert_string_equal(names->type(SQL_TYPE_TEXT), "text");
	assert_string_equal(names->wider("int2", "int8"), "int8");
	assert_string_equal(names->wider("text", "varchar"), "text");
	assert_null(names->wider("int4", "text"));
	assert_string_equal(names->unbounded("bit"), "varbit");
	assert_string_equal(names->unbounded("bpchar"), "bpchar");
	assert_null(names->unbounded("numeric"));
	assert_string_equal(names->least("int4"), "-2147483648");
	assert_null(names->least("uuid"));
	assert_int_equal(names->type_trait("regclass"), SQL_TYPE_RELATION_NAME);
	assert_int_equal(names->type_trait("regtype"), SQL_TYPE_OBJECT_NAME);
	assert_int_equal(names->type_trait("oid"), SQL_TYPE_OBJECT_NUMBER);
	assert_int_equal(names->type_trait("text"), SQL_TYPE_PLAIN);
}

static void test_functions(void **state)
{
	(void)state;
	assert_true(postgres_dialect.function("nextval").takes_relation);
	assert_true(postgres_dialect.function("to_regclass").takes_relation);
	assert_false(postgres_dialect.function("nextval").takes_column);
	assert_true(
	    postgres_dialect.function("pg_get_serial_sequence").takes_column);
	assert_true(postgres_dialect.function("row_to_json").takes_row);
	assert_true(postgres_dialect.function("num_nulls").takes_row);
	assert_true(postgres_dialect.function("lo_create").gives_number);
	assert_true(postgres_dialect.function("hashenumextended").takes_enum);
	assert_true(postgres_dialect.function("enum_cmp").takes_enum);
	assert_int_equal(postgres_dialect.function("enum_cmp").labels,
			 SQL_FUNCTION_LABELS_NONE);
	assert_true(postgres_dialect.function("enum_range").takes_enum);
	assert_int_equal(postgres_dialect.function("enum_range").labels,
			 SQL_FUNCTION_LABELS_ALL);
	assert_int_equal(postgres_dialect.function("enum_first").labels,
			 SQL_FUNCTION_LABELS_FIRST);
	assert_int_equal(postgres_dialect.function("enum_last").labels,
			 SQL_FUNCTION_LABELS_LAST);
	assert_false(postgres_dialect.function("upper").takes_row);
	assert_false(postgres_dialect.function("").takes_enum);
}

static void test_expressions(void **state)
{
	static const char *const texts[] = {"a", "b"};
	PgQuery__Node *column = sql_column(&arena, "t", "c");

	(void)state;
	assert_string_equal(printed(names->always(&arena, column)),
			    "(pg_catalog.num_nulls(t.c) >= 0)");
	assert_string_equal(printed(names->position(&arena, texts, 2, column)),
			    "pg_catalog.array_position(ARRAY['a', 'b'], t.c)");
	assert_string_equal(printed(names->text_at(&arena, texts, 2, column)),
			    "(ARRAY['a', 'b'])[t.c]");
	assert_string_equal(printed(names->texts(&arena, texts, 1)),
			    "ARRAY['a']");
}

/* text: what is read; instant: what stands for it, of the constant 'x'. */
static void test_clocks(void **state)
{
	static const struct {
		const char *text, *instant;
		bool statement;
	} cases[] = {
	    {"now()", "'x'::timestamptz", false},
	    {"pg_catalog.now()", "'x'::timestamptz", false},
	    {"clock_timestamp()", "'x'::timestamptz", true},
	    {"statement_timestamp()", "'x'::timestamptz", true},
	    {"CURRENT_TIMESTAMP(3)", "'x'::timestamptz(3)", false},
	    {"CURRENT_DATE", "'x'::timestamptz::date", false},
	    {"CURRENT_TIME", "'x'::timestamptz::timetz", false},
	    {"LOCALTIME(0)", "'x'::timestamptz::\"time\"(0)", false},
	    {"LOCALTIMESTAMP", "'x'::timestamptz::\"timestamp\"", false},
	    {"app.now()", NULL, false},
	    {"now(1)", NULL, false},
	    {"CURRENT_USER", NULL, false},
	    {"1", NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		PgQuery__Node *value = sql_const_string(&arena, "x");
		struct sql_clock clock;

		if (generated->reads_clock(expression(cases[i].text), &clock) !=
		    (cases[i].instant != NULL))
			fail_msg("%s", cases[i].text);
		if (!cases[i].instant)
			continue;
		assert_int_equal(clock.statement, cases[i].statement);
		assert_string_equal(
		    printed(generated->clock(&arena, value, &clock)),
		    cases[i].instant);
	}
}

static void test_instants(void **state)
{
	static const struct {
		int64_t at;
		const char *text;
	} cases[] = {
	    {0, "1970-01-01 00:00:00.000000+00"},
	    {86400000001, "1970-01-02 00:00:00.000001+00"},
	    {-1, "1969-12-31 23:59:59.999999+00"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer out;

		buffer_init(&out, 0);
		generated->append_instant(&out, cases[i].at);
		assert_string_equal(buffer_string(&out), cases[i].text);
		buffer_release(&out);
	}
}

static void test_sequences(void **state)
{
	static const struct {
		const char *text;
		enum sql_generated kind;
		const char *sequence;
	} cases[] = {
	    {"nextval('s')", SQL_GENERATED_NEXT, "s"},
	    {"pg_catalog.nextval('a.s'::regclass)", SQL_GENERATED_NEXT, "a.s"},
	    {"nextval(x)", SQL_GENERATED_NEXT, NULL},
	    {"currval('s')", SQL_GENERATED_CURRENT, "s"},
	    {"lastval()", SQL_GENERATED_LAST, NULL},
	    {"setval('s', 1)", SQL_GENERATED_NONE, NULL},
	    {"nextval()", SQL_GENERATED_NONE, NULL},
	    {"lastval('s')", SQL_GENERATED_NONE, NULL},
	    {"'s'", SQL_GENERATED_NONE, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sql_generated_call call;

		generated->read_call(expression(cases[i].text), &call);
		assert_int_equal(call.kind, cases[i].kind);
		assert_int_equal(call.sequence != NULL,
				 cases[i].sequence != NULL);
		if (call.sequence)
			assert_string_equal(call.sequence->sval->sval,
					    cases[i].sequence);
	}
	assert_string_equal(
	    printed(generated->call(&arena, SQL_GENERATED_NEXT, "it's")),
	    "pg_catalog.nextval('it''s')");
	assert_string_equal(
	    printed(generated->call(&arena, SQL_GENERATED_LAST, NULL)),
	    "pg_catalog.lastval()");
}

/* What a call gives, and of which argument. */
static void test_meanings(void **state)
{
	static const struct {
		const char *text;
		enum sql_call_meaning meaning;
		const char *argument; /* or NULL */
	} cases[] = {
	    {"round(a)", SQL_CALL_ROUND, "a"},
	    {"pg_catalog.trunc(a, 2)", SQL_CALL_ROUND, "a"},
	    {"mine.round(a)", SQL_CALL_OTHER, NULL},
	    {"floor(a, 2)", SQL_CALL_OTHER, NULL},
	    {"jsonb_build_object('k', a)", SQL_CALL_OBJECT, NULL},
	    {"a AT TIME ZONE 'UTC'", SQL_CALL_ZONE, "a"},
	    {"extract(epoch FROM a)", SQL_CALL_SECONDS, "a"},
	    {"date_part('EPOCH', a)", SQL_CALL_SECONDS, "a"},
	    {"extract(year FROM a)", SQL_CALL_OTHER, NULL},
	    {"date_part(b, a)", SQL_CALL_OTHER, NULL},
	    {"to_timestamp(a)", SQL_CALL_INSTANT, "a"},
	    {"to_timestamp(a, 'YYYY')", SQL_CALL_OTHER, NULL},
	    {"concat_ws(', ', a, b)", SQL_CALL_JOIN, NULL},
	    {"nonsense(a)", SQL_CALL_OTHER, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const PgQuery__Node *argument;
		const PgQuery__FuncCall *call =
		    expression(cases[i].text)->func_call;

		assert_int_equal(
		    postgres_dialect.inverse->meaning(call, &argument),
		    cases[i].meaning);
		assert_int_equal(!argument, !cases[i].argument);
		if (argument)
			assert_string_equal(printed(argument),
					    cases[i].argument);
	}
	assert_true(postgres_dialect.inverse->is_pure(
	    expression("pg_catalog.substr(a, 2)")->func_call));
	assert_false(postgres_dialect.inverse->is_pure(
	    expression("mine.substr(a, 2)")->func_call));
	assert_false(postgres_dialect.inverse->is_pure(
	    expression("random()")->func_call));
}

static void test_undone(void **state)
{
	const struct sql_inverse_ops *inverse = postgres_dialect.inverse;
	PgQuery__Node *a = sql_column(&arena, NULL, "a");

	(void)state;
	assert_string_equal(printed(inverse->seconds(&arena, a)),
			    "date_part('epoch', a)");
	assert_string_equal(printed(inverse->instant(&arena, a)),
			    "to_timestamp(a)");
	assert_string_equal(printed(inverse->part(&arena, a, ",", 2)),
			    "split_part(a, ',', 2)");
	assert_string_equal(printed(inverse->without_first(&arena, a, 2)),
			    "substr(a, 3)");
	assert_string_equal(inverse->sequenced("bigserial"), "bigint");
	assert_null(inverse->sequenced("bigint"));
	assert_string_equal(inverse->sequence_name(&arena, "t", "id"),
			    "t_id_seq");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_schemas_and_columns),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_functions),
	    cmocka_unit_test(test_expressions),
	    cmocka_unit_test(test_clocks),
	    cmocka_unit_test(test_instants),
	    cmocka_unit_test(test_sequences),
	    cmocka_unit_test(test_meanings),
	    cmocka_unit_test(test_undone),
	};

	names = postgres_dialect.names;
	generated = postgres_dialect.generated;
	return cmocka_run_group_tests(tests, start, end);
}
