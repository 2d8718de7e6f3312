/* The worked example is in reach.h. */
#include "mirror/bodies.h"
#include "mirror/reach_names.h"

enum { PLACES_MAX = 128 /* above that: all data */, ROWS_FIXED = 32 };

struct changing {
	const struct reach_statement *statement;
	struct arena *arena;
	struct weigh_place *places;
	size_t count;
	bool all;
};

const struct catalog_table *reach_table(const struct catalogs *catalogs,
					unsigned number)
{
	const struct catalog *catalog = catalogs->old_catalog;

	for (size_t i = 0; i < catalog->table_count; i++)
		if (catalogs->numbers[i] == number)
			return &catalog->tables[i];
	return NULL;
}

static struct weigh_place *add(struct changing *changing, unsigned table,
			       uint64_t columns, bool rows)
{
	struct weigh_place *place;

	if (changing->count == PLACES_MAX) {
		changing->all = true;
		changing->count--; /* whatever it was */
	}
	place = &changing->places[changing->count++];
	*place = (struct weigh_place){
	    .table = table, .columns = columns, .rows = rows};
	return place;
}

/* --- what follows by foreign keys --- */

static bool refers(const struct catalog_key *key,
		   const struct catalog_table *table, uint64_t columns)
{
	if (key->kind != KEY_FOREIGN || key->target != table)
		return false;
	for (size_t i = 0; i < key->column_count; i++)
		if (!key->target_columns ||
		    columns & weigh_column(key->target_columns[i]))
			return true;
	return false;
}

static uint64_t own_columns(const struct catalog_key *key)
{
	uint64_t columns = 0;

	for (size_t i = 0; i < key->column_count; i++)
		columns |= weigh_column(key->columns[i]);
	return columns;
}

static bool is_known(const struct changing *changing, unsigned table,
		     uint64_t columns, bool rows)
{
	for (size_t i = 0; i < changing->count; i++) {
		const struct weigh_place *place = &changing->places[i];

		if (place->table == table && !place->fixed_count &&
		    !place->adds && (place->columns & columns) == columns &&
		    (place->rows || !rows))
			return true;
	}
	return false;
}

/* Nothing but a cascade changes the columns that refer, and to no other value
 * than NULL. */
static bool keeps_columns(const struct catalog_table *table,
			  const struct catalog_key *key)
{
	for (size_t i = 0; i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table, key->columns[i]);

		if (!column || column->default_kind != DEFAULT_NONE)
			return false;
	}
	return !table->alters_rows;
}

static void refer(struct changing *changing, const struct weigh_place *from,
		  const struct catalog_table *table,
		  const struct catalog_key *key)
{
	const struct catalogs *catalogs = changing->statement->catalogs;
	unsigned number = catalogs_number(catalogs, table);
	uint64_t columns = from->rows ? WEIGH_ALL_COLUMNS : own_columns(key);
	struct weigh_place *place;
	struct weigh_fixed *fixed;
	struct reach_link link;

	if (is_known(changing, number, columns, from->rows))
		return;
	place = add(changing, number, columns, from->rows);
	if (!from->rows || !keeps_columns(table, key) ||
	    !reach_key_link(table, key, false, &link))
		return;
	fixed = arena_array(changing->arena, REACH_FIXED, sizeof(*fixed));
	place->fixed_count = reach_carry(changing->statement, &link,
					 from->fixed, from->fixed_count, fixed);
	place->fixed = fixed;
}

static void add_triggers(struct changing *changing,
			 const struct catalog_table *table)
{
	const struct bodies *bodies =
	    bodies_of_table(changing->statement->catalogs, table);

	changing->all |= bodies->all;
	for (size_t i = 0; i < bodies->count; i++)
		if (!is_known(changing, bodies->tables[i], WEIGH_ALL_COLUMNS,
			      true))
			add(changing, bodies->tables[i], WEIGH_ALL_COLUMNS,
			    true);
}

static bool is_new(const struct changing *changing, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (changing->places[i].table == changing->places[at].table)
			return false;
	return true;
}

