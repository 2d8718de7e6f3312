/*
 * A column's definition:
 *
 *	a INT UNSIGNED NOT NULL AUTO_INCREMENT COMMENT 'x'
 *
 * a ColumnDef of that type, with the constraints not null and identity, and
 * in fdwoptions what the tree has no slot for: comment, on update, invisible,
 * column_format, storage, and the place of ALTER TABLE (first, after).
 * CHECK and REFERENCES are the last of the constraints, and printed behind the
 * options: MariaDB wants them there. A generated column's constraint has the option stored, or none: virtual.
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

struct column {
	PgQuery__ColumnDef *def;
	struct mysql_list modifiers; /* of its type */
	struct mysql_list constraints;
	struct mysql_list late; /* CHECK, REFERENCES: behind the others */
	struct mysql_list options;
};

static PgQuery__Constraint *constrain(struct mysql_reader *reader,
				      struct column *column,
				      PgQuery__ConstrType type)
{
	PgQuery__Constraint *constraint = mysql_new_constraint(reader, type);

	mysql_add(reader, &column->constraints,
		  sql_wrap(reader->arena, constraint));
	return constraint;
}

/* ---- values ---- */

PgQuery__Node *mysql_default_value(struct mysql_reader *reader)
{
	bool minus = mysql_accept(reader, "-");
	PgQuery__Node *value;

	if (!minus)
		mysql_accept(reader, "+");
	if (!minus && mysql_accept(reader, "(")) {
		value = mysql_expression(reader);
		mysql_expect(reader, ")");
		return value;
	}
	value = mysql_constant(reader);
	if (value)
		return minus ? sql_operator(reader->arena, "-", NULL, value)
			     : value;
	value = minus ? NULL : mysql_call(reader);
	return value ? value : mysql_unexpected(reader, "a value");
}

static void generated(struct mysql_reader *reader, struct column *column)
{
	PgQuery__Constraint *constraint =
	    constrain(reader, column, PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED);
	struct mysql_list options = {NULL, 0, 0};

	mysql_expect(reader, "as");
	mysql_expect(reader, "(");
	constraint->raw_expr = mysql_expression(reader);
	constraint->generated_when = arena_string(reader->arena, "a");
	mysql_expect(reader, ")");
	if (mysql_accept(reader, "stored") ||
	    mysql_accept(reader, "persistent"))
		mysql_define(reader, &options, "stored", NULL);
	else
		mysql_accept(reader, "virtual");
	MYSQL_PUT(constraint, options, options);
}

/* ---- attributes ---- */

static void word_option(struct mysql_reader *reader, struct mysql_list *list,
			const char *name)
{
	mysql_define(
	    reader, list, name,
	    sql_const_string(reader->arena,
			     mysql_lower(reader, mysql_token(reader))));
	if (!mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD))
		mysql_unexpected(reader, "a word");
	mysql_take(reader);
}

static bool is_named_check(const struct mysql_reader *reader)
{
	return reader->mode->server == MYSQL_SERVER_MYSQL &&
	       mysql_is(reader, "constraint") &&
	       mysql_is_at(reader, mysql_is_name(reader, 1) ? 2 : 1, "check");
}

static void references(struct mysql_reader *reader, struct column *column)
{
	PgQuery__Constraint *constraint =
	    mysql_new_constraint(reader, PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN);

	mysql_references(reader, constraint);
	mysql_add(reader, &column->late, sql_wrap(reader->arena, constraint));
}

static bool key_attribute(struct mysql_reader *reader, struct column *column)
{
	if (mysql_accept(reader, "unique")) {
		mysql_accept(reader, "key");
		constrain(reader, column, PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE);
	} else if (mysql_accept(reader, "key") ||
		   mysql_accept_two(reader, "primary", "key")) {
		constrain(reader, column,
			  PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY);
	} else if (mysql_is(reader, "check") || is_named_check(reader)) {
		mysql_add(reader, &column->late, mysql_key(reader));
	} else if (mysql_is(reader, "references")) {
		references(reader, column);
	} else {
		return false;
	}
	return true;
}

static bool value_attribute(struct mysql_reader *reader, struct column *column)
{
	if (mysql_accept(reader, "default")) {
		constrain(reader, column, PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT)
		    ->raw_expr = mysql_default_value(reader);
	} else if (mysql_accept_two(reader, "on", "update")) {
		PgQuery__Node *clock = mysql_call(reader);

		if (!clock)
			clock = mysql_unexpected(reader, "CURRENT_TIMESTAMP");
		mysql_define(reader, &column->options, "on update", clock);
	} else if (mysql_accept(reader, "auto_increment")) {
		constrain(reader, column,
			  PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY)
		    ->generated_when = arena_string(reader->arena, "d");
	} else if (mysql_accept_two(reader, "generated", "always") ||
		   mysql_is(reader, "as")) {
		generated(reader, column);
	} else {
		return false;
	}
	return true;
}

/* NDB's. */
static bool storage_attribute(struct mysql_reader *reader,
			      struct column *column)
{
	if (reader->mode->server != MYSQL_SERVER_MYSQL)
		return false;
	if (mysql_accept(reader, "column_format"))
		word_option(reader, &column->options, "column_format");
	else if (mysql_accept(reader, "storage"))
		word_option(reader, &column->options, "storage");
	else
		return false;
	return true;
}

static bool other_attribute(struct mysql_reader *reader, struct column *column)
{
	if (mysql_accept_two(reader, "not", "null"))
		constrain(reader, column,
			  PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL);
	else if (mysql_accept(reader, "null"))
		constrain(reader, column, PG_QUERY__CONSTR_TYPE__CONSTR_NULL);
	else if (mysql_accept(reader, "comment"))
		mysql_define(reader, &column->options, "comment",
			     mysql_one_string(reader));
	else if (mysql_accept(reader, "invisible"))
		mysql_define(reader, &column->options, "invisible", NULL);
	else if (mysql_accept(reader, "visible"))
		return true;
	else
		return storage_attribute(reader, column);
	return true;
}

PgQuery__ColumnDef *mysql_column_definition(struct mysql_reader *reader)
{
	struct column column = {
	    .def = sql_new(reader->arena, &pg_query__column_def__descriptor)};
	PgQuery__TypeName *type;

	column.def->colname = mysql_name(reader);
	column.def->is_local = true;
	column.def->location = -1;
	type = mysql_column_type(reader, &column.modifiers);
	while (!reader->failed &&
	       (key_attribute(reader, &column) ||
		value_attribute(reader, &column) ||
		other_attribute(reader, &column) ||
		mysql_type_attribute(reader, &column.modifiers)))
		continue;
	if (reader->failed)
		return column.def;
	MYSQL_PUT(type, typmods, column.modifiers);
	column.def->type_name = type;
	for (size_t i = 0; i < column.late.item_count; i++)
		mysql_add(reader, &column.constraints, column.late.items[i]);
	MYSQL_PUT(column.def, constraints, column.constraints);
	MYSQL_PUT(column.def, fdwoptions, column.options);
	return column.def;
}
