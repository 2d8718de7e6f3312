#include "cmd/verify_print.h"

#include <inttypes.h>
#include <openssl/rand.h>

#include "adapters/catalog.h"
#include "base/buffer.h"
#include "base/memory.h"
#include "report/format.h"
#include "store/drift.h"

static const char *const states[] = {
    [VERIFY_WAITS] = DRIFT_FAILED,	  [VERIFY_RUNS] = DRIFT_FAILED,
    [VERIFY_EQUAL] = DRIFT_EQUAL,	  [VERIFY_DRIFT] = DRIFT_DRIFT,
    [VERIFY_UNDECIDED] = DRIFT_UNDECIDED, [VERIFY_FAILED] = DRIFT_FAILED,
    [VERIFY_DROPPED] = DRIFT_DROPPED,
};

int verify_print_redactor(const char *store, bool show_values,
			  struct redactor *redactor, struct error *error)
{
	*redactor = (struct redactor){.show_values = show_values};
	if (store)
		return drift_redactor(store, show_values, redactor, error);
	if (RAND_bytes(redactor->key, REDACT_KEY_SIZE) != 1)
		return error_set(error, ERROR_INTERNAL, "no random numbers");
	return 0;
}

void verify_print_progress(const struct verify *verify, int64_t us)
{
	char a[FORMAT_SIZE], b[FORMAT_SIZE], c[FORMAT_SIZE];
	uint64_t rows = 0;
	double all = 0;
	size_t done = 0;

	for (size_t i = 0; i < verify->table_count; i++) {
		const struct verify_table *table = &verify->tables[i];

		rows += table->rows;
		all += table->table->row_estimate > 0
			   ? table->table->row_estimate
			   : 0;
		done += table->state > VERIFY_RUNS;
	}
	if ((double)rows > all)
		all = (double)rows;
	fprintf(stderr,
		"verify: %zu of %zu tables, %s of about %s rows, %s rows/s\n",
		done, verify->table_count, format_count(a, rows),
		format_count(b, (uint64_t)all),
		format_count(c, us > 0 ? rows * 1000000 / (uint64_t)us : 0));
}

/* ---- redacted copies ---- */

struct redacting {
	struct arena *arena;
	const struct redactor *redactor;
};

static const char *redact(const struct redacting *redacting, struct value value,
			  bool public)
{
	const char *text = (const char *)value.data;
	char *shown = public ? redact_public(text)
			     : redact_value(redacting->redactor, text);
	const char *copy = arena_string(redacting->arena, shown);

	free(shown);
	return copy;
}

static const char *const *redact_all(const struct redacting *redacting,
				     const struct value *values,
				     const bool *public, size_t count)
{
	const char **out;

	if (!values)
		return NULL;
	out = arena_array(redacting->arena, count + 1, sizeof(*out));
	for (size_t i = 0; i < count; i++)
		out[i] = redact(redacting, values[i], public[i]);
	return out;
}

static void fill_rows(const struct redacting *redacting,
		      const struct verify_table *table, struct drift_table *out)
{
	struct drift_row *rows =
	    arena_array(redacting->arena, table->kept_count + 1, sizeof(*rows));

	for (size_t i = 0; i < table->kept_count; i++) {
		const struct verify_row *row = &table->kept[i];

		rows[i] = (struct drift_row){
		    .class = row->class,
		    .key = redact_all(redacting, row->key, table->key_shown,
				      table->key_count),
		    .primary =
			redact_all(redacting, row->primary, table->column_shown,
				   table->column_count),
		    .shadow =
			redact_all(redacting, row->shadow, table->column_shown,
				   table->column_count),
		    .differs = row->differs,
		    .repaired = row->repaired};
	}
	out->rows = rows;
	out->row_count = table->kept_count;
}

static void fill(const struct redacting *redacting,
		 const struct verify_table *table, struct drift_table *out)
{
	/* Our own messages quote no values. */
	char *problem = table->server_said
			    ? redact_message(redacting->redactor,
					     &table->values, table->problem)
			    : memory_string(table->problem);

	*out = (struct drift_table){
	    .schema = table->table->schema,
	    .name = table->table->name,
	    .state = states[table->state],
	    .at = table->at,
	    .primary_rows = table->rows,
	    .shadow_rows = table->shadow_rows,
	    .missing = table->missing,
	    .extra = table->extra,
	    .value = table->value,
	    .undecided = table->undecided,
	    .repaired = table->repaired,
	    .capped = table->capped,
	    .problem = arena_string(redacting->arena, problem),
	    .note = table->note,
	    .key_names = table->key,
	    .key_count = table->key_count,
	    .columns = table->columns,
	    .column_count = table->column_count,
	    .differs = table->differs,
	};
	free(problem);
	fill_rows(redacting, table, out);
}

/* ---- the store ---- */

int verify_print_store(const struct verify *verify, const char *store,
		       const struct redactor *redactor, struct error *error)
{
	struct arena arena;
	struct redacting redacting = {&arena, redactor};
	struct drift_table *tables;
	size_t count = verify->table_count;
	int result;

	arena_init(&arena, 0);
	tables = arena_array(&arena, count + verify->other_count + 1,
			     sizeof(*tables));
	for (size_t i = 0; i < count; i++) {
		fill(&redacting, &verify->tables[i], &tables[i]);
		/* An interrupted comparison leaves the older result as it is.
		 */
		if (verify->stop && verify->tables[i].state == VERIFY_FAILED)
			tables[i].state = DRIFT_NEVER;
	}
	for (size_t i = 0; i < verify->other_count; i++)
		tables[count++] =
		    (struct drift_table){.schema = verify->others[i]->schema,
					 .name = verify->others[i]->name,
					 .state = DRIFT_NEVER};
	result = drift_write(store, tables, count, error);
	arena_release(&arena);
	return result;
}