/* What follows of the places: what triggers touch. Rows that refer to deleted
 * ones are deleted too, or get other values; rows that refer to a changed key are
 * changed. */
static void follow(struct changing *changing)
{
	const struct catalogs *catalogs = changing->statement->catalogs;
	const struct catalog *catalog = catalogs->old_catalog;

	for (size_t at = 0; at < changing->count && !changing->all; at++) {
		const struct weigh_place from = changing->places[at];
		const struct catalog_table *table =
		    reach_table(catalogs, from.table);

		if (table && table->has_triggers && is_new(changing, at))
			add_triggers(changing, table);
		if (from.adds)
			continue;
		for (size_t i = 0; table && i < catalog->table_count; i++)
			for (size_t k = 0; k < catalog->tables[i].key_count;
			     k++)
				if (refers(&catalog->tables[i].keys[k], table,
					   from.columns))
					refer(changing, &from,
					      &catalog->tables[i],
					      &catalog->tables[i].keys[k]);
	}
}

/* --- statements whose rows or columns can be told --- */

static struct weigh_fixed *fixed_of(struct changing *changing,
				    const struct catalog_table *table,
				    const PgQuery__RangeVar *relation,
				    bool alone, PgQuery__Node *where,
				    size_t *count)
{
	struct weigh_fixed *fixed =
	    arena_array(changing->arena, REACH_FIXED + 1, sizeof(*fixed));

	*count = reach_fixed(changing->statement, table, relation, alone, where,
			     changing->arena, fixed);
	return fixed;
}

static bool is_computed(const struct catalog_column *column)
{
	return column->generated == GENERATED_STORED;
}

/* false: unknown. */
static bool set_columns(const struct catalog_table *table,
			const PgQuery__UpdateStmt *update, uint64_t *columns)
{
	*columns = 0;
	for (size_t i = 0; i < update->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(update->target_list[i], RES_TARGET, res_target);
		const struct catalog_column *column =
		    target ? catalog_column(table, target->name) : NULL;

		if (!column)
			return false;
		*columns |= weigh_column(column->number);
	}
	for (size_t i = 0; i < table->column_count; i++)
		if (is_computed(&table->columns[i]))
			*columns |= weigh_column(table->columns[i].number);
	return true;
}

static bool change_update(struct changing *changing, unsigned number,
			  const struct catalog_table *table,
			  const PgQuery__UpdateStmt *update)
{
	struct weigh_place *place;
	struct weigh_fixed *fixed;
	uint64_t columns;
	size_t count, kept = 0;

	if (!set_columns(table, update, &columns))
		return false;
	place = add(changing, number, columns, false);
	fixed = fixed_of(changing, table, update->relation,
			 !update->n_from_clause, update->where_clause, &count);
	for (size_t i = 0; i < count; i++)
		if (!(columns & weigh_column(fixed[i].column)))
			fixed[kept++] = fixed[i];
	place->fixed = fixed;
	place->fixed_count = kept;
	return true;
}

static size_t conditions(const PgQuery__Node *where)
{
	const PgQuery__BoolExpr *all = SQL_AS(where, BOOL_EXPR, bool_expr);

	return all ? all->n_args : 1;
}

static void change_delete(struct changing *changing, unsigned number,
			  const struct catalog_table *table,
			  const PgQuery__DeleteStmt *delete)
{
	struct weigh_place *place =
	    add(changing, number, WEIGH_ALL_COLUMNS, true);

	place->fixed =
	    fixed_of(changing, table, delete->relation, !delete->n_using_clause,
		     delete->where_clause, &place->fixed_count);
	place->exact = place->fixed_count == conditions(delete->where_clause);
}

static const struct catalog_column *column_at(const struct catalog_table *table,
					      const PgQuery__InsertStmt *insert,
					      size_t at)
{
	const PgQuery__ResTarget *target;

	if (!insert->n_cols)
		return at < table->column_count ? &table->columns[at] : NULL;
	target = at < insert->n_cols
		     ? SQL_AS(insert->cols[at], RES_TARGET, res_target)
		     : NULL;
	return target && !target->n_indirection
		   ? catalog_column(table, target->name)
		   : NULL;
}

