/* Texts that were split into two columns, or joined from two, according to the
 * data. */
#include "draft/guess.h"
#include "draft/inverse.h"

#include <stdarg.h>
#include <stdio.h>

enum { PAIRS_MAX = 600 };

static void feed_text(const struct guess_pair *pair, struct new_column *to,
		      const char *why, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void feed_text(const struct guess_pair *pair, struct new_column *to,
		      const char *why, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int size;

	va_start(arguments, format);
	size = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (size > 0 && (size_t)size < sizeof(text))
		guess_feed(pair, to, expression_parse(pair->draft, text), why);
}

static void feed_cut(const struct guess_pair *pair, const char *name,
		     struct new_column *first, struct new_column *second,
		     const char *separator, size_t rows, bool last)
{
	struct draft *draft = pair->draft;
	PgQuery__Node *parts[2];
	const char *mark =
	    expression_text(draft, sql_const_string(draft->arena, separator));
	const char *why = arena_printf(
	    draft->arena, "guessed: %s || %s || %s in %zu rows looked at",
	    first->name, mark, second->name, rows);

	if (!inverse_split(draft, last ? SQL_SPLIT_LAST : SQL_SPLIT_FIRST,
			   guess_old_column(pair, name), separator, parts))
		return;
	guess_feed(pair, first, parts[0], why);
	guess_feed(pair, second, parts[1], why);
}

static bool cut_into(const struct guess_pair *pair, const char *name,
		     struct new_column *first, struct new_column *second)
{
	size_t rows = 0;
	bool last = false;
	const char *separator = pairs_joined(
	    pair->rows, true, name, first->name, second->name, &rows, &last);

	/* Reversed, a separator of several characters is a different text. */
	if (!separator || (last && strlen(separator) > 1))
		return false;
	feed_cut(pair, name, first, second, separator, rows, last);
	return true;
}

static void find_cut(const struct guess_pair *pair,
		     const struct catalog_column *column)
{
	bool done = false;
	size_t tried = 0;

	VECTOR_EACH (struct new_column, first, &pair->table->columns)
		VECTOR_EACH (struct new_column, second, &pair->table->columns) {
			if (done || first == second ||
			    !guess_is_open(pair, first) ||
			    !guess_is_open(pair, second) ||
			    !guess_is_text(first->class) ||
			    !guess_is_text(second->class) ||
			    ++tried > PAIRS_MAX)
				continue;
			done = cut_into(pair, column->name, first, second);
		}
}

static void join_into(const struct guess_pair *pair, struct new_column *to)
{
	const struct catalog_table *old = pair->old;
	struct draft *draft = pair->draft;

	for (size_t i = 0; i < old->column_count; i++)
		for (size_t k = 0; k < old->column_count; k++) {
			const char *a = old->columns[i].name;
			const char *b = old->columns[k].name;
			const char *separator;
			size_t rows = 0;
			bool last = false;

			if (i == k || !guess_is_gone(pair, &old->columns[i]) ||
			    !guess_is_gone(pair, &old->columns[k]) ||
			    !guess_is_text(
				guess_class(draft, &old->columns[i])) ||
			    !guess_is_text(
				guess_class(draft, &old->columns[k])))
				continue;
			separator = pairs_joined(pair->rows, false, to->name, a,
						 b, &rows, &last);
			if (!separator)
				continue;
			feed_text(
			    pair, to,
			    arena_printf(draft->arena,
					 "guessed: joined alike in %zu "
					 "rows looked at",
					 rows),
			    "%s || %s || %s",
			    expression_text(draft, guess_old_column(pair, a)),
			    expression_text(
				draft,
				sql_const_string(draft->arena, separator)),
			    expression_text(draft, guess_old_column(pair, b)));
			return;
		}
}

void guess_texts(const struct guess_pair *pair)
{
	if (pairs_count(pair->rows) < 2)
		return;
	for (size_t i = 0; i < pair->old->column_count; i++) {
		const struct catalog_column *column = &pair->old->columns[i];

		if (guess_is_gone(pair, column) &&
		    guess_is_text(guess_class(pair->draft, column)))
			find_cut(pair, column);
	}
	VECTOR_EACH (struct new_column, to, &pair->table->columns)
		if (guess_is_open(pair, to) && guess_is_text(to->class))
			join_into(pair, to);
}
