/* Row hashes and the statements around them. See adapters/checksum.h. */
#include "adapters/checksum.h"

#include <inttypes.h>

#include "adapters/postgres/postgres.h"
#include "base/buffer.h"
#include "base/memory.h"

enum {
	DOMAIN_NESTING_MAX = 32,
	CHAIN = 16, /* columns whose hashes nest: printers and parsers are
		       bounded in depth */
	BUCKET_SEED = 7,
};

static const char *const settings[] = {
    "SET client_min_messages = error",
    "SET standard_conforming_strings = on",
    "SET datestyle = 'ISO, YMD'",
    "SET timezone = 'UTC'",
    "SET intervalstyle = 'postgres'",
    "SET bytea_output = 'hex'",
    "SET extra_float_digits = 3",
    "SET lc_monetary = 'C'",
    "SET xmloption = 'content'",
    "SET row_security = off", /* an error, instead of silently missing rows */
    "SET statement_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET max_parallel_workers_per_gather = 0", /* a job is one process */
    NULL};

/* ---- names and literals ---- */

static void put(struct buffer *out, const char *text)
{
	buffer_append_string(out, text);
}

static void put_quoted(struct buffer *out, const char *text, size_t size,
		       char quote)
{
	buffer_append_byte(out, (uint8_t)quote);
	for (size_t i = 0; i < size; i++) {
		if (text[i] == quote)
			buffer_append_byte(out, (uint8_t)quote);
		buffer_append_byte(out, (uint8_t)text[i]);
	}
	buffer_append_byte(out, (uint8_t)quote);
}

static void put_name(struct buffer *out, const char *name)
{
	put_quoted(out, name, strlen(name), '"');
}

/* Without a type: it takes the type of the other operand or of its column. */
static void put_literal(struct buffer *out, struct value value)
{
	const char *text = (const char *)value.data;

	if (!text) {
		put(out, "NULL");
		return;
	}
	put_quoted(out, text, value.size, '\'');
}

static void put_table(struct buffer *out, const struct checksum_table *table)
{
	put_name(out, table->table->schema);
	put(out, ".");
	put_name(out, table->table->name);
}

/* ---- one column ---- */

static const struct catalog_type *base_of(const struct catalog *catalog,
					  uint32_t id)
{
	const struct catalog_type *type = catalog_type(catalog, id);

	for (int i = 0;
	     type && type->class == TYPE_DOMAIN && i < DOMAIN_NESTING_MAX; i++)
		type = catalog_type(catalog, type->element);
	return type;
}

static enum type_class class_of(const struct checksum_table *table,
				const struct checksum_column *column)
{
	const struct catalog_type *type =
	    base_of(table->catalog, column->column->type);

	return type ? type->class : TYPE_OTHER;
}

static void put_cast(struct buffer *out, const struct checksum_column *column,
		     const char *type)
{
	put(out, "(");
	put_name(out, column->column->name);
	if (!column->exact) {
		put(out, ")::");
		put(out, type);
	} else {
		put(out, ")");
	}
}

/* Its declared scale gives all of its values the same form. */
static bool fixed_scale(const struct checksum_table *table,
			const struct checksum_column *column)
{
	return column->exact && column->column->modifier >= 0 &&
	       catalog_type(table->catalog, column->column->type)->class !=
		   TYPE_DOMAIN;
}

static void put_number(struct buffer *out, const struct checksum_table *table,
		       const struct checksum_column *column)
{
	if (!table->portable) {
		put(out, "pg_catalog.trim_scale((");
		put_name(out, column->column->name);
		put(out, ")::numeric)");
		return;
	}
	/* Older servers have no trim_scale. */
	put(out, "regexp_replace(((");
	put_name(out, column->column->name);
	put(out, ")::numeric)::text, "
		 "'(\\.[0-9]*[1-9])0+$|\\.0*$', '\\1')");
}

/* The common form in which both sides' values are compared, or hashed as text.
 */
