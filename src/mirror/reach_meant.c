/*
 * What the names in a query mean: columns of its relations, of sub-queries, of the
 * queries around it. For example, in
 *
 *     SELECT (SELECT count(*) FROM orders WHERE user_id = u.id) FROM users u
 *
 * user_id is orders.user_id, and u.id is of the query around: users.id.
 */
#include "mirror/reach_query.h"

/* A set operation has its first query's names. */
const struct reach_query *reach_first_arm(const struct reach_query *query)
{
	while (query && query->arms[0])
		query = query->arms[0];
	return query;
}

static size_t columns_named(const struct reach_relation *relation,
			    const char *name, int16_t *number)
{
	const struct catalog_column *column;
	const struct reach_query *query;
	size_t count = 0;

	if (relation->renamed)
		return 0;
	if (relation->table) {
		column = catalog_column(relation->table, name);
		*number = column ? column->number : 0;
		return column != NULL;
	}
	query = reach_first_arm(relation->query);
	for (size_t i = 0; query && i < query->output_count; i++)
		if (query->outputs[i].name &&
		    !strcmp(query->outputs[i].name, name)) {
			*number = (int16_t)(i + 1);
			count++;
		}
	return count;
}

/* Sets *stop where a name is this level's, known or not. */
static struct reach_meant meant_here(const struct reach_query *query,
				     const char *of, const char *name,
				     bool *stop)
{
	struct reach_meant found = {0};
	size_t count = 0;

	*stop = query->names_hidden || (!of && query->columns_unknown);
	for (size_t i = 0; !*stop && i < query->relation_count; i++) {
		struct reach_relation *relation = query->relations[i];
		size_t columns;
		int16_t number;

		if (of && (!relation->name || strcmp(relation->name, of) != 0))
			continue;
		columns = columns_named(relation, name, &number);
		count += of ? 1 : columns;
		if (columns == 1)
			found = (struct reach_meant){relation, number};
	}
	*stop |= count > 0;
	return count == 1 ? found : (struct reach_meant){0};
}

struct reach_meant reach_meant(const struct reach_query *query,
			       const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const char *name, *of = NULL;

	if (!ref || !ref->n_fields || ref->n_fields > 2)
		return (struct reach_meant){0};
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	if (ref->n_fields == 2)
		of = sql_string_value(ref->fields[0]);
	if (!name || (ref->n_fields == 2 && !of))
		return (struct reach_meant){0};
	for (; query; query = query->outer) {
		bool stop;
		struct reach_meant found = meant_here(query, of, name, &stop);

		if (stop)
			return found;
	}
	return (struct reach_meant){0};
}

bool reach_is_own(const struct reach_query *query,
		  const struct reach_relation *relation)
{
	for (size_t i = 0; i < query->relation_count; i++)
		if (query->relations[i] == relation)
			return true;
	return false;
}

const struct catalog_column *reach_shown(const struct reach_relation *relation,
					 int16_t number)
{
	while (relation && !relation->table) {
		const struct reach_query *query =
		    reach_first_arm(relation->query);
		const struct reach_output *output;

		if (!query || query->outputs_unknown || number < 1 ||
		    (size_t)number > query->output_count)
			return NULL;
		output = &query->outputs[number - 1];
		relation = output->relation;
		number = output->number;
	}
	return relation ? catalog_column_number(relation->table, number) : NULL;
}
