/* Unique keys of the new schema that rows of the primary would violate: counted
 * over the whole table, since a sample hardly meets two that are alike. */
#include <string.h>

#include "laws/internal.h"
#include "sql/print.h"

/* The old column whose value the new one holds, another for another; or NULL.
 */
static const struct lens_about_column *source_of(
    const struct proof *proof, const struct catalog_column *new)
{
	const struct lens_about *about = &proof->about;

	for (size_t i = 0; i < about->old->column_count; i++)
		if (about->columns[i].direct && !about->columns[i].dropped &&
		    about->columns[i].stored == new)
			return &about->columns[i];
	return NULL;
}

/* Is there an old key whose columns are all among these? */
static bool is_old_key(const struct proof *proof,
		       const struct lens_about_column *const *columns,
		       size_t count)
{
	const struct catalog_table *old = proof->about.old;

	for (size_t i = 0; i < old->key_count; i++) {
		const struct catalog_key *key = &old->keys[i];
		size_t found = 0;

		if (key->kind == KEY_FOREIGN || key->partial)
			continue;
		for (size_t k = 0; k < key->column_count; k++)
			for (size_t c = 0; c < count; c++)
				found +=
				    columns[c]->old->number == key->columns[k];
		if (found == key->column_count)
			return true;
	}
	return false;
}

static void add_columns(const struct proof *proof, struct buffer *query,
			const struct lens_about_column *const *columns,
			size_t count, const char *between, const char *behind)
{
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(query, i ? between : "");
		sql_print_name(proof->laws->primary_adapter->parser->dialect,
			       query, columns[i]->old->name);
		buffer_append_string(query, behind);
	}
}

static void add_query(const struct proof *proof, struct buffer *query,
		      const struct lens_about_column *const *columns,
		      size_t count)
{
	const struct sql_dialect *dialect =
	    proof->laws->primary_adapter->parser->dialect;
	const struct catalog_table *old = proof->about.old;

	buffer_append_string(query, "SELECT count(*), sum(s.n) FROM (SELECT "
				    "count(*) AS n FROM ");
	sql_print_name(dialect, query, old->schema);
	buffer_append_byte(query, '.');
	sql_print_name(dialect, query, old->name);
	buffer_append_string(query, " WHERE ");
	add_columns(proof, query, columns, count, " AND ", " IS NOT NULL");
	buffer_append_string(query, " GROUP BY ");
	add_columns(proof, query, columns, count, ", ", "");
	buffer_append_string(query, " HAVING count(*) > 1) s");
}

static void report(struct proof *proof, const struct catalog_table *table,
		   const struct catalog_key *key,
		   const struct database_result *result)
{
	const char *groups = (const char *)result->rows[0].data;
	const char *rows = (const char *)result->rows[1].data;

	if (!groups || !rows)
		return;
	diagnostics_add(proof->laws->diagnostics, SEVERITY_ERROR,
			proof->about.place, NULL,
			"unique key \"%s\" of \"%s.%s\" refuses rows of "
			"\"%s\": %s rows of the primary have %s value%s "
			"in common",
			key->name, table->schema, table->name, proof->name,
			rows, groups, strcmp(groups, "1") == 0 ? "" : "s");
}

static enum outcome count_alike(struct proof *proof,
				const struct catalog_table *table,
				const struct catalog_key *key,
				const struct lens_about_column *const *columns)
{
	struct database_result result;
	struct buffer query;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	buffer_init(&query, 0);
	add_query(proof, &query, columns, key->column_count);
	outcome =
	    run_primary(proof, buffer_string(&query), NULL, &result, &error);
	buffer_release(&query);
	if (outcome == OUTCOME_FAILED) {
		laws_warn(proof, proof->about.place,
			  "rows of \"%s\" that unique key \"%s\" would "
			  "refuse cannot be counted: %s",
			  proof->name, key->name, shown_message(proof, &error));
		return OUTCOME_OK;
	}
	if (outcome)
		return outcome;
	report(proof, table, key, &result);
	proof->laws->primary_adapter->database->release(&result);
	return OUTCOME_OK;
}

static enum outcome prove_key(struct proof *proof,
			      const struct catalog_table *table,
			      const struct catalog_key *key)
{
	const struct lens_about_column **columns =
	    arena_array(&proof->arena, key->column_count + 1, sizeof(*columns));

	if (key->kind == KEY_FOREIGN || key->partial)
		return OUTCOME_OK;
	for (size_t i = 0; i < key->column_count; i++) {
		columns[i] = source_of(
		    proof, catalog_column_number(table, key->columns[i]));
		if (!columns[i])
			return OUTCOME_OK;
	}
	return is_old_key(proof, columns, key->column_count)
		   ? OUTCOME_OK
		   : count_alike(proof, table, key, columns);
}

enum outcome keys_prove(struct proof *proof)
{
	enum outcome outcome = OUTCOME_OK;

	if (proof->about.absorbed)
		return OUTCOME_OK; /* the rows are the host's */
	for (size_t i = 0; !outcome && i < proof->about.place_count; i++) {
		const struct lens_about_place *place = &proof->about.places[i];

		for (size_t k = 0; !outcome && place->use == LENS_ROWS &&
				   k < place->table->key_count;
		     k++)
			outcome = prove_key(proof, place->table,
					    &place->table->keys[k]);
	}
	return outcome;
}