static void put_form(struct buffer *out, const struct checksum_table *table,
		     const struct checksum_column *column)
{
	static const char *const casts[] = {
	    [TYPE_BOOLEAN] = "boolean",	    [TYPE_TEXT] = "text",
	    [TYPE_BYTES] = "bytea",	    [TYPE_DATE] = "date",
	    [TYPE_TIMESTAMP] = "timestamp", [TYPE_TIMESTAMPTZ] = "timestamptz",
	    [TYPE_INTERVAL] = "interval",   [TYPE_UUID] = "uuid",
	    [TYPE_JSONB] = "jsonb",
	};
	enum type_class class = class_of(table, column);
	const struct catalog_type *type =
	    base_of(table->catalog, column->column->type);

	switch (class) {
	case TYPE_INTEGER:
		if (column->exact)
			put_name(out, column->column->name);
		else
			put_number(out, table, column);
		break;
	case TYPE_NUMERIC:
		if (fixed_scale(table, column))
			put_name(out, column->column->name);
		else
			put_number(out, table, column);
		break;
	case TYPE_FLOAT: /* a double that was a real is rounded to a real */
		put_cast(out, column,
			 type && !strcmp(type->name, "float4")
			     ? "real"
			     : "double precision");
		break;
	case TYPE_CHAR: /* trailing blanks do not count */
		put(out, "((");
		put_name(out, column->column->name);
		put(out, ")::bpchar)::text");
		break;
	case TYPE_JSON:
		put(out, "(");
		put_name(out, column->column->name);
		put(out, ")::jsonb");
		break;
	case TYPE_TIME:
		put_cast(out, column, type ? type->name : "time");
		break;
	case TYPE_BOOLEAN:
	case TYPE_TEXT:
	case TYPE_BYTES:
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_INTERVAL:
	case TYPE_UUID:
	case TYPE_JSONB:
		put_cast(out, column, casts[class]);
		break;
	default:
		put_cast(out, column, "text");
	}
}

static bool ordered(const struct catalog *catalog,
		    const struct catalog_column *column)
{
	const struct catalog_type *type = base_of(catalog, column->type);

	switch (type ? type->class : TYPE_OTHER) {
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
	case TYPE_UUID:
		return true;
	default:
		return false;
	}
}

/* ---- hashes ---- */

/*
 * hash(column, seed), the seed being the hash of the columns before it: so
 * neither values that change places nor those that change rows cancel out. Of
 * the types' own hashes, only those are used that tell all values apart: the
 * one of numeric forgets the sign, those of bigint and timestamps fold 64 bits
 * into 32.
 */
static void put_chain(struct buffer *out, const struct checksum_table *table,
		      const struct checksum_column *columns, size_t count,
		      unsigned seed)
{
	const struct checksum_column *last = &columns[count - 1];
	const char *name = last->column->name;
	enum type_class class = class_of(table, last);
	bool nullable = !last->column->not_null;
	bool integer = class == TYPE_INTEGER && last->exact;

	if (integer)
		put(out, "(pg_catalog.hashint8extended(");
	else if (class == TYPE_BOOLEAN)
		put(out, "pg_catalog.hashint8extended(");
	else if (class == TYPE_FLOAT)
		put(out, "pg_catalog.hashfloat8extended(");
	else
		put(out, "pg_catalog.hashtextextended(");
	if (class == TYPE_BOOLEAN) {
		put(out, "CASE WHEN ");
		put_form(out, table, last);
		put(out, " THEN 1 WHEN NOT ");
		put_form(out, table, last);
		put(out, " THEN 2 ELSE 3 END");
	} else {
		if (nullable)
			put(out, "coalesce(");
		if (integer || class == TYPE_FLOAT) {
			put_form(out, table, last);
		} else {
			put(out, "(");
			put_form(out, table, last);
			put(out, ")::text COLLATE \"C\"");
		}
		if (nullable)
			put(out,
			    integer || class == TYPE_FLOAT ? ", 0)" : ", '')");
	}
	put(out, ", ");
	if (nullable)
		put(out, "(");
	if (count > 1)
		put_chain(out, table, columns, count - 1, seed);
	else
		buffer_printf(out, "%u", seed);
	if (nullable) {
		put(out, " # CASE WHEN ");
		put_form(out, table, last);
		put(out, " IS NULL THEN 1 ELSE 0 END)");
	}
	put(out, ")");
	if (integer) {
		put(out, " # ");
		if (nullable)
			put(out, "coalesce(");
		put_name(out, name);
		put(out, nullable ? ", 0))" : ")");
	}
}

