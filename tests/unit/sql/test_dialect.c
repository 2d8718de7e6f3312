/*
 * A dialect unlike PostgreSQL's, to see that the printer asks it: names in
 * backticks, parameters without numbers, CAST, ON DUPLICATE KEY.
 */
#include "sql/printer.h"
#include "unit/sql/support.h"

static void write_parameter(struct buffer *out, int number)
{
	(void)number;
	buffer_append_byte(out, '?');
}

static bool write_words(struct buffer *out, const PgQuery__TypeName *type)
{
	const char *name = sql_string_value(type->names[type->n_names - 1]);

	if (!name || strcmp(name, "int8") != 0)
		return false;
	buffer_append_string(out, "signed");
	return true;
}

static void write_cast(struct printer *printer, const PgQuery__TypeCast *cast)
{
	print_text(printer, "CAST(");
	print_expr(printer, cast->arg);
	print_text(printer, " AS ");
	print_type(printer, cast->type_name);
	print_text(printer, ")");
}

static const struct sql_call_syntax *find_call(const PgQuery__FuncCall *call)
{
	(void)call;
	return NULL;
}

static void write_overriding(struct buffer *out, PgQuery__OverridingKind kind)
{
	(void)out;
	(void)kind;
}

static void write_conflict(struct printer *printer,
			   const PgQuery__OnConflictClause *conflict)
{
	print_text(printer, " ON DUPLICATE KEY UPDATE ");
	print_assignments(printer, conflict->target_list,
			  conflict->n_target_list);
}

static const struct sql_syntax_ops syntax = {
    .parameter = write_parameter,
    .type_words = write_words,
    .cast = write_cast,
    .call = find_call,
    .overriding = write_overriding,
    .conflict = write_conflict,
};

static int print(const char *text, struct buffer *out, struct error *error)
{
	struct sql_dialect dialect = *postgres_parser.dialect;
	struct sql_tree tree = parse_text(text, strlen(text));

	dialect.quote = '`';
	dialect.syntax = &syntax;
	error_init(error);
	buffer_clear(out);
	return sql_print(tree.statements[0].node, &dialect, out, NULL, error);
}

static void test_asked(void **state)
{
	static const char *const pairs[][2] = {
	    {"SELECT \"a`b\", \"Order\" FROM t WHERE a = $1 AND b = $7",
	     "SELECT `a``b`, `Order` FROM t WHERE a = ? AND b = ?"},
	    {"SELECT a::bigint, (a + 1)::numeric(3, 1) FROM t",
	     "SELECT CAST(a AS signed), CAST(a + 1 AS pg_catalog.`numeric`(3, "
	     "1)) FROM t"},
	    {"INSERT INTO t (a) OVERRIDING SYSTEM VALUE VALUES ($1) ON "
	     "CONFLICT "
	     "(a) DO UPDATE SET b = 1",
	     "INSERT INTO t (a) VALUES (?) ON DUPLICATE KEY UPDATE b = 1"},
	    {"SELECT sum(a) OVER (\"rows\" ROWS UNBOUNDED PRECEDING) FROM t "
	     "WINDOW "
	     "rows AS (ORDER BY a)",
	     "SELECT sum(a) OVER (`rows` ROWS UNBOUNDED PRECEDING) FROM t "
	     "WINDOW rows AS (ORDER BY a)"},
	};
	struct buffer out;
	struct error error;

	(void)state;
	buffer_init(&out, 0);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(print(pairs[i][0], &out, &error), 0);
		assert_string_equal(buffer_string(&out), pairs[i][1]);
	}
	assert_int_equal(print("SELECT EXTRACT(year FROM d)", &out, &error),
			 -1);
	assert_non_null(strstr(error.message, "syntax of extract"));
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_asked),
	};

	return cmocka_run_group_tests(tests, start, end);
}
