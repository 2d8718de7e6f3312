/* CREATE, ALTER, RENAME and DROP, applied to the model. */
#include "draft/internal.h"

static struct new_table *named(struct draft *draft,
			       const PgQuery__RangeVar *name)
{
	return name ? model_table(draft, name->schemaname, name->relname)
		    : NULL;
}

/* The parts of a name as DROP and ALTER TYPE give it. */
static const char *last_name(const PgQuery__Node *object, const char **schema)
{
	PgQuery__Node *const *items = NULL;
	size_t count = 0;

	*schema = "";
	if (SQL_IS(object, LIST)) {
		items = object->list->items;
		count = object->list->n_items;
	} else if (SQL_IS(object, TYPE_NAME)) {
		items = object->type_name->names;
		count = object->type_name->n_names;
	} else if (SQL_IS(object, STRING)) {
		return sql_string_value(object);
	}
	if (count > 1 && sql_string_value(items[count - 2]))
		*schema = sql_string_value(items[count - 2]);
	return count ? sql_string_value(items[count - 1]) : NULL;
}

/* ---- constraints ---- */

static void add_reference(struct draft *draft, struct new_table *table,
			  const PgQuery__Constraint *constraint,
			  const char *column)
{
	struct reference *reference =
	    arena_alloc(draft->arena, sizeof(*reference));

	reference->column = column;
	reference->schema = constraint->pktable->schemaname
				? constraint->pktable->schemaname
				: "";
	reference->table = constraint->pktable->relname;
	if (constraint->n_pk_attrs == 1)
		reference->target = sql_string_value(constraint->pk_attrs[0]);
	vector_add(draft->arena, &table->references, reference);
}

static void add_key(struct draft *draft, struct new_table *table,
		    const char *name)
{
	struct new_column *column = model_column(table, name);

	if (column)
		column->not_null = true;
	vector_add(draft->arena, &table->key, (char *)(uintptr_t)name);
}

static void table_constraint(struct draft *draft, struct new_table *table,
			     const PgQuery__Constraint *constraint)
{
	if (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY) {
		table->key = (struct vector){0};
		for (size_t i = 0; i < constraint->n_keys; i++)
			if (sql_string_value(constraint->keys[i]))
				add_key(draft, table,
					sql_string_value(constraint->keys[i]));
	}
	if (constraint->contype == PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN &&
	    constraint->n_fk_attrs == 1 && constraint->pktable &&
	    sql_string_value(constraint->fk_attrs[0]))
		add_reference(draft, table, constraint,
			      sql_string_value(constraint->fk_attrs[0]));
}

static bool is_null(const PgQuery__Node *node)
{
	return expression_is_constant(node) && SQL_IS(node, A_CONST) &&
	       node->a_const->isnull;
}

static void column_constraint(struct draft *draft, struct new_table *table,
			      struct new_column *column,
			      const PgQuery__Constraint *constraint)
{
	switch (constraint->contype) {
	case PG_QUERY__CONSTR_TYPE__CONSTR_NOTNULL:
		column->not_null = true;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_DEFAULT:
		column->has_default = !is_null(constraint->raw_expr);
		if (expression_is_constant(constraint->raw_expr))
			column->initial =
			    expression_text(draft, constraint->raw_expr);
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_IDENTITY:
	case PG_QUERY__CONSTR_TYPE__CONSTR_GENERATED:
		column->generated = true;
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY:
		add_key(draft, table, column->name);
		break;
	case PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN:
		if (constraint->pktable)
			add_reference(draft, table, constraint, column->name);
		break;
	default:
		break;
	}
}

static void name_sequence(struct draft *draft, const struct new_table *table,
			  struct new_column *column)
{
	column->sequence = expression_inverse(draft)->sequence_name(
	    draft->arena, table->name, column->name);
	column->sequence_schema = column->sequence ? table->schema : NULL;
}

static struct new_column *define_column(struct draft *draft,
					struct new_table *table,
					const PgQuery__ColumnDef *definition)
{
	struct new_column *column;

	if (model_column(table, definition->colname))
		return NULL; /* IF NOT EXISTS, or a mistake */
	column = model_add_column(draft, table, definition->colname);
	model_type(draft, column, definition->type_name);
	column->not_null = definition->is_not_null;
	for (size_t i = 0; i < definition->n_constraints; i++)
		if (SQL_IS(definition->constraints[i], CONSTRAINT))
			column_constraint(
			    draft, table, column,
			    definition->constraints[i]->constraint);
	if (column->generated)
		name_sequence(draft, table, column);
	return column;
}