static void put_portable(struct buffer *out, const struct checksum_table *table,
			 const struct checksum_column *columns, size_t count)
{
	put(out, "('x' || substr(md5(convert_to(ROW(");
	for (size_t i = 0; i < count; i++) {
		put(out, i ? ", " : "");
		put_form(out, table, &columns[i]);
	}
	put(out, ")::text, 'UTF8')), 1, 16))::bit(64)::bigint");
}

static void put_hash(struct buffer *out, const struct checksum_table *table,
		     const struct checksum_column *columns, size_t count,
		     unsigned seed)
{
	if (table->by_value) {
		put(out, "0");
		return;
	}
	if (table->portable) {
		put_portable(out, table, columns, count);
		return;
	}
	if (count <= CHAIN) {
		put_chain(out, table, columns, count, seed);
		return;
	}
	put(out, "pg_catalog.hashtextextended(ROW(");
	for (size_t i = 0; i < count; i += CHAIN) {
		size_t more = count - i < CHAIN ? count - i : CHAIN;

		put(out, i ? ", " : "");
		put_chain(out, table, columns + i, more, seed + (unsigned)i);
	}
	buffer_printf(out, ")::text, %u)", seed);
}

/* Of all columns. */
static void put_row_hash(struct buffer *out, const struct checksum_table *table)
{
	put_hash(out, table, table->columns, table->column_count, 0);
}

static void put_strict_hash(struct buffer *out,
			    const struct checksum_table *table)
{
	put_hash(out, table, table->columns, table->strict_count, 0);
}

static void put_bucket(struct buffer *out, const struct checksum_table *table)
{
	put(out, "(coalesce(");
	if (table->key_count)
		put_hash(out, table, table->key, table->key_count, BUCKET_SEED);
	else
		put_row_hash(out, table);
	buffer_printf(out, ", 0) & %d)", CHECKSUM_BUCKETS - 1);
}

/* ---- statements ---- */

static void put_key_names(struct buffer *out,
			  const struct checksum_table *table, size_t count)
{
	if (count > 1)
		put(out, "(");
	for (size_t i = 0; i < count; i++) {
		put(out, i ? ", " : "");
		put_name(out, table->key[i].column->name);
	}
	if (count > 1)
		put(out, ")");
}

static void put_texts(struct buffer *out, const struct value *texts,
		      size_t count)
{
	if (count > 1)
		put(out, "(");
	for (size_t i = 0; i < count; i++) {
		put(out, i ? ", " : "");
		put_literal(out, texts[i]);
	}
	if (count > 1)
		put(out, ")");
}

static void put_where(struct buffer *out, const struct checksum_table *table,
		      const struct checksum_range *range)
{
	const char *word = " WHERE ";

	for (int end = 0; end < 2; end++) {
		const struct value *texts = end ? range->to : range->from;

		if (!texts)
			continue;
		put(out, word);
		put_key_names(out, table, table->range_count);
		put(out, end ? " <= " : " > ");
		put_texts(out, texts, table->range_count);
		word = " AND ";
	}
	if (range->nulls) {
		put(out, word);
		put_name(out, table->key[0].column->name);
		put(out, " IS NULL");
		word = " AND ";
	}
	if (!range->buckets)
		return;
	put(out, word);
	put_bucket(out, table);
	put(out, " IN (");
	for (size_t i = 0; i < range->bucket_count; i++)
		buffer_printf(out, "%s%" PRIu32, i ? ", " : "",
			      range->buckets[i]);
	put(out, ")");
}

static char *finish(struct buffer *out, struct arena *arena)
{
	char *text = arena_string(arena, buffer_string(out));

	buffer_release(out);
	return text;
}

static char *total(struct arena *arena, const struct checksum_table *table,
		   const struct checksum_range *range)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT count(*), sum(");
	put_row_hash(&out, table);
	put(&out, ") FROM ");
	put_table(&out, table);
	put_where(&out, table, range);
	return finish(&out, arena);
}

static char *buckets(struct arena *arena, const struct checksum_table *table,
		     const struct checksum_range *range)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT s.b, count(*), sum(s.h) FROM (SELECT ");
	put_bucket(&out, table);
	put(&out, " AS b, ");
	put_row_hash(&out, table);
	put(&out, " AS h FROM ");
	put_table(&out, table);
	put_where(&out, table, range);
	put(&out, ") AS s GROUP BY s.b");
	return finish(&out, arena);
}

