/* Old tables whose rows share a new table: what is written through one of them
 * is not seen through another. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "laws/internal.h"

enum { ROWS_TOGETHER = 50 }; /* of each table */

struct sharing {
	struct proof *proof;
	const struct catalog_table *table; /* new */
	struct laws laws;		   /* tells nobody of its samples */
	struct diagnostics told;
	struct proof *tenants;
	size_t count;
};

/* The rows of a partition are those of its table, which has them already. */
static bool is_tenant(const struct proof *proof, size_t table)
{
	return proof->sound[table] &&
	       !proof->laws->primary_catalog->tables[table].is_partition;
}

/* The new tables that hold rows of a table that no other is a host of. */
static void count_places(const struct proof *proof,
			 const struct catalog_table *old, size_t *counts)
{
	const struct catalog_table *first = proof->laws->shadow_catalog->tables;
	struct lens_about about;
	struct arena arena;

	arena_init(&arena, 0);
	lens_about(proof->laws->lens, old, &arena, &about);
	for (size_t i = 0; !about.absorbed && i < about.place_count; i++)
		if (about.places[i].use == LENS_ROWS)
			counts[about.places[i].table - first]++;
	arena_release(&arena);
}

static bool lives_in(const struct proof *tenant,
		     const struct catalog_table *table)
{
	const struct lens_about *about = &tenant->about;
	bool found = false;

	for (size_t i = 0; !about->absorbed && i < about->place_count; i++)
		found |= about->places[i].table == table &&
			 about->places[i].use == LENS_ROWS;
	return found;
}

static void find_tenants(struct sharing *sharing)
{
	struct proof *proof = sharing->proof;
	const struct catalog *primary = proof->laws->primary_catalog;

	for (size_t i = 0; i < primary->table_count; i++) {
		struct proof *tenant = &sharing->tenants[sharing->count];

		if (!is_tenant(proof, i))
			continue;
		*tenant = *proof;
		tenant->laws = &sharing->laws;
		table_init(tenant, &primary->tables[i]);
		if (lives_in(tenant, sharing->table))
			sharing->count++;
		else
			table_release(tenant);
	}
}

static enum outcome make_ready(struct sharing *sharing)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; !outcome && i < sharing->count; i++) {
		struct proof *tenant = &sharing->tenants[i];

		outcome = sample_read(tenant);
		if (!outcome)
			outcome = scratch_make(tenant);
		if (tenant->sample.count > ROWS_TOGETHER)
			tenant->sample.count = ROWS_TOGETHER;
		if (outcome == OUTCOME_LOST)
			sharing->proof->lost = tenant->lost;
	}
	return outcome;
}

static void add_names(const struct sharing *sharing, struct buffer *out)
{
	for (size_t i = 0; i < sharing->count; i++)
		buffer_printf(out, "%s\"%s\"",
			      i == 0			? ""
			      : i + 1 == sharing->count ? " and "
							: ", ",
			      sharing->tenants[i].name);
}

static void report(struct sharing *sharing, struct proof *tenant,
		   const char *what, const struct error *error)
{
	struct buffer names;

	buffer_init(&names, 0);
	add_names(sharing, &names);
	diagnostics_add(
	    sharing->proof->laws->diagnostics, SEVERITY_ERROR,
	    tenant->about.place,
	    "`where` separates the rows of one old table from those "
	    "of another, and `set` puts there what it asks for",
	    "%s share \"%s.%s\": %s \"%s\"%s%s", buffer_string(&names),
	    sharing->table->schema, sharing->table->name, what, tenant->name,
	    error ? ": " : "", error ? shown_message(tenant, error) : "");
	buffer_release(&names);
}

/* All rows at once, then each table's are read again. */
static enum outcome prove_tenants(struct sharing *sharing)
{
	enum outcome outcome = OUTCOME_OK;
	struct error error;

	error_init(&error);
	for (size_t i = 0; !outcome && i < sharing->count; i++) {
		struct proof *tenant = &sharing->tenants[i];

		outcome = run_insert(tenant, &tenant->sample, 0,
				     tenant->sample.count, &error);
		if (outcome == OUTCOME_FAILED && error.kind != ERROR_INTERNAL) {
			report(sharing, tenant,
			       "rows of the others keep out rows of", &error);
			return outcome;
		}
	}
	for (size_t i = 0; !outcome && i < sharing->count; i++) {
		struct proof *tenant = &sharing->tenants[i];
		struct rows read;

		outcome = run_read(tenant, &tenant->reading, &read, &error);
		if (!outcome &&
		    !rows_same(tenant, &tenant->sample, &read, tenant->compared,
			       SIZE_MAX, (struct value){0}))
			report(sharing, tenant,
			       "rows of the others are seen in", NULL);
	}
	return outcome;
}

static enum outcome prove_shared(struct sharing *sharing)
{
	struct proof *proof = sharing->proof;
	enum outcome outcome;

	find_tenants(sharing);
	if (sharing->count < 2)
		return OUTCOME_OK;
	outcome = table_transactions_begin(proof);
	if (!outcome)
		outcome = make_ready(sharing);
	if (!outcome)
		outcome = prove_tenants(sharing);
	for (size_t i = 0; i < sharing->count; i++)
		if (sharing->tenants[i].lost.kind)
			proof->lost = sharing->tenants[i].lost;
	return table_transactions_end(proof);
}

static enum outcome prove_table(struct proof *proof,
				const struct catalog_table *table,
				size_t tenants)
{
	struct sharing sharing = {
	    .proof = proof,
	    .table = table,
	    .laws = *proof->laws,
	};
	enum outcome outcome;

	sharing.tenants = memory_alloc((tenants + 1) * sizeof(struct proof));
	diagnostics_init(&sharing.told);
	sharing.laws.diagnostics = &sharing.told;
	outcome = prove_shared(&sharing);
	for (size_t i = 0; i < sharing.count; i++)
		table_release(&sharing.tenants[i]);
	free(sharing.tenants);
	diagnostics_release(&sharing.told);
	return outcome;
}

enum outcome shared_prove(struct proof *proof)
{
	const struct catalog *primary = proof->laws->primary_catalog;
	const struct catalog *shadow = proof->laws->shadow_catalog;
	size_t *counts =
	    memory_alloc((shadow->table_count + 1) * sizeof(*counts));
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < primary->table_count; i++)
		if (is_tenant(proof, i))
			count_places(proof, &primary->tables[i], counts);
	for (size_t i = 0; outcome != OUTCOME_LOST && i < shadow->table_count;
	     i++)
		if (counts[i] > 1)
			outcome =
			    prove_table(proof, &shadow->tables[i], counts[i]);
	free(counts);
	return outcome;
}