/* ---- CREATE TABLE ---- */

static void copy_columns(struct draft *draft, struct new_table *table,
			 const struct new_table *from)
{
	VECTOR_EACH (struct new_column, column, &from->columns) {
		struct new_column *made;

		if (column->dropped)
			continue;
		made = model_add_column(draft, table, column->name);
		made->type = column->type;
		made->class = column->class;
		made->not_null = column->not_null;
	}
}

void script_create(struct draft *draft, const PgQuery__CreateStmt *create)
{
	const PgQuery__RangeVar *name = create->relation;
	struct new_table *before, *table;

	if (!name ||
	    (SQL_SET(name->relpersistence) && *name->relpersistence == 't'))
		return;
	before = named(draft, name);
	if (before && create->if_not_exists)
		return;
	/* The file builds the new schema beside a copy of the old one. */
	if (before)
		before->dropped = true;
	table = model_add_table(draft, name->schemaname, name->relname);
	table->fresh = true;
	for (size_t i = 0; i < create->n_inh_relations; i++) {
		const struct new_table *parent =
		    SQL_IS(create->inh_relations[i], RANGE_VAR)
			? named(draft, create->inh_relations[i]->range_var)
			: NULL;

		if (parent)
			copy_columns(draft, table, parent);
	}
	for (size_t i = 0; i < create->n_table_elts; i++) {
		const PgQuery__Node *item = create->table_elts[i];

		if (SQL_IS(item, COLUMN_DEF)) {
			define_column(draft, table, item->column_def);
		} else if (SQL_IS(item, TABLE_LIKE_CLAUSE)) {
			const struct new_table *like =
			    named(draft, item->table_like_clause->relation);

			if (like)
				copy_columns(draft, table, like);
		}
	}
	for (size_t i = 0; i < create->n_table_elts; i++)
		if (SQL_IS(create->table_elts[i], CONSTRAINT))
			table_constraint(draft, table,
					 create->table_elts[i]->constraint);
	for (size_t i = 0; i < create->n_constraints; i++)
		if (SQL_IS(create->constraints[i], CONSTRAINT))
			table_constraint(draft, table,
					 create->constraints[i]->constraint);
}

/* ---- ALTER TABLE ---- */

static void add_column(struct draft *draft, struct new_table *table,
		       const PgQuery__AlterTableCmd *command)
{
	if (SQL_IS(command->def, COLUMN_DEF))
		define_column(draft, table, command->def->column_def);
}

/* USING is over the table as it was: each source's own expressions. */
static void retype(struct draft *draft, struct new_table *table,
		   const PgQuery__AlterTableCmd *command)
{
	struct new_column *column = model_column(table, command->name);
	const PgQuery__ColumnDef *definition =
	    SQL_AS(command->def, COLUMN_DEF, column_def);

	if (!column || !definition)
		return;
	VECTOR_EACH (struct draft_source, source, &table->sources) {
		struct draft_scope scope = {.draft = draft};
		struct range range = {.alias = table->name};
		struct range *of = NULL;
		const char *unknown = NULL;
		PgQuery__Node *expression;

		if (!definition->raw_default || source->absorbed)
			continue;
		range_of_source(draft, &range, table, source);
		scope.main = &range;
		vector_add(draft->arena, &scope.ranges, &range);
		expression = query_resolve(&scope, definition->raw_default, &of,
					   &unknown);
		model_set_feed(draft, source, column, expression, unknown,
			       NULL);
	}
	model_type(draft, column, definition->type_name);
}

static void set_default(struct new_table *table,
			const PgQuery__AlterTableCmd *command)
{
	struct new_column *column = model_column(table, command->name);

	if (column)
		column->has_default = command->def && !is_null(command->def);
}

