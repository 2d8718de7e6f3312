/*
 * What an INSERT or COPY leaves out: the old default, on the new side.
 *
 *	INSERT INTO tags (id) VALUES (1)
 *	INSERT INTO tags (id, made) VALUES (1, '2026-01-02 ...'::timestamptz)
 */
#include "lens/write/default.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/refuse.h"

static bool same_default(const struct lens_column *column)
{
	const char *a = column->old->default_sql;
	const char *b = column->stored ? column->stored->default_sql : NULL;

	if (!column->stored || column->values || column->read)
		return false;
	return a && b ? !strcmp(a, b) : a == b;
}

bool write_default_is_kept(const struct lens_column *column)
{
	if (!column->stored || column->stored->generated == GENERATED_STORED)
		return false;
	if (rewrite_draws_number(column->old))
		return rewrite_draws_number(column->stored);
	return same_default(column);
}

static PgQuery__Node *default_expression(struct rewrite *rw,
					 const struct lens_column *column)
{
	struct scope *nowhere = rewrite_scope_new(rw, NULL, true);
	struct facts facts = {0};
	struct error error;
	PgQuery__Node *node = NULL;

	if (!column->old->default_sql)
		return sql_const_null(rw->arena);
	error_init(&error);
	if (parser_expression(rw->lens->old_parser, column->old->default_sql,
			      rw->arena, &node, &error) < 0)
		rewrite_fail(rw, -1,
			     "the default of column \"%s\" cannot be "
			     "read: %s",
			     column->old->name, error.message);
	sql_forget_places(sql_unwrap(node));
	if (column->labels && SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg; /* the new side lacks the old
						type */
	rewrite_expression(rw, nowhere, &node, &facts);
	return node;
}

/* The sequence that an old default draws from, by its new name. */
static const char *default_sequence(struct rewrite *rw,
				    const struct catalog_column *old)
{
	PgQuery__Node *node = NULL;
	struct sql_generated_call call;
	struct error error;

	error_init(&error);
	if (!old->default_sql ||
	    parser_expression(rw->lens->old_parser, old->default_sql, rw->arena,
			      &node, &error) < 0 ||
	    !rewrite_reads_generated(rw, node, &call) ||
	    call.kind != SQL_GENERATED_NEXT)
		return NULL;
	return rewrite_call_sequence(rw, &call);
}

const char *write_column_sequence(struct rewrite *rw,
				  const struct lens_table *table,
				  const struct lens_column *column)
{
	const char *sequence = rewrite_sequence_of(rw, column->stored);

	for (size_t w = 0; w < table->write_count && !sequence; w++) {
		const struct lens_write *write = &table->writes[w];

		if (write->inputs[column->index] &&
		    SQL_IS(write->expression, COLUMN_REF))
			sequence = rewrite_sequence_of(rw, write->target);
	}
	return sequence ? sequence : default_sequence(rw, column->old);
}

PgQuery__Node *write_default_node(struct rewrite *rw,
				  const struct lens_table *table,
				  const struct lens_column *column, bool leave)
{
	const struct catalog_column *old = column->old;
	const char *sequence;

	if (table->verbatim && leave && !write_default_is_kept(column)) {
		rw->touched.pins_missing |= rewrite_draws(old);
		return NULL; /* a verbatim table uses its own default */
	}
	if (old->generated == GENERATED_STORED)
		return NULL; /* the new schema computes it, or a write feeds
				it */
	if (rewrite_draws_number(old)) {
		rw->touched.pins_missing = true;
		if (leave && column->stored &&
		    (column->stored->generated != GENERATED_NONE ||
		     column->stored->default_sql))
			return NULL;
		sequence = write_column_sequence(rw, table, column);
		if (sequence)
			return rewrite_next_value(rw, sequence);
		if (rewrite_numbers_on_insert(rw, old))
			rewrite_fail(rw, -1,
				     "the number of column \"%s\" of \"%s\" "
				     "is needed before its row is inserted: "
				     "the shadow's engine has no sequences",
				     old->name, table->old->name);
		if (old->default_sql)
			return default_expression(rw, column);
		rewrite_fail(rw, -1,
			     "column \"%s\" of \"%s\" is filled by a "
			     "sequence that the new schema lacks",
			     old->name, table->old->name);
	}
	switch (old->default_kind) {
	case DEFAULT_VOLATILE:
		rw->touched.pins_missing = true;
		/* fall through */
	case DEFAULT_NONE:
	case DEFAULT_CONSTANT:
	case DEFAULT_STABLE:
		if (leave && same_default(column))
			return NULL;
		return default_expression(rw, column);
	default:
		return default_expression(rw, column);
	}
}