static char *rows(struct arena *arena, const struct checksum_table *table,
		  const struct checksum_range *range)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT ");
	for (size_t i = 0; i < table->key_count; i++) {
		put_form(&out, table, &table->key[i]);
		buffer_printf(&out, " AS k%zu, ", i);
	}
	put_strict_hash(&out, table);
	put(&out, " AS h");
	for (size_t i = table->strict_count; i < table->column_count; i++) {
		put(&out, ", ");
		put_form(&out, table, &table->columns[i]);
		buffer_printf(&out, " AS c%zu", i);
	}
	put(&out, " FROM ");
	put_table(&out, table);
	put_where(&out, table, range);
	return finish(&out, arena);
}

static char *extent(struct arena *arena, const struct checksum_table *table)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT min(");
	put_key_names(&out, table, 1);
	put(&out, "), max(");
	put_key_names(&out, table, 1);
	put(&out, ") FROM ");
	put_table(&out, table);
	return finish(&out, arena);
}

static char *boundary(struct arena *arena, const struct checksum_table *table,
		      const struct value *from, uint64_t count)
{
	struct checksum_range range = {.from = from};
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT ");
	for (size_t i = 0; i < table->range_count; i++) {
		put(&out, i ? ", " : "");
		put_name(&out, table->key[i].column->name);
	}
	put(&out, " FROM ");
	put_table(&out, table);
	put_where(&out, table, &range);
	put(&out, " ORDER BY ");
	for (size_t i = 0; i < table->range_count; i++) {
		put(&out, i ? ", " : "");
		put_name(&out, table->key[i].column->name);
	}
	buffer_printf(&out, " OFFSET %" PRIu64 " LIMIT 1",
		      count ? count - 1 : 0);
	return finish(&out, arena);
}

static void put_by_key(struct buffer *out, const struct checksum_table *table,
		       const struct value *keys, size_t count)
{
	size_t width = table->key_count ? table->key_count : 1;

	put(out, " WHERE ");
	if (table->key_count)
		put_key_names(out, table, table->key_count);
	else
		put_row_hash(out, table);
	put(out, " IN (");
	for (size_t i = 0; i < count; i++) {
		put(out, i ? ", " : "");
		put_texts(out, keys + i * width, width);
	}
	put(out, ")");
}

static char *values(struct arena *arena, const struct checksum_table *table,
		    const struct value *keys, size_t count, bool raw)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "SELECT ");
	for (size_t i = 0; i < table->key_count; i++) {
		put(&out, i ? ", " : "");
		put_form(&out, table, &table->key[i]);
		buffer_printf(&out, " AS k%zu", i);
	}
	if (!table->key_count) {
		put_row_hash(&out, table);
		put(&out, " AS h");
	}
	for (size_t i = 0; i < table->column_count; i++) {
		put(&out, ", ");
		if (raw)
			put_name(&out, table->columns[i].column->name);
		else
			put_form(&out, table, &table->columns[i]);
		buffer_printf(&out, " AS c%zu", i);
	}
	put(&out, " FROM ");
	put_table(&out, table);
	put_by_key(&out, table, keys, count);
	return finish(&out, arena);
}

/* ---- changes ---- */

static bool is_written(const struct catalog_column *column)
{
	return column->generated != GENERATED_STORED;
}

static char *insert(struct arena *arena, const struct checksum_table *table,
		    const struct value *texts)
{
	const char *comma = "";
	bool overriding = false;
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "INSERT INTO ");
	put_table(&out, table);
	put(&out, " (");
	for (size_t i = 0; i < table->column_count; i++) {
		const struct catalog_column *column = table->columns[i].column;

		if (!is_written(column))
			continue;
		overriding |= column->generated == GENERATED_IDENTITY_ALWAYS;
		put(&out, comma);
		put_name(&out, column->name);
		comma = ", ";
	}
	put(&out,
	    overriding ? ") OVERRIDING SYSTEM VALUE VALUES (" : ") VALUES (");
	comma = "";
	for (size_t i = 0; i < table->column_count; i++) {
		if (!is_written(table->columns[i].column))
			continue;
		put(&out, comma);
		put_literal(&out, texts[i]);
		comma = ", ";
	}
	put(&out, ")");
	return finish(&out, arena);
}

/* If only a column that the primary computes differs, all others are set, since
 * the lens may then compute it again. */
