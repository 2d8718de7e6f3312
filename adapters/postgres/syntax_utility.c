/* COPY, EXPLAIN, LOCK, TRUNCATE, CALL, DO, CREATE TABLE AS, SET CONSTRAINTS. */
#include <string.h>

#include "adapters/postgres/syntax.h"
#include "sql/printer.h"

/* The value of an option: a word or string, a number. */
static void print_value(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, STRING))
		print_string(printer, node->string->sval);
	else if (SQL_IS(node, INTEGER))
		buffer_printf(printer->out, "%d", node->integer->ival);
	else if (SQL_IS(node, FLOAT))
		print_text(printer, node->float_->fval);
	else if (SQL_IS(node, A_STAR))
		print_text(printer, "*");
	else if (SQL_IS(node, LIST))
		print_list(printer, "", node->list->items, node->list->n_items,
			   print_value);
	else
		print_unknown(printer, node);
}

/* name value, as in EXPLAIN (...) and COPY ... WITH (...). */
static void print_spaced_option(struct printer *printer,
				const PgQuery__Node *node)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);

	if (!elem) {
		print_unknown(printer, node);
		return;
	}
	/* These words are not names, but options. */
	if (!strcmp(elem->defname, "analyze") ||
	    !strcmp(elem->defname, "verbose") ||
	    !strcmp(elem->defname, "null") || !strcmp(elem->defname, "freeze"))
		print_text(printer, elem->defname);
	else
		print_name(printer, elem->defname);
	if (sql_unwrap(elem->arg)) {
		print_text(printer, " ");
		print_value(printer, elem->arg);
	}
}

/* name = value, as in CREATE TABLE ... WITH (...). */
void postgres_print_option(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);

	if (!elem) {
		print_unknown(printer, node);
		return;
	}
	if (SQL_SET(elem->defnamespace)) {
		print_name(printer, elem->defnamespace);
		print_text(printer, ".");
	}
	print_name(printer, elem->defname);
	if (!sql_unwrap(elem->arg))
		return;
	print_text(printer, " = ");
	if (SQL_IS(elem->arg, TYPE_NAME))
		print_type(printer, elem->arg->type_name);
	else
		print_value(printer, elem->arg);
}

/* COPY's options before release 9: no brackets, own words. */
static const struct {
	const char *name;
	const char *word;
	char form; /* s: a string, b: nothing (a Boolean), c: columns or * */
} old_options[] = {
    {"freeze", "FREEZE", 'b'},
    {"delimiter", "DELIMITER", 's'},
    {"null", "NULL", 's'},
    {"header", "HEADER", 'b'},
    {"quote", "QUOTE", 's'},
    {"escape", "ESCAPE", 's'},
    {"force_quote", "FORCE QUOTE", 'c'},
    {"force_not_null", "FORCE NOT NULL", 'c'},
    {"force_null", "FORCE NULL", 'c'},
    {"encoding", "ENCODING", 's'},
};

static void print_old_option(struct printer *printer,
			     const PgQuery__DefElem *elem)
{
	const char *format = sql_string_value(elem->arg);

	if (!strcmp(elem->defname, "format") && format) {
		if (!strcmp(format, "csv") || !strcmp(format, "binary"))
			print_text(printer,
				   *format == 'c' ? " CSV" : " BINARY");
		else
			print_fail(printer, "no rule to print a COPY format");
		return;
	}
	for (size_t i = 0; i < sizeof(old_options) / sizeof(*old_options);
	     i++) {
		if (strcmp(elem->defname, old_options[i].name))
			continue;
		buffer_printf(printer->out, " %s", old_options[i].word);
		if (old_options[i].form == 'b')
			return;
		print_text(printer, " ");
		if (old_options[i].form == 'c' && SQL_IS(elem->arg, LIST))
			print_items(printer, elem->arg->list->items,
				    elem->arg->list->n_items, print_name_node);
		else
			print_value(printer, elem->arg);
		return;
	}
	print_fail(printer, "no rule to print COPY's option %s", elem->defname);
}

