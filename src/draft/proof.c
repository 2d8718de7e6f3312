/* Tries drafted expressions on the primary's own rows: written values must read
 * back. */
#include "draft/derive.h"

#include "adapters/sample.h"

enum { PROOF_ROWS = 2000 };

static bool can_try(struct draft *draft, const struct catalog_table *old,
		    const struct written *written, size_t count,
		    const char *read)
{
	const PgQuery__Node *node = expression_parse(draft, read);

	if (!draft->input->primary_data || !node ||
	    !expression_is_pure(draft, node) ||
	    !(old->privileges & PRIVILEGE_SELECT) ||
	    (old->kind != RELATION_TABLE && old->kind != RELATION_PARTITIONED))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!expression_is_pure(draft, written[i].expression))
			return false;
	return true;
}

const char *derive_proof(struct draft *draft, const struct catalog_table *old,
			 const struct catalog_column *column,
			 const struct written *written,
			 const char *const *types, size_t count,
			 const char *read, bool *failed)
{
	struct arena *arena = draft->arena;
	const char **parts = arena_array(arena, count, sizeof(*parts));
	const char **names = arena_array(arena, count, sizeof(*names));
	const char **writes = arena_array(arena, count, sizeof(*writes));
	struct sample_proof proof = {.new_parts = parts,
				     .new_columns = names,
				     .new_types = types,
				     .writes = writes,
				     .count = count,
				     .column = column->name,
				     .read = read};
	size_t tried = 0, equal = 0;
	struct error error;

	*failed = false;
	if (!can_try(draft, old, written, count, read))
		return NULL;
	for (size_t i = 0; i < count; i++) {
		parts[i] = written[i].part;
		names[i] = written[i].name;
		writes[i] = expression_text(draft, written[i].expression);
		if (!writes[i])
			return NULL;
	}
	error_init(&error);
	if (draft->input->primary_adapter->sample->prove(
		draft->input->primary_data, old, &proof, PROOF_ROWS, &tried,
		&equal, &error) ||
	    !tried)
		return NULL;
	*failed = equal < tried;
	if (*failed)
		return arena_printf(arena,
				    "it reads back otherwise in %zu of %zu "
				    "rows looked at",
				    tried - equal, tried);
	return arena_printf(arena, "it reads back equal in %zu row%s looked at",
			    tried, tried == 1 ? "" : "s");
}
