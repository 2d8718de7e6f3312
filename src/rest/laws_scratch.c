/* The new tables' stand-ins: a catalog in which they are scratch tables, and a
 * lens over it. */
#include <string.h>

#include "adapters/proof.h"
#include "rest/laws_internal.h"

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

/* Found under the real names, printed under the scratch ones. */
static void make_catalog(struct scratch *scratch, const struct catalog *real,
			 const char *schema)
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
		copy->schema = schema;
	}
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
		     laws->adapter->proof->scratch_schema);
	diagnostics_init(&told);
	failed = lens_new(laws->adapter->parser, laws->mapping,
			  laws->primary_catalog, &scratch->catalog, &told,
			  &scratch->lens);
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
	diagnostics_add(proof->laws->diagnostics, SEVERITY_ERROR,
			proof->about.place,
			"the shadow's account needs the right TEMPORARY on the "
			"database, and SELECT on the table; --no-laws does "
			"without",
			"the laws of \"%s\" cannot be proved: no scratch "
			"table can be made: %s",
			proof->name, shown_message(proof, error));
	return OUTCOME_FAILED;
}

static enum outcome make_place(struct proof *proof,
			       const struct lens_place *place)
{
	const struct proof_ops *ops = proof->laws->adapter->proof;
	const char *name = scratch_of(proof, place->table)->name;
	struct error error;

	error_init(&error);
	if (proof->made && map_set_string(proof->made, name, proof))
		return OUTCOME_OK;
	if (ops->scratch(proof->shadow, place->table, name, &error))
		return failed(proof, &error);
	if (!place->lookup) {
		proof->scratch_names[proof->scratch_count++] = name;
		return OUTCOME_OK;
	}
	if (ops->fill(proof->shadow, place->table, name, LAWS_LOOKUP_MAX,
		      &error))
		return failed(proof, &error);
	return OUTCOME_OK;
}

enum outcome scratch_make(struct proof *proof)
{
	const struct lens_about *about = &proof->about;

	proof->scratch_names =
	    arena_array(&proof->arena, about->place_count + 1,
			sizeof(*proof->scratch_names));
	proof->scratch_count = 0;
	for (size_t i = 0; i < about->place_count; i++) {
		const struct catalog_table *table = about->places[i].table;
		enum outcome outcome;

		if (!can_stand_in(table)) {
			laws_warn(proof, about->place,
				  "the laws of \"%s\" are not proved: \"%s\" "
				  "of the new schema is no plain table",
				  proof->name, table->name);
			return OUTCOME_FAILED;
		}
		outcome = make_place(proof, &about->places[i]);
		if (outcome)
			return outcome;
	}
	return OUTCOME_OK;
}
