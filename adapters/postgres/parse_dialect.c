/* The dialect of PostgreSQL 15 and later, for sql_print. */
#include "adapters/postgres/dialect.h"
#include "adapters/postgres/functions.h"
#include "adapters/postgres/parse_text.h"
#include "adapters/postgres/syntax.h"
#include "sql/build.h"
#include "sql/print.h"

/*
 * Keywords that are no plain names: all but the unreserved ones of release 15
 * (appendix C of its manual), and those that 16 to 18 took. In order of strcmp.
 */
static const char *const reserved[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "json",
    "json_array",
    "json_arrayagg",
    "json_exists",
    "json_object",
    "json_objectagg",
    "json_query",
    "json_scalar",
    "json_serialize",
    "json_table",
    "json_value",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "merge_action",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool is_reserved(const char *word)
{
	return bsearch(word, reserved, sizeof(reserved) / sizeof(*reserved),
		       sizeof(*reserved), compare_words);
}

static bool is_builtin(const char *schema)
{
	return schema && !strcmp(schema, "pg_catalog");
}

static bool is_temporary(const char *schema)
{
	return !strcmp(schema, "pg_temp") || !strncmp(schema, "pg_temp_", 8);
}

/* From the manual, 8.5.1.4: one of these words begins it. */
static bool means_clock(const char *text)
{
	static const char *const words[] = {"now", "today", "tomorrow",
					    "yesterday"};
	static const char blanks[] = " \t\n\r\f";
	size_t size;

	text += strspn(text, blanks);
	size = strcspn(text, blanks);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (size == strlen(words[i]) &&
		    !strncasecmp(text, words[i], size))
			return true;
	return false;
}

static void write_quoted(struct buffer *out, const char *before,
			 const char *text)
{
	buffer_append_string(out, before);
	while (*text) {
		size_t plain = strcspn(text, "'\\");

		buffer_append(out, text, plain);
		text += plain;
		if (*text) {
			buffer_append_byte(out, (uint8_t)*text);
			buffer_append_byte(out, (uint8_t)*text++);
		}
	}
	buffer_append_byte(out, '\'');
}

/* Correct whatever the value of standard_conforming_strings. */
static void write_string(struct buffer *out, const char *text)
{
	write_quoted(out, strchr(text, '\\') ? "E'" : "'", text);
}

/* Another form of each constant, for the tests' engines (reduced.h). */
static void write_escaped(struct buffer *out, const char *text)
{
	write_quoted(out, "E'", text);
}

static void write_names(struct buffer *out, const char *const *names,
			size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buffer_append_string(out, i ? ", " : " (");
		sql_print_name(&postgres_dialect, out, names[i]);
	}
	if (count)
		buffer_append_byte(out, ')');
}

/* * FROM (VALUES ($1, $2), ($3, $4)) AS parallax_rows (id, name) LIMIT 2 */
static void write_rows(struct buffer *out, const char *const *names,
		       size_t width, size_t count, size_t first)
{
	size_t rows = count ? count : 1;

	buffer_append_string(out, "* FROM (VALUES ");
	for (size_t r = 0; r < rows; r++) {
		buffer_append_string(out, r ? "), (" : "(");
		for (size_t c = 0; c < width; c++)
			buffer_printf(out, c ? ", $%zu" : "$%zu",
				      first + r * width + c);
		if (!width)
			buffer_append_string(out, "NULL");
	}
	buffer_append_string(out, ")) AS parallax_rows");
	write_names(out, names, width);
	buffer_printf(out, " LIMIT %zu", count);
}

static void write_kept_rows(struct buffer *out, const char *table)
{
	buffer_printf(out, "* FROM pg_temp.%s", table);
}

static void write_keep_rows(struct buffer *out, const char *table,
			    const char *const *names, size_t width)
{
	buffer_printf(out, "CREATE TEMPORARY TABLE %s", table);
	write_names(out, names, width);
	buffer_append_string(out, " ON COMMIT DROP AS ");
}

static void write_drop_rows(struct buffer *out, const char *table)
{
	buffer_printf(out, "DROP TABLE pg_temp.%s", table);
}

static void write_make_table(struct buffer *out, const char *table,
			     const char *const *names, const char *const *types,
			     size_t width)
{
	buffer_printf(out, "CREATE TEMPORARY TABLE %s (", table);
	for (size_t i = 0; i < width; i++) {
		if (i)
			buffer_append_string(out, ", ");
		sql_print_name(&postgres_dialect, out, names[i]);
		buffer_printf(out, " %s", types[i]);
	}
	buffer_append_string(out, ") ON COMMIT DROP");
}

/* Text, without options. */
static bool copy_form(struct arena *arena, PgQuery__CopyStmt *copy)
{
	(void)arena;
	copy->n_options = 0;
	copy->options = NULL;
	return true;
}

/* CSV, as seed_ops.write_row of the reduced engine writes it. */
static bool copy_form_reduced(struct arena *arena, PgQuery__CopyStmt *copy)
{
	PgQuery__DefElem *form =
	    sql_new(arena, &pg_query__def_elem__descriptor);

	form->defname = arena_string(arena, "format");
	form->arg = sql_string(arena, "csv");
	form->defaction = PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC;
	copy->n_options = 0;
	copy->options = NULL;
	SQL_APPEND(arena, copy, options, sql_wrap(arena, form));
	return true;
}

#define DIALECT(its_name, its_syntax, its_string)                              \
	.name = (its_name), .quote = '"', .reserved = is_reserved,             \
	.function = postgres_function, .is_builtin = is_builtin,               \
	.is_temporary = is_temporary, .means_clock = means_clock,              \
	.syntax = &(its_syntax), .names = &postgres_names,                     \
	.generated = &postgres_generated, .inverse = &postgres_inverse,        \
	.string = (its_string), .make_table = write_make_table,                \
	.rows = write_rows, .kept_rows = write_kept_rows,                      \
	.keep_rows = write_keep_rows, .drop_rows = write_drop_rows

const struct sql_dialect postgres_dialect = {
    DIALECT("postgres", postgres_syntax, write_string),
    .copy_form = copy_form,
    .writes_in_with = true,
    .returning = true,
    .sequences = true,
};

const struct sql_dialect postgres_dialect_printed = {
    DIALECT("postgres-printed", postgres_syntax_reduced, write_escaped),
    .copy_form = copy_form,
    .writes_in_with = true,
    .returning = true,
    .sequences = true,
};

const struct sql_dialect postgres_dialect_steps = {
    DIALECT("postgres-steps", postgres_syntax, write_string),
    .copy_form = copy_form,
    .returning = true,
    .sequences = true,
};

const struct sql_dialect postgres_dialect_reduced = {
    DIALECT("postgres-reduced", postgres_syntax_reduced, write_escaped),
    .copy_form = copy_form_reduced,
};
