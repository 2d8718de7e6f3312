/*
 * INSERT into a table in which the statement itself looks up values. The value
 * may be in a row of the same statement: the table refers to itself by a new
 * key, or a WITH inserts what the main query refers to. No sub-query of the
 * statement sees such a row. So the rows are computed first, each with its
 * future key:
 *
 *	INSERT INTO staff VALUES (3, NULL), (4, 3)
 *
 *	WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key,
 *		old_row.id AS parallax_value, old_row.id AS id, old_row.boss AS boss
 *		FROM (VALUES (3, NULL), (4, 3)) AS old_row (id, boss))
 *	INSERT INTO staff (legacy, boss_uid, uid)
 *	SELECT old_row.parallax_value, COALESCE(
 *		(SELECT uid FROM staff WHERE legacy = old_row.boss),
 *		parallax_found_1.parallax_key, an error if boss is not null),
 *		old_row.parallax_key
 *	FROM parallax_row_1 AS old_row LEFT JOIN parallax_row_1 AS parallax_found_1
 *	ON parallax_found_1.parallax_value = old_row.boss
 *
 * A join finds them, not a sub-query, since a load has many rows.
 */
#include "lens/write/own_rows.h"

#include <string.h>

#include "lens/compile/lookup.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/image.h"
#include "lens/write/insert_row.h"
#include "lens/write/lookup.h"

struct own_rows {
	const struct lens_lookup *lookup;
	const char *name;    /* the CTE's */
	PgQuery__Node *from; /* its rows, joined with those that they refer
				to */
	size_t found_count;
};

/* ---- whether a statement looks up its own rows ---- */

static bool lives_in(const struct lens_table *table,
		     const struct catalog_table *place)
{
	for (size_t i = 0; i < table->place_count; i++)
		if (table->places[i].table == place)
			return true;
	return false;
}

bool write_lookup_is_own(const struct lens_table *table,
			 const struct lens_column *column)
{
	return column->lookup && !column->lookup->create &&
	       lives_in(table, column->lookup->table);
}

/* Whether a row gives a value that is looked up. */
static bool gives(const struct insert *insert, const struct lens_column *column)
{
	int place = insert->given[column->index];
	bool has_default = column->old->default_sql != NULL;

	if (place < 0)
		return has_default;
	for (size_t r = 0; insert->rows && r < insert->row_count; r++) {
		const PgQuery__Node *value = insert->rows[r][place];

		if (SQL_IS(value, SET_TO_DEFAULT)
			? has_default
			: !SQL_IS(value, A_CONST) || !value->a_const->isnull)
			return true;
	}
	return !insert->rows;
}

static bool is_named(const struct rewrite *rw, const struct lens_table *table)
{
	return rw->text && memmem(rw->text, rw->size, table->old->name,
				  strlen(table->old->name));
}

/* Whether a look-up in that table may find a row of this INSERT. */
static bool may_find(const struct insert *insert,
		     const struct lens_table *table,
		     const struct lens_column *column)
{
	const struct rewrite *rw = insert->rw;

	if (!column->lookup || column->lookup->create ||
	    !lives_in(insert->table, column->lookup->table))
		return false;
	if (table->old == insert->table->old && gives(insert, column))
		return true;
	return (rw->ctes.depth || insert->statement->with_clause) &&
	       is_named(rw, table);
}

static const struct lens_lookup *find_lookup(const struct insert *insert)
{
	const struct lens *lens = insert->rw->lens;
	const struct lens_lookup *found = NULL;

	for (size_t t = 0; t < lens->table_count; t++)
		for (size_t i = 0; i < lens->tables[t].column_count; i++) {
			const struct lens_column *column =
			    &lens->tables[t].columns[i];

			if (!may_find(insert, &lens->tables[t], column))
				continue;
			if (found && (found->value != column->lookup->value ||
				      found->key != column->lookup->key))
				rewrite_fail(
				    insert->rw, -1,
				    "the statement inserts rows of \"%s\" and "
				    "looks them up by several values",
				    insert->table->old->name);
			found = column->lookup;
		}
	return found;
}

void write_own_rows_refuse(const struct insert *insert)
{
	if (find_lookup(insert))
		rewrite_fail(insert->rw, -1,
			     "the statement inserts rows of \"%s\" that it may "
			     "look up, but cannot see",
			     insert->table->old->name);
}

/* ---- the rows ---- */

/* The new table's default for the key, if the mapping gives none. */
static PgQuery__Node *key_default(struct insert *insert,
				  const struct catalog_column *key)
{
	struct rewrite *rw = insert->rw;
	const char *sequence = rewrite_sequence_of(rw, key);

	insert->overrides |= key->generated == GENERATED_IDENTITY_ALWAYS;
	if (sequence)
		return rewrite_next_value(rw, sequence);
	if (!key->default_sql || key->generated == GENERATED_STORED ||
	    rewrite_numbers_on_insert(rw, key))
		rewrite_fail(
		    rw, -1,
		    "the statement looks up rows of \"%s\" that it inserts: "
		    "the value of \"%s\" in the new schema is unknown",
		    insert->table->old->name, key->name);
	return write_image_parsed(rw, key->default_sql);
}

static PgQuery__Node *made_value(struct insert *insert,
				 const struct catalog_column *target)
{
	PgQuery__Node *value = write_insert_new_value(insert, target);

	return value ? value : key_default(insert, target);
}

