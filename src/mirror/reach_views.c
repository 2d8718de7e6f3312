/*
 * What the columns of a view depend on, in the tables that it shows. For example,
 * where buyers is
 *
 *     SELECT u.id, u.email, count(o.id) AS n, max(o.day) AS latest
 *         FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id
 *
 *     SELECT n FROM buyers WHERE id = 7
 *     users   id, and which rows there are, with id = 7
 *     orders  user_id, and which rows there are, with user_id = 7: counting them,
 *             no value of theirs matters
 */
#include "mirror/reach_inputs.h"
#include "sql/traits.h"

struct adding {
	const struct reaching *reaching;
	struct reach_places *places;
};

/* --- columns --- */

static bool is_position(const PgQuery__Node *node)
{
	const PgQuery__SortBy *sort = SQL_AS(node, SORT_BY, sort_by);

	return SQL_IS(sort ? sort->node : node, A_CONST);
}

static bool any_position(PgQuery__Node *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_position(items[i]))
			return true;
	return false;
}

/* A call that may give many rows, or none. */
static enum sql_step find_rows_call(struct sql_place *place, void *context,
				    struct error *error)
{
	const struct sql_dialect *dialect = context;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER;
	return SQL_AT(place, func_call) &&
		       !sql_is_aggregate(
			   dialect, (const PgQuery__FuncCall *)place->message)
		   ? SQL_STEP_STOP
		   : SQL_STEP_INTO;
}

/* Whether a value that is not asked for may choose the rows all the same. */
static bool chooses_by_outputs(const struct reaching *reaching,
			       const struct reach_query *query)
{
	PgQuery__SelectStmt *select = query->select;
	const struct sql_visitor visitor = {
	    find_rows_call, NULL,
	    (void *)(uintptr_t)reaching->statement->parser->dialect};
	struct error error;

	if (query->closed || query->outputs_unknown ||
	    select->n_distinct_clause || select->group_distinct ||
	    any_position(select->group_clause, select->n_group_clause) ||
	    any_position(select->sort_clause, select->n_sort_clause))
		return true;
	for (size_t i = 0; i < select->n_target_list; i++)
		if (sql_walk(&select->target_list[i], &visitor, &error))
			return true;
	return false;
}

static void add_outputs(const struct reach_query *query, uint64_t wanted,
			struct reach_names *names)
{
	for (size_t i = 0; i < query->output_count; i++) {
		const struct reach_output *output = &query->outputs[i];

		if (!(wanted & weigh_column((int16_t)(i + 1))))
			continue;
		if (output->expression)
			reach_collect_node(output->expression, names);
		else if (output->relation->table)
			reach_add_name(names, output->relation->table,
				       output->name);
	}
}

/* The columns that its rows are chosen by, and those behind the wanted outputs. */
static void find_names(const struct reaching *reaching,
		       const struct reach_query *query, uint64_t wanted,
		       struct reach_names *names)
{
	PgQuery__SelectStmt *select = query->select;
	size_t outputs = select->n_target_list;
	bool all = chooses_by_outputs(reaching, query);

	*names = (struct reach_names){.query = query};
	select->n_target_list = 0;
	reach_collect(&select->base, names);
	select->n_target_list = outputs;
	if (all && query->outputs_unknown)
		names->all = true;
	add_outputs(query, all ? WEIGH_ALL_COLUMNS : wanted, names);
}

static uint64_t columns_of(const struct reach_names *names,
			   const struct catalog_table *table)
{
	uint64_t columns = 0;

	if (names->all)
		return WEIGH_ALL_COLUMNS;
	for (size_t i = 0; i < names->count; i++) {
		const struct catalog_column *column =
		    !names->names[i].of || names->names[i].of == table
			? catalog_column(table, names->names[i].name)
			: NULL;

		if (column)
			columns |= weigh_column(column->number);
	}
	return columns;
}

/* --- places --- */

