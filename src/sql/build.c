#include "sql/build.h"

#include <pthread.h>

/* Descriptors of all node types -> the member of Node that holds them. */
enum { CASE_SLOTS = 1024 };
static struct {
	const ProtobufCMessageDescriptor *type;
	uint32_t id;
} cases[CASE_SLOTS];
static pthread_once_t cases_once = PTHREAD_ONCE_INIT;

static size_t case_slot(const void *type)
{
	size_t slot = ((uintptr_t)type >> 4) * 0x9E3779B97F4A7C15u >> 54;

	while (cases[slot].type && cases[slot].type != type)
		slot = (slot + 1) % CASE_SLOTS;
	return slot;
}

static void cases_fill(void)
{
	const ProtobufCMessageDescriptor *node = &pg_query__node__descriptor;

	for (unsigned i = 0; i < node->n_fields; i++) {
		const void *type = node->fields[i].descriptor;
		size_t slot = case_slot(type);

		cases[slot].type = type;
		cases[slot].id = node->fields[i].id;
	}
}

void *sql_new(struct arena *arena, const ProtobufCMessageDescriptor *type)
{
	void *message = arena_alloc(arena, type->sizeof_message);

	type->message_init(message);
	return message;
}

PgQuery__Node *sql_wrap(struct arena *arena, void *message)
{
	PgQuery__Node *node = sql_new(arena, &pg_query__node__descriptor);

	pthread_once(&cases_once, cases_fill);
	node->node_case =
	    cases[case_slot(((ProtobufCMessage *)message)->descriptor)].id;
	node->alias = message;
	return node;
}

void sql_append(struct arena *arena, size_t *count, PgQuery__Node ***items,
		PgQuery__Node *item)
{
	/* The array may be the parser's, with no room after it. */
	PgQuery__Node **grown = arena_array(arena, *count + 1, sizeof(**items));

	if (*count)
		memcpy(grown, *items, *count * sizeof(**items));
	grown[(*count)++] = item;
	*items = grown;
}

static PgQuery__Node **copy_items(struct arena *arena,
				  PgQuery__Node *const *items, size_t count)
{
	if (!count)
		return NULL;
	return arena_copy(arena, items, count * sizeof(*items));
}

PgQuery__Node *sql_string(struct arena *arena, const char *text)
{
	PgQuery__String *string = sql_new(arena, &pg_query__string__descriptor);

	string->sval = arena_string(arena, text);
	return sql_wrap(arena, string);
}

PgQuery__Node *sql_integer(struct arena *arena, int32_t value)
{
	PgQuery__Integer *integer =
	    sql_new(arena, &pg_query__integer__descriptor);

	integer->ival = value;
	return sql_wrap(arena, integer);
}

PgQuery__Node *sql_list(struct arena *arena, PgQuery__Node *const *items,
			size_t count)
{
	PgQuery__List *list = sql_new(arena, &pg_query__list__descriptor);

	list->n_items = count;
	list->items = copy_items(arena, items, count);
	return sql_wrap(arena, list);
}

static PgQuery__AConst *new_const(struct arena *arena)
{
	PgQuery__AConst *constant =
	    sql_new(arena, &pg_query__a__const__descriptor);

	constant->location = -1;
	return constant;
}

PgQuery__Node *sql_const_integer(struct arena *arena, int64_t value)
{
	PgQuery__AConst *constant = new_const(arena);

	if (value > INT32_MAX || value < -INT32_MAX)
		return sql_const_number(
		    arena, arena_printf(arena, "%lld", (long long)value));
	constant->val_case = PG_QUERY__A__CONST__VAL_IVAL;
	constant->ival = sql_new(arena, &pg_query__integer__descriptor);
	constant->ival->ival = (int32_t)value;
	return sql_wrap(arena, constant);
}

PgQuery__Node *sql_const_number(struct arena *arena, const char *digits)
{
	PgQuery__AConst *constant = new_const(arena);

	constant->val_case = PG_QUERY__A__CONST__VAL_FVAL;
	constant->fval = sql_new(arena, &pg_query__float__descriptor);
	constant->fval->fval = arena_string(arena, digits);
	return sql_wrap(arena, constant);
}

PgQuery__Node *sql_const_string(struct arena *arena, const char *text)
{
	PgQuery__AConst *constant = new_const(arena);

	constant->val_case = PG_QUERY__A__CONST__VAL_SVAL;
	constant->sval = sql_new(arena, &pg_query__string__descriptor);
	constant->sval->sval = arena_string(arena, text);
	return sql_wrap(arena, constant);
}

