/* Scratch tables are temporary ones; samples are TABLESAMPLE's. */
#include "adapters/proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/parse_text.h"
#include "adapters/postgres/postgres.h"
#include "sql/print.h"

static const char SCRATCH[] = "pg_temp";

static void add_name(struct buffer *out, const char *name)
{
	sql_print_name(&postgres_dialect, out, name);
}

static void add_qualified(struct buffer *out, const char *schema,
			  const char *name)
{
	add_name(out, schema);
	buffer_append_byte(out, '.');
	add_name(out, name);
}

static int run(struct database *database, struct buffer *text,
	       struct database_result *result, struct error *error)
{
	int failed;

	if (text->failed)
		failed =
		    error_set(error, ERROR_LIMIT, "the statement is too long");
	else
		failed = postgres_database.query(database, buffer_string(text),
						 NULL, result, error);
	buffer_clear(text);
	return failed;
}

/* ---- the transaction ---- */

static int proof_begin(struct database *database, const char *time_zone,
		       bool reads, int64_t timeout_ms, struct error *error)
{
	static const char *const settings[] = {
	    "SET LOCAL datestyle = 'ISO, YMD'",
	    "SET LOCAL intervalstyle = 'postgres'",
	    "SET LOCAL bytea_output = 'hex'",
	    "SET LOCAL extra_float_digits = 3",
	    "SET LOCAL standard_conforming_strings = on",
	    "SET LOCAL lock_timeout = '10s'",
	    "SELECT pg_catalog.setseed(0.5)", /* of samples */
	};
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	failed = postgres_database.query(
	    database,
	    reads ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
		  : "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
	    NULL, NULL, error);
	for (size_t i = 0; !failed && i < sizeof(settings) / sizeof(*settings);
	     i++)
		failed = postgres_database.query(database, settings[i], NULL,
						 NULL, error);
	if (!failed && time_zone) {
		buffer_append_string(&text, "SET LOCAL TimeZone = ");
		postgres_dialect.string(&text, time_zone);
		failed = run(database, &text, NULL, error);
	}
	if (!failed) {
		buffer_printf(&text, "SET LOCAL statement_timeout = %lld",
			      (long long)timeout_ms);
		failed = run(database, &text, NULL, error);
	}
	buffer_release(&text);
	return failed;
}

/* ---- scratch tables ---- */

static const char *scratch_schema(const struct catalog_table *real)
{
	(void)real;
	return SCRATCH;
}

static void add_sequence(struct buffer *out, const char *name,
			 const struct catalog_column *column)
{
	char sequence[80];

	/* No name in the schema looks like it; a table has few columns. */
	snprintf(sequence, sizeof(sequence), "%.40s parallax %d", name,
		 (int)column->number);
	add_qualified(out, SCRATCH, sequence);
}

/* The default, with each nextval('...') taking from the scratch sequence. */
static void add_default(struct buffer *out, const char *name,
			const struct catalog_column *column)
{
	static const char call[] = "nextval('";
	const char *at = column->default_sql;
	const char *found;
	struct buffer sequence;

	buffer_init(&sequence, 0);
	add_sequence(&sequence, name, column);
	while ((found = strstr(at, call))) {
		const char *end = found + sizeof(call) - 1;

		while (*end && (*end != '\'' || end[1] == '\''))
			end += *end == '\'' ? 2 : 1;
		buffer_append(out, at, (size_t)(found - at));
		buffer_append_string(out, "nextval(");
		postgres_dialect.string(out, buffer_string(&sequence));
		at = *end ? end + 1 : end;
	}
	buffer_append_string(out, at);
	buffer_release(&sequence);
}

static bool takes_nextval(const struct catalog_column *column)
{
	return column->generated != GENERATED_IDENTITY_ALWAYS &&
	       column->generated != GENERATED_IDENTITY_DEFAULT &&
	       column->default_sql && strstr(column->default_sql, "nextval('");
}