static void add_query(const struct adding *adding,
		      const struct reach_query *query, uint64_t wanted);

static void add_relation(const struct adding *adding,
			 const struct reach_relation *relation,
			 uint64_t columns)
{
	const struct reaching *reaching = adding->reaching;

	if (relation->query)
		add_query(adding, relation->query,
			  relation->table ? columns : WEIGH_ALL_COLUMNS);
	if (relation->table)
		*ARENA_PUSH(reaching->arena, adding->places, place) =
		    (struct weigh_place){
			.table = catalogs_number(reaching->statement->catalogs,
						 relation->table),
			.columns = columns,
			.rows = true,
			.fixed = relation->fixed,
			.fixed_count =
			    reaching->any_row ? 0 : relation->fixed_count,
		    };
}

static void add_query(const struct adding *adding,
		      const struct reach_query *query, uint64_t wanted)
{
	struct reach_names names = {0};
	bool all_rows =
	    query->select->op == PG_QUERY__SET_OPERATION__SETOP_UNION &&
	    query->select->all && !query->closed;

	for (size_t i = 0; query->arms[0] && i < 2; i++)
		add_query(adding, query->arms[i],
			  all_rows ? wanted : WEIGH_ALL_COLUMNS);
	if (!query->arms[0])
		find_names(adding->reaching, query, wanted, &names);
	for (size_t i = 0; i < query->relation_count; i++)
		add_relation(
		    adding, query->relations[i],
		    query->relations[i]->table
			? columns_of(&names, query->relations[i]->table)
			: WEIGH_ALL_COLUMNS);
	for (size_t i = 0; i < query->part_count; i++)
		add_query(adding, query->parts[i], WEIGH_ALL_COLUMNS);
}

/* --- the statement's own relations --- */

static void find_reads(struct reaching *reaching,
		       const struct reach_query *query)
{
	for (size_t i = 0; query->arms[0] && i < 2; i++)
		find_reads(reaching, query->arms[i]);
	for (size_t i = 0; i < query->relation_count; i++) {
		const struct reach_relation *relation = query->relations[i];

		if (relation->table)
			*ARENA_PUSH(reaching->arena, reaching, read) = relation;
		else if (relation->query)
			find_reads(reaching, relation->query);
	}
	for (size_t i = 0; i < query->part_count; i++)
		find_reads(reaching, query->parts[i]);
}

void reach_find_reads(struct reaching *reaching)
{
	if (reaching->query)
		find_reads(reaching, reaching->query);
}

/* All places of the table's name are known. */
static size_t count_reads(const struct reaching *reaching,
			  const struct catalog_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < reaching->read_count; i++)
		count += reaching->reads[i]->table == table;
	return count && reach_mentions(sql_unwrap(reaching->tree),
				       table->name) == count
		   ? count
		   : 0;
}

const struct reach_relation *reach_only_read(const struct reaching *reaching,
					     const struct catalog_table *table)
{
	if (count_reads(reaching, table) != 1)
		return NULL;
	for (size_t i = 0; i < reaching->read_count; i++)
		if (reaching->reads[i]->table == table)
			return reaching->reads[i];
	return NULL;
}

bool reach_knows_view(const struct reaching *reaching,
		      const struct catalog_table *view)
{
	for (size_t i = 0; i < reaching->read_count; i++)
		if (reaching->reads[i]->table == view &&
		    !reaching->reads[i]->query)
			return false;
	return count_reads(reaching, view) > 0;
}

void reach_add_views(const struct reaching *reaching,
		     const struct reach_names *names,
		     struct reach_places *places)
{
	const struct adding adding = {reaching, places};

	for (size_t i = 0; i < reaching->read_count; i++) {
		const struct reach_relation *read = reaching->reads[i];

		if (read->query && reach_knows_view(reaching, read->table))
			add_query(&adding, read->query,
				  reach_columns(reaching, names, read->table));
	}
}