/* SELECT the key, the value that finds it, and the row as it was given. */
static PgQuery__SelectStmt *rows_of(struct insert *insert,
				    const struct lens_lookup *lookup,
				    PgQuery__Node *source)
{
	struct arena *arena = insert->rw->arena;
	PgQuery__SelectStmt *rows = sql_select(arena);

	SQL_APPEND(
	    arena, rows, target_list,
	    sql_target(arena, WITHIN_KEY, made_value(insert, lookup->key)));
	SQL_APPEND(
	    arena, rows, target_list,
	    sql_target(arena, WITHIN_VALUE, made_value(insert, lookup->value)));
	for (size_t n = 0; source && n < insert->width; n++) {
		size_t i = insert->list[n];

		SQL_APPEND(arena, rows, target_list,
			   sql_target(arena,
				      insert->table->columns[i].old->name,
				      write_insert_row_column(insert, i)));
	}
	if (source)
		SQL_APPEND(arena, rows, from_clause, source);
	return rows;
}

bool write_reads_own_rows(struct insert *insert)
{
	const struct lens_lookup *lookup = find_lookup(insert);

	if (!lookup)
		return false;
	if (!lens_lookup_is_unique(lookup))
		rewrite_fail(
		    insert->rw, -1,
		    "the statement inserts rows of \"%s\" and looks them up by "
		    "\"%s\", which is not unique in the new schema",
		    insert->table->old->name, lookup->value->name);
	insert->own = arena_alloc(insert->rw->arena, sizeof(*insert->own));
	*insert->own = (struct own_rows){.lookup = lookup};
	return true;
}

void write_own_rows_start(struct insert *insert, PgQuery__Node *source)
{
	struct rewrite *rw = insert->rw;
	struct own_rows *own = insert->own;

	own->name =
	    write_image_hoist(rw, "row", rows_of(insert, own->lookup, source));
	write_note_within(rw, own->lookup, own->name);
	own->from = write_image_range(rw, own->name);
	own->from->range_var->alias = sql_alias(rw->arena, INSERT_ROW, NULL, 0);
}

PgQuery__Node *write_own_rows_from(const struct insert *insert)
{
	return insert->own->from;
}

/* ---- the row that a row refers to ---- */

/* Joins the row of the statement that has the value. Returns its alias. */
static const char *join_found(struct insert *insert, PgQuery__Node *value)
{
	struct rewrite *rw = insert->rw;
	struct own_rows *own = insert->own;
	PgQuery__JoinExpr *join =
	    sql_new(rw->arena, &pg_query__join_expr__descriptor);
	const char *alias =
	    arena_printf(rw->arena, "parallax_found_%zu", ++own->found_count);

	join->jointype = PG_QUERY__JOIN_TYPE__JOIN_LEFT;
	join->larg = own->from;
	join->rarg = write_image_range(rw, own->name);
	join->rarg->range_var->alias = sql_alias(rw->arena, alias, NULL, 0);
	join->quals = sql_operator(
	    rw->arena, "=", sql_column(rw->arena, alias, WITHIN_VALUE), value);
	own->from = sql_wrap(rw->arena, join);
	return alias;
}

static bool is_mapped(const struct lens_table *table,
		      const struct catalog_column *target)
{
	for (size_t w = 0; w < table->write_count; w++)
		if (table->writes[w].target == target)
			return true;
	for (size_t e = 0; e < table->extra_count; e++)
		if (table->extras[e].target == target)
			return true;
	return false;
}

/*
 * A value without a row would give NULL, although a foreign key held on the
 * primary. A foreign key of the new schema refuses a key that is drawn for it,
 * and as late as on the primary (ON CONFLICT may leave the row out). Without
 * one, it is an error at once.
 */
static PgQuery__Node *found_none(struct insert *insert,
				 const struct lens_column *column,
				 PgQuery__Node *value, const PgQuery__Node *key)
{
	const struct lens_lookup *lookup = column->lookup;
	PgQuery__Node *node = write_image_parsed(
	    insert->rw,
	    "CASE WHEN true THEN "
	    "(SELECT n FROM (VALUES (1), (2)) AS none_is_found (n)) END");
	PgQuery__CaseWhen *when = node->case_expr->args[0]->case_when;
	PgQuery__SelectStmt *select =
	    when->result->sub_link->subselect->select_stmt;

	when->expr = sql_is_null(insert->rw->arena, value, true);
	select->target_list[0]->res_target->val =
	    sql_copy(insert->rw->arena, key);
	if (lens_lookup_reference(insert->table->table, column->stored,
				  lookup->table) &&
	    !is_mapped(insert->table, lookup->key))
		when->result = key_default(insert, lookup->key);
	return node;
}

PgQuery__Node *write_own_rows_cell(struct insert *insert,
				   const struct catalog_column *target,
				   const struct lens_column *column)
{
	struct rewrite *rw = insert->rw;
	const struct own_rows *own = insert->own;
	PgQuery__Node *value, *either[3];

	if (target == own->lookup->key)
		return sql_column(rw->arena, INSERT_ROW, WITHIN_KEY);
	if (target == own->lookup->value)
		return sql_column(rw->arena, INSERT_ROW, WITHIN_VALUE);
	if (!column || column->stored != target ||
	    !write_lookup_is_own(insert->table, column))
		return NULL;
	value = insert->given[column->index] >= 0
		    ? write_insert_row_column(insert, column->index)
		    : write_insert_value(insert, column->index, 0, false);
	value = rewrite_coerce(rw, column, value);
	if (!rewrite_labels_can_repeat(rw, value))
		rewrite_fail(
		    rw, -1,
		    "the default of \"%s\", which is looked up, is volatile",
		    column->old->name);
	either[0] = lens_lookup_key_stored(rw->arena, column->lookup,
					   sql_copy(rw->arena, value));
	either[1] = sql_column(rw->arena,
			       join_found(insert, sql_copy(rw->arena, value)),
			       WITHIN_KEY);
	either[2] = found_none(insert, column, value, either[1]);
	return sql_coalesce(rw->arena, either, 3);
}
