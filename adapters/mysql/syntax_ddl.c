/* Definitions, as parse_table.c, parse_alter.c and parse_ddl.c have them. */
#include "adapters/mysql/syntax.h"

/* ---- CREATE TABLE ---- */

static bool has_option(PgQuery__Node *const *items, size_t count,
		       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (SQL_IS(items[i], DEF_ELEM) &&
		    !strcmp(items[i]->def_elem->defname, name))
			return true;
	return false;
}

static void print_head(struct printer *printer, const PgQuery__RangeVar *range,
		       PgQuery__Node *const *options, size_t count,
		       bool if_not_exists)
{
	print_text(printer, has_option(options, count, "or replace")
				? "CREATE OR REPLACE "
				: "CREATE ");
	if (range && SQL_SET(range->relpersistence) &&
	    *range->relpersistence == 't')
		print_text(printer, "TEMPORARY ");
	print_text(printer, if_not_exists ? "TABLE IF NOT EXISTS " : "TABLE ");
	print_relation(printer, range);
}

static void print_create(struct printer *printer,
			 const PgQuery__CreateStmt *create)
{
	const PgQuery__Node *first =
	    create->n_table_elts ? create->table_elts[0] : NULL;

	if (create->n_inh_relations || create->partbound || create->partspec ||
	    create->of_typename || create->n_constraints) {
		print_fail(printer, "no rule to print this CREATE TABLE");
		return;
	}
	print_head(printer, create->relation, create->options,
		   create->n_options, create->if_not_exists);
	if (SQL_IS(first, TABLE_LIKE_CLAUSE)) {
		print_text(printer, " LIKE ");
		print_relation(printer, first->table_like_clause->relation);
	} else {
		print_list(printer, " ", create->table_elts,
			   create->n_table_elts, mysql_print_element);
	}
	mysql_print_options(printer, create->options, create->n_options, " = ");
}

static void print_create_as(struct printer *printer,
			    const PgQuery__CreateTableAsStmt *stmt)
{
	const PgQuery__IntoClause *into = stmt->into;

	if (!into || into->n_col_names) {
		print_fail(printer, "no rule to print this CREATE TABLE");
		return;
	}
	print_head(printer, into->rel, into->options, into->n_options,
		   stmt->if_not_exists);
	mysql_print_options(printer, into->options, into->n_options, " = ");
	print_text(printer, " AS ");
	print_query(printer, stmt->query);
}

/* ---- ALTER TABLE ---- */

static void print_column_change(struct printer *printer,
				const PgQuery__AlterTableCmd *cmd)
{
	const PgQuery__ColumnDef *column =
	    SQL_AS(cmd->def, COLUMN_DEF, column_def);
	bool adds = cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn;
	const char *exists = !cmd->missing_ok ? ""
			     : adds	      ? "IF NOT EXISTS "
					      : "IF EXISTS ";

	if (!column) {
		print_unknown(printer, cmd->def);
		return;
	}
	if (adds) {
		print_text(printer, "ADD COLUMN ");
		print_text(printer, exists);
	} else {
		print_text(printer, "CHANGE COLUMN ");
		print_text(printer, exists);
		print_name(printer, cmd->name);
		print_text(printer, " ");
	}
	mysql_print_column(printer, column);
}

static void print_dropped(struct printer *printer,
			  const PgQuery__AlterTableCmd *cmd)
{
	print_text(printer, "DROP ");
	if (cmd->subtype == PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn)
		print_text(printer, "COLUMN");
	else
		mysql_print_words(printer, sql_string_value(cmd->def)
					       ? sql_string_value(cmd->def)
					       : "?");
	if (cmd->missing_ok)
		print_text(printer, " IF EXISTS");
	if (!SQL_SET(cmd->name))
		return; /* the primary key */
	print_text(printer, " ");
	print_name(printer, cmd->name);
}

static void print_column_default(struct printer *printer,
				 const PgQuery__AlterTableCmd *cmd)
{
	print_text(printer, "ALTER COLUMN ");
	print_name(printer, cmd->name);
	if (sql_unwrap(cmd->def)) {
		print_text(printer, " SET DEFAULT ");
		mysql_print_default(printer, cmd->def);
	} else {
		print_text(printer, " DROP DEFAULT");
	}
}

