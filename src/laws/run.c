/* One statement at a time, each in a savepoint, so that one that fails leaves
 * the transaction open. */
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"

static enum outcome told(struct proof *proof, const struct error *error)
{
	if (error->kind != ERROR_IO)
		return OUTCOME_FAILED;
	proof->lost = *error;
	return OUTCOME_LOST;
}

/* The savepoint before each statement, and the one behind what is undone again
 * and again. */
static const char each[] = "laws", mark[] = "laws_mark";

static const struct database_ops *ops_of(const struct proof *proof,
					 const struct database *database)
{
	return database == proof->primary
		   ? proof->laws->primary_adapter->database
		   : proof->laws->shadow_adapter->database;
}

/* A step of the transaction, which cannot fail but by the connection. */
static enum outcome own(struct proof *proof, struct database *database,
			enum session_control what, const char *name)
{
	const struct database_ops *ops = ops_of(proof, database);
	struct error error;

	error_init(&error);
	if (!ops->control(database, what, name, &error))
		return OUTCOME_OK;
	proof->lost = error;
	return OUTCOME_LOST;
}

static enum outcome settle(struct proof *proof, struct database *database,
			   enum outcome outcome)
{
	if (outcome == OUTCOME_LOST)
		return outcome;
	if (outcome == OUTCOME_FAILED &&
	    own(proof, database, SESSION_ROLLBACK_TO, each))
		return OUTCOME_LOST;
	return own(proof, database, SESSION_RELEASE, each) ? OUTCOME_LOST
							   : outcome;
}

enum outcome run_primary(struct proof *proof, const char *text,
			 const struct database_parameters *parameters,
			 struct database_result *result, struct error *error)
{
	const struct database_ops *ops = proof->laws->primary_adapter->database;
	enum outcome outcome =
	    own(proof, proof->primary, SESSION_SAVEPOINT, each);

	if (!outcome &&
	    ops->query(proof->primary, text, parameters, result, error))
		outcome = told(proof, error);
	return settle(proof, proof->primary, outcome);
}

enum outcome run_rewritten(struct proof *proof, const char *text,
			   const struct database_parameters *parameters,
			   struct database_result *result, struct error *error)
{
	bool marked = proof->marked;
	enum outcome outcome =
	    marked ? OUTCOME_OK
		   : own(proof, proof->shadow, SESSION_SAVEPOINT, each);

	if (!outcome &&
	    runner_query(&proof->runner, text, parameters, result, error))
		outcome = told(proof, error);
	if (!marked)
		outcome = settle(proof, proof->shadow, outcome);
	if (outcome && result)
		proof->laws->shadow_adapter->database->release(result);
	return outcome;
}

enum outcome run_mark(struct proof *proof)
{
	if (proof->marked)
		return OUTCOME_OK;
	if (own(proof, proof->shadow, SESSION_SAVEPOINT, mark))
		return OUTCOME_LOST;
	proof->marked = true;
	return OUTCOME_OK;
}

enum outcome run_back(struct proof *proof)
{
	return own(proof, proof->shadow, SESSION_ROLLBACK_TO, mark);
}

enum outcome run_empty(struct proof *proof)
{
	struct error error;

	if (proof->marked && own(proof, proof->shadow, SESSION_RELEASE, mark))
		return OUTCOME_LOST;
	proof->marked = false;
	error_init(&error);
	if (!proof->laws->shadow_adapter->proof->empty(
		proof->shadow, proof->scratch_names, proof->scratch_count,
		&error))
		return OUTCOME_OK;
	proof->lost = error;
	return OUTCOME_LOST;
}

enum outcome run_insert(struct proof *proof, const struct rows *rows,
			size_t first, size_t count, struct error *error)
{
	const struct catalog_table *old = proof->about.old;
	size_t width = proof->given_count;
	struct arena_mark before = arena_mark(&proof->arena);
	struct value *values =
	    arena_array(&proof->arena, count * width + 1, sizeof(*values));
	uint32_t *types =
	    arena_array(&proof->arena, count * width + 1, sizeof(*types));
	struct database_parameters parameters = {
	    .values = values, .types = types, .count = count * width};
	const char *text = count == 1		   ? proof->insert
			   : count == proof->batch ? proof->insert_batch
						   : NULL;
	enum outcome outcome = OUTCOME_OK;

	if (proof->host)
		outcome = host_write(proof, rows, first, count, error);
	for (size_t r = 0; r < count; r++)
		for (size_t i = 0; i < width; i++) {
			size_t column = proof->given[i];

			values[r * width + i] =
			    rows->cells[(first + r) * rows->width + column];
			types[r * width + i] = old->columns[column].type;
		}
	if (!text)
		text = statement_insert(proof, old, proof->given, width, count);
	if (!outcome)
		outcome = run_rewritten(proof, text, &parameters, NULL, error);
	arena_reset(&proof->arena, before);
	return outcome;
}

enum outcome run_read(struct proof *proof, struct arena *arena,
		      struct rows *rows, struct error *error)
{
	struct database_result result;
	enum outcome outcome =
	    run_rewritten(proof, proof->select, NULL, &result, error);

	memset(rows, 0, sizeof(*rows));
	rows->width = proof->about.old->column_count;
	if (outcome)
		return outcome;
	if (result.column_count != rows->width) {
		error_set(error, ERROR_INTERNAL,
			  "%zu columns were asked for, %zu came", rows->width,
			  result.column_count);
		outcome = OUTCOME_FAILED;
	}
	for (size_t r = 0; !outcome && r < result.row_count; r++)
		rows_add(arena, rows, &result.rows[r * result.column_count]);
	proof->laws->shadow_adapter->database->release(&result);
	return outcome;
}
