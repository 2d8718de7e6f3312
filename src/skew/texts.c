/*
 * What the application's old texts would mean otherwise on the new schema.
 * users gains created_at, which user_actions has already: in a join of both a
 * bare `created_at` is ambiguous, and NATURAL JOIN joins by it.
 */
#include "skew/internal.h"

#include <string.h>

static bool refers(const struct catalog_table *from,
		   const struct catalog_table *to)
{
	for (size_t i = 0; i < from->key_count; i++)
		if (from->keys[i].kind == KEY_FOREIGN &&
		    from->keys[i].target == to)
			return true;
	return false;
}

/* user_id, of users; users_id */
static bool names_key(const struct catalog_table *from,
		      const struct catalog_table *to)
{
	size_t size = strlen(to->name);

	for (size_t i = 0; i < from->column_count; i++) {
		const char *name = from->columns[i].name;
		size_t length = strlen(name);

		if (length < 4 || strcmp(name + length - 3, "_id") != 0)
			continue;
		length -= 3;
		if ((length == size || length + 1 == size) &&
		    !strncmp(name, to->name, length))
			return true;
	}
	return false;
}

/* Are statements likely to join them? */
static bool are_joined(const struct catalog_table *a,
		       const struct catalog_table *b)
{
	return refers(a, b) || refers(b, a) || names_key(a, b) ||
	       names_key(b, a);
}

static void list(struct buffer *out, const char *name)
{
	buffer_printf(out, "%s%s", out->size ? ", " : "", name);
}

/* Old tables with a column of that name that are joined with this one. */
static void report_ambiguous(const struct table_skew *table, const char *name)
{
	const struct catalog *catalog = table->skew->old_catalog;
	struct buffer others;

	buffer_init(&others, 4096);
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *other = &catalog->tables[i];

		if (other != table->old && catalog_column(other, name) &&
		    are_joined(other, table->old))
			list(&others, other->name);
	}
	if (others.size)
		skew_add(table, "columns", true,
			 "%s gains the column \"%s\", which %s has too: where "
			 "they are joined, a bare \"%s\" is ambiguous, and "
			 "NATURAL JOIN joins by it",
			 table->old->name, name, buffer_string(&others), name);
	buffer_release(&others);
}

static bool is_in_place(const struct table_skew *table)
{
	for (size_t i = 0; i < table->old->column_count; i++)
		if (i >= table->new->column_count ||
		    table->about.columns[i].stored != &table->new->columns[i])
			return false;
	return true;
}

void skew_texts(const struct table_skew *table)
{
	struct buffer gained;
	size_t count = 0;

	/* What is mentioned gets new texts, with all of its columns. */
	buffer_init(&gained, 4096);
	for (size_t i = 0; i < table->new->column_count; i++) {
		const char *name = table->new->columns[i].name;

		if (skew_source(table, name) ||
		    catalog_column(table->old, name))
			continue;
		count++;
		list(&gained, name);
		report_ambiguous(table, name);
	}
	if (count && !table->mentioned)
		skew_add(table, "columns", false,
			 "%s gains %s: `SELECT *`, RETURNING * and whole rows "
			 "have %zu more column%s there",
			 table->old->name, buffer_string(&gained), count,
			 count == 1 ? "" : "s");
	if (!table->mentioned && !is_in_place(table) && !table->about.loses)
		skew_add(table, "columns", true,
			 "the columns of %s have another order there: INSERT "
			 "and COPY without a column list, and `SELECT *`, mean "
			 "something else",
			 table->old->name);
	buffer_release(&gained);
}