/* CONVERT TO has no room for '='. */
static void print_changed_options(struct printer *printer,
				  const PgQuery__AlterTableCmd *cmd)
{
	const PgQuery__List *list = SQL_AS(cmd->def, LIST, list);
	bool converts = list && has_option(list->items, list->n_items,
					   "convert to charset");

	if (!list)
		print_unknown(printer, cmd->def);
	for (size_t i = 0; list && i < list->n_items; i++) {
		print_text(printer, i ? " " : "");
		mysql_print_option(printer, list->items[i],
				   converts ? " " : " = ");
	}
}

static void print_command(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__AlterTableCmd *cmd =
	    SQL_AS(node, ALTER_TABLE_CMD, alter_table_cmd);

	if (!cmd) {
		print_unknown(printer, node);
		return;
	}
	switch (cmd->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		print_column_change(printer, cmd);
		return;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIndex:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
		print_text(printer, "ADD ");
		mysql_print_element(printer, cmd->def);
		return;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint:
		print_dropped(printer, cmd);
		return;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
		print_column_default(printer, cmd);
		return;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions:
		print_changed_options(printer, cmd);
		return;
	default:
		print_fail(printer, "no rule to print a change of a table");
		return;
	}
}

static void print_alter(struct printer *printer,
			const PgQuery__AlterTableStmt *alter)
{
	print_text(printer, alter->missing_ok ? "ALTER TABLE IF EXISTS "
					      : "ALTER TABLE ");
	print_relation(printer, alter->relation);
	print_text(printer, " ");
	print_items(printer, alter->cmds, alter->n_cmds, print_command);
}

/* ---- RENAME ---- */

/* d.t TO e.u */
static void print_renamed(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__RenameStmt *rename =
	    SQL_AS(node, RENAME_STMT, rename_stmt);
	const char *schema = rename ? sql_string_value(rename->object) : NULL;

	if (!rename) {
		print_unknown(printer, node);
		return;
	}
	print_relation(printer, rename->relation);
	print_text(printer, " TO ");
	if (schema) {
		print_name(printer, schema);
		print_text(printer, ".");
	}
	print_name(printer, rename->newname);
}

static void print_rename(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__RenameStmt *rename = node->rename_stmt;

	if (rename->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE) {
		PgQuery__Node *const one[] = {(PgQuery__Node *)node};
		const PgQuery__List *list = SQL_AS(rename->object, LIST, list);

		print_text(printer, "RENAME TABLE ");
		print_items(printer, list ? list->items : one,
			    list ? list->n_items : 1, print_renamed);
		return;
	}
	print_text(printer, "ALTER TABLE ");
	print_relation(printer, rename->relation);
	print_text(printer,
		   rename->rename_type == PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN
		       ? " RENAME COLUMN "
		       : " RENAME INDEX ");
	print_name(printer, rename->subname);
	print_text(printer, " TO ");
	print_name(printer, rename->newname);
}

/* ---- DROP ---- */

static void print_object(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, LIST))
		print_dotted(printer, node->list->items, node->list->n_items);
	else
		print_name_node(printer, node);
}

/* The names of the table, then the index's. */
static void print_drop_index(struct printer *printer,
			     const PgQuery__DropStmt *drop)
{
	const PgQuery__List *names =
	    drop->n_objects ? SQL_AS(drop->objects[0], LIST, list) : NULL;

	if (!names || names->n_items < 2) {
		print_fail(printer, "an index without a table");
		return;
	}
	print_text(printer,
		   drop->missing_ok ? "DROP INDEX IF EXISTS " : "DROP INDEX ");
	print_name_node(printer, names->items[names->n_items - 1]);
	print_text(printer, " ON ");
	print_dotted(printer, names->items, names->n_items - 1);
}

static void print_drop(struct printer *printer, const PgQuery__DropStmt *drop)
{
	size_t count = drop->n_objects;
	const char *what;

	switch (drop->remove_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_INDEX:
		print_drop_index(printer, drop);
		return;
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
		what = "TABLE ";
		if (count && SQL_IS(drop->objects[count - 1], STRING)) {
			what = "TEMPORARY TABLE ";
			count--;
		}
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
		what = "VIEW ";
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
		what = "DATABASE ";
		break;
	default:
		print_fail(printer, "no rule to print this DROP");
		return;
	}
	print_text(printer, "DROP ");
	print_text(printer, what);
	print_text(printer, drop->missing_ok ? "IF EXISTS " : "");
	print_items(printer, drop->objects, count, print_object);
}

