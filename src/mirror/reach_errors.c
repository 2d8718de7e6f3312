/*
 * What an error of a value, a key or a foreign key depends on. For example, where
 * c.t refers to t.id:
 *
 *     INSERT INTO t (id, a) VALUES (9, 1)  violates the key t (a)
 *         the rows of t with a = 1
 *     DELETE FROM t WHERE id = 7           violates c (t)
 *         the rows of c with t = 7, and which row of t has the id 7
 */
#include "mirror/reach_inputs.h"

/* --- values --- */

static enum sql_step find_input(struct sql_place *place, void *context,
				struct error *error)
{
	(void)context;
	(void)error;
	return SQL_AT(place, column_ref) || SQL_AT(place, sub_link) ||
		       SQL_AT(place, set_to_default)
		   ? SQL_STEP_STOP
		   : SQL_STEP_INTO;
}

/* Whether it is the same whatever the tables hold: repeat('x', 20) || $1. */
static bool is_settled(const struct reaching *reaching, PgQuery__Node *value)
{
	const struct sql_visitor visitor = {find_input, NULL, NULL};
	const struct sql_traits *traits = reaching->statement->traits;
	struct error error;

	if (reach_is_constant(value))
		return true;
	return value && traits &&
	       !(traits->volatility & ~(1u << SQL_FUNCTION_PLAIN)) &&
	       !reach_calls_unknown(reaching->statement, traits) &&
	       !sql_walk(&value, &visitor, &error);
}

static bool all_constant(const struct reaching *reaching,
			 const PgQuery__SelectStmt *values)
{
	for (size_t i = 0; i < values->n_values_lists; i++) {
		const PgQuery__List *row =
		    SQL_AS(values->values_lists[i], LIST, list);

		for (size_t k = 0; !row || k < row->n_items; k++)
			if (!row || !is_settled(reaching, row->items[k]))
				return false;
	}
	return values->n_values_lists > 0;
}

static bool sets_constants(const struct reaching *reaching,
			   const PgQuery__UpdateStmt *update)
{
	for (size_t i = 0; i < update->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(update->target_list[i], RES_TARGET, res_target);

		if (!target || !is_settled(reaching, target->val))
			return false;
	}
	return true;
}

/* A value that does not fit: the inputs of the expression. Constants never
 * change, once there is a row to take them. */
void reach_on_value(const struct reaching *reaching, struct weigh_scope *scope)
{
	PgQuery__Node *tree = reaching->tree;
	bool check = reaching->comparison->error == ERROR_CLASS_CHECK;
	const PgQuery__InsertStmt *insert =
	    SQL_AS(tree, INSERT_STMT, insert_stmt);
	const PgQuery__UpdateStmt *update =
	    SQL_AS(tree, UPDATE_STMT, update_stmt);
	const PgQuery__SelectStmt *values =
	    insert ? SQL_AS(insert->select_stmt, SELECT_STMT, select_stmt)
		   : NULL;

	if (values && all_constant(reaching, values) &&
	    !insert->on_conflict_clause && !reaching->unknown)
		return;
	if (update && sets_constants(reaching, update) && !check &&
	    !reaching->unknown) {
		if (!reaching->statement->affected)
			reach_on_columns(reaching, &reaching->chosen, scope);
		return;
	}
	if (update && check)
		reach_on_all(reaching, scope);
	else
		reach_on_any_row(reaching, &reaching->shown, scope);
}

static const struct catalog_key *key_named(const struct catalog_table *table,
					   const char *name, bool foreign)
{
	for (size_t i = 0; i < table->key_count; i++)
		if ((table->keys[i].kind == KEY_FOREIGN) == foreign &&
		    !strcmp(table->keys[i].name, name))
			return &table->keys[i];
	return NULL;
}

static uint64_t bits(const int16_t *columns, size_t count)
{
	uint64_t out = 0;

	for (size_t i = 0; i < count; i++)
		out |= weigh_column(columns[i]);
	return out;
}

static bool is_of(const int16_t *columns, size_t count, int16_t column)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i] == column)
			return true;
	return false;
}

/* The numbers of those columns in the table of the other schema; NULL: it lacks
 * one. */