static int replace_default(struct database *database, const char *name,
			   const struct catalog_column *column,
			   struct error *error)
{
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	buffer_append_string(&text, "CREATE TEMPORARY SEQUENCE ");
	add_sequence(&text, name, column);
	failed = run(database, &text, NULL, error);
	buffer_append_string(&text, "ALTER TABLE ");
	add_qualified(&text, SCRATCH, name);
	buffer_append_string(&text, " ALTER COLUMN ");
	add_name(&text, column->name);
	buffer_append_string(&text, " SET DEFAULT ");
	add_default(&text, name, column);
	if (!failed)
		failed = run(database, &text, NULL, error);
	buffer_release(&text);
	return failed;
}

static int proof_scratch(struct database *database,
			 const struct catalog_table *real, const char *name,
			 struct error *error)
{
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	buffer_append_string(&text, "CREATE TABLE ");
	add_qualified(&text, SCRATCH, name);
	buffer_append_string(&text, " (LIKE ");
	add_qualified(&text, real->schema, real->name);
	buffer_append_string(&text, " INCLUDING ALL)");
	failed = run(database, &text, NULL, error);
	for (size_t i = 0; !failed && i < real->column_count; i++)
		if (takes_nextval(&real->columns[i]))
			failed = replace_default(database, name,
						 &real->columns[i], error);
	buffer_release(&text);
	return failed;
}

static void add_columns(struct buffer *out, const struct catalog_table *table)
{
	bool first = true;

	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].generated == GENERATED_STORED)
			continue;
		if (!first)
			buffer_append_string(out, ", ");
		first = false;
		add_name(out, table->columns[i].name);
	}
}

static int proof_fill(struct database *database,
		      const struct catalog_table *real, const char *name,
		      size_t limit, int64_t *rows, struct error *error)
{
	struct database_result result;
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	buffer_append_string(&text, "INSERT INTO ");
	add_qualified(&text, SCRATCH, name);
	buffer_append_string(&text, " (");
	add_columns(&text, real);
	buffer_append_string(&text, ") OVERRIDING SYSTEM VALUE SELECT ");
	add_columns(&text, real);
	buffer_append_string(&text, " FROM ");
	add_qualified(&text, real->schema, real->name);
	buffer_printf(&text, " LIMIT %zu", limit);
	failed = run(database, &text, &result, error);
	if (!failed) {
		*rows = result.affected;
		postgres_database.release(&result);
	}
	buffer_release(&text);
	return failed;
}

static int proof_sequence(struct database *database, const char *name,
			  struct error *error)
{
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	buffer_append_string(&text, "CREATE TEMPORARY SEQUENCE ");
	add_qualified(&text, SCRATCH, name);
	failed = run(database, &text, NULL, error);
	buffer_release(&text);
	return failed;
}

static int proof_empty(struct database *database, const char *const *names,
		       size_t count, struct error *error)
{
	struct buffer text;
	int failed = 0;

	buffer_init(&text, 0);
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(&text, i ? ", " : "TRUNCATE ");
		add_qualified(&text, SCRATCH, names[i]);
	}
	if (count)
		failed = run(database, &text, NULL, error);
	buffer_release(&text);
	return failed;
}

/* ---- samples ---- */

static int count_rows(struct database *database, struct buffer *text,
		      size_t *count, struct error *error)
{
	struct database_result result;

	if (run(database, text, &result, error))
		return -1;
	*count = result.row_count && result.rows[0].data
		     ? strtoull((const char *)result.rows[0].data, NULL, 10)
		     : 0;
	postgres_database.release(&result);
	return 0;
}

static void add_tablesample(struct buffer *out,
			    const struct catalog_table *table,
			    const char *percent)
{
	add_qualified(out, table->schema, table->name);
	if (percent)
		buffer_printf(out, " TABLESAMPLE SYSTEM (%s) REPEATABLE (1)",
			      percent);
}

/* The smallest share of the table's pages with enough rows; NULL: all. The
 * stored row count is an estimate that may be missing, so this looks at the
 * table. */