static void insert_row(struct changing *changing, unsigned number,
		       const struct catalog_table *table,
		       const PgQuery__InsertStmt *insert,
		       const PgQuery__List *row)
{
	struct weigh_place *place =
	    add(changing, number, WEIGH_ALL_COLUMNS, true);
	struct weigh_fixed *fixed =
	    arena_array(changing->arena, row->n_items + 1, sizeof(*fixed));
	size_t count = 0;

	for (size_t i = 0; i < row->n_items; i++) {
		const struct catalog_column *column =
		    column_at(table, insert, i);

		count +=
		    column &&
		    reach_constant(changing->statement, column, row->items[i],
				   changing->arena, &fixed[count]);
	}
	place->fixed = fixed;
	place->fixed_count = count;
	place->adds = true;
}

static void change_insert(struct changing *changing, unsigned number,
			  const struct catalog_table *table,
			  const PgQuery__InsertStmt *insert)
{
	const PgQuery__SelectStmt *select =
	    SQL_AS(insert->select_stmt, SELECT_STMT, select_stmt);
	bool updates = insert->on_conflict_clause &&
		       insert->on_conflict_clause->action ==
			   PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;

	if (updates || !select || !select->n_values_lists ||
	    select->n_values_lists > ROWS_FIXED) {
		add(changing, number, WEIGH_ALL_COLUMNS, true)->adds = !updates;
		return;
	}
	for (size_t i = 0; i < select->n_values_lists; i++) {
		const PgQuery__List *row =
		    SQL_AS(select->values_lists[i], LIST, list);

		if (row)
			insert_row(changing, number, table, insert, row);
		else
			add(changing, number, WEIGH_ALL_COLUMNS, true)->adds =
			    true;
	}
}

/* false: its text does not show it. */
static bool change_told(struct changing *changing)
{
	const struct reach_statement *statement = changing->statement;
	const struct catalog_table *table;
	struct sql_tree tree;
	struct error error;
	PgQuery__Node *node;

	if (!statement->text || statement->written_count != 1)
		return false;
	table = reach_table(statement->catalogs, statement->written[0]);
	if (!table || table->alters_rows ||
	    statement->parser->parse(statement->text, statement->text_size,
				     changing->arena, &tree, &error) ||
	    tree.count != 1)
		return false;
	node = tree.statements[0].node;
	if (reach_mentions(sql_unwrap(node), table->name) != 1)
		return false;
	if (SQL_IS(node, UPDATE_STMT) &&
	    !strcmp(node->update_stmt->relation->relname, table->name))
		return change_update(changing, statement->written[0], table,
				     node->update_stmt);
	if (SQL_IS(node, DELETE_STMT) &&
	    !strcmp(node->delete_stmt->relation->relname, table->name)) {
		change_delete(changing, statement->written[0], table,
			      node->delete_stmt);
		return true;
	}
	if (SQL_IS(node, INSERT_STMT) &&
	    !strcmp(node->insert_stmt->relation->relname, table->name)) {
		change_insert(changing, statement->written[0], table,
			      node->insert_stmt);
		return true;
	}
	return false;
}

void reach_changes(const struct reach_statement *statement, struct arena *arena,
		   struct weigh_scope *scope)
{
	struct changing changing = {.statement = statement, .arena = arena};

	changing.places =
	    arena_array(arena, PLACES_MAX, sizeof(*changing.places));
	if (!change_told(&changing)) {
		changing.count = 0;
		for (size_t i = 0; i < statement->written_count; i++)
			add(&changing, statement->written[i], WEIGH_ALL_COLUMNS,
			    true);
	}
	for (size_t i = 0; i < statement->touched_count; i++)
		add(&changing, statement->touched[i], WEIGH_ALL_COLUMNS, true);
	follow(&changing);
	scope->places = changing.places;
	scope->place_count = changing.count;
	scope->all_data |= changing.all;
}
