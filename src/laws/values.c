/* Values of a recoded column on the primary that `values` does not list. */
#include <stdio.h>
#include <stdlib.h>

#include "laws/internal.h"
#include "sql/print.h"

enum {
	VALUES_MAX = 1000, /* of a column, that are counted */
	VALUES_SHOWN = 5,
};

static void add_query(struct proof *proof,
		      const struct lens_about_column *column,
		      struct buffer *query)
{
	const struct sql_dialect *dialect =
	    proof->laws->primary_adapter->parser->dialect;
	const struct catalog_table *old = proof->about.old;

	buffer_append_string(query, "SELECT ");
	sql_print_name(dialect, query, column->old->name);
	buffer_append_string(query, ", count(*) FROM ");
	sql_print_name(dialect, query, old->schema);
	buffer_append_byte(query, '.');
	sql_print_name(dialect, query, old->name);
	buffer_printf(query, " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d",
		      VALUES_MAX);
}

static void report(struct proof *proof, const struct lens_about_column *column,
		   const struct database_result *result)
{
	struct buffer list;
	size_t forgotten = 0;
	unsigned long long rows = 0;

	buffer_init(&list, 0);
	for (size_t r = 0; r < result->row_count; r++) {
		const struct value *cells = &result->rows[2 * r];
		unsigned long long count =
		    strtoull((const char *)cells[1].data, NULL, 10);

		if (lens_lists_value(proof->laws->lens, column,
				     (const char *)cells[0].data))
			continue;
		rows += count;
		if (forgotten++ >= VALUES_SHOWN)
			continue;
		buffer_printf(
		    &list, "%s%s (%llu row%s)", forgotten > 1 ? ", " : "",
		    shown_value(proof, (size_t)(column - proof->about.columns),
				cells[0]),
		    count, count == 1 ? "" : "s");
	}
	if (forgotten > VALUES_SHOWN)
		buffer_append_string(&list, ", ...");
	if (forgotten)
		diagnostics_add(
		    proof->laws->diagnostics, SEVERITY_ERROR, column->place,
		    "list them under `values`; compare.show_values "
		    "shows them as they are",
		    "`values` of \"%s.%s\" forgets %zu value%s that "
		    "%llu row%s of the primary hold%s: %s",
		    proof->name, column->old->name, forgotten,
		    forgotten == 1 ? "" : "s", rows, rows == 1 ? "" : "s",
		    rows == 1 ? "s" : "", buffer_string(&list));
	buffer_release(&list);
}

static enum outcome count_values(struct proof *proof,
				 const struct lens_about_column *column)
{
	struct database_result result;
	struct buffer query;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	buffer_init(&query, 0);
	add_query(proof, column, &query);
	outcome =
	    run_primary(proof, buffer_string(&query), NULL, &result, &error);
	buffer_release(&query);
	if (outcome == OUTCOME_FAILED) {
		laws_warn(proof, column->place,
			  "the values of \"%s.%s\" cannot be counted, only "
			  "those of the sample are looked at: %s",
			  proof->name, column->old->name,
			  shown_message(proof, &error));
		return OUTCOME_OK;
	}
	if (outcome)
		return outcome;
	report(proof, column, &result);
	proof->laws->primary_adapter->database->release(&result);
	return OUTCOME_OK;
}

enum outcome values_forgotten(struct proof *proof)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; !outcome && i < proof->about.old->column_count; i++)
		if (proof->about.columns[i].value_count)
			outcome = count_values(proof, &proof->about.columns[i]);
	return outcome;
}
