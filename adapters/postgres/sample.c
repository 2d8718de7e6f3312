/* A bounded look at a table's first rows. */
#include "adapters/sample.h"

#include <stdlib.h>

#include "adapters/postgres/postgres.h"
#include "base/buffer.h"

/* A table without a key is sorted as a whole, so a large one is skipped. */
enum { UNSORTED_ROWS_MAX = 100 * 1000 };

static int sample_begin(struct database *database, struct error *error)
{
	static const char *const settings[] = {
	    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
	    "SET statement_timeout = '10s'",
	    "SET lock_timeout = '2s'",
	    "SET search_path = pg_catalog",
	    "SET timezone = 'UTC'",
	    "SET datestyle = 'ISO'",
	    "SET intervalstyle = 'postgres'",
	    "SET extra_float_digits = 1",
	    "SET bytea_output = 'hex'",
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (postgres_database.query(database, settings[i], NULL, NULL,
					    error))
			return -1;
	return 0;
}

static void put_name(struct buffer *out, const char *name)
{
	buffer_append_byte(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buffer_append_byte(out, '"');
		buffer_append_byte(out, (uint8_t)*name);
	}
	buffer_append_byte(out, '"');
}

static const struct catalog_key *order_key(const struct catalog_table *table)
{
	const struct catalog_key *found = NULL;

	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (key->kind == KEY_PRIMARY)
			return key;
		if (!found && key->kind == KEY_UNIQUE && !key->partial)
			found = key;
	}
	return found;
}

/* FROM ... ORDER BY ... LIMIT */
static int put_rows(struct buffer *out, const struct catalog_table *table,
		    size_t limit, struct error *error)
{
	const struct catalog_key *key = order_key(table);
	const char *comma = "";

	if (!key && table->row_estimate > UNSORTED_ROWS_MAX)
		return error_set(error, ERROR_LIMIT,
				 "a large table without a key");
	buffer_append_string(out, " FROM ");
	put_name(out, table->schema);
	buffer_append_byte(out, '.');
	put_name(out, table->name);
	buffer_append_string(out, " ORDER BY ");
	for (size_t i = 0; key && i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table, key->columns[i]);

		if (!column)
			continue;
		buffer_append_string(out, comma);
		put_name(out, column->name);
		comma = ", ";
	}
	if (!*comma) {
		put_name(out, table->name);
		buffer_append_string(out, "::text COLLATE \"C\"");
	}
	buffer_printf(out, " LIMIT %zu", limit);
	return 0;
}

static int run(struct database *database, struct buffer *text,
	       struct database_result *result, struct error *error)
{
	int failed;

	if (text->failed)
		failed = error_set(error, ERROR_MEMORY, "out of memory");
	else
		failed = postgres_database.query(database, buffer_string(text),
						 NULL, result, error);
	buffer_release(text);
	return failed;
}

static int sample_rows(struct database *database,
		       const struct catalog_table *table, size_t limit,
		       struct database_result *result, struct error *error)
{
	struct buffer text;

	memset(result, 0, sizeof(*result));
	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT ");
	for (size_t i = 0; i < table->column_count; i++) {
		buffer_append_string(&text, i ? ", left(" : "left(");
		put_name(&text, table->columns[i].name);
		buffer_printf(&text, "::text, %d)", SAMPLE_VALUE_MAX);
	}
	if (put_rows(&text, table, limit, error)) {
		buffer_release(&text);
		return -1;
	}
	return run(database, &text, result, error);
}

static int sample_labels(struct database *database,
			 const struct catalog_type *type,
			 struct database_result *result, struct error *error)
{
	struct buffer text;

	memset(result, 0, sizeof(*result));
	buffer_init(&text, 0);
	buffer_printf(&text,
		      "SELECT enumlabel FROM pg_enum WHERE enumtypid = %u "
		      "ORDER BY enumsortorder",
		      type->id);
	return run(database, &text, result, error);
}

/* The new columns of one part as one row named as the part is: so "part.name"
 * and a bare name both find them. */
static void put_new_rows(struct buffer *text, const struct sample_proof *proof)
{
	for (size_t i = 0; i < proof->count; i++) {
		const char *part = proof->new_parts[i];
		const char *comma = "";
		bool seen = false;

		for (size_t k = 0; k < i; k++) {
			const char *other = proof->new_parts[k];

			seen |= part == other ||
				(part && other && !strcmp(part, other));
		}
		if (seen)
			continue;
		buffer_append_string(text, ", (SELECT ");
		for (size_t k = i; k < proof->count; k++) {
			const char *other = proof->new_parts[k];

			if (part != other &&
			    (!part || !other || strcmp(part, other)))
				continue;
			buffer_printf(text, "%s(%s\n)", comma,
				      proof->writes[k]);
			if (proof->new_types[k])
				buffer_printf(text, "::%s",
					      proof->new_types[k]);
			buffer_append_string(text, " AS ");
			put_name(text, proof->new_columns[k]);
			comma = ", ";
		}
		buffer_append_string(text, " OFFSET 0) ");
		put_name(text, part ? part : "new row");
	}
}

static int sample_prove(struct database *database,
			const struct catalog_table *table,
			const struct sample_proof *proof, size_t limit,
			size_t *tried, size_t *equal, struct error *error)
{
	struct database_result result;
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	/* Reads see only the new columns: the old row is out of scope. */
	buffer_append_string(
	    &text,
	    "SELECT count(*), count(*) FILTER (WHERE \"old value\" IS NOT "
	    "DISTINCT FROM \"read value\") FROM (SELECT \"old row\".");
	put_name(&text, proof->column);
	buffer_printf(&text,
		      "::text AS \"old value\", (SELECT (%s\n) FROM (SELECT) "
		      "\"none\"",
		      proof->read);
	put_new_rows(&text, proof);
	buffer_append_string(&text, ")::text AS \"read value\" FROM (SELECT *");
	if (put_rows(&text, table, limit, error)) {
		buffer_release(&text);
		return -1;
	}
	buffer_append_string(&text, ") \"old row\") \"proof\"");
	failed = run(database, &text, &result, error);
	if (failed)
		return -1;
	*tried = strtoul((const char *)result.rows[0].data, NULL, 10);
	*equal = strtoul((const char *)result.rows[1].data, NULL, 10);
	postgres_database.release(&result);
	return 0;
}

const struct sample_ops postgres_sample = {
    .begin = sample_begin,
    .rows = sample_rows,
    .labels = sample_labels,
    .prove = sample_prove,
};
