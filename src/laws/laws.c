/* The proof of all tables' laws on one shadow. */
#include "laws/laws.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "laws/internal.h"

static bool holds_rows(const struct catalog_table *table)
{
	return table->kind == RELATION_TABLE ||
	       table->kind == RELATION_PARTITIONED;
}

static bool is_proved(const struct proof *proof,
		      const struct catalog_table *old)
{
	struct lens_about about;
	struct arena arena;
	bool proved;

	if (!holds_rows(old) || !old->column_count)
		return false;
	arena_init(&arena, 0);
	lens_about(proof->laws->lens, old, &arena, &about);
	proved = !about.dropped && !about.loses;
	arena_release(&arena);
	return proved;
}

void laws_progressed(const struct proof *proof)
{
	const struct laws *laws = proof->laws;
	struct laws_progress progress = {
	    .table = proof->name,
	    .table_number = proof->table_number,
	    .table_count = proof->table_count,
	    .rows = proof->tried,
	};

	if (laws->progress)
		laws->progress(laws->context, &progress);
}

static enum outcome prove_tables(struct proof *proof)
{
	const struct catalog *primary = proof->laws->primary_catalog;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = 0; i < primary->table_count; i++)
		proof->table_count += is_proved(proof, &primary->tables[i]);
	for (size_t i = 0; outcome != OUTCOME_LOST && i < primary->table_count;
	     i++) {
		if (!is_proved(proof, &primary->tables[i]))
			continue;
		outcome = table_open(proof, &primary->tables[i]);
		proof->table_number++;
		laws_progressed(proof);
		if (!outcome)
			outcome = table_prove(proof);
		if (table_close(proof))
			outcome = OUTCOME_LOST;
	}
	return outcome == OUTCOME_LOST ? outcome : OUTCOME_OK;
}

static int open_one(struct proof *proof, const struct adapter *adapter,
		    const struct endpoint *endpoint, struct database **database)
{
	return adapter->database->open(endpoint, "parallax check", database,
				       &proof->lost);
}

static int open_all(struct proof *proof)
{
	struct laws *laws = proof->laws;

	if (RAND_bytes(proof->redactor.key, REDACT_KEY_SIZE) != 1)
		return error_set(&proof->lost, ERROR_INTERNAL,
				 "no random bytes for the redaction");
	proof->redactor.show_values = laws->show_values;
	proof->sound =
	    memory_alloc(laws->primary_catalog->table_count * sizeof(bool) + 1);
	if (open_one(proof, laws->primary_adapter, laws->primary,
		     &proof->primary) ||
	    open_one(proof, laws->shadow_adapter, laws->shadow,
		     &proof->shadow) ||
	    scratch_open(proof))
		return -1;
	proof->runner = (struct runner){
	    .adapter = laws->shadow_adapter,
	    .lens = proof->scratch.lens,
	    .shadow = proof->shadow,
	    .values = laws->primary_adapter->values,
	};
	return 0;
}

void laws_prove(struct laws *laws)
{
	struct map made;
	struct proof proof = {.laws = laws, .made = &made};

	error_init(&proof.lost);
	map_init(&made);
	if (open_all(&proof) || prove_tables(&proof) == OUTCOME_LOST ||
	    shared_prove(&proof) == OUTCOME_LOST)
		diagnostics_add(laws->diagnostics, SEVERITY_ERROR, laws->place,
				"--no-laws skips them",
				"%s: the laws cannot be proved: %s", laws->name,
				proof.lost.message);
	scratch_close(&proof);
	free(proof.sound);
	map_release(&made);
	laws->primary_adapter->database->close(&proof.primary);
	laws->shadow_adapter->database->close(&proof.shadow);
}