/* ---- the terminal ---- */

static void put_name(struct buffer *out, const struct drift_table *table)
{
	format_line(out, table->schema, 0);
	buffer_append_byte(out, '.');
	format_line(out, table->name, 0);
}

static void put_key(struct buffer *out, const struct drift_table *table,
		    const struct drift_row *row)
{
	for (size_t i = 0; i < table->key_count; i++) {
		buffer_append_string(out, i ? ", " : "");
		format_line(out, table->key_names[i], 60);
		buffer_append_string(out, " ");
		format_line(out, row->key ? row->key[i] : "?", 80);
	}
	if (!table->key_count)
		buffer_append_string(out, "(no key)");
}

static void put_values(struct buffer *out, const struct drift_table *table,
		       const struct drift_row *row)
{
	const char *comma = ": ";

	for (size_t i = 0; i < table->column_count; i++) {
		if (!row->differs || !row->differs[i])
			continue;
		buffer_append_string(out, comma);
		format_line(out, table->columns[i], 60);
		buffer_append_string(out, " ");
		format_line(out, row->primary[i], 80);
		buffer_append_string(out, ", there ");
		format_line(out, row->shadow[i], 80);
		comma = "; ";
	}
}

static void put_row(struct buffer *out, const struct drift_table *table,
		    const struct drift_row *row)
{
	buffer_printf(out, "    %-8s  ",
		      row->class == DIVERGENCE_ROWS_MISSING ? "missing"
		      : row->class == DIVERGENCE_ROWS_EXTRA ? "extra"
							    : "value");
	put_key(out, table, row);
	if (row->primary && row->shadow)
		put_values(out, table, row);
	buffer_append_string(out, row->repaired ? "  (repaired)\n" : "\n");
}

static void put_counts(struct buffer *out, const struct drift_table *table)
{
	uint64_t drift = table->missing + table->extra + table->value;
	char a[FORMAT_SIZE];
	const char *comma = "";

	buffer_printf(out, "%s%s row%s: ", table->capped ? "at least " : "",
		      format_count(a, drift),
		      drift == 1 ? " differs" : "s differ");
#define COUNT(number, what)                                                    \
	do {                                                                   \
		if (number) {                                                  \
			buffer_printf(out, "%s%s %s", comma,                   \
				      format_count(a, (number)), what);        \
			comma = ", ";                                          \
		}                                                              \
	} while (0)
	COUNT(table->missing, "missing on the shadow");
	COUNT(table->extra, "on the shadow only");
	COUNT(table->value, "with other values");
#undef COUNT
	comma = " (";
	for (size_t i = 0; i < table->column_count; i++)
		if (table->differs && table->differs[i]) {
			buffer_append_string(out, comma);
			format_line(out, table->columns[i], 60);
			comma = ", ";
		}
	buffer_append_string(out, *comma == ',' ? ")" : "");
}

static void put_table(struct buffer *out, const struct drift_table *table,
		      uint64_t show)
{
	uint64_t drift = table->missing + table->extra + table->value;
	char a[FORMAT_SIZE];

	buffer_append_string(out, "  ");
	put_name(out, table);
	buffer_append_string(out, ": ");
	if (!strcmp(table->state, DRIFT_FAILED))
		buffer_append_string(out, "not compared");
	else if (!strcmp(table->state, DRIFT_DROPPED))
		buffer_append_string(out, "dropped by the mapping");
	else if (drift)
		put_counts(out, table);
	else
		buffer_printf(out, "%s, %s rows", table->state,
			      format_count(a, table->primary_rows));
	if (table->repaired)
		buffer_printf(out, "; %s repaired",
			      format_count(a, table->repaired));
	if (table->problem) {
		buffer_append_string(out, ": ");
		format_line(out, table->problem, 0);
	}
	buffer_append_string(out, "\n");
	if (table->note) {
		buffer_append_string(out, "    note: ");
		format_line(out, table->note, 0);
		buffer_append_string(out, "\n");
	}
	for (size_t i = 0; i < table->row_count && i < show; i++)
		put_row(out, table, &table->rows[i]);
	if (table->row_count && drift + table->repaired > show)
		buffer_printf(out, "    and %s more\n",
			      format_count(a, drift + table->repaired - show));
}

void verify_print(const struct verify *verify, const struct redactor *redactor,
		  uint64_t show, int64_t us)
{
	size_t equal = 0, drifted = 0, others = 0;
	struct arena arena;
	struct redacting redacting = {&arena, redactor};
	char a[FORMAT_SIZE], b[FORMAT_SIZE];
	struct buffer out;
	uint64_t rows = 0;

	arena_init(&arena, 0);
	buffer_init(&out, 0);
	for (size_t i = 0; i < verify->table_count; i++) {
		const struct verify_table *table = &verify->tables[i];
		struct drift_table shown;

		fill(&redacting, table, &shown);
		put_table(&out, &shown, show);
		rows += table->rows;
		if (verify_drift(table))
			drifted++;
		else if (table->state == VERIFY_EQUAL)
			equal++;
		else if (table->state != VERIFY_DROPPED)
			others++;
	}
	buffer_printf(&out,
		      "%zu table%s equal, %zu with drift, %zu not decided; %s "
		      "rows in %s\n",
		      equal, equal == 1 ? "" : "s", drifted, others,
		      format_count(a, rows), format_us(b, (uint64_t)us));
	fwrite(out.data, 1, out.size, stdout);
	fflush(stdout);
	buffer_release(&out);
	arena_release(&arena);
}