PgQuery__Node *sql_const_bool(struct arena *arena, bool value)
{
	PgQuery__AConst *constant = new_const(arena);

	constant->val_case = PG_QUERY__A__CONST__VAL_BOOLVAL;
	constant->boolval = sql_new(arena, &pg_query__boolean__descriptor);
	constant->boolval->boolval = value;
	return sql_wrap(arena, constant);
}

PgQuery__Node *sql_const_null(struct arena *arena)
{
	PgQuery__AConst *constant = new_const(arena);

	constant->isnull = true;
	return sql_wrap(arena, constant);
}

PgQuery__Node *sql_default(struct arena *arena)
{
	PgQuery__SetToDefault *item =
	    sql_new(arena, &pg_query__set_to_default__descriptor);

	item->location = -1;
	return sql_wrap(arena, item);
}

static PgQuery__Node *new_column(struct arena *arena, size_t count)
{
	PgQuery__ColumnRef *column =
	    sql_new(arena, &pg_query__column_ref__descriptor);

	column->location = -1;
	column->n_fields = count;
	column->fields = arena_array(arena, count, sizeof(*column->fields));
	return sql_wrap(arena, column);
}

PgQuery__Node *sql_column(struct arena *arena, const char *qualifier,
			  const char *name)
{
	const char *parts[2] = {qualifier, name};

	return sql_column_parts(arena, qualifier ? parts : parts + 1,
				qualifier ? 2 : 1);
}

PgQuery__Node *sql_column_parts(struct arena *arena, const char *const *parts,
				size_t count)
{
	PgQuery__Node *node = new_column(arena, count);

	for (size_t i = 0; i < count; i++)
		node->column_ref->fields[i] = sql_string(arena, parts[i]);
	return node;
}

PgQuery__Node *sql_star(struct arena *arena, const char *qualifier)
{
	PgQuery__Node *node = new_column(arena, qualifier ? 2 : 1);
	PgQuery__Node **field = node->column_ref->fields;

	if (qualifier)
		*field++ = sql_string(arena, qualifier);
	*field =
	    sql_wrap(arena, sql_new(arena, &pg_query__a__star__descriptor));
	return node;
}

PgQuery__TypeName *sql_type(struct arena *arena, const char *schema,
			    const char *name)
{
	PgQuery__TypeName *type =
	    sql_new(arena, &pg_query__type_name__descriptor);

	type->typemod = -1;
	type->location = -1;
	if (schema)
		SQL_APPEND(arena, type, names, sql_string(arena, schema));
	SQL_APPEND(arena, type, names, sql_string(arena, name));
	return type;
}

PgQuery__Node *sql_cast(struct arena *arena, PgQuery__Node *value,
			PgQuery__TypeName *type)
{
	PgQuery__TypeCast *cast =
	    sql_new(arena, &pg_query__type_cast__descriptor);

	cast->arg = value;
	cast->type_name = type;
	cast->location = -1;
	return sql_wrap(arena, cast);
}

static PgQuery__Node *new_expr(struct arena *arena, PgQuery__AExprKind kind,
			       const char *name, PgQuery__Node *left,
			       PgQuery__Node *right)
{
	PgQuery__AExpr *expr = sql_new(arena, &pg_query__a__expr__descriptor);

	expr->kind = kind;
	expr->lexpr = left;
	expr->rexpr = right;
	expr->location = -1;
	SQL_APPEND(arena, expr, name, sql_string(arena, name));
	return sql_wrap(arena, expr);
}

PgQuery__Node *sql_operator(struct arena *arena, const char *name,
			    PgQuery__Node *left, PgQuery__Node *right)
{
	return new_expr(arena, PG_QUERY__A__EXPR__KIND__AEXPR_OP, name, left,
			right);
}

PgQuery__Node *sql_call(struct arena *arena, const char *schema,
			const char *name, PgQuery__Node *const *arguments,
			size_t count)
{
	PgQuery__FuncCall *call =
	    sql_new(arena, &pg_query__func_call__descriptor);

	if (schema)
		SQL_APPEND(arena, call, funcname, sql_string(arena, schema));
	SQL_APPEND(arena, call, funcname, sql_string(arena, name));
	call->n_args = count;
	call->args = copy_items(arena, arguments, count);
	call->funcformat = PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL;
	call->location = -1;
	return sql_wrap(arena, call);
}

PgQuery__Node *sql_and(struct arena *arena, PgQuery__Node *const *items,
		       size_t count)
{
	PgQuery__BoolExpr *expr =
	    sql_new(arena, &pg_query__bool_expr__descriptor);

	expr->boolop = PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
	expr->location = -1;
	for (size_t i = 0; i < count; i++)
		if (items[i])
			SQL_APPEND(arena, expr, args, items[i]);
	if (!expr->n_args)
		return NULL;
	if (expr->n_args == 1)
		return expr->args[0];
	return sql_wrap(arena, expr);
}

