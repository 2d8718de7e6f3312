#include "mirror/look_text.h"

#include "sql/build.h"
#include "sql/print.h"

static const struct catalog_table *find_table(
    const struct catalog *catalog, const struct taint_question *question)
{
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];
		size_t schema = strlen(table->schema);

		if (!strncmp(question->table, table->schema, schema) &&
		    question->table[schema] == '\t' &&
		    !strcmp(question->table + schema + 1, table->name))
			return table;
	}
	return NULL;
}

static bool is_fixed(const struct taint_question *question,
		     const struct catalog_column *column)
{
	for (size_t i = 0; i < question->fixed_count; i++)
		if (question->fixed[i].column == column->number)
			return true;
	return false;
}

/* The columns that the new schema has, and that are compared. */
static int add_columns(const struct lens_about *about,
		       const struct taint_question *question,
		       struct arena *arena, PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < about->old->column_count; i++) {
		const struct lens_about_column *column = &about->columns[i];

		if (!column->dropped && !column->lost && !column->ignore)
			SQL_APPEND(arena, select, target_list,
				   sql_target(arena, NULL,
					      sql_column(arena, NULL,
							 column->old->name)));
		else if (is_fixed(question, column->old))
			return -1;
	}
	return select->n_target_list ? 0 : -1;
}

static void add_table(const struct catalog_table *table, struct arena *arena,
		      PgQuery__SelectStmt *select)
{
	PgQuery__RangeVar *var =
	    sql_new(arena, &pg_query__range_var__descriptor);

	var->schemaname = arena_string(arena, table->schema);
	var->relname = arena_string(arena, table->name);
	var->inh = true;
	var->relpersistence = arena_string(arena, "p");
	var->location = -1;
	SQL_APPEND(arena, select, from_clause, sql_wrap(arena, var));
}

static int add_rows(const struct catalog_table *table,
		    const struct taint_question *question, struct arena *arena,
		    PgQuery__SelectStmt *select)
{
	PgQuery__Node *conditions[TAINT_FIXED];

	for (size_t i = 0; i < question->fixed_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table, question->fixed[i].column);

		if (!column)
			return -1;
		conditions[i] = sql_operator(
		    arena, "=", sql_column(arena, NULL, column->name),
		    sql_const_string(arena, question->fixed[i].text));
	}
	select->where_clause =
	    sql_and(arena, conditions, question->fixed_count);
	return 0;
}

/* Other tables show the rows of these, or more happens than the text says. */
static bool is_plain(const struct catalog_table *table)
{
	return table->kind == RELATION_TABLE && !table->has_children &&
	       !table->is_partition && !table->has_rules;
}

/* On the shadow, too: a look runs there with the mirror's own rights, which no
 * view's functions are to have. */
static bool are_tables(const struct lens_about *about)
{
	for (size_t i = 0; i < about->place_count; i++)
		if (about->places[i].table->kind != RELATION_TABLE &&
		    about->places[i].table->kind != RELATION_PARTITIONED)
			return false;
	return true;
}

static int build(const struct lens *lens, const struct catalog_table *table,
		 const struct taint_question *question, struct arena *arena,
		 PgQuery__SelectStmt *select)
{
	struct lens_about about;

	lens_about(lens, table, arena, &about);
	if (about.dropped || !are_tables(&about) ||
	    add_columns(&about, question, arena, select))
		return -1;
	add_table(table, arena, select);
	return add_rows(table, question, arena, select);
}

int look_text(const struct lens *lens, const struct catalog *old_catalog,
	      const struct sql_dialect *dialect,
	      const struct taint_question *question, struct buffer *out)
{
	const struct catalog_table *table = find_table(old_catalog, question);
	PgQuery__SelectStmt *select;
	struct error error;
	struct arena arena;
	int result;

	if (!table || !is_plain(table))
		return -1;
	arena_init(&arena, 0);
	select = sql_select(&arena);
	result = build(lens, table, question, &arena, select);
	if (!result)
		result = sql_print(sql_wrap(&arena, select), dialect, out, NULL,
				   &error);
	arena_release(&arena);
	return result;
}

int look_greeting(const struct sql_dialect *dialect, const char *label,
		  struct buffer *out)
{
	PgQuery__SelectStmt *select;
	struct error error;
	struct arena arena;
	int result;

	arena_init(&arena, 0);
	select = sql_select(&arena);
	SQL_APPEND(&arena, select, target_list,
		   sql_target(&arena, NULL, sql_const_string(&arena, label)));
	result =
	    sql_print(sql_wrap(&arena, select), dialect, out, NULL, &error);
	arena_release(&arena);
	return result;
}
