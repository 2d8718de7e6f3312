/*
 * COPY FROM into a table, if the mapping does more than rename its columns. The
 * rows go into a temporary table with the old columns. An INSERT takes them
 * from there, and is rewritten as any other.
 *
 *	COPY users (id, name) FROM STDIN
 *
 *	CREATE TEMPORARY TABLE parallax_copy (id integer, name text)
 *	COPY parallax_copy (id, name) FROM STDIN
 *	INSERT INTO accounts (id, first, last) SELECT ... FROM parallax_copy AS users
 *
 * A row whose form the primary refused, the temporary table refuses. A row that
 * violated a constraint there, the INSERT refuses.
 */
#include "lens/write/copy.h"

#include <stdio.h>
#include <string.h>

#include "lens/compile/type.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/insert.h"

struct stage {
	struct rewrite *rw;
	PgQuery__CopyStmt *copy;
	const struct lens_table *table;
	const struct lens_column **columns; /* the columns of the input, in
					       order */
	size_t count;
	const char *name;
};

static void find_columns(struct stage *stage)
{
	struct rewrite *rw = stage->rw;
	const struct lens_table *table = stage->table;

	stage->columns = arena_array(
	    rw->arena, table->column_count + stage->copy->n_attlist + 1,
	    sizeof(*stage->columns));
	for (size_t n = 0; n < stage->copy->n_attlist; n++) {
		const char *name = sql_string_value(stage->copy->attlist[n]);
		size_t i = 0;

		while (i < table->column_count &&
		       !same_name(table->columns[i].old->name, name))
			i++;
		if (i == table->column_count)
			rewrite_fail(rw, -1,
				     "table \"%s\" has no column \"%s\"",
				     table->old->name, name ? name : "");
		stage->columns[stage->count++] = &table->columns[i];
	}
	for (size_t i = 0; i < table->column_count && !stage->copy->n_attlist;
	     i++)
		if (table->columns[i].old->generated != GENERATED_STORED)
			stage->columns[stage->count++] = &table->columns[i];
}

/* The old type by its name in the new schema. An enum that the new schema lacks
 * becomes text, which has the same input. */
static PgQuery__TypeName *stage_type(struct stage *stage,
				     const struct lens_column *column)
{
	struct rewrite *rw = stage->rw;
	const struct catalog_type *old =
	    catalog_type(rw->lens->old_catalog, column->old->type);
	PgQuery__TypeName *type = NULL;

	if (column->labels ||
	    (old && old->class == TYPE_ENUM && !lens_same_type(rw->lens, old)))
		return lens_type_for(rw->lens, rw->arena, SQL_TYPE_TEXT);
	if (!old || lens_same_type(rw->lens, old))
		type = lens_type(rw->lens, rw->arena, rw->lens->old_catalog,
				 column->old, false);
	if (!type)
		rewrite_fail(rw, -1,
			     "COPY into \"%s\": the type of column \"%s\" is "
			     "not in the new schema",
			     stage->table->old->name, column->old->name);
	return type;
}

static const char *print_one(struct stage *stage, const PgQuery__Node *node)
{
	struct rewrite *rw = stage->rw;
	struct buffer text;
	struct error error;
	const char *kept = NULL;

	buffer_init(&text, 0);
	error_init(&error);
	if (!sql_print(node, lens_new_dialect(rw->lens), &text, NULL, &error))
		kept = arena_string(rw->arena, buffer_string(&text));
	buffer_release(&text);
	if (!kept)
		rewrite_fail(rw, -1, "COPY: %s", error.message);
	return kept;
}

static const char *create_text(struct stage *stage)
{
	struct rewrite *rw = stage->rw;
	const char **names =
	    arena_array(rw->arena, stage->count + 1, sizeof(*names));
	const char **types =
	    arena_array(rw->arena, stage->count + 1, sizeof(*types));
	struct buffer text;
	const char *kept;

	for (size_t i = 0; i < stage->count; i++) {
		names[i] = stage->columns[i]->old->name;
		types[i] = print_one(
		    stage,
		    sql_wrap(rw->arena, stage_type(stage, stage->columns[i])));
	}
	buffer_init(&text, 0);
	lens_new_dialect(rw->lens)->make_table(&text, stage->name, names, types,
					       stage->count);
	kept = arena_string(rw->arena, buffer_string(&text));
	buffer_release(&text);
	return kept;
}

static const char *drop_text(struct stage *stage)
{
	struct buffer text;
	const char *kept;

	buffer_init(&text, 0);
	lens_new_dialect(stage->rw->lens)->drop_rows(&text, stage->name);
	kept = arena_string(stage->rw->arena, buffer_string(&text));
	buffer_release(&text);
	return kept;
}

