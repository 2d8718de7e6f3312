/* Columns, keys and options of tables, as parse_definition.c, parse_key.c and
 * parse_table.c have them. */
#include <strings.h>

#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"

/* ---- options ---- */

/* Options whose value is a word, not a string. */
static bool is_worded(const char *name, const char *value)
{
	static const char *const names[] = {
	    "row_format",    "insert_method", "algorithm",  "lock",
	    "column_format", "storage",	      "with parser"};

	if (!strcmp(value, "default"))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

void mysql_print_option(struct printer *printer, const PgQuery__Node *node,
			const char *equals)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);
	const char *text = elem ? mysql_text_of(elem->arg) : NULL;

	if (!elem) {
		print_unknown(printer, node);
		return;
	}
	mysql_print_words(printer, elem->defname);
	if (!elem->arg)
		return;
	print_text(printer, equals);
	if (text && is_worded(elem->defname, text))
		mysql_print_word(printer, elem->arg);
	else
		print_expr(printer, elem->arg);
}

void mysql_print_options(struct printer *printer, PgQuery__Node *const *items,
			 size_t count, const char *equals)
{
	for (size_t i = 0; i < count; i++) {
		if (SQL_IS(items[i], DEF_ELEM) &&
		    !strcmp(items[i]->def_elem->defname, "or replace"))
			continue; /* it stands before the name */
		print_text(printer, " ");
		mysql_print_option(printer, items[i], equals);
	}
}

/* ---- foreign keys and checks ---- */

static void print_action(struct printer *printer, const char *words,
			 const char *action)
{
	if (!SQL_SET(action) || *action == 'a')
		return;
	print_text(printer, words);
	print_text(printer, *action == 'c'   ? "CASCADE"
			    : *action == 'r' ? "RESTRICT"
			    : *action == 'n' ? "SET NULL"
					     : "SET DEFAULT");
}

static void print_references(struct printer *printer,
			     const PgQuery__Constraint *constraint)
{
	const char *match = constraint->fk_matchtype;

	print_text(printer, "REFERENCES ");
	print_relation(printer, constraint->pktable);
	print_list(printer, " ", constraint->pk_attrs, constraint->n_pk_attrs,
		   print_name_node);
	if (SQL_SET(match) && *match != 's')
		print_text(printer,
			   *match == 'f' ? " MATCH FULL" : " MATCH PARTIAL");
	print_action(printer, " ON DELETE ", constraint->fk_del_action);
	print_action(printer, " ON UPDATE ", constraint->fk_upd_action);
}

static void print_check(struct printer *printer,
			const PgQuery__Constraint *constraint)
{
	print_text(printer, "CHECK (");
	print_expr(printer, constraint->raw_expr);
	print_text(printer,
		   constraint->skip_validation ? ") NOT ENFORCED" : ")");
}

/* ---- keys ---- */

static void print_part(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__IndexElem *elem = SQL_AS(node, INDEX_ELEM, index_elem);

	if (!elem) {
		print_unknown(printer, node);
		return;
	}
	if (elem->expr) {
		print_text(printer, "(");
		print_expr(printer, elem->expr);
		print_text(printer, ")");
	} else {
		print_name(printer, elem->name);
	}
	if (elem->n_opclassopts && SQL_IS(elem->opclassopts[0], DEF_ELEM)) {
		print_text(printer, "(");
		print_expr(printer, elem->opclassopts[0]->def_elem->arg);
		print_text(printer, ")");
	}
	if (elem->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC)
		print_text(printer, " DESC");
}

static bool is_tree(const char *method)
{
	return SQL_SET(method) && strcmp(method, "fulltext") != 0 &&
	       strcmp(method, "spatial") != 0;
}

static void print_method(struct printer *printer, const char *method)
{
	if (!is_tree(method))
		return;
	print_text(printer, " USING ");
	mysql_print_words(printer, method);
}

void mysql_print_index_kind(struct printer *printer,
			    const PgQuery__IndexStmt *index)
{
	if (index->unique)
		print_text(printer, "UNIQUE ");
	if (SQL_SET(index->access_method) && !is_tree(index->access_method)) {
		mysql_print_words(printer, index->access_method);
		print_text(printer, " ");
	}
}

void mysql_print_index_rest(struct printer *printer,
			    const PgQuery__IndexStmt *index)
{
	print_list(printer, " ", index->index_params, index->n_index_params,
		   print_part);
	print_method(printer, index->access_method);
	mysql_print_options(printer, index->options, index->n_options, " ");
}

static void print_index(struct printer *printer,
			const PgQuery__IndexStmt *index)
{
	if (index->primary)
		print_text(printer, "PRIMARY ");
	mysql_print_index_kind(printer, index);
	print_text(printer, "KEY");
	if (index->if_not_exists)
		print_text(printer, " IF NOT EXISTS");
	if (SQL_SET(index->idxname)) {
		print_text(printer, " ");
		print_name(printer, index->idxname);
	}
	mysql_print_index_rest(printer, index);
}

static void print_key(struct printer *printer,
		      const PgQuery__Constraint *constraint)
{
	print_text(printer,
		   constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY
		       ? "PRIMARY KEY"
		       : "UNIQUE KEY");
	if (SQL_SET(constraint->conname)) {
		print_text(printer, " ");
		print_name(printer, constraint->conname);
	}
	print_list(printer, " ", constraint->keys, constraint->n_keys,
		   print_name_node);
	print_method(printer, constraint->access_method);
	mysql_print_options(printer, constraint->options, constraint->n_options,
			    " ");
}