static int find_share(struct database *database,
		      const struct catalog_table *table, size_t rows,
		      const char **percent, struct error *error)
{
	static const char *const shares[] = {"0.001", "0.01", "0.1", "1", "10"};
	struct buffer text;
	size_t count = 0;
	int failed;

	*percent = NULL;
	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT count(*) FROM (SELECT FROM ");
	add_tablesample(&text, table, NULL);
	buffer_printf(&text, " LIMIT %zu) s", 4 * rows);
	failed = count_rows(database, &text, &count, error);
	if (failed || count < 4 * rows)
		goto out;
	for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
		buffer_append_string(&text, "SELECT count(*) FROM ");
		add_tablesample(&text, table, shares[i]);
		failed = count_rows(database, &text, &count, error);
		if (failed)
			goto out;
		if (count >= 2 * rows) {
			*percent = shares[i];
			break;
		}
	}
out:
	buffer_release(&text);
	return failed;
}

static int proof_sample(struct database *database,
			const struct catalog_table *table, const char *columns,
			size_t rows, struct buffer *query, struct error *error)
{
	const char *percent;

	if (find_share(database, table, rows, &percent, error))
		return -1;
	buffer_printf(query, "SELECT %s FROM ", columns);
	add_tablesample(query, table, percent);
	buffer_printf(query, " ORDER BY pg_catalog.random() LIMIT %zu", rows);
	return 0;
}

static bool is_ordered(enum type_class class)
{
	switch (class) {
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_FLOAT:
	case TYPE_TEXT:
	case TYPE_CHAR:
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
		return true;
	default:
		return false;
	}
}

static void proof_edges(const struct catalog *catalog,
			const struct catalog_table *table, const char *columns,
			const struct catalog_column *column,
			struct buffer *query)
{
	const struct catalog_type *type = catalog_type(catalog, column->type);
	enum type_class class = type ? type->class : TYPE_OTHER;
	static const char *const ends[] = {
	    " IS NOT NULL ORDER BY %s LIMIT 1",
	    " IS NOT NULL ORDER BY %s DESC LIMIT 1",
	    " IS NOT NULL ORDER BY pg_catalog.length(%s::text) LIMIT 1",
	    " IS NOT NULL ORDER BY pg_catalog.length(%s::text) DESC LIMIT 1",
	};
	size_t count = class == TYPE_TEXT || class == TYPE_CHAR ? 4
		       : is_ordered(class)			? 2
								: 0;
	struct buffer name;

	buffer_init(&name, 0);
	add_name(&name, column->name);
	buffer_printf(query, "(SELECT %s FROM ", columns);
	add_qualified(query, table->schema, table->name);
	buffer_printf(query, " WHERE %s IS NULL LIMIT 2)",
		      buffer_string(&name));
	for (size_t i = 0; i < count; i++) {
		const char *split = strstr(ends[i], "%s");

		buffer_printf(query, " UNION ALL (SELECT %s FROM ", columns);
		add_qualified(query, table->schema, table->name);
		buffer_printf(query, " WHERE %s", buffer_string(&name));
		buffer_append(query, ends[i], (size_t)(split - ends[i]));
		buffer_append_string(query, buffer_string(&name));
		buffer_printf(query, "%s)", split + 2);
	}
	buffer_release(&name);
}

static void proof_cast(const struct catalog *catalog, uint32_t id,
		       struct buffer *query)
{
	const struct catalog_type *type = catalog_type(catalog, id);

	if (!type || strcmp(type->schema, "pg_catalog") != 0)
		return;
	/* In quotes: a bare `bit` or `char` has a length. */
	buffer_printf(query, "::pg_catalog.\"%s\"", type->name);
}

const struct proof_ops postgres_proof = {
    .scratch_schema = scratch_schema,
    .begin = proof_begin,
    .scratch = proof_scratch,
    .fill = proof_fill,
    .sequence = proof_sequence,
    .empty = proof_empty,
    .sample = proof_sample,
    .edges = proof_edges,
    .cast = proof_cast,
    .narrows = postgres_narrows,
};