static const int16_t *numbers_in(const struct reaching *reaching,
				 const struct catalog_table *table,
				 const struct catalog_table *other,
				 const int16_t *columns, size_t count)
{
	int16_t *numbers =
	    arena_array(reaching->arena, count + 1, sizeof(*numbers));

	for (size_t i = 0; i < count; i++) {
		const struct catalog_column *of =
		    catalog_column_number(table, columns[i]);
		const struct catalog_column *own =
		    of ? catalog_column(other, of->name) : NULL;

		if (!own)
			return NULL;
		numbers[i] = own->number;
	}
	return numbers;
}

/*
 * The key in the old schema. The shadow's constraint is one of the new schema;
 * if its table is not mapped, the columns have the same names.
 */
static const struct catalog_key *key_meant(const struct reaching *reaching,
					   bool foreign,
					   const struct catalog_table **table,
					   const int16_t **columns)
{
	const struct comparison *comparison = reaching->comparison;
	const struct catalogs *catalogs = reaching->statement->catalogs;

	if (!*comparison->constraint)
		return NULL;
	for (size_t i = 0; i < reaching->table_count; i++) {
		const struct catalog_table *old = reaching->tables[i];
		const struct catalog_table *holder = old;
		const struct catalog_key *key;

		if (!comparison->primary_failed && reaching->plan->mapped)
			return NULL;
		if (!comparison->primary_failed)
			holder = catalog_table(catalogs->new_catalog,
					       old->schema, old->name);
		key = holder
			  ? key_named(holder, comparison->constraint, foreign)
			  : NULL;
		if (!key)
			continue;
		*table = old;
		*columns = numbers_in(reaching, holder, old, key->columns,
				      key->column_count);
		return *columns ? key : NULL;
	}
	return NULL;
}

/*
 * Whether the old schema has no key of these columns. Of two rows that collide,
 * one fails on the shadow in whatever order they come: that the other came first
 * explains which one fails, but not that one does.
 */
static bool is_new_key(const struct reaching *reaching,
		       const struct catalog_table *table,
		       const int16_t *columns, size_t count)
{
	if (reaching->comparison->primary_failed)
		return false;
	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (key->kind != KEY_FOREIGN && key->column_count <= count &&
		    !(bits(key->columns, key->column_count) &
		      ~bits(columns, count)))
			return false;
	}
	return true;
}

/* The rows that it writes have these values in the key's columns, and they
 * collide only with a row of the same values. */
void reach_on_key(const struct reaching *reaching, struct weigh_scope *scope)
{
	const struct catalog_table *table;
	const int16_t *columns;
	const struct catalog_key *key =
	    key_meant(reaching, false, &table, &columns);
	struct weigh_scope own = {0}, read = {0};
	struct weigh_place *places;

	if (!key || reaching->comparison->error != ERROR_CLASS_UNIQUE ||
	    reaching->unknown) {
		reach_on_all(reaching, scope);
		return;
	}
	reach_changes(reaching->statement, reaching->arena, &own);
	if (own.all_data) {
		scope->all_data = true;
		return;
	}
	/* ... and its inputs, and which rows it changes */
	if (!SQL_IS(reaching->tree, INSERT_STMT) || reaching->table_count > 1 ||
	    reaching->more_count)
		reach_on_columns(reaching, &reaching->shown, &read);
	places =
	    arena_array(reaching->arena, own.place_count + read.place_count + 1,
			sizeof(*places));
	for (size_t i = 0; i < own.place_count; i++) {
		const struct weigh_place *row = &own.places[i];
		struct weigh_place *place;
		struct weigh_fixed *fixed;

		if (row->table !=
		    catalogs_number(reaching->statement->catalogs, table))
			continue;
		fixed = arena_array(reaching->arena, row->fixed_count + 1,
				    sizeof(*fixed));
		place = &places[scope->place_count++];
		*place = (struct weigh_place){
		    .table = row->table,
		    .columns = bits(columns, key->column_count),
		    .rows = true,
		    .gone = row->adds && is_new_key(reaching, table, columns,
						    key->column_count),
		    .fixed = fixed,
		};
		/* an UPDATE's fixed values are those of the row before it */
		for (size_t k = 0; row->rows && k < row->fixed_count; k++)
			if (is_of(columns, key->column_count,
				  row->fixed[k].column))
				fixed[place->fixed_count++] = row->fixed[k];
	}
	for (size_t i = 0; i < read.place_count; i++)
		places[scope->place_count++] = read.places[i];
	scope->places = places;
}

