#include "mirror/reach_query.h"

/* --- names --- */

void reach_add_name(struct reach_names *names, const struct catalog_table *of,
		    const char *name)
{
	if (!name || names->count == REACH_NAMES) {
		names->all = true;
		return;
	}
	for (size_t i = 0; i < names->count; i++)
		if (names->names[i].of == of &&
		    !strcmp(names->names[i].name, name))
			return;
	names->names[names->count++] = (struct reach_name){of, name};
}

/* Whether it stands in the query itself, not in one within. */
static bool is_of_query(const struct sql_place *place,
			const struct reach_query *query)
{
	for (place = place->parent; place; place = place->parent)
		if (SQL_AT(place, select_stmt))
			return place->message == &query->select->base;
	return true;
}

static void add_reference(struct reach_names *names,
			  const struct sql_place *place)
{
	PgQuery__ColumnRef *ref = (PgQuery__ColumnRef *)place->message;
	const PgQuery__Node node = {
	    .node_case = PG_QUERY__NODE__NODE_COLUMN_REF, .column_ref = ref};
	const char *name =
	    ref->n_fields ? sql_string_value(ref->fields[ref->n_fields - 1])
			  : NULL;
	struct reach_meant meant = {0};

	if (names->query && is_of_query(place, names->query)) {
		meant = reach_meant(names->query, &node);
		names->all |= names->query->in_view && !meant.relation;
	}
	reach_add_name(names, meant.relation ? meant.relation->table : NULL,
		       name);
}

/* count(t.id), where it is never NULL: the rows are counted, whatever they hold. */
static bool counts_rows(const struct reach_names *names,
			const struct sql_place *place)
{
	const PgQuery__FuncCall *call =
	    (const PgQuery__FuncCall *)place->message;
	const struct catalog_column *column;
	struct reach_meant meant;
	const char *name;

	if (!names->query || !is_of_query(place, names->query) ||
	    !call->n_funcname || call->n_args != 1 || call->agg_distinct ||
	    call->n_agg_order || call->agg_filter || call->over)
		return false;
	name = sql_string_value(call->funcname[call->n_funcname - 1]);
	meant = reach_meant(names->query, call->args[0]);
	if (!name || strcmp(name, "count") != 0 || !meant.relation ||
	    !meant.relation->table)
		return false;
	column = catalog_column_number(meant.relation->table, meant.number);
	return column && column->not_null;
}

static enum sql_step collect(struct sql_place *place, void *context,
			     struct error *error)
{
	struct reach_names *names = context;

	(void)error;
	if (SQL_AT(place, column_ref)) {
		add_reference(names, place);
	} else if (SQL_AT(place, func_call) && counts_rows(names, place)) {
		return SQL_STEP_OVER;
	} else if (SQL_AT(place, alias)) {
		/* the columns have other names */
		names->all |=
		    ((const PgQuery__Alias *)place->message)->n_colnames > 0;
	} else if (SQL_AT(place, index_elem)) {
		const PgQuery__IndexElem *element =
		    (const PgQuery__IndexElem *)place->message;

		if (SQL_SET(element->name))
			reach_add_name(names, NULL, element->name);
	} else if (SQL_AT(place, join_expr)) {
		const PgQuery__JoinExpr *join =
		    (const PgQuery__JoinExpr *)place->message;

		names->all |= join->is_natural || join->n_using_clause;
	} else if (SQL_AT(place, current_of_expr)) {
		names->all = true;
	}
	return SQL_STEP_INTO;
}

void reach_collect(ProtobufCMessage *tree, struct reach_names *names)
{
	const struct sql_visitor visitor = {collect, NULL, names};
	struct error error;

	if (tree && sql_walk_message(tree, &visitor, &error))
		names->all = true;
}

void reach_collect_node(PgQuery__Node *node, struct reach_names *names)
{
	reach_collect(node ? sql_unwrap(node) : NULL, names);
}

void reach_collect_list(PgQuery__Node **nodes, size_t count,
			struct reach_names *names)
{
	for (size_t i = 0; i < count; i++)
		reach_collect_node(nodes[i], names);
}

struct mentions {
	const char *table;
	size_t count;
};

static enum sql_step mention(struct sql_place *place, void *context,
			     struct error *error)
{
	struct mentions *mentions = context;