static void print_copy_options(struct printer *printer,
			       const PgQuery__CopyStmt *copy)
{
	bool old = false;

	for (size_t i = 0; i < copy->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(copy->options[i], DEF_ELEM, def_elem);

		if (!elem) {
			print_unknown(printer, copy->options[i]);
			return;
		}
		old = old || SQL_IS(elem->arg, BOOLEAN);
	}
	if (!old)
		print_list(printer, " WITH ", copy->options, copy->n_options,
			   print_spaced_option);
	for (size_t i = 0; old && i < copy->n_options; i++)
		print_old_option(printer, copy->options[i]->def_elem);
}

static void print_copy(struct printer *printer, const PgQuery__CopyStmt *copy)
{
	print_text(printer, "COPY ");
	if (copy->relation) {
		print_relation(printer, copy->relation);
		print_list(printer, " ", copy->attlist, copy->n_attlist,
			   print_name_node);
	} else {
		print_text(printer, "(");
		print_query(printer, copy->query);
		print_text(printer, ")");
	}
	print_text(printer, copy->is_from ? " FROM " : " TO ");
	if (SQL_SET(copy->filename)) {
		print_text(printer, copy->is_program ? "PROGRAM " : "");
		print_string(printer, copy->filename);
	} else {
		print_text(printer, copy->is_from ? "STDIN" : "STDOUT");
	}
	print_copy_options(printer, copy);
	if (sql_unwrap(copy->where_clause)) {
		print_text(printer, " WHERE ");
		print_expr(printer, copy->where_clause);
	}
}

static void print_lock(struct printer *printer, const PgQuery__LockStmt *lock)
{
	static const char *const modes[] = {
	    NULL,
	    "ACCESS SHARE",
	    "ROW SHARE",
	    "ROW EXCLUSIVE",
	    "SHARE UPDATE EXCLUSIVE",
	    "SHARE",
	    "SHARE ROW EXCLUSIVE",
	    "EXCLUSIVE",
	    "ACCESS EXCLUSIVE",
	};

	if (lock->mode < 1 || lock->mode > 8) {
		print_fail(printer, "no rule to print LOCK's mode");
		return;
	}
	print_text(printer, "LOCK TABLE ");
	print_items(printer, lock->relations, lock->n_relations,
		    print_range_node);
	buffer_printf(printer->out, " IN %s MODE", modes[lock->mode]);
	if (lock->nowait)
		print_text(printer, " NOWAIT");
}

