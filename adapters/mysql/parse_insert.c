/*
 * INSERT and REPLACE:
 *
 *	REPLACE t SET a = 1		INSERT INTO t (a) VALUES (1), option
 *					"replace"
 *	INSERT t VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a) + 1
 *					... UPDATE SET a = excluded.a + 1
 */
#include "adapters/mysql/parse_select.h"
#include "adapters/mysql/parse_write.h"
#include "sql/build.h"

/* The columns of t (a, t.b), without qualifiers: there is one table. */
static void columns(struct mysql_reader *reader, struct mysql_list *list)
{
	mysql_expect(reader, "(");
	while (!reader->failed && !mysql_is(reader, ")")) {
		const char *name = mysql_name(reader);

		while (mysql_accept(reader, "."))
			name = mysql_name_part(reader);
		mysql_add(reader, list, sql_target(reader->arena, name, NULL));
		if (!mysql_accept(reader, ","))
			break;
	}
	mysql_expect(reader, ")");
}

/* SET a = 1, b = 2 */
static PgQuery__SelectStmt *set_form(struct mysql_reader *reader,
				     struct mysql_list *cols)
{
	PgQuery__SelectStmt *select = sql_select(reader->arena);
	struct mysql_list assigned = {NULL, 0, 0};
	struct mysql_list values = {NULL, 0, 0};

	mysql_assignments(reader, &assigned, false);
	for (size_t i = 0; i < assigned.item_count && !reader->failed; i++) {
		PgQuery__ResTarget *target = assigned.items[i]->res_target;

		mysql_add(reader, &values, target->val);
		mysql_add(reader, cols,
			  sql_target(reader->arena, target->name, NULL));
	}
	SQL_APPEND(reader->arena, select, values_lists,
		   sql_list(reader->arena, values.items, values.item_count));
	return select;
}

static PgQuery__Node *source(struct mysql_reader *reader,
			     struct mysql_list *cols)
{
	if (mysql_is(reader, "values") || mysql_is(reader, "value"))
		return sql_wrap(reader->arena, mysql_values(reader));
	if (mysql_accept(reader, "set"))
		return sql_wrap(reader->arena, set_form(reader, cols));
	return mysql_query(reader);
}

/* AS new [(a, b)]: the row that could not be inserted. */
static void row_alias(struct mysql_reader *reader,
		      const struct mysql_list *cols)
{
	struct mysql_list names = {NULL, 0, 0};

	if (!mysql_accept(reader, "as"))
		return;
	reader->row_alias = mysql_name(reader);
	mysql_bracketed_names(reader, &names);
	if (names.item_count && names.item_count != cols->item_count) {
		mysql_fail(reader, "a row's alias without its columns");
		return;
	}
	reader->row_names = names.items;
	reader->row_columns = cols->items;
	reader->row_count = names.item_count;
}

static void conflict(struct mysql_reader *reader, PgQuery__InsertStmt *insert,
		     const struct mysql_list *options)
{
	PgQuery__OnConflictClause *clause;
	struct mysql_list list = {NULL, 0, 0};
	bool update = mysql_accept_two(reader, "on", "duplicate");

	if (!update && !options->item_count)
		return;
	clause =
	    sql_new(reader->arena, &pg_query__on_conflict_clause__descriptor);
	clause->location = -1;
	clause->action = PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NONE;
	if (options->item_count) {
		clause->infer =
		    sql_new(reader->arena, &pg_query__infer_clause__descriptor);
		clause->infer->location = -1;
		MYSQL_PUT(clause->infer, index_elems, *options);
	}
	if (update) {
		mysql_expect(reader, "key");
		mysql_expect(reader, "update");
		clause->action =
		    PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE;
		mysql_assignments(reader, &list, false);
		MYSQL_PUT(clause, target_list, list);
	}
	insert->on_conflict_clause = clause;
}

static void partition(struct mysql_reader *reader, struct mysql_list *options)
{
	struct mysql_list names = {NULL, 0, 0};

	if (!mysql_accept(reader, "partition"))
		return;
	mysql_bracketed(reader, &names);
	mysql_add(reader, options,
		  mysql_named(
		      reader, "partition",
		      sql_list(reader->arena, names.items, names.item_count)));
}

static void options_of(struct mysql_reader *reader, struct mysql_list *options)
{
	static const char *const words[] = {"low_priority", "delayed",
					    "high_priority", "ignore"};

	if (mysql_accept(reader, "replace"))
		mysql_add(reader, options,
			  sql_string(reader->arena, "replace"));
	else
		mysql_expect(reader, "insert");
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_HINT))
		mysql_fail(reader, "optimizer hints of a write");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_accept(reader, words[i]))
			mysql_add(reader, options,
				  sql_string(reader->arena, words[i]));
	mysql_accept(reader, "into");
}

PgQuery__Node *mysql_insert(struct mysql_reader *reader)
{
	PgQuery__InsertStmt *insert =
	    sql_new(reader->arena, &pg_query__insert_stmt__descriptor);
	struct mysql_list options = {NULL, 0, 0};
	struct mysql_list cols = {NULL, 0, 0};
	struct mysql_list returning = {NULL, 0, 0};

	options_of(reader, &options);
	insert->override = PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET;
	insert->relation = mysql_relation(reader);
	partition(reader, &options);
	if (mysql_is(reader, "(") && !mysql_is_query(reader))
		columns(reader, &cols);
	insert->select_stmt = source(reader, &cols);
	MYSQL_PUT(insert, cols, cols);
	row_alias(reader, &cols);
	conflict(reader, insert, &options);
	reader->row_alias = NULL;
	reader->row_count = 0;
	if (mysql_accept(reader, "returning"))
		mysql_targets(reader, &returning);
	MYSQL_PUT(insert, returning_list, returning);
	return sql_wrap(reader->arena, insert);
}