	(void)error;
	if (SQL_AT(place, range_var)) {
		const PgQuery__RangeVar *var =
		    (const PgQuery__RangeVar *)place->message;

		mentions->count += !strcmp(var->relname, mentions->table);
	} else if (SQL_AT(place, common_table_expr)) {
		const PgQuery__CommonTableExpr *cte =
		    (const PgQuery__CommonTableExpr *)place->message;

		mentions->count += !strcmp(cte->ctename, mentions->table);
	}
	return SQL_STEP_INTO;
}

size_t reach_mentions(ProtobufCMessage *tree, const char *table)
{
	struct mentions mentions = {table, 0};
	const struct sql_visitor visitor = {mention, NULL, &mentions};
	struct error error;

	if (sql_walk_message(tree, &visitor, &error))
		return SIZE_MAX;
	return mentions.count;
}

static enum sql_step call(struct sql_place *place, void *context,
			  struct error *error)
{
	(void)context;
	(void)error;
	return SQL_AT(place, func_call) ? SQL_STEP_STOP : SQL_STEP_INTO;
}

bool reach_calls(PgQuery__Node **nodes, size_t count)
{
	const struct sql_visitor visitor = {call, NULL, NULL};
	struct error error;

	for (size_t i = 0; i < count; i++)
		if (nodes[i] && sql_walk(&nodes[i], &visitor, &error))
			return true;
	return false;
}

/* --- fixed values --- */

bool reach_is_constant(const PgQuery__Node *node)
{
	const PgQuery__TypeCast *cast = SQL_AS(node, TYPE_CAST, type_cast);

	if (cast)
		return reach_is_constant(cast->arg);
	return SQL_IS(node, A_CONST) || SQL_IS(node, PARAM_REF) ||
	       SQL_IS(node, SET_TO_DEFAULT);
}

static const struct catalog_type *type_of(
    const struct reach_statement *statement, uint32_t id)
{
	return catalog_type(statement->catalogs->old_catalog, id);
}

/* Types whose equal values have one form, in every type of the class. */
static bool is_plain(const struct catalog_type *type)
{
	return type && (type->class == TYPE_INTEGER ||
			type->class == TYPE_TEXT || type->class == TYPE_UUID);
}

static bool fix(const struct reach_statement *statement, uint32_t type,
		uint8_t format, struct value in, struct arena *arena,
		struct weigh_fixed *out)
{
	const struct value_side side = {statement->values,
					statement->catalogs->old_catalog, type,
					format, in};
	struct rows_digest digest;
	struct value form;

	if (!in.data ||
	    value_canonical(&side, arena, &form) == VALUE_UNDECIDED ||
	    !form.data)
		return false;
	rows_digest_start(&digest, NULL, 0, 0);
	rows_digest_cell(&digest, form.data, form.size);
	rows_digest_row_end(&digest);
	out->value = digest.unordered;
	out->text = value_text(&side, arena);
	return true;
}

bool reach_value(const struct reach_statement *statement,
		 const struct catalog_column *column, uint8_t format,
		 struct value value, struct arena *arena,
		 struct weigh_fixed *fixed)
{
	fixed->column = column->number;
	return is_plain(type_of(statement, column->type)) &&
	       fix(statement, column->type, format, value, arena, fixed);
}

static bool of_parameter(const struct reach_statement *statement,
			 const struct catalog_column *column, int number,
			 struct arena *arena, struct weigh_fixed *fixed)
{
	size_t at = (size_t)number - 1;
	uint32_t type;
	const struct catalog_type *own = type_of(statement, column->type);
	const struct catalog_type *sent;

	if (number < 1 || at >= statement->parameter_count)
		return false;
	type = statement->types ? statement->types[at] : 0;
	sent = type ? type_of(statement, type) : own;
	if (!sent || sent->class != own->class)
		return false;
	/* of an unknown type only a text can be read */
	if (!type && statement->formats[at])
		return false;
	return fix(statement, type ? type : column->type,
		   statement->formats[at], statement->parameters[at], arena,
		   fixed);
}

