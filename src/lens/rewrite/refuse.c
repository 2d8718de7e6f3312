/* Ends a rewrite without a plan: the statement is untranslatable, or not
 * mirrored. */
#include "lens/rewrite/refuse.h"

#include <stdarg.h>
#include <stdio.h>

void rewrite_fail(struct rewrite *rw, int location, const char *format, ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	rw->outcome.action = PLAN_UNTRANSLATABLE;
	rw->outcome.reason = REASON_UNSUPPORTED;
	rw->outcome.detail = arena_string(rw->arena, text);
	rw->outcome.position = location >= 0 ? location + 1 : 0;
	longjmp(rw->escape, 1);
}

void rewrite_misfit(struct rewrite *rw, int location, const char *what,
		    const char *name, const char *why)
{
	rw->outcome.action = PLAN_UNTRANSLATABLE;
	rw->outcome.reason = REASON_SCHEMA;
	rw->outcome.detail =
	    arena_printf(rw->arena, "%s \"%s\": %s", what, name, why);
	rw->outcome.position = location >= 0 ? location + 1 : 0;
	longjmp(rw->escape, 1);
}

void rewrite_refuse_dropped(struct rewrite *rw, const struct lens_table *table,
			    int location)
{
	if (table->misfit)
		rewrite_misfit(rw, location, "table", table->old->name,
			       table->misfit);
	rewrite_fail(rw, location, "table \"%s\" is not in the new schema",
		     table->old->name);
}

void rewrite_refuse_unwritable(struct rewrite *rw,
			       const struct lens_column *column, int location)
{
	if (column->misfit)
		rewrite_misfit(rw, location, "column", column->old->name,
			       column->misfit);
	rewrite_fail(rw, location,
		     "column \"%s\" is computed, and the mapping has no "
		     "`write` for it",
		     column->old->name);
}

void rewrite_refuse_cursor(struct rewrite *rw, const struct lens_table *table,
			   const PgQuery__Node *where)
{
	if (!SQL_IS(where, CURRENT_OF_EXPR))
		return;
	if (!table)
		rewrite_fail(rw, -1,
			     "WHERE CURRENT OF \"%s\": this statement cannot "
			     "add values to a look-up table",
			     where->current_of_expr->cursor_name);
	rewrite_fail(rw, -1,
		     "WHERE CURRENT OF \"%s\": the rows of \"%s\" are in "
		     "several tables of the new schema",
		     where->current_of_expr->cursor_name, table->old->name);
}

void rewrite_skip(struct rewrite *rw, enum reason reason, const char *format,
		  ...)
{
	char text[512];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	rw->outcome.action = PLAN_SKIP;
	rw->outcome.reason = reason;
	rw->outcome.detail = arena_string(rw->arena, text);
	longjmp(rw->escape, 1);
}

void rewrite_fix(struct rewrite *rw, const PgQuery__AConst *constant)
{
	rw->filled.fixed =
	    arena_push(rw->arena, rw->filled.fixed, &rw->filled.fixed_count,
		       &rw->filled.fixed_capacity, sizeof(*rw->filled.fixed));
	rw->filled.fixed[rw->filled.fixed_count - 1] = constant->location;
}