/* The foreign key that failed, by its name; NULL: not known. The shadow's is one of
 * the new schema, but if no table is mapped, it has the same name there. */
static const struct catalog_key *reference_meant(
    const struct reaching *reaching)
{
	const struct comparison *comparison = reaching->comparison;
	const struct catalog *catalog =
	    reaching->statement->catalogs->old_catalog;

	if (!*comparison->constraint ||
	    (!comparison->primary_failed && reaching->plan->mapped))
		return NULL;
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];
		const struct catalog_key *key =
		    key_named(table, comparison->constraint, true);

		for (size_t t = 0; key && t < reaching->table_count; t++)
			if (reaching->tables[t] == table ||
			    reaching->tables[t] == key->target)
				return key;
	}
	return NULL;
}

/* A foreign key as the old schema would have it; false: it cannot. */
static bool in_old_schema(const struct reaching *reaching,
			  const struct catalog_table *holder,
			  const struct catalog_key *key,
			  const struct catalog_table *child,
			  struct catalog_key *out)
{
	const struct catalog_table *target =
	    key->target
		? catalog_table(reaching->statement->catalogs->old_catalog,
				key->target->schema, key->target->name)
		: NULL;

	if (!target)
		return false;
	*out = *key;
	out->target = target;
	out->columns = numbers_in(reaching, holder, child, key->columns,
				  key->column_count);
	out->target_columns =
	    numbers_in(reaching, key->target, target, key->target_columns,
		       key->column_count);
	return out->columns && out->target_columns;
}

/* The table whose foreign key failed, one that the old schema lacks; NULL: not
 * known. */
static const struct catalog_table *reference_added(
    const struct reaching *reaching, struct catalog_key *out)
{
	const struct comparison *comparison = reaching->comparison;
	const struct catalogs *catalogs = reaching->statement->catalogs;

	if (!*comparison->constraint || comparison->primary_failed ||
	    reaching->plan->mapped)
		return NULL;
	for (size_t i = 0; i < reaching->table_count; i++) {
		const struct catalog_table *child = reaching->tables[i];
		const struct catalog_table *holder = catalog_table(
		    catalogs->new_catalog, child->schema, child->name);
		const struct catalog_key *key =
		    holder ? key_named(holder, comparison->constraint, true)
			   : NULL;

		if (key && in_old_schema(reaching, holder, key, child, out))
			return child;
	}
	return NULL;
}

/* Whether the statement can leave a row without the one it refers to, or take
 * one away that others refer to. */
struct reference_roles {
	bool child, parent;
};

static struct reference_roles roles_of(const struct reaching *reaching)
{
	const struct reference_roles both = {true, true};
	const PgQuery__InsertStmt *insert =
	    SQL_AS(reaching->tree, INSERT_STMT, insert_stmt);
	const PgQuery__DeleteStmt *delete =
	    SQL_AS(reaching->tree, DELETE_STMT, delete_stmt);

	if (insert && !insert->on_conflict_clause && !insert->with_clause)
		return (struct reference_roles){.child = true};
	if (delete &&!delete->with_clause)
		return (struct reference_roles){.parent = true};
	return both;
}

/* Places that are added one by one. */
struct place_list {
	struct weigh_place *list;
	size_t count, capacity;
};

/* The rows of `link->to` that are linked to those of `own`. */
static void add_linked(const struct reaching *reaching,
		       const struct weigh_place *own,
		       const struct reach_link *link, uint64_t columns,
		       struct place_list *places)
{
	struct weigh_fixed *fixed =
	    arena_array(reaching->arena, REACH_FIXED, sizeof(*fixed));
	struct weigh_place *place;

