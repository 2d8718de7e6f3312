/* Copies differing rows from the primary to the shadow, through the lens. */
#include "base/clock.h"
#include "base/memory.h"
#include "verify/internal.h"

enum { BATCH = 100, DEPTH_MAX = 64 };

/* ---- the order of tables: what is referred to comes first ---- */

static unsigned depth_of(const struct catalog_table *table, unsigned level)
{
	unsigned depth = 0;

	if (level > DEPTH_MAX) /* a circle */
		return 0;
	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (key->kind == KEY_FOREIGN && key->target &&
		    key->target != table) {
			unsigned below = 1 + depth_of(key->target, level + 1);

			depth = below > depth ? below : depth;
		}
	}
	return depth;
}

struct turn {
	struct verify_table *table;
	unsigned depth;
};

static int by_depth(const void *left, const void *right)
{
	const struct turn *a = left;
	const struct turn *b = right;

	return (a->depth > b->depth) - (a->depth < b->depth);
}

/* ---- one row ---- */

struct repair {
	struct verify_pair *pair;
	struct work *work;
	struct verify_table *result;
	bool removing; /* this pass removes rows, else it adds and changes */
};

/* The rows of one key: compared forms of both sides, raw ones of the primary.
 */
struct state {
	struct database_result sides[SIDES];
	struct database_result raw;
};

static void release_state(struct repair *repair, struct state *state)
{
	pair_release(repair->pair, state->sides);
	repair->pair->adapters[PRIMARY]->database->release(&state->raw);
}

/* With what is not compared too, for what is written. */
static struct checksum_table whole_of(const struct work *work)
{
	struct checksum_table whole = work->table;

	whole.column_count = work->whole_count;
	return whole;
}

/* A row of the primary, its key first, in the texts of the shadow's engine. */
static int cross_row(struct repair *repair, const struct checksum_table *whole,
		     struct value *row, struct error *error)
{
	const struct verify_pair *pair = repair->pair;

	for (size_t i = 0; i < whole->column_count; i++) {
		const struct catalog_column *column = whole->columns[i].column;
		struct value *value = &row[key_width(whole) + i];
		const struct value_side side = {pair->adapters[PRIMARY]->values,
						pair->options->old_catalog,
						column->type, 0, *value};
		const struct value_target target = {
		    pair->adapters[SHADOW]->values, pair->options->new_catalog,
		    lens_new_type(pair->lens, column->type)};

		if (value_cross(&side, &target, &repair->work->scratch, value))
			return error_set(
			    error, ERROR_LIMIT,
			    "the shadow's engine has no text for a "
			    "value of column \"%s\"",
			    column->name);
	}
	return 0;
}

static int cross_rows(struct repair *repair, const struct checksum_table *whole,
		      struct database_result *raw, struct error *error)
{
	for (size_t i = 0; i < raw->row_count; i++)
		if (cross_row(repair, whole, raw->rows + i * raw->column_count,
			      error))
			return -1;
	return 0;
}

static int read_state(struct repair *repair, const struct value *key,
		      struct state *state, struct error *error)
{
	struct work *work = repair->work;
	struct checksum_table whole = whole_of(work);

	memset(state, 0, sizeof(*state));
	for (int side = 0; side < SIDES; side++)
		if (pair_query_one(repair->pair, side,
				   pair_checksum(repair->pair, side)
				       ->values(&work->scratch, &work->table,
						key, 1, false),
				   &state->sides[side], error))
			goto failed;
	if (!pair_query_one(repair->pair, PRIMARY,
			    pair_checksum(repair->pair, PRIMARY)
				->values(&work->scratch, &whole, key, 1, true),
			    &state->raw, error) &&
	    !cross_rows(repair, &whole, &state->raw, error))
		return 0;
failed:
	release_state(repair, state);
	return -1;
}

static bool are_equal(const struct work *work, const struct state *state)
{
	const struct database_result *primary = &state->sides[PRIMARY];
	const struct database_result *shadow = &state->sides[SHADOW];
	size_t width = key_width(&work->table);

	if (primary->row_count != shadow->row_count)
		return false;
	/* Without a key, rows of one hash are equal. */
	return !primary->row_count || !work->table.key_count ||
	       (primary->row_count == 1 &&
		work_equal(work, primary->rows + width, shadow->rows + width,
			   NULL));
}

static int write_row(struct repair *repair, char *text, struct error *error)
{
	if (!runner_query(&repair->pair->runner, text, NULL, NULL, error))
		return 0;
	return -1;
}

static int update(struct repair *repair, const struct value *key,
		  const struct state *state, struct error *error)
{
	const struct checksum_ops *checksum =
	    pair_checksum(repair->pair, SHADOW);
	struct work *work = repair->work;
	struct checksum_table whole = whole_of(work);
	size_t width = key_width(&work->table);
	bool *set =
	    arena_array(&work->scratch, whole.column_count + 1, sizeof(*set));

	work_equal(work, state->sides[PRIMARY].rows + width,
		   state->sides[SHADOW].rows + width, set);
	return write_row(repair,
			 checksum->update(&work->scratch, &whole, key,
					  state->raw.rows + width, set),
			 error);
}

static int insert(struct repair *repair, const struct state *state, size_t row,
		  struct error *error)
{
	struct work *work = repair->work;
	struct checksum_table whole = whole_of(work);

	return write_row(repair,
			 pair_checksum(repair->pair, SHADOW)
			     ->insert(&work->scratch, &whole,
				      state->raw.rows +
					  row * state->raw.column_count +
					  key_width(&work->table)),
			 error);
}

