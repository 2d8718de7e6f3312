/* The proof of one old table, in a transaction on either side. */
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"

enum outcome table_transactions_begin(struct proof *proof)
{
	const struct laws *laws = proof->laws;
	const char *zone = laws->primary_catalog->time_zone;
	struct error error;

	error_init(&error);
	map_release(proof->made);
	map_init(proof->made);
	if (!laws->primary_adapter->proof->begin(proof->primary, zone, true,
						 LAWS_TIMEOUT_MS, &error) &&
	    !laws->shadow_adapter->proof->begin(proof->shadow, zone, false,
						LAWS_TIMEOUT_MS, &error))
		return OUTCOME_OK;
	proof->lost = error;
	return OUTCOME_LOST;
}

static const char *name_of(struct proof *proof, const struct catalog_table *old)
{
	const struct catalog *catalog = proof->laws->primary_catalog;

	for (size_t i = 0; i < catalog->table_count; i++)
		if (&catalog->tables[i] != old &&
		    !strcmp(catalog->tables[i].name, old->name))
			return arena_printf(&proof->arena, "%s.%s", old->schema,
					    old->name);
	return old->name;
}

void table_init(struct proof *proof, const struct catalog_table *old)
{
	arena_init(&proof->arena, 0);
	arena_init(&proof->reading, 0);
	lens_about(proof->laws->lens, old, &proof->arena, &proof->about);
	proof->name = name_of(proof, old);
	proof->findings = NULL;
	proof->finding_count = proof->finding_capacity = 0;
	proof->tried = proof->broken = 0;
	proof->enough = proof->marked = false;
	proof->host = NULL;
	memset(&proof->sample, 0, sizeof(proof->sample));
	statements_make(proof);
}

void table_release(struct proof *proof)
{
	if (proof->host)
		table_release(proof->host);
	proof->host = NULL;
	arena_release(&proof->reading);
	arena_release(&proof->arena);
}

enum outcome table_open(struct proof *proof, const struct catalog_table *old)
{
	table_init(proof, old);
	return table_transactions_begin(proof);
}

static bool uses_values(const struct proof *proof)
{
	for (size_t i = 0; i < proof->about.old->column_count; i++)
		if (proof->about.columns[i].value_count)
			return true;
	return false;
}

static void tell_dropped(struct proof *proof)
{
	const struct rows *rows = &proof->sample;

	for (size_t i = 0; i < rows->width; i++) {
		const struct lens_about_column *column =
		    &proof->about.columns[i];
		size_t held = 0;

		for (size_t r = 0; column->dropped && r < rows->count; r++)
			held += rows->cells[r * rows->width + i].data != NULL;
		if (held)
			diagnostics_add(proof->laws->diagnostics, SEVERITY_NOTE,
					column->place, NULL,
					"\"%s.%s\" is dropped: %zu of %zu rows "
					"looked at hold a value",
					proof->name, column->old->name, held,
					rows->count);
	}
}

enum outcome table_prove(struct proof *proof)
{
	enum outcome outcome = OUTCOME_OK;

	if (uses_values(proof))
		outcome = values_forgotten(proof);
	if (!outcome)
		outcome = keys_prove(proof);
	if (!outcome)
		outcome = sample_read(proof);
	if (outcome || !proof->sample.count || !proof->given_count)
		return outcome;
	tell_dropped(proof);
	outcome = scratch_make(proof);
	if (!outcome)
		outcome = sequences_hide(proof);
	if (!outcome)
		outcome = rows_prove(proof, &proof->sample);
	if (!outcome && proof->laws->all && !proof->enough)
		outcome = sample_all(proof, rows_prove);
	if (!outcome && proof->about.mapped)
		outcome = updates_prove(proof);
	if (!outcome)
		proof->laws->tables++;
	return outcome;
}

static enum outcome roll_back(struct proof *proof,
			      const struct adapter *adapter,
			      struct database *database)
{
	struct error error;

	error_init(&error);
	if (!adapter->database->control(database, SESSION_ROLLBACK, NULL,
					&error))
		return OUTCOME_OK;
	proof->lost = error;
	return OUTCOME_LOST;
}

enum outcome table_transactions_end(struct proof *proof)
{
	if (proof->lost.kind)
		return OUTCOME_LOST;
	if (roll_back(proof, proof->laws->primary_adapter, proof->primary) ||
	    roll_back(proof, proof->laws->shadow_adapter, proof->shadow))
		return OUTCOME_LOST;
	return OUTCOME_OK;
}

enum outcome table_close(struct proof *proof)
{
	const struct catalog_table *first =
	    proof->laws->primary_catalog->tables;

	findings_report(proof);
	proof->sound[proof->about.old - first] =
	    proof->tried && !proof->broken && !proof->finding_count;
	table_release(proof);
	return table_transactions_end(proof);
}
