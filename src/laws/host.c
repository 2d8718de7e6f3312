/* Rows of an absorbed table are columns of another table's rows: those are
 * written first, through the mapping of their own old table (the host). */
#include <string.h>

#include "base/memory.h"
#include "laws/internal.h"
#include "sql/print.h"

enum outcome host_make(struct proof *proof)
{
	struct proof *host;
	enum outcome outcome;

	if (!proof->about.host) {
		laws_warn(proof, proof->about.place,
			  "the laws of \"%s\" are not proved: no old table is "
			  "known to make the rows that it is merged into",
			  proof->name);
		return OUTCOME_FAILED;
	}
	host = arena_alloc(&proof->arena, sizeof(*host));
	*host = *proof;
	table_init(host, proof->about.host);
	outcome = scratch_make(host);
	proof->lost = host->lost;
	proof->host = host;
	/* Emptied with its rows. */
	proof->scratch_names = arena_array(
	    &proof->arena, proof->scratch_count + host->scratch_count + 1,
	    sizeof(*proof->scratch_names));
	proof->scratch_count = host->scratch_count;
	memcpy(proof->scratch_names, host->scratch_names,
	       host->scratch_count * sizeof(*host->scratch_names));
	return outcome;
}

static const char *select_host(struct proof *proof)
{
	const struct sql_dialect *dialect =
	    proof->laws->primary_adapter->parser->dialect;
	const struct lens_about *about = &proof->about;
	struct buffer text;
	const char *kept;

	buffer_init(&text, 0);
	buffer_printf(&text, "SELECT %s FROM ", proof->host->columns);
	sql_print_name(dialect, &text, about->host->schema);
	buffer_append_byte(&text, '.');
	sql_print_name(dialect, &text, about->host->name);
	for (size_t i = 0; i < about->host_pair_count; i++) {
		buffer_append_string(&text, i ? " AND " : " WHERE ");
		sql_print_name(dialect, &text, about->host_pairs[i].host->name);
		buffer_append_string(&text, " = ");
		dialect->syntax->parameter(&text, (int)i + 1);
	}
	kept = arena_string(&proof->arena, buffer_string(&text));
	buffer_release(&text);
	return kept;
}

static enum outcome write_one(struct proof *proof, const struct value *row,
			      const char *select, struct error *error)
{
	const struct lens_about *about = &proof->about;
	size_t count = about->host_pair_count;
	struct value *values =
	    arena_array(&proof->host->reading, count + 1, sizeof(*values));
	uint32_t *types =
	    arena_array(&proof->host->reading, count + 1, sizeof(*types));
	struct database_parameters key = {
	    .values = values, .types = types, .count = count};
	struct database_result result;
	struct rows rows;
	enum outcome outcome;

	for (size_t i = 0; i < count; i++) {
		values[i] =
		    row[about->host_pairs[i].column - about->old->columns];
		types[i] = about->host_pairs[i].column->type;
	}
	outcome = run_primary(proof, select, &key, &result, error);
	if (outcome)
		return outcome;
	rows = (struct rows){.cells = result.rows,
			     .count = result.row_count,
			     .width = result.column_count};
	if (rows.count)
		outcome = run_insert(proof->host, &rows, 0, rows.count, error);
	proof->lost = proof->host->lost;
	proof->laws->primary_adapter->database->release(&result);
	return outcome;
}

/* Two rows may be of one host; the first has brought it. */
static bool is_new(const struct proof *proof, const struct rows *rows,
		   size_t first, size_t index)
{
	const struct lens_about *about = &proof->about;

	for (size_t i = first; i < index; i++) {
		bool same = true;

		for (size_t p = 0; same && p < about->host_pair_count; p++) {
			size_t column = (size_t)(about->host_pairs[p].column -
						 about->old->columns);

			same = rows_cells_equal(
			    proof, column,
			    rows->cells[i * rows->width + column],
			    rows->cells[index * rows->width + column]);
		}
		if (same)
			return false;
	}
	return true;
}

enum outcome host_write(struct proof *proof, const struct rows *rows,
			size_t first, size_t count, struct error *error)
{
	enum outcome outcome = OUTCOME_OK;
	struct arena_mark mark = arena_mark(&proof->arena);
	const char *select = select_host(proof);

	arena_clear(&proof->host->reading);
	for (size_t i = first; !outcome && i < first + count; i++)
		if (is_new(proof, rows, first, i))
			outcome =
			    write_one(proof, &rows->cells[i * rows->width],
				      select, error);
	arena_reset(&proof->arena, mark);
	return outcome;
}
