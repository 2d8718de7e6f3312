/* OVER and WINDOW: a window's frame as PostgreSQL's parser has it. */
#include "adapters/mysql/reader.h"
#include "adapters/mysql/window.h"
#include "sql/build.h"

enum bound {
	BOUND_UNBOUNDED_PRECEDING,
	BOUND_PRECEDING,
	BOUND_CURRENT,
	BOUND_FOLLOWING,
	BOUND_UNBOUNDED_FOLLOWING,
};

static enum bound bound(struct mysql_reader *reader, PgQuery__Node **offset)
{
	bool unbounded = mysql_accept(reader, "unbounded");

	if (!unbounded && mysql_accept_two(reader, "current", "row"))
		return BOUND_CURRENT;
	if (!unbounded)
		*offset = mysql_expression(reader);
	if (mysql_accept(reader, "preceding"))
		return unbounded ? BOUND_UNBOUNDED_PRECEDING : BOUND_PRECEDING;
	mysql_expect(reader, "following");
	return unbounded ? BOUND_UNBOUNDED_FOLLOWING : BOUND_FOLLOWING;
}

static void frame(struct mysql_reader *reader, PgQuery__WindowDef *window)
{
	static const int starts[] = {MYSQL_FRAME_START_UNBOUNDED_PRECEDING,
				     MYSQL_FRAME_START_OFFSET_PRECEDING,
				     MYSQL_FRAME_START_CURRENT_ROW,
				     MYSQL_FRAME_START_OFFSET_FOLLOWING, 0};
	static const int ends[] = {0, MYSQL_FRAME_END_OFFSET_PRECEDING,
				   MYSQL_FRAME_END_CURRENT_ROW,
				   MYSQL_FRAME_END_OFFSET_FOLLOWING,
				   MYSQL_FRAME_END_UNBOUNDED_FOLLOWING};
	int options = MYSQL_FRAME_NONDEFAULT;
	int start;
	int end = MYSQL_FRAME_END_CURRENT_ROW;

	options |=
	    mysql_is(reader, "rows") ? MYSQL_FRAME_ROWS : MYSQL_FRAME_RANGE;
	mysql_take(reader);
	if (mysql_accept(reader, "between")) {
		options |= MYSQL_FRAME_BETWEEN;
		start = starts[bound(reader, &window->start_offset)];
		mysql_expect(reader, "and");
		end = ends[bound(reader, &window->end_offset)];
	} else {
		start = starts[bound(reader, &window->start_offset)];
	}
	if (!start || !end)
		mysql_fail(reader, "a window's frame that cannot be");
	window->frame_options = options | start | end;
	if (mysql_is(reader, "exclude"))
		mysql_fail(reader, "EXCLUDE of a window's frame");
}

static PgQuery__WindowDef *new_window(struct mysql_reader *reader)
{
	PgQuery__WindowDef *window =
	    sql_new(reader->arena, &pg_query__window_def__descriptor);

	window->location = -1;
	window->frame_options = MYSQL_FRAME_DEFAULTS;
	return window;
}

static PgQuery__WindowDef *definition(struct mysql_reader *reader)
{
	PgQuery__WindowDef *window = new_window(reader);
	struct mysql_list partition = {NULL, 0, 0};
	struct mysql_list order = {NULL, 0, 0};

	mysql_expect(reader, "(");
	if (mysql_is_name(reader, 0) && !mysql_is(reader, "rows"))
		window->refname = mysql_name(reader);
	if (mysql_accept(reader, "partition")) {
		mysql_expect(reader, "by");
		mysql_expressions(reader, &partition);
	}
	mysql_order_by(reader, &order);
	MYSQL_PUT(window, partition_clause, partition);
	MYSQL_PUT(window, order_clause, order);
	if (mysql_is(reader, "rows") || mysql_is(reader, "range"))
		frame(reader, window);
	mysql_expect(reader, ")");
	return window;
}

PgQuery__WindowDef *mysql_over(struct mysql_reader *reader)
{
	PgQuery__WindowDef *window;

	if (mysql_is(reader, "("))
		return definition(reader);
	window = new_window(reader);
	window->name = mysql_name(reader);
	return window;
}

void mysql_windows(struct mysql_reader *reader, struct mysql_list *list)
{
	if (!mysql_is(reader, "window") || !mysql_is_name(reader, 1) ||
	    !mysql_is_at(reader, 2, "as"))
		return;
	mysql_take(reader);
	do {
		char *name = mysql_name(reader);
		PgQuery__WindowDef *window;

		mysql_expect(reader, "as");
		window = definition(reader);
		window->name = name;
		mysql_add(reader, list, sql_wrap(reader->arena, window));
	} while (mysql_accept(reader, ","));
}
