#include "sql/shape.h"

#include "sql/traits.h"
#include "sql/walk.h"

void sql_shape_init(struct sql_shape *shape)
{
	memset(shape, 0, sizeof(*shape));
	buffer_init(&shape->key, 0);
}

void sql_shape_release(struct sql_shape *shape)
{
	buffer_release(&shape->key);
	free(shape->literals);
	sql_shape_init(shape);
}

int sql_shape_lift(struct sql_shape *shape, size_t start, size_t end,
		   enum sql_literal_kind kind)
{
	if (shape->count == shape->capacity) {
		size_t capacity = shape->capacity ? shape->capacity * 2 : 16;
		struct sql_literal *literals =
		    realloc(shape->literals, capacity * sizeof(*literals));

		if (!literals)
			return -1;
		shape->literals = literals;
		shape->capacity = capacity;
	}
	shape->literals[shape->count++] =
	    (struct sql_literal){.offset = (uint32_t)start,
				 .length = (uint32_t)(end - start),
				 .kind = kind};
	return 0;
}

struct binder {
	const char *text;
	const struct sql_dialect *dialect;
	const struct sql_shape *shape;
	struct sql_binding *bindings;
	bool *several; /* of each literal: several constants refer to it */
	bool all_fixed;
};

/* The first literal at or after a place; shape->count if there is none. */
static size_t literal_from(const struct sql_shape *shape, size_t place)
{
	size_t low = 0;
	size_t high = shape->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (shape->literals[middle].offset < place)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool is_negative(const PgQuery__AConst *constant)
{
	if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return constant->ival->ival < 0;
	return constant->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
	       *constant->fval->fval == '-';
}

/* The literal of a constant; a negative one is placed at its sign.
 * shape->count: none. */
static size_t literal_of(const struct binder *binder,
			 const PgQuery__AConst *constant)
{
	const struct sql_shape *shape = binder->shape;
	size_t place = (size_t)constant->location;
	size_t found;

	if (constant->location < 0 || constant->isnull ||
	    constant->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL)
		return shape->count;
	found = literal_from(shape, place);
	if (found == shape->count)
		return found;
	if (!is_negative(constant))
		return shape->literals[found].offset == place ? found
							      : shape->count;
	if (shape->literals[found].offset == place ||
	    binder->text[place] != '-')
		return shape->count;
	for (place++; place < shape->literals[found].offset; place++)
		if (!strchr(" \t\n\r\f", binder->text[place]))
			return shape->count;
	return found;
}

/* Functions whose arguments name objects of the schema or the server. */
static bool takes_names(const struct sql_dialect *dialect,
			const PgQuery__FuncCall *call)
{
	const char *name =
	    call->n_funcname
		? sql_string_value(call->funcname[call->n_funcname - 1])
		: NULL;

	return !name || dialect->function(name).takes_names;
}

static bool is_name_cast(const struct sql_dialect *dialect,
			 const PgQuery__TypeCast *cast)
{
	const PgQuery__TypeName *type = cast->type_name;
	const char *name =
	    type && type->n_names
		? sql_string_value(type->names[type->n_names - 1])
		: NULL;
	enum sql_type_trait trait;

	if (!name || (!strcmp(name, "interval") && type->n_typmods))
		return true;
	trait = dialect->names->type_trait(name);
	return trait == SQL_TYPE_RELATION_NAME || trait == SQL_TYPE_OBJECT_NAME;
}

static enum sql_step find_constant(struct sql_place *place, void *context,
				   struct error *error)
{
	(void)context;
	(void)error;
	return SQL_AT(place, a__const) ? SQL_STEP_STOP : SQL_STEP_INTO;
}

/* Whether an ORDER BY item with a constant in it may equal an output column.
 * Then the column's constants count as well. */
static bool sorts_by_constants(const PgQuery__SelectStmt *select)
{
	struct sql_visitor visitor = {.pre = find_constant};
	struct error ignored;

	for (size_t i = 0; i < select->n_sort_clause; i++) {
		PgQuery__Node *item = select->sort_clause[i];

		if (SQL_IS(item, SORT_BY) &&
		    !SQL_IS(item->sort_by->node, A_CONST) &&
		    sql_walk(&item, &visitor, &ignored))
			return true;
	}
	return false;
}

static bool is_fixed_in(const struct sql_place *place,
			const struct sql_dialect *dialect)
{
	const struct sql_place *parent = place->parent;
	const char *field = place->field;

	if (SQL_AT(parent, select_stmt))
		return !strcmp(field, "sort_clause") ||
		       !strcmp(field, "group_clause") ||
		       !strcmp(field, "distinct_clause") ||
		       !strcmp(field, "limit_count") ||
		       !strcmp(field, "limit_offset") ||
		       (!strcmp(field, "target_list") &&
			sorts_by_constants(
			    (PgQuery__SelectStmt *)parent->message));
	if (SQL_AT(parent, type_name))
		return true;
	if (SQL_AT(parent, func_call))
		return takes_names(dialect,
				   (PgQuery__FuncCall *)parent->message);
	if (SQL_AT(parent, type_cast))
		return is_name_cast(dialect,
				    (PgQuery__TypeCast *)parent->message);
	return SQL_AT(parent, ctecycle_clause);
}

static enum sql_step bind_constant(struct sql_place *place, void *context,
				   struct error *error)
{
	struct binder *binder = context;
	PgQuery__AConst *constant;
	struct sql_binding *binding;
	size_t found;

	(void)error;
	if (!SQL_AT(place, a__const))
		return SQL_STEP_INTO;
	constant = (PgQuery__AConst *)place->message;
	found = literal_of(binder, constant);
	if (found == binder->shape->count)
		return SQL_STEP_OVER;
	binding = &binder->bindings[found];
	if (binder->several[found] || binding->constant) {
		binder->several[found] = true;
		*binding = (struct sql_binding){.fixed = true};
		return SQL_STEP_OVER;
	}
	binding->constant = constant;
	binding->negative = is_negative(constant);
	binding->fixed = binder->all_fixed;
	for (const struct sql_place *p = place; p->parent; p = p->parent)
		binding->fixed =
		    binding->fixed || is_fixed_in(p, binder->dialect);
	return SQL_STEP_OVER;
}

void sql_bind_literals(const struct sql_statement *statement, const char *text,
		       const struct sql_dialect *dialect,
		       const struct sql_shape *shape,
		       struct sql_binding *bindings)
{
	PgQuery__Node *node = statement->node;
	struct binder binder = {.text = text,
				.dialect = dialect,
				.shape = shape,
				.bindings = bindings};
	struct sql_visitor visitor = {.pre = bind_constant, .context = &binder};
	struct error ignored;

	for (size_t i = 0; i < shape->count; i++)
		bindings[i] = (struct sql_binding){.fixed = true};
	binder.all_fixed =
	    !SQL_IS(node, SELECT_STMT) && !SQL_IS(node, INSERT_STMT) &&
	    !SQL_IS(node, UPDATE_STMT) && !SQL_IS(node, DELETE_STMT) &&
	    !SQL_IS(node, MERGE_STMT);
	binder.several = calloc(shape->count + 1, sizeof(bool));
	if (!binder.several)
		return; /* all stay fixed */
	if (sql_walk(&node, &visitor, &ignored))
		for (size_t i = 0; i < shape->count; i++)
			bindings[i] = (struct sql_binding){.fixed = true};
	free(binder.several);
}
