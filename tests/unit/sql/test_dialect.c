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

/* Savepoints, settings and tables, each in a form that PostgreSQL has not. */
static bool write_statement(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
		print_text(printer, "SAVEPOINT OF ");
		print_name(printer, node->transaction_stmt->savepoint_name);
		return true;
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		print_text(printer, "SET SESSION ");
		print_name(printer, node->variable_set_stmt->name);
		print_text(printer, " = ");
		print_items(printer, node->variable_set_stmt->args,
			    node->variable_set_stmt->n_args, print_constant);
		return true;
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		print_text(printer, "CREATE TABLE ");
		print_relation(printer, node->create_stmt->relation);
		print_text(printer, " ENGINE = memory");
		return true;
	default:
		return false;
	}
}

static const struct sql_syntax_ops syntax = {
    .parameter = write_parameter,
    .type_words = write_words,
    .cast = write_cast,
    .call = find_call,
    .overriding = write_overriding,
    .conflict = write_conflict,
    .statement = write_statement,
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
	    {"SAVEPOINT \"a b\"", "SAVEPOINT OF `a b`"},
	    {"SET datestyle TO 'ISO', 'YMD'",
	     "SET SESSION datestyle = 'ISO', 'YMD'"},
	    {"CREATE TABLE \"T\" (a int PRIMARY KEY)",
	     "CREATE TABLE `T` ENGINE = memory"},
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

/* What the dialect has no rule for is refused, whatever PostgreSQL has. */
static void test_refused(void **state)
{
	static const char *const texts[] = {
	    "LISTEN c",
	    "FETCH ALL FROM c",
	    "DISCARD PLANS",
	    "EXPLAIN SELECT 1",
	    "COPY t FROM STDIN",
	    "LOCK TABLE t",
	    "TRUNCATE t RESTART IDENTITY",
	    "SET CONSTRAINTS ALL DEFERRED",
	    "CREATE TABLE t AS SELECT 1",
	    "DROP TABLE t",
	    "CALL f()",
	    "DO 'x'",
	};
	struct buffer out;
	struct error error;

	(void)state;
	buffer_init(&out, 0);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(print(texts[i], &out, &error), -1);
		assert_non_null(strstr(error.message, "no rule to print"));
	}
	buffer_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_asked),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, start, end);
}