static void alter_one(struct draft *draft, struct new_table *table,
		      const PgQuery__AlterTableCmd *command)
{
	struct new_column *column =
	    SQL_SET(command->name) ? model_column(table, command->name) : NULL;

	switch (command->subtype) {
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn:
		add_column(draft, table, command);
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn:
		if (column)
			column->dropped = true;
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType:
		retype(draft, table, command);
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault:
		set_default(table, command);
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull:
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropNotNull:
		if (column)
			column->not_null =
			    command->subtype ==
			    PG_QUERY__ALTER_TABLE_TYPE__AT_SetNotNull;
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddIdentity:
		if (column) {
			column->generated = true;
			name_sequence(draft, table, column);
		}
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_DropIdentity:
		if (column)
			column->generated = false;
		break;
	case PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint:
		if (SQL_IS(command->def, CONSTRAINT))
			table_constraint(draft, table,
					 command->def->constraint);
		break;
	default:
		break;
	}
}

void script_alter(struct draft *draft, const PgQuery__AlterTableStmt *alter)
{
	struct new_table *table = named(draft, alter->relation);

	for (size_t i = 0; table && i < alter->n_cmds; i++)
		if (SQL_IS(alter->cmds[i], ALTER_TABLE_CMD))
			alter_one(draft, table,
				  alter->cmds[i]->alter_table_cmd);
}

/* ---- names ---- */

static void rename_list(struct draft *draft, const struct vector *names,
			const char *from, const char *to)
{
	for (size_t i = 0; i < names->count; i++)
		if (!strcmp(names->items[i], from))
			names->items[i] = arena_string(draft->arena, to);
}

static void rename_column(struct draft *draft, struct new_table *table,
			  const char *from, const char *to)
{
	struct new_column *column = model_column(table, from);

	if (!column || model_column(table, to))
		return;
	column->name = arena_string(draft->arena, to);
	rename_list(draft, &table->key, from, to);
	VECTOR_EACH (struct reference, reference, &table->references)
		if (!strcmp(reference->column, from))
			reference->column = column->name;
}

static void rename_references(struct draft *draft, const char *from,
			      const char *to)
{
	VECTOR_EACH (struct new_table, table, &draft->tables)
		VECTOR_EACH (struct reference, reference, &table->references)
			if (!strcmp(reference->table, from))
				reference->table = to;
}

static void rename_table(struct draft *draft, const PgQuery__RenameStmt *rename)
{
	struct new_table *table = named(draft, rename->relation);
	const char *name = arena_string(draft->arena, rename->newname);

	if (!table) {
		/* ALTER TABLE renames sequences too. */
		if (rename->relation)
			model_renaming(draft, &draft->sequences,
				       rename->relation->schemaname,
				       rename->relation->relname)
			    ->new_name = name;
		return;
	}
	if (model_table(draft, table->schema, name))
		return;
	rename_references(draft, table->name, name);
	table->name = name;
}

static void rename_schema(struct draft *draft, const char *from, const char *to)
{
	to = arena_string(draft->arena, to);
	VECTOR_EACH (struct new_table, table, &draft->tables)
		if (!strcmp(table->schema, from) && !table->dropped &&
		    !model_table(draft, to, table->name))
			table->schema = to;
	rename_list(draft, &draft->path, from, to);
}

static struct renaming *type_renaming(struct draft *draft,
				      const PgQuery__Node *object)
{
	const char *schema;
	const char *name = last_name(object, &schema);

	return name ? model_renaming(draft, &draft->types, schema, name) : NULL;
}

static void rename_type(struct draft *draft, struct renaming *type,
			const char *to)
{
	const char *from = type->new_name;

	to = arena_string(draft->arena, to);
	VECTOR_EACH (struct new_table, table, &draft->tables)
		VECTOR_EACH (struct new_column, column, &table->columns) {
			const char *dot = strrchr(column->type, '.');

			if (!strcmp(column->type, from))
				column->type = to;
			else if (dot && !strcmp(dot + 1, from))
				column->type =
				    arena_printf(draft->arena, "%.*s%s",
						 (int)(dot + 1 - column->type),
						 column->type, to);
		}
	type->new_name = to;
}

