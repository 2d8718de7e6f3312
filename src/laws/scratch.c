/* The new tables' stand-ins: a catalog in which they are scratch tables, and a
 * lens over it. */
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"

/* Scratch tables share one schema: names that others have too get a number. */
static const char *scratch_name(struct scratch *scratch, struct map *taken,
				const struct catalog_table *table)
{
	const char *name = table->name;

	for (int i = 2; map_get_string(taken, name); i++)
		name =
		    arena_printf(&scratch->arena, "%.48s %d", table->name, i);
	map_set_string(taken, name, (void *)(uintptr_t)table);
	return name;
}

static bool can_stand_in(const struct catalog_table *table)
{
	return table->kind == RELATION_TABLE ||
	       table->kind == RELATION_PARTITIONED;
}

static void add_name(struct catalog *catalog, struct catalog_table *table)
{
	struct buffer key;

	buffer_init(&key, 0);
	buffer_append(&key, table->schema, strlen(table->schema) + 1);
	buffer_append_string(&key, table->name);
	map_set(&catalog->table_by_name, key.data, key.size, table);
	buffer_release(&key);
}

/* Found under the real names too, printed under the scratch ones. */
static void make_catalog(struct scratch *scratch, const struct catalog *real,
			 const struct proof_ops *ops)
{
	struct catalog *catalog = &scratch->catalog;
	struct map taken;

	*catalog = *real;
	map_init(&taken);
	map_init(&catalog->table_by_name);
	map_init(&catalog->table_by_id);
	catalog->tables = arena_array(&scratch->arena, real->table_count + 1,
				      sizeof(*catalog->tables));
	for (size_t i = 0; i < real->table_by_name.count; i++) {
		const struct map_entry *entry = &real->table_by_name.entries[i];
		const struct catalog_table *table = entry->value;
		struct catalog_table *copy =
		    &catalog->tables[table - real->tables];

		*copy = *table;
		map_set(&catalog->table_by_name, entry->key, entry->key_size,
			copy);
		map_set(&catalog->table_by_id, &table->id, sizeof(table->id),
			copy);
		if (!can_stand_in(table))
			continue;
		copy->name = scratch_name(scratch, &taken, table);
		copy->schema = ops->scratch_schema(table);
	}
	/* A mapping's table without a schema is in its neighbour's. */
	for (size_t i = 0; i < real->table_count; i++)
		if (can_stand_in(&real->tables[i]))
			add_name(catalog, &catalog->tables[i]);
	map_release(&taken);
}

int scratch_open(struct proof *proof)
{
	struct laws *laws = proof->laws;
	struct scratch *scratch = &proof->scratch;
	struct diagnostics told; /* of the real lens already */
	int failed;

	arena_init(&scratch->arena, 0);
	make_catalog(scratch, laws->shadow_catalog,
		     laws->shadow_adapter->proof);
	diagnostics_init(&told);
	failed =
	    lens_new(laws->shadow_adapter->parser, laws->shadow_adapter->parser,
		     laws->mapping, laws->primary_catalog, &scratch->catalog,
		     &told, &scratch->lens);
	diagnostics_release(&told);
	return failed ? error_set(&proof->lost, ERROR_INTERNAL,
				  "the mapping does not compile for scratch "
				  "tables")
		      : 0;
}

void scratch_close(struct proof *proof)
{
	lens_free(&proof->scratch.lens);
	map_release(&proof->scratch.catalog.table_by_name);
	map_release(&proof->scratch.catalog.table_by_id);
	arena_release(&proof->scratch.arena);
}

const struct catalog_table *scratch_of(const struct proof *proof,
				       const struct catalog_table *table)
{
	return &proof->scratch.catalog
		    .tables[table - proof->laws->shadow_catalog->tables];
}

static enum outcome failed(struct proof *proof, const struct error *error)
{
	if (error->kind == ERROR_IO) {
		proof->lost = *error;
		return OUTCOME_LOST;
	}
	diagnostics_add(
	    proof->laws->diagnostics, SEVERITY_ERROR, proof->about.place,
	    "the shadow's account needs the right TEMPORARY on the database, "
	    "and SELECT on the table; --no-laws skips them",
	    "the laws of \"%s\" cannot be proved: no scratch "
	    "table can be made: %s",
	    proof->name, shown_message(proof, error));
	return OUTCOME_FAILED;
}