bool reach_constant(const struct reach_statement *statement,
		    const struct catalog_column *column,
		    const PgQuery__Node *node, struct arena *arena,
		    struct weigh_fixed *fixed)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);
	const PgQuery__ParamRef *parameter = SQL_AS(node, PARAM_REF, param_ref);
	const char *text = NULL;

	fixed->column = column->number;
	if (!is_plain(type_of(statement, column->type)))
		return false;
	if (parameter)
		return of_parameter(statement, column, parameter->number, arena,
				    fixed);
	if (!constant || constant->isnull)
		return false;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		text = arena_printf(arena, "%d", constant->ival->ival);
	else if (constant->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		text = constant->sval->sval;
	else if (constant->val_case == PG_QUERY__A__CONST__VAL_FVAL)
		text = constant->fval->fval; /* of more than 31 bits */
	return text && fix(statement, column->type, 0,
			   (struct value){(const uint8_t *)text,
					  (uint32_t)strlen(text)},
			   arena, fixed);
}

const struct catalog_column *reach_column(const struct catalog_table *table,
					  const PgQuery__RangeVar *relation,
					  bool alone, const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const char *name, *of;

	if (!ref || !ref->n_fields || ref->n_fields > 2)
		return NULL;
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	if (!name || (ref->n_fields == 1 && !alone))
		return NULL;
	if (ref->n_fields == 2) {
		of = sql_string_value(ref->fields[0]);
		if (!of ||
		    strcmp(of, relation->alias ? relation->alias->aliasname
					       : relation->relname) != 0)
			return NULL;
	}
	return catalog_column(table, name);
}

bool reach_is_equals(const PgQuery__AExpr *expression)
{
	const char *name = expression->n_name == 1
			       ? sql_string_value(expression->name[0])
			       : NULL;

	return expression->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP && name &&
	       !strcmp(name, "=");
}

size_t reach_fixed(const struct reach_statement *statement,
		   const struct catalog_table *table,
		   const PgQuery__RangeVar *relation, bool alone,
		   const PgQuery__Node *where, struct arena *arena,
		   struct weigh_fixed *fixed)
{
	const PgQuery__BoolExpr *all = SQL_AS(where, BOOL_EXPR, bool_expr);
	const PgQuery__AExpr *equals = SQL_AS(where, A_EXPR, a_expr);
	const struct catalog_column *column;
	const PgQuery__Node *value;
	size_t count = 0;

	if (all && all->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
		for (size_t i = 0; i < all->n_args && count < REACH_FIXED; i++)
			if (SQL_IS(all->args[i], A_EXPR))
				count += reach_fixed(statement, table, relation,
						     alone, all->args[i], arena,
						     fixed + count);
		return count;
	}
	if (!equals || !reach_is_equals(equals))
		return 0;
	column = reach_column(table, relation, alone, equals->lexpr);
	value = equals->rexpr;
	if (!column) {
		column = reach_column(table, relation, alone, equals->rexpr);
		value = equals->lexpr;
	}
	return column &&
	       reach_constant(statement, column, value, arena, &fixed[0]);
}

/* --- values that are equal to others --- */

bool reach_same_class(const struct reach_statement *statement,
		      const struct catalog_column *a,
		      const struct catalog_column *b)
{
	const struct catalog_type *one = a ? type_of(statement, a->type) : NULL;
	const struct catalog_type *other =
	    b ? type_of(statement, b->type) : NULL;

	return is_plain(one) && is_plain(other) && one->class == other->class;
}

size_t reach_carry(const struct reach_statement *statement,
		   const struct reach_link *link,
		   const struct weigh_fixed *fixed, size_t fixed_count,
		   struct weigh_fixed *out)
{
	size_t count = 0;

	for (size_t i = 0; i < fixed_count; i++)
		for (size_t k = 0; k < link->count && count < REACH_FIXED;
		     k++) {
			if (fixed[i].column != link->from_columns[k] ||
			    !reach_same_class(
				statement,
				catalog_column_number(link->from,
						      link->from_columns[k]),
				catalog_column_number(link->to,
						      link->to_columns[k])))
				continue;
			out[count] = fixed[i];
			out[count++].column = link->to_columns[k];
		}
	return count;
}

bool reach_key_link(const struct catalog_table *child,
		    const struct catalog_key *key, bool from_child,
		    struct reach_link *link)
{
	*link = (struct reach_link){.count = key->column_count};
	link->from = from_child ? child : key->target;
	link->to = from_child ? key->target : child;
	link->from_columns = from_child ? key->columns : key->target_columns;
	link->to_columns = from_child ? key->target_columns : key->columns;
	return key->target_columns != NULL;
}