void script_rename(struct draft *draft, const PgQuery__RenameStmt *rename)
{
	struct new_table *table;
	struct renaming *type;

	if (!SQL_SET(rename->newname))
		return;
	switch (rename->rename_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
	case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
	case PG_QUERY__OBJECT_TYPE__OBJECT_FOREIGN_TABLE:
		rename_table(draft, rename);
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN:
		table = named(draft, rename->relation);
		if (table && SQL_SET(rename->subname))
			rename_column(draft, table, rename->subname,
				      rename->newname);
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
		if (rename->relation)
			model_renaming(draft, &draft->sequences,
				       rename->relation->schemaname,
				       rename->relation->relname)
			    ->new_name =
			    arena_string(draft->arena, rename->newname);
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
		type = type_renaming(draft, rename->object);
		if (type)
			rename_type(draft, type, rename->newname);
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA:
		if (SQL_SET(rename->subname))
			rename_schema(draft, rename->subname, rename->newname);
		break;
	default:
		break;
	}
}

void script_move(struct draft *draft,
		 const PgQuery__AlterObjectSchemaStmt *move)
{
	const char *schema = arena_string(draft->arena, move->newschema);
	struct new_table *table;
	struct renaming *item = NULL;

	if (!SQL_SET(schema))
		return;
	switch (move->object_type) {
	case PG_QUERY__OBJECT_TYPE__OBJECT_TABLE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_VIEW:
	case PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW:
		table = named(draft, move->relation);
		if (!table || model_table(draft, schema, table->name))
			break;
		table->schema = schema;
		/* Sequences of its columns go with it. */
		VECTOR_EACH (struct new_column, column, &table->columns)
			if (column->sequence)
				column->sequence_schema = schema;
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_SEQUENCE:
		if (move->relation)
			item = model_renaming(draft, &draft->sequences,
					      move->relation->schemaname,
					      move->relation->relname);
		break;
	case PG_QUERY__OBJECT_TYPE__OBJECT_TYPE:
	case PG_QUERY__OBJECT_TYPE__OBJECT_DOMAIN:
		item = type_renaming(draft, move->object);
		break;
	default:
		break;
	}
	if (item)
		item->new_schema = schema;
}

void script_drop(struct draft *draft, const PgQuery__DropStmt *drop)
{
	for (size_t i = 0; i < drop->n_objects; i++) {
		const char *schema;
		const char *name = last_name(drop->objects[i], &schema);
		struct new_table *table = NULL;

		if (!name)
			continue;
		if (drop->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA) {
			VECTOR_EACH (struct new_table, one, &draft->tables)
				if (!strcmp(one->schema, name))
					one->dropped = true;
			continue;
		}
		if (drop->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_TABLE ||
		    drop->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_VIEW ||
		    drop->remove_type == PG_QUERY__OBJECT_TYPE__OBJECT_MATVIEW)
			table = model_table(draft, schema, name);
		if (table)
			table->dropped = true;
	}
}

/* ---- enums ---- */

/* CASE column WHEN 'old' THEN 'new' ELSE column::text END::type: other labels
 * need not be known. */
static void recode_label(struct draft *draft, struct draft_source *source,
			 struct new_column *column,
			 const PgQuery__AlterEnumStmt *alter)
{
	struct feed *feed = model_feed(source, column);
	struct arena *arena = draft->arena;
	PgQuery__Node *text, *when, *then;

	if (!feed || !feed->expression ||
	    expression_size(feed->expression) > EXPRESSION_LIMIT / 8)
		return;
	text = sql_cast(arena, feed->expression,
			sql_type(arena, NULL, model_text_type(draft)));
	when = sql_const_string(arena, alter->old_val);
	then = sql_const_string(arena, alter->new_val);
	feed->expression =
	    sql_case(arena, text, &when, &then, 1, sql_copy(arena, text));
}

void script_enum(struct draft *draft, const PgQuery__AlterEnumStmt *alter)
{
	const char *name =
	    alter->n_type_name
		? sql_string_value(alter->type_name[alter->n_type_name - 1])
		: NULL;

	if (!name || !SQL_SET(alter->old_val) || !SQL_SET(alter->new_val))
		return; /* an added label changes no existing value */
	VECTOR_EACH (struct new_table, table, &draft->tables)
		VECTOR_EACH (struct new_column, column, &table->columns) {
			const char *dot = strrchr(column->type, '.');

			if (strcmp(dot ? dot + 1 : column->type, name))
				continue;
			VECTOR_EACH (struct draft_source, source,
				     &table->sources)
				recode_label(draft, source, column, alter);
		}
}