static enum outcome make_place(struct proof *proof,
			       const struct lens_about_place *place)
{
	const struct proof_ops *ops = proof->laws->shadow_adapter->proof;
	const char *name = scratch_of(proof, place->table)->name;
	struct error error;

	error_init(&error);
	if (place->use == LENS_ROWS)
		proof->scratch_names[proof->scratch_count++] = name;
	if (map_get_string(proof->made, name))
		return OUTCOME_OK;
	if (ops->scratch(proof->shadow, place->table, name, &error))
		return failed(proof, &error);
	map_set_string(proof->made, name,
		       (void *)(uintptr_t)(place->use == LENS_READ
					       ? (const void *)place
					       : (const void *)proof));
	return OUTCOME_OK;
}

/* ---- what is only read ---- */

/* What cannot be written is told of when its own table is proved. */
static enum outcome write_batch(struct proof *proof, const struct rows *rows)
{
	enum outcome outcome;
	struct error error;

	error_init(&error);
	outcome = run_insert(proof, rows, 0, rows->count, &error);
	for (size_t i = 0; outcome == OUTCOME_FAILED && i < rows->count; i++)
		if (run_insert(proof, rows, i, 1, &error) == OUTCOME_LOST)
			outcome = OUTCOME_LOST;
	proof->tried += rows->count;
	proof->enough = proof->tried >= LAWS_THROUGH_MAX;
	return outcome == OUTCOME_LOST ? outcome : OUTCOME_OK;
}

static bool lives_in(const struct lens_about *about,
		     const struct catalog_table *table)
{
	for (size_t i = 0; !about->absorbed && i < about->place_count; i++)
		if (about->places[i].use == LENS_ROWS &&
		    about->places[i].table == table)
			return true;
	return false;
}

/* A shadow that is not loaded yet: from the primary, through the lens. */
static enum outcome fill_rewritten(struct proof *proof,
				   const struct catalog_table *table)
{
	const struct catalog *primary = proof->laws->primary_catalog;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; outcome != OUTCOME_LOST && i < primary->table_count;
	     i++) {
		struct proof tenant = *proof;

		if (primary->tables[i].kind != RELATION_TABLE &&
		    primary->tables[i].kind != RELATION_PARTITIONED)
			continue;
		table_init(&tenant, &primary->tables[i]);
		if (lives_in(&tenant.about, table) && tenant.given_count) {
			outcome = scratch_make(&tenant);
			if (!outcome)
				outcome = sample_all(&tenant, write_batch);
		}
		if (tenant.enough)
			laws_warn(proof, proof->about.place,
				  "\"%s\" is large: the laws of \"%s\" are "
				  "proved with %zu rows of it",
				  tenant.name, proof->name, tenant.tried);
		proof->lost = tenant.lost;
		table_release(&tenant);
	}
	return outcome == OUTCOME_LOST ? outcome : OUTCOME_OK;
}

static enum outcome fill_place(struct proof *proof,
			       const struct lens_about_place *place)
{
	const struct proof_ops *ops = proof->laws->shadow_adapter->proof;
	const char *name = scratch_of(proof, place->table)->name;
	struct error error;
	int64_t rows = 0;

	error_init(&error);
	if (place->use != LENS_READ ||
	    map_get_string(proof->made, name) != place)
		return OUTCOME_OK;
	if (ops->fill(proof->shadow, place->table, name, LAWS_LOOKUP_MAX, &rows,
		      &error))
		return failed(proof, &error);
	if (rows == LAWS_LOOKUP_MAX)
		laws_warn(proof, proof->about.place,
			  "\"%s\" is large: the laws of \"%s\" are proved with "
			  "%d rows of it",
			  place->table->name, proof->name, LAWS_LOOKUP_MAX);
	return rows ? OUTCOME_OK : fill_rewritten(proof, place->table);
}

/* ---- all ---- */

enum outcome scratch_make(struct proof *proof)
{
	const struct lens_about *about = &proof->about;
	enum outcome outcome = OUTCOME_OK;

	proof->scratch_names =
	    arena_array(&proof->arena, 2 * about->place_count + 1,
			sizeof(*proof->scratch_names));
	proof->scratch_count = 0;
	for (size_t i = 0; !outcome && i < about->place_count; i++) {
		const struct catalog_table *table = about->places[i].table;

		if (can_stand_in(table)) {
			outcome = make_place(proof, &about->places[i]);
			continue;
		}
		if (about->places[i].use == LENS_READ)
			continue; /* as it is */
		laws_warn(proof, about->place,
			  "the laws of \"%s\" are not proved: \"%s\" of the "
			  "new schema is not a plain table",
			  proof->name, table->name);
		outcome = OUTCOME_FAILED;
	}
	for (size_t i = 0; !outcome && i < about->place_count; i++)
		if (can_stand_in(about->places[i].table))
			outcome = fill_place(proof, &about->places[i]);
	if (!outcome && about->absorbed)
		outcome = host_make(proof);
	return outcome;
}