static void print_named(struct printer *printer,
			const PgQuery__Constraint *constraint)
{
	if (!SQL_SET(constraint->conname))
		return;
	print_text(printer, "CONSTRAINT ");
	print_name(printer, constraint->conname);
	print_text(printer, " ");
}

static void print_table_constraint(struct printer *printer,
				   const PgQuery__Constraint *constraint)
{
	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		print_key(printer, constraint);
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		print_named(printer, constraint);
		print_check(printer, constraint);
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		print_named(printer, constraint);
		print_text(printer, "FOREIGN KEY");
		if (SQL_SET(constraint->indexname)) {
			print_text(printer, " ");
			print_name(printer, constraint->indexname);
		}
		print_list(printer, " ", constraint->fk_attrs,
			   constraint->n_fk_attrs, print_name_node);
		print_text(printer, " ");
		print_references(printer, constraint);
		return;
	default:
		print_fail(printer, "no rule to print a table's constraint");
		return;
	}
}

/* ---- columns ---- */

static bool is_literal(const PgQuery__Node *value)
{
	return SQL_IS(value, A_CONST) || mysql_reserved(value, "literal") ||
	       mysql_reserved(value, "introduced") ||
	       mysql_reserved(value, "text");
}

static bool is_clock(const PgQuery__Node *value)
{
	static const char *const names[] = {"now", "current_timestamp",
					    "localtime", "localtimestamp"};
	const PgQuery__FuncCall *call = SQL_AS(value, FUNC_CALL, func_call);
	const char *name = call && call->n_funcname == 1
			       ? sql_string_value(call->funcname[0])
			       : NULL;

	for (size_t i = 0; name && i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

/* What is neither a literal nor the clock stands in brackets. */
void mysql_print_default(struct printer *printer, const PgQuery__Node *value)
{
	const PgQuery__AExpr *sign = SQL_AS(value, A_EXPR, a_expr);
	bool bare =
	    is_literal(value) || is_clock(value) ||
	    (sign && !sql_unwrap(sign->lexpr) && SQL_IS(sign->rexpr, A_CONST));

	print_text(printer, bare ? "" : "(");
	print_expr(printer, value);
	print_text(printer, bare ? "" : ")");
}

static void print_generated(struct printer *printer,
			    const PgQuery__Constraint *constraint)
{
	if (SQL_SET(constraint->generated_when) &&
	    *constraint->generated_when != 'a')
		print_fail(printer, "no rule to print an identity");
	print_text(printer, "GENERATED ALWAYS AS (");
	print_expr(printer, constraint->raw_expr);
	print_text(printer, constraint->n_options ? ") STORED" : ") VIRTUAL");
}

static void print_attribute(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__Constraint *constraint =
	    SQL_AS(node, CONSTRAINT, constraint);

	print_text(printer, " ");
	switch (constraint ? constraint->contype
			   : PG_QUERY__CONSTR_TYPE__CONSTR_TYPE_UNDEFINED) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NULL:
		print_text(printer, "NULL");
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		print_text(printer, "NOT NULL");
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		print_text(printer, "DEFAULT ");
		mysql_print_default(printer, constraint->raw_expr);
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
		print_text(printer, "AUTO_INCREMENT");
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		print_generated(printer, constraint);
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
		print_text(printer, "PRIMARY KEY");
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE:
		print_text(printer, "UNIQUE KEY");
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_CHECK:
		print_named(printer, constraint);
		print_check(printer, constraint);
		return;
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		print_references(printer, constraint);
		return;
	default:
		print_unknown(printer, node);
		return;
	}
}

static bool is_late(const PgQuery__Node *node)
{
	const PgQuery__Constraint *constraint =
	    SQL_AS(node, CONSTRAINT, constraint);

	return constraint &&
	       (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_CHECK ||
		constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN);
}

static void print_attributes(struct printer *printer,
			     const PgQuery__ColumnDef *column, bool late)
{
	for (size_t i = 0; i < column->n_constraints; i++)
		if (is_late(column->constraints[i]) == late)
			print_attribute(printer, column->constraints[i]);
}

static bool is_place(const PgQuery__Node *node)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);

	return elem && (!strcmp(elem->defname, "first") ||
			!strcmp(elem->defname, "after"));
}

static void print_column_options(struct printer *printer,
				 const PgQuery__ColumnDef *column)
{
	for (size_t i = 0; i < column->n_fdwoptions; i++)
		if (!is_place(column->fdwoptions[i])) {
			print_text(printer, " ");
			mysql_print_option(printer, column->fdwoptions[i], " ");
		}
}

static void print_place(struct printer *printer,
			const PgQuery__ColumnDef *column)
{
	for (size_t i = 0; i < column->n_fdwoptions; i++) {
		const PgQuery__Node *node = column->fdwoptions[i];

		if (!is_place(node))
			continue;
		if (node->def_elem->arg) {
			print_text(printer, " AFTER ");
			print_name_node(printer, node->def_elem->arg);
		} else {
			print_text(printer, " FIRST");
		}
	}
}

void mysql_print_column(struct printer *printer,
			const PgQuery__ColumnDef *column)
{
	print_name(printer, column->colname);
	print_text(printer, " ");
	mysql_print_type(printer, column->type_name);
	print_attributes(printer, column, false);
	print_column_options(printer, column);
	print_attributes(printer, column, true);
	print_place(printer, column);
}

void mysql_print_element(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, COLUMN_DEF))
		mysql_print_column(printer, node->column_def);
	else if (SQL_IS(node, CONSTRAINT))
		print_table_constraint(printer, node->constraint);
	else if (SQL_IS(node, INDEX_STMT))
		print_index(printer, node->index_stmt);
	else
		print_unknown(printer, node);
}