/* Makes the shadow's rows of a key those of the primary. */
static int copy_row(struct repair *repair, const struct value *key,
		    const struct state *state, struct error *error)
{
	struct work *work = repair->work;
	size_t ours = state->raw.row_count;
	size_t theirs = state->sides[SHADOW].row_count;
	size_t from = 0;

	if (are_equal(work, state))
		return 0;
	if (work->table.key_count && ours == 1 && theirs == 1)
		return repair->removing ? 0 : update(repair, key, state, error);
	if (repair->removing != (theirs > ours))
		return 0;
	if (theirs > ours) {
		if (write_row(repair,
			      pair_checksum(repair->pair, SHADOW)
				  ->remove(&work->scratch, &work->table, key),
			      error))
			return -1;
	} else {
		from = theirs; /* equal ones that are there stay */
	}
	for (size_t i = from; i < ours; i++)
		if (insert(repair, state, i, error))
			return -1;
	return 0;
}

/* ---- a batch of rows ---- */

/* In one transaction on the shadow. */
static int copy_batch(struct repair *repair, struct suspect **suspects,
		      size_t count, struct error *error)
{
	struct error ignored;
	int result = pair_control(repair->pair, SHADOW, SESSION_BEGIN, error);

	for (size_t i = 0; i < count && !result; i++) {
		struct state state;

		result = read_state(repair, suspects[i]->key, &state, error);
		if (result)
			break;
		result = copy_row(repair, suspects[i]->key, &state, error);
		release_state(repair, &state);
	}
	if (!result)
		result =
		    pair_control(repair->pair, SHADOW, SESSION_COMMIT, error);
	if (result)
		pair_control(repair->pair, SHADOW, SESSION_ROLLBACK, &ignored);
	return result;
}

static void count_repaired(struct verify_table *result,
			   const struct suspect *suspect)
{
	uint64_t *count =
	    suspect->class == DIVERGENCE_ROWS_MISSING ? &result->missing
	    : suspect->class == DIVERGENCE_ROWS_EXTRA ? &result->extra
						      : &result->value;

	*count -= suspect->weight;
	result->repaired += suspect->weight;
	for (size_t i = 0; i < result->kept_count; i++)
		if (result->kept[i].key == suspect->key)
			((struct verify_row *)&result->kept[i])->repaired =
			    true;
}

/* Whether they are equal now. */
static int look_again(struct repair *repair, struct suspect *suspect,
		      struct error *error)
{
	struct state state;

	if (read_state(repair, suspect->key, &state, error))
		return -1;
	if (are_equal(repair->work, &state)) {
		suspect->state = SUSPECT_EQUAL;
		count_repaired(repair->result, suspect);
	}
	release_state(repair, &state);
	return 0;
}

static void complain(struct repair *repair, const struct error *error)
{
	struct verify_table *result = repair->result;

	if (result->problem)
		return;
	verify_table_problem(result, repair->pair->options, error);
}

static int repair_batch(struct repair *repair, struct suspect **suspects,
			size_t count, struct error *error)
{
	struct error first;

	error_init(&first);
	arena_clear(&repair->work->scratch);
	/* One row that fails must not stop the others. */
	if (copy_batch(repair, suspects, count, &first)) {
		if (first.kind == ERROR_IO) {
			*error = first;
			return -1;
		}
		for (size_t i = 0; i < count && count > 1; i++)
			copy_batch(repair, &suspects[i], 1, &first);
		complain(repair, &first);
	}
	for (size_t i = 0; i < count; i++)
		if (look_again(repair, suspects[i], error))
			return -1;
	return 0;
}

/* ---- all tables ---- */

static int repair_table(struct verify *verify, struct verify_pair *pair,
			struct verify_table *table, bool removing,
			struct error *error)
{
	struct work *work = (struct work *)&table->drift->work;
	struct repair repair = {pair, work, table, removing};
	struct suspect *batch[BATCH];
	int result = 0;

	arena_init(&work->scratch, 0);
	for (size_t i = 0; i < work->suspect_count && !result;) {
		size_t count = 0;

		while (i < work->suspect_count && count < BATCH) {
			struct suspect *suspect = &work->suspects[i++];
			bool extra = suspect->class == DIVERGENCE_ROWS_EXTRA;

			if (suspect->state == SUSPECT_DRIFT &&
			    extra == removing)
				batch[count++] = suspect;
		}
		if (verify->stop)
			result = error_set(error, ERROR_IO, "interrupted");
		else if (count)
			result = repair_batch(&repair, batch, count, error);
	}
	arena_release(&work->scratch);
	if (!verify_drift(table) && table->state == VERIFY_DRIFT)
		table->state =
		    table->undecided ? VERIFY_UNDECIDED : VERIFY_EQUAL;
	table->at = clock_unix_us();
	return result;
}

static struct turn *in_order(struct verify *verify, size_t *count)
{
	struct turn *turns =
	    memory_alloc((verify->table_count + 1) * sizeof(*turns));

	*count = 0;
	for (size_t i = 0; i < verify->table_count; i++) {
		struct verify_table *table = &verify->tables[i];

		if (table->state == VERIFY_DRIFT && table->drift)
			turns[(*count)++] =
			    (struct turn){table, depth_of(table->table, 0)};
	}
	if (*count)
		qsort(turns, *count, sizeof(*turns), by_depth);
	return turns;
}

int verify_repair(struct verify *verify, struct error *error)
{
	size_t count;
	struct turn *turns = in_order(verify, &count);
	struct verify_pair pair;
	int result = 0;

	if (!count)
		goto out;
	result = pair_open(&pair, verify->options, error);
	for (size_t i = 0; i < count && !result; i++)
		result =
		    repair_table(verify, &pair, turns[i].table, false, error);
	for (size_t i = count; i-- > 0 && !result;)
		result =
		    repair_table(verify, &pair, turns[i].table, true, error);
	pair_close(&pair);
out:
	free(turns);
	return result;
}