static PgQuery__RangeVar *stage_range(struct stage *stage)
{
	const char *schema =
	    lens_new_dialect(stage->rw->lens)->names->temporary_schema();
	PgQuery__RangeVar *var = (PgQuery__RangeVar *)sql_copy_message(
	    stage->rw->arena, &stage->copy->relation->base);

	var->relname = arena_string(stage->rw->arena, stage->name);
	var->schemaname = (char *)(uintptr_t)(schema ? schema : "");
	var->catalogname = (char *)(uintptr_t) "";
	var->alias = NULL;
	var->location = -1;
	return var;
}

/* The statement's own COPY, with its options, into the temporary table. */
static const char *copy_text(struct stage *stage)
{
	PgQuery__CopyStmt copy = *stage->copy;

	copy.relation = stage_range(stage);
	copy.where_clause = NULL;
	if (!write_copy_form(stage->rw->lens, stage->rw->arena, &copy))
		rewrite_fail(stage->rw, -1, "the shadow's engine has no COPY");
	return print_one(stage, sql_wrap(stage->rw->arena, &copy));
}

bool write_copy_form(const struct lens *lens, struct arena *arena,
		     PgQuery__CopyStmt *copy)
{
	const struct sql_dialect *dialect = lens_new_dialect(lens);

	if (!lens_prints_all(lens) || !copy->is_from)
		return true;
	return dialect->copy_form && dialect->copy_form(arena, copy);
}

struct copy_naming {
	struct stage *stage;
	const char *unknown;
};

/* WHERE may name columns that are not in the input. They hold their
 * defaults. */
static enum sql_step look(struct sql_place *place, void *context,
			  struct error *error)
{
	struct copy_naming *naming = context;
	const struct stage *stage = naming->stage;
	const PgQuery__ColumnRef *ref;
	const char *name;
	size_t i = 0;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (const PgQuery__ColumnRef *)place->message;
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	while (i < stage->count &&
	       !same_name(stage->columns[i]->old->name, name))
		i++;
	if (i < stage->count)
		return SQL_STEP_OVER;
	naming->unknown = name ? name : "*";
	return SQL_STEP_STOP;
}

static void check_where(struct stage *stage)
{
	struct copy_naming naming = {.stage = stage};
	struct sql_visitor visitor = {look, NULL, &naming};
	struct error error;

	error_init(&error);
	if (sql_walk(&stage->copy->where_clause, &visitor, &error) < 0)
		rewrite_fail(stage->rw, -1, "%s", error.message);
	if (naming.unknown)
		rewrite_fail(stage->rw, -1,
			     "COPY ... WHERE uses \"%s\", which is not among "
			     "the columns of the input",
			     naming.unknown);
}

/* INSERT INTO old (columns) SELECT columns FROM staged AS old WHERE ... */
static PgQuery__InsertStmt *insert_of(struct stage *stage)
{
	struct rewrite *rw = stage->rw;
	PgQuery__InsertStmt *insert =
	    sql_new(rw->arena, &pg_query__insert_stmt__descriptor);
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__RangeVar *from = stage_range(stage);
	const char *name = stage->table->old->name;

	insert->relation = stage->copy->relation;
	insert->override = PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET;
	from->alias = sql_alias(rw->arena, name, NULL, 0);
	for (size_t i = 0; i < stage->count; i++) {
		const struct catalog_column *old = stage->columns[i]->old;

		SQL_APPEND(rw->arena, insert, cols,
			   sql_target(rw->arena, old->name, NULL));
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, NULL,
				      sql_column(rw->arena, name, old->name)));
		if (old->generated == GENERATED_IDENTITY_ALWAYS)
			insert->override =
			    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	}
	SQL_APPEND(rw->arena, select, from_clause, sql_wrap(rw->arena, from));
	select->where_clause = stage->copy->where_clause;
	insert->select_stmt = sql_wrap(rw->arena, select);
	return insert;
}

void write_copy(struct rewrite *rw, PgQuery__Node **statement,
		const struct lens_table *table)
{
	struct stage stage = {
	    .rw = rw, .copy = (*statement)->copy_stmt, .table = table};
	PgQuery__InsertStmt *insert;
	struct outputs outputs = {0};

	stage.name = arena_printf(rw->arena, "parallax_copy_%zx",
				  (size_t)table->old->id);
	find_columns(&stage);
	if (sql_unwrap(stage.copy->where_clause))
		check_where(&stage);
	rw->staged = arena_array(rw->arena, 3, sizeof(*rw->staged));
	rw->staged[0] = create_text(&stage);
	rw->staged[1] = copy_text(&stage);
	rw->staged[2] = drop_text(&stage);
	insert = insert_of(&stage);
	*statement = sql_wrap(rw->arena, insert);
	rw->changed = rw->mapped = true;
	write_insert(rw, NULL, *statement, &outputs, false);
}