/* ---- views, databases, indexes ---- */

static void print_account(struct printer *printer, const PgQuery__List *list)
{
	const char *user =
	    list->n_items == 2 ? sql_string_value(list->items[0]) : NULL;
	const char *host = user ? sql_string_value(list->items[1]) : NULL;

	if (!host) {
		print_fail(printer, "no rule to print an account");
		return;
	}
	print_quoted(printer, user);
	print_text(printer, "@");
	print_quoted(printer, host);
}

static void print_view_option(struct printer *printer,
			      const PgQuery__DefElem *elem)
{
	const char *word = sql_string_value(elem->arg);

	if (!elem->arg)
		return; /* IF NOT EXISTS stands elsewhere */
	mysql_print_words(printer, elem->defname);
	print_text(printer,
		   !strcmp(elem->defname, "sql security") ? " " : " = ");
	if (SQL_IS(elem->arg, LIST))
		print_account(printer, elem->arg->list);
	else
		mysql_print_words(printer, word ? word : "?");
	print_text(printer, " ");
}

static void print_view(struct printer *printer, const PgQuery__ViewStmt *view)
{
	print_text(printer, view->replace ? "CREATE OR REPLACE " : "CREATE ");
	for (size_t i = 0; i < view->n_options; i++)
		if (SQL_IS(view->options[i], DEF_ELEM))
			print_view_option(printer, view->options[i]->def_elem);
		else
			print_unknown(printer, view->options[i]);
	print_text(printer,
		   has_option(view->options, view->n_options, "if not exists")
		       ? "VIEW IF NOT EXISTS "
		       : "VIEW ");
	print_relation(printer, view->view);
	print_list(printer, " ", view->aliases, view->n_aliases,
		   print_name_node);
	print_text(printer, " AS ");
	print_query(printer, view->query);
	if (view->with_check_option ==
	    PG_QUERY__VIEW_CHECK_OPTION__LOCAL_CHECK_OPTION)
		print_text(printer, " WITH LOCAL CHECK OPTION");
	else if (view->with_check_option ==
		 PG_QUERY__VIEW_CHECK_OPTION__CASCADED_CHECK_OPTION)
		print_text(printer, " WITH CASCADED CHECK OPTION");
}

static void print_database(struct printer *printer,
			   const PgQuery__CreateSchemaStmt *stmt)
{
	print_text(printer, stmt->if_not_exists
				? "CREATE DATABASE IF NOT EXISTS "
				: "CREATE DATABASE ");
	print_name(printer, stmt->schemaname);
	mysql_print_options(printer, stmt->schema_elts, stmt->n_schema_elts,
			    " = ");
}

static void print_create_index(struct printer *printer,
			       const PgQuery__IndexStmt *index)
{
	print_text(printer, "CREATE ");
	mysql_print_index_kind(printer, index);
	print_text(printer,
		   index->if_not_exists ? "INDEX IF NOT EXISTS " : "INDEX ");
	print_name(printer, index->idxname);
	print_text(printer, " ON ");
	print_relation(printer, index->relation);
	mysql_print_index_rest(printer, index);
}

bool mysql_print_definition(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		print_create(printer, node->create_stmt);
		return true;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		print_create_as(printer, node->create_table_as_stmt);
		return true;
	case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
		print_alter(printer, node->alter_table_stmt);
		return true;
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		print_rename(printer, node);
		return true;
	case PG_QUERY__NODE__NODE_DROP_STMT:
		print_drop(printer, node->drop_stmt);
		return true;
	case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
		print_text(printer, "TRUNCATE TABLE ");
		print_items(printer, node->truncate_stmt->relations,
			    node->truncate_stmt->n_relations, print_from);
		return true;
	case PG_QUERY__NODE__NODE_CREATE_SCHEMA_STMT:
		print_database(printer, node->create_schema_stmt);
		return true;
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		print_view(printer, node->view_stmt);
		return true;
	case PG_QUERY__NODE__NODE_INDEX_STMT:
		print_create_index(printer, node->index_stmt);
		return true;
	default:
		return false;
	}
}