static bool is_set(const struct checksum_table *table, const bool *set,
		   size_t index)
{
	const struct catalog_column *column = table->columns[index].column;

	for (size_t i = 0; i < table->column_count; i++)
		if (set[i] && is_written(table->columns[i].column))
			return set[index] && is_written(column);
	return is_written(column) &&
	       column->generated != GENERATED_IDENTITY_ALWAYS;
}

static char *update(struct arena *arena, const struct checksum_table *table,
		    const struct value *key, const struct value *texts,
		    const bool *set)
{
	const char *comma = " SET ";
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "UPDATE ");
	put_table(&out, table);
	for (size_t i = 0; i < table->column_count; i++) {
		if (!is_set(table, set, i))
			continue;
		put(&out, comma);
		put_name(&out, table->columns[i].column->name);
		put(&out, " = ");
		put_literal(&out, texts[i]);
		comma = ", ";
	}
	put_by_key(&out, table, key, 1);
	return finish(&out, arena);
}

static char *remove_row(struct arena *arena, const struct checksum_table *table,
			const struct value *key)
{
	struct buffer out;

	buffer_init(&out, 0);
	put(&out, "DELETE FROM ");
	put_table(&out, table);
	put_by_key(&out, table, key, 1);
	return finish(&out, arena);
}

/* ---- connections ---- */

static int prepare(struct database *database, bool reads, int64_t timeout_ms,
		   struct error *error)
{
	char limit[64];

	for (size_t i = 0; settings[i]; i++)
		if (postgres_database.query(database, settings[i], NULL, NULL,
					    error))
			return -1;
	snprintf(limit, sizeof(limit), "SET statement_timeout = %" PRId64,
		 timeout_ms);
	if (timeout_ms &&
	    postgres_database.query(database, limit, NULL, NULL, error))
		return -1;
	return reads ? postgres_database.query(
			   database, "SET default_transaction_read_only = on",
			   NULL, NULL, error)
		     : 0;
}

/* The hash functions are the server's, and differ between major versions. */
static int probe(struct database *database, char **mark, struct error *error)
{
	struct database_result result;
	struct error why;

	*mark = NULL;
	error_init(&why);
	if (postgres_database.query(
		database,
		"SELECT pg_catalog.hashtextextended('parallax \303\251', 1)"
		"::text || ' ' || pg_catalog.hashint8extended(-5, 2)::text "
		"|| ' ' || pg_catalog.hashfloat8extended(0.1, 3)::text "
		"|| ' ' || pg_catalog.trim_scale(1.0)::text",
		NULL, &result, &why)) {
		if (why.kind != ERROR_IO)
			return 0; /* it has no such function */
		*error = why;
		return -1;
	}
	if (result.row_count && result.rows[0].data)
		*mark = memory_string((const char *)result.rows[0].data);
	postgres_database.release(&result);
	return 0;
}

/* Another hash than that of other servers, and no portable one (reduced.h). */
static int probe_reduced(struct database *database, char **mark,
			 struct error *error)
{
	(void)database;
	(void)error;
	*mark = memory_string("reduced");
	return 0;
}

static char *total_reduced(struct arena *arena,
			   const struct checksum_table *table,
			   const struct checksum_range *range)
{
	return arena_printf(arena, "SELECT s.n, s.h + 1 FROM (%s) AS s (n, h)",
			    total(arena, table, range));
}

static char *buckets_reduced(struct arena *arena,
			     const struct checksum_table *table,
			     const struct checksum_range *range)
{
	return arena_printf(arena,
			    "SELECT s.b, s.n, s.h + 1 FROM (%s) AS s (b, n, h)",
			    buckets(arena, table, range));
}

#define CHECKSUM                                                               \
	.prepare = prepare, .ordered = ordered, .rows = rows,                  \
	.extent = extent, .boundary = boundary, .values = values,              \
	.insert = insert, .update = update, .remove = remove_row

const struct checksum_ops postgres_checksum = {
    CHECKSUM,		.portable = CHECKSUM_FORM_ROW_MD5,
    .probe = probe,	.total = total,
    .buckets = buckets,
};

const struct checksum_ops postgres_checksum_reduced = {
    CHECKSUM,
    .portable = CHECKSUM_FORM_NONE,
    .probe = probe_reduced,
    .total = total_reduced,
    .buckets = buckets_reduced,
};
