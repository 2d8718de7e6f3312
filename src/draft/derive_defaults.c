/* New columns that no old one feeds: the value that an insert puts there. */
#include "draft/derive.h"

bool part_joins(const struct draft_part *part, const struct new_column *column)
{
	VECTOR_EACH (const struct key_pair, pair, &part->joins)
		if (!strcmp(pair->name, column->name))
			return true;
	return false;
}

bool part_sets(const struct draft_part *part, const struct new_column *column)
{
	VECTOR_EACH (const struct key_pair, pair, &part->settings)
		if (!strcmp(pair->name, column->name))
			return true;
	return false;
}

bool part_absorbs(const struct draft_part *part,
		  const struct new_column *column)
{
	VECTOR_EACH (const struct draft_source, source, &part->table->sources)
		if (source->absorbed && model_feed(source, column))
			return true;
	return false;
}

static void write_default(struct entry *entry, const struct draft_part *part,
			  const struct new_column *column, const char *text,
			  const char *why)
{
	buffer_append_string(entry->out, "      ");
	yaml_scalar(entry->out,
		    yaml_name(entry->draft->arena, part->name, column->name));
	buffer_append_string(entry->out, ": ");
	yaml_text(entry->out, text);
	derive_why(entry->out, why);
	buffer_append_string(entry->out, "\n");
}

static PgQuery__Node *constant_of(struct draft *draft,
				  const struct new_column *column,
				  const char *value)
{
	bool number = draft_type_passes(column->class, TYPE_INTEGER);

	if (number && value[strspn(value, "0123456789.-")] == 0)
		return expression_parse(draft, value);
	if (column->class == TYPE_BOOLEAN)
		return sql_const_bool(draft->arena, !strcmp(value, "true"));
	return sql_const_string(draft->arena, value);
}

/* The column's value in the shadow's rows, if all rows share it. */
static const char *seen_constant(struct entry *entry,
				 const struct draft_part *part,
				 const struct new_column *column,
				 const char **why)
{
	struct draft *draft = entry->draft;
	const struct sample *sample =
	    part->table->catalog ? sample_of(draft, part->table->catalog, false)
				 : NULL;
	size_t rows = 0;
	const char *value =
	    sample ? sample_constant(sample, column->name, &rows) : NULL;

	if (!value)
		return NULL;
	*why = arena_printf(draft->arena,
			    "guessed: all %zu rows looked at have it", rows);
	return expression_text(draft, constant_of(draft, column, value));
}

static void open_default(struct entry *entry, const struct draft_part *part,
			 const struct new_column *column, const char *reason)
{
	const char *why = NULL;
	const char *seen =
	    reason ? NULL : seen_constant(entry, part, column, &why);

	if (seen) {
		write_default(entry, part, column, seen, why);
		return;
	}
	write_default(entry, part, column, "NULL " DRAFT_OPEN, NULL);
	draft_need(entry->draft,
		   "column \"%s\" of the new table \"%s\" is NOT NULL without "
		   "a default: say under `defaults:` what a row of \"%s\" puts "
		   "there%s%s",
		   column->name, part->table->name, entry->old->name,
		   reason ? ": " : "", reason ? reason : "");
}

static bool is_null(const PgQuery__Node *node)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return SQL_IS(node, A_CONST) && node->a_const->isnull;
}

static void write_new_column(struct entry *entry, const struct draft_part *part,
			     const struct new_column *column)
{
	struct draft *draft = entry->draft;
	const struct feed *feed = model_feed(part->source, column);
	bool required =
	    column->not_null && !column->has_default && !column->generated;
	struct vector names = {0};
	const char *text;

	if (column->dropped || part_joins(part, column) ||
	    part_absorbs(part, column) || part_sets(part, column) ||
	    entry->shape == SHAPE_ABSORBED)
		return;
	if (feed && feed->expression) {
		if (expression_width(draft, feed->expression, &names))
			return; /* an old column writes it */
		text = expression_text(draft, feed->expression);
		if (is_null(feed->expression) && !column->has_default)
			return;
		if (text && !(column->has_default && column->initial &&
			      !strcmp(text, column->initial))) {
			write_default(entry, part, column, text, feed->why);
			return;
		}
	}
	if (feed && feed->unknown) {
		if (required)
			open_default(entry, part, column, feed->unknown);
		else
			draft_need(
			    draft,
			    "column \"%s\" of the new table \"%s\": what "
			    "feeds it is not known: %s",
			    column->name, part->table->name, feed->unknown);
		return;
	}
	if (required && column->initial)
		write_default(entry, part, column, column->initial, NULL);
	else if (required)
		open_default(entry, part, column, NULL);
}

void derive_defaults(struct entry *entry)
{
	struct buffer *out = entry->out;
	struct entry inner = *entry;
	struct buffer body;

	buffer_init(&body, 0);
	inner.out = &body;
	VECTOR_EACH (const struct draft_part, part, &entry->parts) {
		if (entry->shape == SHAPE_PARTITION &&
		    part != entry->parts.items[0])
			continue;
		if (part->table->view)
			continue;
		VECTOR_EACH (const struct new_column, column,
			     &part->table->columns)
			write_new_column(&inner, part, column);
	}
	if (body.size) {
		buffer_append_string(out, "    defaults:\n");
		buffer_append(out, body.data, body.size);
	}
	buffer_release(&body);
}
