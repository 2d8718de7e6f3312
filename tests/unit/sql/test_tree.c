/* Walking, copying, comparing and building trees; literals and constants. */
#include "sql/build.h"
#include "sql/print.h"
#include "sql/walk.h"
#include "unit/sql/support.h"

static struct sql_statement parse(const char *text)
{
	return parse_one(text, strlen(text));
}

static const char *print(const PgQuery__Node *node)
{
	struct buffer out;
	struct error error;
	const char *text;

	buffer_init(&out, 0);
	error_init(&error);
	if (sql_print(node, postgres_parser.dialect, &out, NULL, &error))
		fail_msg("%s", error.message);
	text = arena_string(&arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

struct trace {
	char seen[1024];
	const char *stop_at;
};

static void note(struct trace *trace, const char *mark,
		 const struct sql_place *place)
{
	size_t used = strlen(trace->seen);

	snprintf(trace->seen + used, sizeof(trace->seen) - used, "%s%s%s%s ",
		 mark, place->field ? place->field : "",
		 place->field ? "=" : "",
		 place->message->descriptor->short_name);
}

static enum sql_step pre(struct sql_place *place, void *context,
			 struct error *error)
{
	struct trace *trace = context;

	(void)error;
	note(trace, "", place);
	if (trace->stop_at &&
	    !strcmp(place->message->descriptor->short_name, trace->stop_at))
		return SQL_STEP_STOP;
	return SQL_AT(place, type_name) ? SQL_STEP_OVER : SQL_STEP_INTO;
}

static enum sql_step post(struct sql_place *place, void *context,
			  struct error *error)
{
	(void)error;
	note(context, "/", place);
	return SQL_STEP_INTO;
}

static void test_walk(void **state)
{
	struct trace trace = {.seen = ""};
	struct sql_visitor visitor = {pre, post, &trace};
	struct error error;
	PgQuery__Node *node = parse("SELECT a::int FROM t AS x").node;

	(void)state;
	assert_int_equal(sql_walk(&node, &visitor, &error), 0);
	assert_string_equal(
	    trace.seen,
	    "SelectStmt target_list=ResTarget val=TypeCast arg=ColumnRef "
	    "fields=String /fields=String /arg=ColumnRef type_name=TypeName "
	    "/val=TypeCast /target_list=ResTarget from_clause=RangeVar "
	    "alias=Alias /alias=Alias /from_clause=RangeVar /SelectStmt ");
	trace = (struct trace){.stop_at = "TypeCast"};
	assert_int_equal(sql_walk(&node, &visitor, &error), 1);
	assert_string_equal(trace.seen,
			    "SelectStmt target_list=ResTarget val=TypeCast ");
}

static enum sql_step replace(struct sql_place *place, void *context,
			     struct error *error)
{
	const char *name;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	name =
	    sql_string_value(((PgQuery__ColumnRef *)place->message)->fields[0]);
	if (!strcmp(name, "a"))
		*place->slot = context;
	return SQL_STEP_OVER;
}

static void test_replace(void **state)
{
	PgQuery__Node *node =
	    parse("SELECT a, b, f(a) FROM t WHERE a * 2 = b").node;
	PgQuery__Node *with = parse("SELECT x + y").node;
	struct sql_visitor visitor = {.pre = replace};
	struct error error;

	(void)state;
	visitor.context = with->select_stmt->target_list[0]->res_target->val;
	assert_int_equal(sql_walk(&node, &visitor, &error), 0);
	assert_string_equal(print(node), "SELECT x + y, b, f(x + y) FROM t "
					 "WHERE (x + y) * 2 = b");
}

static void test_copy_and_equal(void **state)
{
	static const char *const texts[] = {
	    "SELECT a FROM t WHERE b = 1",
	    "SELECT a FROM t WHERE b = 2",
	    "SELECT a FROM t WHERE b = '1'",
	    "SELECT a FROM t WHERE b = NULL",
	    "SELECT a FROM t AS t WHERE b = 1",
	    "SELECT a FROM ONLY t WHERE b = 1",
	    "SELECT a FROM t WHERE b <> 1",
	    "SELECT DISTINCT a FROM t WHERE b = 1",
	    "SELECT a, a FROM t WHERE b = 1",
	};
	size_t count = sizeof(texts) / sizeof(*texts);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		PgQuery__Node *a = parse(texts[i]).node;

		assert_true(sql_equal(a, sql_copy(&arena, a)));
		assert_ptr_not_equal(a, sql_copy(&arena, a));
		for (size_t j = 0; j < count; j++)
			assert_int_equal(sql_equal(a, parse(texts[j]).node),
					 i == j);
	}
	assert_true(sql_equal(parse("SELECT  a").node, parse("SELECT a").node));
	assert_true(sql_equal(NULL, NULL));
	assert_false(sql_equal(NULL, parse("SELECT 1").node));
	/* A copy shares nothing. */
	{
		PgQuery__Node *a = parse("SELECT a FROM t").node;
		PgQuery__Node *copy = sql_copy(&arena, a);

		copy->select_stmt->from_clause[0]->range_var->relname[0] = 'u';
		assert_string_equal(print(a), "SELECT a FROM t");
		sql_forget_places(sql_unwrap(a));
		assert_int_equal(
		    a->select_stmt->from_clause[0]->range_var->location, -1);
	}
}

static void test_joined_forms(void **state)
{
	PgQuery__Node *a = sql_column(&arena, NULL, "a");
	PgQuery__Node *two[2] = {a, sql_column(&arena, "t", "b")};
	PgQuery__Node *three[2] = {sql_and(&arena, two, 2),
				   sql_const_bool(&arena, true)};
	PgQuery__SelectStmt *select = sql_select(&arena);
	PgQuery__Node *node = sql_wrap(&arena, select);

	(void)state;
	SQL_APPEND(&arena, select, target_list,
		   sql_target(&arena, NULL, sql_and(&arena, three, 2)));
	assert_true(sql_equal(node, parse("SELECT a AND t.b AND true").node));
	assert_true(sql_equal(parse("SELECT a AND t.b AND true").node, node));
	assert_false(sql_equal(node, parse("SELECT a AND true AND t.b").node));
	select->target_list[0]->res_target->val =
	    sql_operator(&arena, "-", NULL, sql_const_integer(&arena, 5));
	assert_true(sql_equal(node, parse("SELECT -5").node));
	assert_false(sql_equal(node, parse("SELECT 5").node));
}

static void test_too_deep(void **state)
{
	PgQuery__Node *node = sql_const_integer(&arena, 1);
	struct sql_visitor visitor = {.pre = pre};
	struct trace trace;
	struct buffer out;
	struct error error;

	(void)state;
	for (int i = 0; i < 20000; i++)
		node = sql_operator(&arena, "+", node,
				    sql_const_integer(&arena, 1));
	visitor.context = &trace;
	trace = (struct trace){.seen = ""};
	error_init(&error);
	assert_int_equal(sql_walk(&node, &visitor, &error), -1);
	assert_int_equal(error.kind, ERROR_LIMIT);
	assert_null(sql_copy(&arena, node));
	buffer_init(&out, 0);
	error_init(&error);
	assert_int_equal(
	    sql_print(node, postgres_parser.dialect, &out, NULL, &error), -1);
	assert_int_equal(error.kind, ERROR_LIMIT);
	buffer_release(&out);
}

/* What is built is what the parser makes of it. */
static void built_is(PgQuery__Node *expression, const char *text)
{
	PgQuery__Node *parsed =
	    parse(arena_printf(&arena, "SELECT %s", text)).node;

	if (!sql_equal(expression,
		       parsed->select_stmt->target_list[0]->res_target->val))
		fail_msg("%s: %s", text, print(expression));
}

static void test_build(void **state)
{
	PgQuery__Node *a = sql_column(&arena, NULL, "a");
	PgQuery__Node *one = sql_const_integer(&arena, 1);
	PgQuery__Node *items[] = {a, one};
	PgQuery__SelectStmt *select;
	PgQuery__Node *row;

	(void)state;
	built_is(a, "a");
	built_is(sql_column(&arena, "T", "b c"), "\"T\".\"b c\"");
	built_is(sql_star(&arena, "t"), "t.*");
	built_is(sql_star(&arena, NULL), "*");
	built_is(sql_const_integer(&arena, -7), "-7");
	built_is(sql_const_integer(&arena, 5000000000), "5000000000");
	built_is(sql_const_integer(&arena, INT64_MIN), "-9223372036854775808");
	built_is(sql_const_integer(&arena, INT32_MIN), "-2147483648");
	built_is(sql_const_number(&arena, "-1.50"), "-1.50");
	built_is(sql_const_string(&arena, "it's \\"), "'it''s \\'");
	built_is(sql_const_bool(&arena, false), "false");
	built_is(sql_const_null(&arena), "NULL");
	built_is(sql_cast(&arena, a, sql_type(&arena, "pg_catalog", "int4")),
		 "a::int");
	built_is(sql_operator(&arena, "||", a, one), "a || 1");
	built_is(sql_operator(&arena, "~", NULL, a), "~ a");
	built_is(sql_call(&arena, "s", "f", items, 2), "s.f(a, 1)");
	built_is(sql_and(&arena, items, 2), "a AND 1");
	built_is(sql_is_null(&arena, a, true), "a IS NOT NULL");
	built_is(sql_distinct(&arena, a, one, false), "a IS DISTINCT FROM 1");
	built_is(sql_distinct(&arena, a, one, true),
		 "a IS NOT DISTINCT FROM 1");
	built_is(sql_in(&arena, a, items, 2, true), "a NOT IN (a, 1)");
	built_is(sql_case(&arena, a, &one, &a, 1, one),
		 "CASE a WHEN 1 THEN a ELSE 1 END");
	built_is(sql_case(&arena, NULL, items, items, 2, NULL),
		 "CASE WHEN a THEN a WHEN 1 THEN 1 END");
	built_is(sql_coalesce(&arena, items, 2), "COALESCE(a, 1)");
	built_is(sql_row(&arena, items, 2), "ROW(a, 1)");

	select = sql_select(&arena);
	SQL_APPEND(&arena, select, target_list, sql_target(&arena, "x", a));
	assert_true(
	    sql_equal(sql_wrap(&arena, select), parse("SELECT a AS x").node));
	built_is(sql_sublink(&arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			     sql_wrap(&arena, select)),
		 "EXISTS (SELECT a AS x)");
	row = sql_list(&arena, items, 2);
	assert_true(sql_equal(sql_wrap(&arena, sql_values(&arena, &row, 1)),
			      parse("VALUES (a, 1)").node));
	assert_null(sql_and(&arena, NULL, 0));
	items[0] = NULL;
	assert_ptr_equal(sql_and(&arena, items, 2), one);
	/* Appending to a parsed list. */
	select = parse("SELECT a, b").node->select_stmt;
	SQL_APPEND(&arena, select, target_list, sql_target(&arena, "c", one));
	assert_string_equal(print(sql_wrap(&arena, select)),
			    "SELECT a, b, 1 AS c");
}

/* marks: one for each literal: f free, - free and negative, F fixed. */
static void bound_is(const char *text, const char *marks)
{
	struct sql_statement statement = parse(text);
	struct sql_shape shape;
	struct sql_binding bindings[16];
	char seen[17] = "";

	sql_shape_init(&shape);
	postgres_parser.shape(text, strlen(text), &shape);
	assert_true(shape.count <= 16);
	sql_bind_literals(&statement, text, postgres_parser.dialect, &shape,
			  bindings);
	for (size_t i = 0; i < shape.count; i++)
		seen[i] = bindings[i].fixed	 ? 'F'
			  : bindings[i].negative ? '-'
						 : 'f';
	if (strcmp(seen, marks))
		fail_msg("%s: %s, not %s", text, seen, marks);
	sql_shape_release(&shape);
}

static void test_bind(void **state)
{
	(void)state;
	bound_is("SELECT a FROM t WHERE b = 1 AND c = 'x'", "ff");
	bound_is("SELECT -1, - 2.5, - /* c */ 3, 4 - 5", "--Fff");
	bound_is("SELECT - - 1", "F");
	bound_is("INSERT INTO t VALUES (1, 'a'), (-2, B'1')", "ff-f");
	bound_is("SELECT a FROM t ORDER BY 1 LIMIT 10 OFFSET 5", "FFF");
	bound_is("SELECT a + 1 FROM t WHERE b = 2 ORDER BY a + 1", "FfF");
	bound_is("SELECT a + 1 FROM t WHERE b = 2 ORDER BY a", "ff");
	bound_is("SELECT a, count(*) FROM t GROUP BY 1 HAVING count(*) > 2",
		 "Ff");
	bound_is("SELECT nextval('s'), 'x'::regclass, lower('A')", "FFf");
	bound_is("SELECT 'x'::varchar(10), interval '1' day, date '2020-01-01'",
		 "fFFf");
	bound_is("SELECT 'x'::float(3)", "fF");
	bound_is("UPDATE t SET a = 1, (b, c) = (2, 3) WHERE d = $1", "fFF");
	bound_is("SET x = 1", "F");
	bound_is("SELECT extract('year' FROM a) = 2020", "ff");
	bound_is("SELECT 'now'::timestamp, 'known'", "");
	bound_is("SELECT * FROM (SELECT a FROM t LIMIT 1) x WHERE a = 2", "Ff");
}

/* Another statement of the same shape is the print with its literals put in. */
static void test_slots(void **state)
{
	static const char *const pairs[][2] = {
	    {"SELECT a FROM t WHERE b = 1 AND c = 'x' AND d = - 7",
	     "SELECT a FROM t WHERE b = 22 AND c = E'it\\'s' AND d = - 12"},
	    {"INSERT INTO t VALUES (1, $$a$$, 2.5, X'1F')",
	     "INSERT INTO t VALUES (9, 'b', .5, X'0')"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		struct sql_statement statement = parse(pairs[i][0]);
		struct sql_slots slots = {.arena = &arena};
		struct sql_binding bindings[8];
		struct sql_shape shape;
		struct sql_shape other;
		struct buffer out;
		struct buffer filled;
		struct error error;
		size_t at = 0;

		sql_shape_init(&shape);
		sql_shape_init(&other);
		buffer_init(&out, 0);
		buffer_init(&filled, 0);
		postgres_parser.shape(pairs[i][0], strlen(pairs[i][0]), &shape);
		postgres_parser.shape(pairs[i][1], strlen(pairs[i][1]), &other);
		assert_int_equal(shape.key.size, other.key.size);
		assert_memory_equal(shape.key.data, other.key.data,
				    shape.key.size);
		sql_bind_literals(&statement, pairs[i][0],
				  postgres_parser.dialect, &shape, bindings);
		assert_int_equal(sql_print_checked(statement.node,
						   &postgres_parser, &arena,
						   &out, &slots, &error),
				 0);
		assert_int_equal(slots.count, shape.count);
		for (size_t j = 0; j < slots.count; j++) {
			const struct sql_slot *slot = &slots.items[j];
			size_t k = 0;

			while (bindings[k].constant != slot->constant)
				k++;
			buffer_append(&filled, out.data + at,
				      slot->offset - at);
			buffer_append(&filled,
				      pairs[i][1] + other.literals[k].offset,
				      other.literals[k].length);
			at = slot->offset + slot->length;
		}
		buffer_append(&filled, out.data + at, out.size - at);
		assert_true(sql_equal(parse(buffer_string(&filled)).node,
				      parse(pairs[i][1]).node));
		buffer_release(&out);
		buffer_release(&filled);
		sql_shape_release(&shape);
		sql_shape_release(&other);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_walk),
	    cmocka_unit_test(test_replace),
	    cmocka_unit_test(test_copy_and_equal),
	    cmocka_unit_test(test_joined_forms),
	    cmocka_unit_test(test_too_deep),
	    cmocka_unit_test(test_build),
	    cmocka_unit_test(test_bind),
	    cmocka_unit_test(test_slots),
	};

	return cmocka_run_group_tests(tests, start, end);
}
