/* Columns: a, t.a, d.t.a; t.* where a list of columns may have one. */
#include "adapters/mysql/reader.h"

#include <strings.h>

#include "sql/build.h"

/* The column of the new row that a name of the row's alias means. */
static const char *row_column(const struct mysql_reader *reader,
			      const char *name)
{
	for (size_t i = 0; i < reader->row_count; i++)
		if (!strcasecmp(sql_string_value(reader->row_names[i]), name))
			return reader->row_columns[i]->res_target->name;
	return reader->row_count ? NULL : name;
}

/* Under a row's alias, its columns are those of "excluded"; that name itself
 * is kept free for it. */
static PgQuery__Node *column_of(struct mysql_reader *reader,
				const char *const *parts, size_t count)
{
	const char *excluded[] = {"excluded", NULL};

	if (reader->failed)
		return NULL;
	if (reader->row_alias && count == 2 &&
	    !strcasecmp(parts[0], reader->row_alias))
		excluded[1] = row_column(reader, parts[1]);
	else if (reader->row_count && count == 1)
		excluded[1] = row_column(reader, parts[0]);
	if (excluded[1])
		return sql_column_parts(reader->arena, excluded, 2);
	if (count > 1 && !strcmp(parts[count - 2], "excluded"))
		return mysql_fail(reader, "a table called \"excluded\"");
	return sql_column_parts(reader->arena, parts, count);
}

static PgQuery__Node *star_of(struct mysql_reader *reader,
			      const char *const *parts, size_t count)
{
	PgQuery__Node *star = sql_star(reader->arena, count ? parts[0] : NULL);
	PgQuery__ColumnRef *ref = star->column_ref;

	if (count == 2) { /* database.table.* */
		SQL_APPEND(reader->arena, ref, fields, ref->fields[1]);
		ref->fields[1] = sql_string(reader->arena, parts[1]);
	}
	return star;
}

/* a, t.a, d.t.a, and t.* where a list of columns may have one. */
static PgQuery__Node *column(struct mysql_reader *reader, bool star)
{
	const char *parts[3] = {mysql_name(reader), NULL, NULL};
	int32_t place = (int32_t)mysql_token(reader)->start;
	size_t count = 1;
	PgQuery__Node *node;

	while (count < 3 && mysql_accept(reader, ".")) {
		if (star && count < 3 && mysql_accept(reader, "*"))
			return star_of(reader, parts, count);
		parts[count++] = mysql_name_part(reader);
	}
	node = column_of(reader, parts, count);
	if (node)
		node->column_ref->location = place;
	return node;
}

PgQuery__Node *mysql_column_or_star(struct mysql_reader *reader)
{
	size_t ahead = mysql_is_at(reader, 3, ".") ? 4 : 2;

	if (mysql_accept(reader, "*"))
		return sql_star(reader->arena, NULL);
	if (mysql_is_name(reader, 0) && mysql_is_at(reader, ahead - 1, ".") &&
	    mysql_is_at(reader, ahead, "*"))
		return column(reader, true);
	return NULL;
}

PgQuery__Node *mysql_column(struct mysql_reader *reader)
{
	return column(reader, false);
}