	places->list = arena_push(reaching->arena, places->list, &places->count,
				  &places->capacity, sizeof(*places->list));
	place = &places->list[places->count - 1];
	*place = (struct weigh_place){
	    .table = catalogs_number(reaching->statement->catalogs, link->to),
	    .columns = columns,
	    .rows = true,
	    .fixed = fixed,
	};
	if (link->from_columns && link->to_columns)
		place->fixed_count =
		    reach_carry(reaching->statement, link, own->fixed,
				own->fixed_count, fixed);
}

/* What a foreign key of `child` makes of the rows at `own`, if they are of one
 * of its tables: what they refer to, where the statement adds such rows; what
 * refers to them, where it takes them away. */
static void add_key(const struct reaching *reaching,
		    const struct weigh_place *own,
		    const struct catalog_table *table,
		    const struct catalog_table *child,
		    const struct catalog_key *key, struct place_list *places)
{
	struct reference_roles roles = roles_of(reaching);
	struct reach_link link;

	if (roles.parent && key->target == table) {
		reach_key_link(child, key, false, &link);
		add_linked(reaching, own, &link,
			   bits(key->columns, key->column_count), places);
	}
	if (roles.child && child == table) {
		bool known = reach_key_link(child, key, true, &link);

		add_linked(reaching, own, &link,
			   known ? bits(key->target_columns, key->column_count)
				 : WEIGH_ALL_COLUMNS,
			   places);
	}
}

/* The rows at a place of what it changes: an UPDATE's are those before it. */
static struct weigh_place rows_at(const struct reaching *reaching,
				  const struct weigh_place *place)
{
	struct weigh_place rows = *place;

	for (size_t t = 0; !place->rows && t < reaching->table_count; t++) {
		if (catalogs_number(reaching->statement->catalogs,
				    reaching->tables[t]) != place->table)
			continue;
		rows.fixed = reaching->fixed[t];
		rows.fixed_count = reaching->fixed_count[t];
	}
	return rows;
}

static void add_keys(const struct reaching *reaching,
		     const struct weigh_place *own,
		     const struct catalog_key *meant, struct place_list *places)
{
	const struct catalog *catalog =
	    reaching->statement->catalogs->old_catalog;
	const struct catalog_table *table =
	    reach_table(reaching->statement->catalogs, own->table);

	for (size_t i = 0; table && i < catalog->table_count; i++)
		for (size_t k = 0; k < catalog->tables[i].key_count; k++) {
			const struct catalog_key *key =
			    &catalog->tables[i].keys[k];

			if (key->kind == KEY_FOREIGN && key->target &&
			    (!meant || key == meant))
				add_key(reaching, own, table,
					&catalog->tables[i], key, places);
		}
}

/* The key in the other table, and what it reads. */
void reach_on_reference(const struct reaching *reaching,
			struct weigh_scope *scope)
{
	const struct catalog_key *meant = reference_meant(reaching);
	struct catalog_key added;
	const struct catalog_table *child =
	    meant ? NULL : reference_added(reaching, &added);
	struct weigh_scope read = {0}, own = {0};
	struct place_list places = {0};

	reach_on_columns(reaching, &reaching->shown, &read);
	reach_changes(reaching->statement, reaching->arena, &own);
	if (read.all_data || own.all_data) {
		scope->all_data = true;
		return;
	}
	for (size_t i = 0; i < own.place_count; i++) {
		const struct weigh_place rows =
		    rows_at(reaching, &own.places[i]);

		if (child)
			add_key(reaching, &rows,
				reach_table(reaching->statement->catalogs,
					    rows.table),
				child, &added, &places);
		else
			add_keys(reaching, &rows, meant, &places);
	}
	if (!places.count) { /* a constraint that is not known */
		reach_on_all(reaching, scope);
		return;
	}
	if (!SQL_IS(reaching->tree, INSERT_STMT) || reaching->table_count > 1 ||
	    reaching->more_count)
		for (size_t i = 0; i < read.place_count; i++) {
			places.list = arena_push(
			    reaching->arena, places.list, &places.count,
			    &places.capacity, sizeof(*places.list));
			places.list[places.count - 1] = read.places[i];
		}
	scope->places = places.list;
	scope->place_count = places.count;
}