PgQuery__Node *sql_is_null(struct arena *arena, PgQuery__Node *item,
			   bool not_null)
{
	PgQuery__NullTest *test =
	    sql_new(arena, &pg_query__null_test__descriptor);

	test->arg = item;
	test->nulltesttype = not_null ? PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL
				      : PG_QUERY__NULL_TEST_TYPE__IS_NULL;
	test->location = -1;
	return sql_wrap(arena, test);
}

PgQuery__Node *sql_distinct(struct arena *arena, PgQuery__Node *left,
			    PgQuery__Node *right, bool not_distinct)
{
	return new_expr(arena,
			not_distinct
			    ? PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT
			    : PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT,
			"=", left, right);
}

PgQuery__Node *sql_in(struct arena *arena, PgQuery__Node *item,
		      PgQuery__Node *const *values, size_t count, bool not_in)
{
	return new_expr(arena, PG_QUERY__A__EXPR__KIND__AEXPR_IN,
			not_in ? "<>" : "=", item,
			sql_list(arena, values, count));
}

PgQuery__Node *sql_case(struct arena *arena, PgQuery__Node *operand,
			PgQuery__Node *const *when, PgQuery__Node *const *then,
			size_t count, PgQuery__Node *otherwise)
{
	PgQuery__CaseExpr *expr =
	    sql_new(arena, &pg_query__case_expr__descriptor);

	expr->arg = operand;
	expr->defresult = otherwise;
	expr->location = -1;
	for (size_t i = 0; i < count; i++) {
		PgQuery__CaseWhen *item =
		    sql_new(arena, &pg_query__case_when__descriptor);

		item->expr = when[i];
		item->result = then[i];
		item->location = -1;
		SQL_APPEND(arena, expr, args, sql_wrap(arena, item));
	}
	return sql_wrap(arena, expr);
}

PgQuery__Node *sql_coalesce(struct arena *arena, PgQuery__Node *const *items,
			    size_t count)
{
	PgQuery__CoalesceExpr *expr =
	    sql_new(arena, &pg_query__coalesce_expr__descriptor);

	expr->n_args = count;
	expr->args = copy_items(arena, items, count);
	expr->location = -1;
	return sql_wrap(arena, expr);
}

PgQuery__Node *sql_row(struct arena *arena, PgQuery__Node *const *items,
		       size_t count)
{
	PgQuery__RowExpr *row = sql_new(arena, &pg_query__row_expr__descriptor);

	row->n_args = count;
	row->args = copy_items(arena, items, count);
	row->row_format = PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL;
	row->location = -1;
	return sql_wrap(arena, row);
}

PgQuery__Node *sql_sublink(struct arena *arena, PgQuery__SubLinkType kind,
			   PgQuery__Node *select)
{
	PgQuery__SubLink *link =
	    sql_new(arena, &pg_query__sub_link__descriptor);

	link->sub_link_type = kind;
	link->subselect = select;
	link->location = -1;
	return sql_wrap(arena, link);
}

PgQuery__Alias *sql_alias(struct arena *arena, const char *name,
			  const char *const *columns, size_t count)
{
	PgQuery__Alias *alias = sql_new(arena, &pg_query__alias__descriptor);

	alias->aliasname = arena_string(arena, name);
	for (size_t i = 0; i < count; i++)
		SQL_APPEND(arena, alias, colnames,
			   sql_string(arena, columns[i]));
	return alias;
}

PgQuery__Node *sql_range_subselect(struct arena *arena, PgQuery__Node *select,
				   const char *alias,
				   const char *const *columns, size_t count)
{
	PgQuery__RangeSubselect *range =
	    sql_new(arena, &pg_query__range_subselect__descriptor);

	range->subquery = select;
	range->alias = sql_alias(arena, alias, columns, count);
	return sql_wrap(arena, range);
}

PgQuery__Node *sql_target(struct arena *arena, const char *name,
			  PgQuery__Node *value)
{
	PgQuery__ResTarget *target =
	    sql_new(arena, &pg_query__res_target__descriptor);

	if (name)
		target->name = arena_string(arena, name);
	target->val = value;
	target->location = -1;
	return sql_wrap(arena, target);
}

PgQuery__SelectStmt *sql_select(struct arena *arena)
{
	PgQuery__SelectStmt *select =
	    sql_new(arena, &pg_query__select_stmt__descriptor);

	select->limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_DEFAULT;
	select->op = PG_QUERY__SET_OPERATION__SETOP_NONE;
	return select;
}

PgQuery__SelectStmt *sql_values(struct arena *arena, PgQuery__Node *const *rows,
				size_t count)
{
	PgQuery__SelectStmt *select = sql_select(arena);

	select->n_values_lists = count;
	select->values_lists = copy_items(arena, rows, count);
	return select;
}