static void print_truncate(struct printer *printer,
			   const PgQuery__TruncateStmt *stmt)
{
	print_text(printer, "TRUNCATE TABLE ");
	print_items(printer, stmt->relations, stmt->n_relations,
		    print_range_node);
	if (stmt->restart_seqs)
		print_text(printer, " RESTART IDENTITY");
	if (stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
		print_text(printer, " CASCADE");
}

/* Of objects with names like a table's; the others are unknown. */
static void print_drop(struct printer *printer, const PgQuery__DropStmt *stmt,
		       const PgQuery__Node *node)
{
	switch (stmt->remove_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
		print_text(printer, "DROP TABLE ");
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
		print_text(printer, "DROP VIEW ");
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
		print_text(printer, "DROP SEQUENCE ");
		break;
	default:
		print_unknown(printer, node);
		return;
	}
	if (stmt->missing_ok)
		print_text(printer, "IF EXISTS ");
	for (size_t i = 0; i < stmt->n_objects; i++) {
		const PgQuery__List *names =
		    SQL_AS(stmt->objects[i], LIST, list);

		if (i)
			print_text(printer, ", ");
		for (size_t n = 0; names && n < names->n_items; n++) {
			const char *name = sql_string_value(names->items[n]);

			if (n)
				print_text(printer, ".");
			print_name(printer, name ? name : "");
		}
	}
	if (stmt->behavior == PG_QUERY__DROP_BEHAVIOR__DROP_CASCADE)
		print_text(printer, " CASCADE");
}

static void print_do(struct printer *printer, const PgQuery__DoStmt *stmt)
{
	print_text(printer, "DO");
	for (size_t i = 0; i < stmt->n_args; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(stmt->args[i], DEF_ELEM, def_elem);

		if (!elem || !sql_string_value(elem->arg)) {
			print_unknown(printer, stmt->args[i]);
			return;
		}
		print_text(printer, strcmp(elem->defname, "language")
					? " "
					: " LANGUAGE ");
		print_string(printer, sql_string_value(elem->arg));
	}
}

static void print_constraints(struct printer *printer,
			      const PgQuery__ConstraintsSetStmt *stmt)
{
	print_text(printer, "SET CONSTRAINTS ");
	if (stmt->n_constraints)
		print_items(printer, stmt->constraints, stmt->n_constraints,
			    print_range_node);
	else
		print_text(printer, "ALL");
	print_text(printer, stmt->deferred ? " DEFERRED" : " IMMEDIATE");
}

void postgres_print_on_commit(struct printer *printer,
			      PgQuery__OnCommitAction action)
{
	switch (action) {
	case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_PRESERVE_ROWS:
		print_text(printer, " ON COMMIT PRESERVE ROWS");
		return;
	case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DELETE_ROWS:
		print_text(printer, " ON COMMIT DELETE ROWS");
		return;
	case PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP:
		print_text(printer, " ON COMMIT DROP");
		return;
	default:
		return;
	}
}

static void print_create_as(struct printer *printer,
			    const PgQuery__CreateTableAsStmt *stmt)
{
	const PgQuery__IntoClause *into = stmt->into;

	if (!into || !into->rel) {
		print_fail(printer, "CREATE TABLE AS without a table");
		return;
	}
	print_text(printer, "CREATE ");
	print_text(printer, print_persistence(into->rel));
	print_text(printer,
		   stmt->objtype == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW
		       ? "MATERIALIZED VIEW "
		       : "TABLE ");
	print_text(printer, stmt->if_not_exists ? "IF NOT EXISTS " : "");
	print_relation(printer, into->rel);
	print_list(printer, " ", into->col_names, into->n_col_names,
		   print_name_node);
	if (SQL_SET(into->access_method)) {
		print_text(printer, " USING ");
		print_name(printer, into->access_method);
	}
	print_list(printer, " WITH ", into->options, into->n_options,
		   postgres_print_option);
	postgres_print_on_commit(printer, into->on_commit);
	if (SQL_SET(into->table_space_name)) {
		print_text(printer, " TABLESPACE ");
		print_name(printer, into->table_space_name);
	}
	print_text(printer, " AS ");
	if (!postgres_print_session(printer, stmt->query))
		print_query(printer, stmt->query);
	if (into->skip_data)
		print_text(printer, " WITH NO DATA");
}

static void print_explain(struct printer *printer,
			  const PgQuery__ExplainStmt *stmt)
{
	print_text(printer, "EXPLAIN ");
	print_list(printer, "", stmt->options, stmt->n_options,
		   print_spaced_option);
	print_text(printer, stmt->n_options ? " " : "");
	if (SQL_IS(stmt->query, CREATE_TABLE_AS_STMT))
		print_create_as(printer, stmt->query->create_table_as_stmt);
	else if (!postgres_print_session(printer, stmt->query))
		print_query(printer, stmt->query);
}

bool postgres_print_statement(struct printer *printer,
			      const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COPY_STMT:
		print_copy(printer, node->copy_stmt);
		return true;
	case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
		print_explain(printer, node->explain_stmt);
		return true;
	case PG_QUERY__NODE__NODE_LOCK_STMT:
		print_lock(printer, node->lock_stmt);
		return true;
	case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
		print_truncate(printer, node->truncate_stmt);
		return true;
	case PG_QUERY__NODE__NODE_DROP_STMT:
		print_drop(printer, node->drop_stmt, node);
		return true;
	case PG_QUERY__NODE__NODE_CALL_STMT:
		print_text(printer, "CALL ");
		print_call(printer, node->call_stmt->funccall);
		return true;
	case PG_QUERY__NODE__NODE_DO_STMT:
		print_do(printer, node->do_stmt);
		return true;
	case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
		print_constraints(printer, node->constraints_set_stmt);
		return true;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		print_create_as(printer, node->create_table_as_stmt);
		return true;
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		postgres_print_create(printer, node->create_stmt);
		return true;
	default:
		return postgres_print_session(printer, node);
	}
}
