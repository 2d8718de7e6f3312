/* What became of each column of an old table. */
#include "draft/derive.h"

enum { WRITTEN_MAX = 32 };

struct place_of { /* one feed that uses the old column */
	const struct draft_part *part;
	const struct feed *feed;
};

struct column_entry {
	struct entry *entry;
	const struct catalog_column *column;
	enum type_class class;
	struct place_of places[WRITTEN_MAX];
	size_t count;
	const char *why;
};

static bool is_key(const struct draft_part *part, const char *old_column)
{
	VECTOR_EACH (const struct key_pair, pair, &part->source->keys)
		if (part->source->absorbed && !strcmp(pair->name, old_column))
			return true;
	return false;
}

static const char *new_name(const struct column_entry *item, size_t index)
{
	return yaml_name(item->entry->draft->arena,
			 item->places[index].part->name,
			 item->places[index].feed->column->name);
}

static const struct new_column *new_column(const struct column_entry *item,
					   size_t index)
{
	return item->places[index].feed->column;
}

static const PgQuery__Node *expression(const struct column_entry *item,
				       size_t index)
{
	return item->places[index].feed->expression;
}

/* Whether the new column holds the old one's value, unchanged or with an
 * assignment's cast. */
static bool is_bare(const struct column_entry *item, size_t index)
{
	return expression_bare(expression(item, index)) &&
	       draft_type_passes(item->class, new_column(item, index)->class);
}

static void collect_places(struct column_entry *item)
{
	bool partition = item->entry->shape == SHAPE_PARTITION;

	VECTOR_EACH (const struct draft_part, part, &item->entry->parts) {
		if (partition && part != item->entry->parts.items[0])
			continue;
		VECTOR_EACH (const struct feed, feed, &part->source->feeds) {
			struct place_of *place = &item->places[item->count];

			if (feed->column->dropped || !feed->expression ||
			    part_joins(part, feed->column) ||
			    !expression_uses(feed->expression,
					     item->column->name))
				continue;
			if (item->count == WRITTEN_MAX)
				return;
			place->part = part;
			place->feed = feed;
			item->count++;
			if (feed->why && !item->why)
				item->why = feed->why;
		}
	}
}

/* ---- printing ---- */

static void start(struct column_entry *item)
{
	buffer_append_string(item->entry->out, "      ");
	yaml_scalar(item->entry->out, yaml_name(item->entry->draft->arena, NULL,
						item->column->name));
	buffer_append_string(item->entry->out, ":");
}

static void end(struct column_entry *item, const char *why)
{
	derive_why(item->entry->out, why);
	buffer_append_string(item->entry->out, "\n");
}

static void line(struct column_entry *item, const char *key, const char *text)
{
	buffer_printf(item->entry->out, "        %s: ", key);
	yaml_text(item->entry->out, text);
	buffer_append_string(item->entry->out, "\n");
}

static const char *said(const struct column_entry *item, const char *caution)
{
	struct arena *arena = item->entry->draft->arena;

	if (!caution)
		return item->why;
	return item->why ? arena_printf(arena, "%s; if %s", item->why, caution)
			 : arena_printf(arena, "true if %s", caution);
}

/* Values are texts as they stand: but for null, nothing need be quoted that
 * looks like a word. */
static void write_value(struct buffer *out, const char *value)
{
	if (!value)
		buffer_append_string(out, "~");
	else if (!strcmp(value, "true") || !strcmp(value, "false"))
		buffer_append_string(out, value);
	else
		yaml_scalar(out, value);
}

/* Labels of an enum that no row looked at has. */
static void ask_of_labels(const struct column_entry *item,
			  const struct inverse *inverse)
{
	struct draft *draft = item->entry->draft;
	size_t count;
	const char *const *labels = sample_labels(
	    draft, catalog_type(draft->primary, item->column->type), true,
	    &count);

	for (size_t i = 0; i < count; i++) {
		bool listed = false;

		for (size_t k = 0; k < inverse->value_count; k++)
			listed |= inverse->old_values[k] &&
				  !strcmp(inverse->old_values[k], labels[i]);
		if (!listed)
			draft_need(draft,
				   "column \"%s\" of \"%s\": what does \"%s\" "
				   "become? Add it under `values:`",
				   item->column->name, item->entry->old->name,
				   labels[i]);
	}
}

static void write_values(struct column_entry *item,
			 const struct inverse *inverse)
{
	struct buffer *out = item->entry->out;

	ask_of_labels(item, inverse);
	start(item);
	end(item, said(item, inverse->caution));
	if (strcmp(new_column(item, 0)->name, item->column->name) ||
	    item->places[0].part->name) {
		buffer_append_string(out, "        column: ");
		yaml_scalar(out, new_name(item, 0));
		buffer_append_string(out, "\n");
	}
	buffer_append_string(out, "        values:\n");
	for (size_t i = 0; i < inverse->value_count; i++) {
		buffer_append_string(out, "          ");
		write_value(out, inverse->old_values[i]);
		buffer_append_string(out, ": ");
		write_value(out, inverse->new_values[i]);
		buffer_append_string(out, "\n");
	}
}

static const char *written_text(struct column_entry *item, size_t index)
{
	struct draft *draft = item->entry->draft;
	const struct new_column *column = new_column(item, index);
	const PgQuery__Node *node = expression(item, index);
	PgQuery__TypeName *type = NULL;
	struct error error;
	const char *text;

	/* No text becomes an enum by assignment. */
	if (column->class == TYPE_ENUM && !SQL_IS(node, TYPE_CAST) &&
	    !SQL_IS(node, COLUMN_REF) &&
	    !parser_type(draft->parser, column->type, draft->arena, &type,
			 &error))
		node =
		    sql_cast(draft->arena, sql_copy(draft->arena, node), type);
	text = expression_text(draft, node);
	if (text)
		return text;
	draft_need(draft,
		   "column \"%s\" of \"%s\": what feeds \"%s\" could not be "
		   "written",
		   item->column->name, item->entry->old->name,
		   new_column(item, index)->name);
	return "NULL " DRAFT_OPEN;
}

/* The result of trying it, joined to its reason. */
static const char *tried(struct column_entry *item,
			 const struct inverse *inverse, const char *why)
{
	struct draft *draft = item->entry->draft;
	struct written *written =
	    arena_array(draft->arena, item->count, sizeof(*written));
	const char **types =
	    arena_array(draft->arena, item->count, sizeof(*types));
	const char *proof;
	bool failed;

	for (size_t i = 0; i < item->count; i++) {
		written[i] = (struct written){
		    .part = item->places[i].part->name,
		    .name = new_column(item, i)->name,
		    .expression = item->places[i].feed->expression};
		types[i] = new_column(item, i)->type;
	}
	proof = derive_proof(draft, item->entry->old, item->column, written,
			     types, item->count, inverse->read, &failed);
	if (failed)
		draft_need(draft, "column \"%s\" of \"%s\": %s",
			   item->column->name, item->entry->old->name, proof);
	if (!proof || !why)
		return proof ? proof : why;
	return arena_printf(draft->arena, "%s; %s", why, proof);
}

static void write_computed(struct column_entry *item,
			   const struct inverse *inverse)
{
	struct draft *draft = item->entry->draft;
	struct buffer *out = item->entry->out;
	const char *why = said(item, inverse->caution);

	if (inverse->read)
		why = tried(item, inverse, why);
	start(item);
	end(item, why);
	if (item->count == 1) {
		if (strcmp(new_column(item, 0)->name, item->column->name) ||
		    item->places[0].part->name) {
			buffer_append_string(out, "        column: ");
			yaml_scalar(out, new_name(item, 0));
			buffer_append_string(out, "\n");
		}
	}
	if (!inverse->read)
		draft_need(draft,
			   "column \"%s\" of \"%s\": say `read:`, its value "
			   "from the new row: %s",
			   item->column->name, item->entry->old->name,
			   inverse->reason ? inverse->reason
					   : "it could not be derived");
	line(item, "read", inverse->read ? inverse->read : "NULL " DRAFT_OPEN);
	if (item->count == 1) {
		line(item, "write", written_text(item, 0));
		return;
	}
	buffer_append_string(out, "        write:\n");
	for (size_t i = 0; i < item->count; i++) {
		buffer_append_string(out, "          ");
		yaml_scalar(out, new_name(item, i));
		buffer_append_string(out, ": ");
		yaml_text(out, written_text(item, i));
		buffer_append_string(out, "\n");
	}
}

/* No rows are created for a value's sake in a table that holds old rows. */
static bool has_old_rows(struct draft *draft, const struct lookup *lookup)
{
	const struct new_table *table =
	    model_table(draft, lookup->schema, lookup->table);

	return table && table->sources.count;
}

/* A value that is looked up in a table of its own; false if it is not one. */
static bool write_lookup(struct column_entry *item)
{
	struct arena *arena = item->entry->draft->arena;
	struct buffer *out = item->entry->out;
	const char *schema;
	struct lookup lookup;

	if (!expression_as_lookup(expression(item, 0), &lookup) ||
	    !expression_bare(lookup.expression))
		return false;
	schema = SQL_SET(lookup.schema) &&
			 strcmp(lookup.schema, item->entry->old->schema)
		     ? lookup.schema
		     : NULL;
	start(item);
	buffer_append_string(out, " {lookup: {table: ");
	yaml_scalar(out, yaml_name(arena, schema, lookup.table));
	buffer_append_string(out, ", value: ");
	yaml_scalar(out, yaml_name(arena, NULL, lookup.value));
	buffer_append_string(out, ", key: ");
	yaml_scalar(out, yaml_name(arena, NULL, lookup.key));
	buffer_append_string(out, ", column: ");
	yaml_scalar(out, new_name(item, 0));
	if (!has_old_rows(item->entry->draft, &lookup))
		buffer_append_string(out, ", create: true");
	buffer_append_string(out, "}}");
	end(item, item->why);
	return true;
}

/* The read of a retyped column: cast back. */
static void write_retyped(struct column_entry *item)
{
	struct draft *draft = item->entry->draft;
	struct arena *arena = draft->arena;
	PgQuery__Node *read = sql_column(arena, item->places[0].part->name,
					 new_column(item, 0)->name);
	PgQuery__TypeName *type = NULL;
	struct inverse inverse = {0};
	struct error error;

	if (item->column->type_sql &&
	    !parser_type(draft->parser, item->column->type_sql, arena, &type,
			 &error))
		read = sql_cast(arena, read, type);
	inverse.read = expression_text(draft, read);
	if (draft_type_similarity(item->class, new_column(item, 0)->class) <
		0.3 ||
	    new_column(item, 0)->class == TYPE_UUID) {
		inverse.read = NULL;
		inverse.reason = "its type is now another altogether";
	}
	item->why = item->why
			? arena_printf(arena, "%s; its type is now %s",
				       item->why, new_column(item, 0)->type)
			: arena_printf(arena, "its type is now %s",
				       new_column(item, 0)->type);
	if (SQL_IS(expression(item, 0), COLUMN_REF) &&
	    !parser_type(draft->parser, new_column(item, 0)->type, arena, &type,
			 &error)) {
		struct feed *feed = arena_alloc(arena, sizeof(*feed));

		*feed = *item->places[0].feed;
		feed->expression =
		    sql_cast(arena, sql_copy(arena, feed->expression), type);
		item->places[0].feed = feed;
	}
	write_computed(item, &inverse);
}

/* New columns of a similar type that nothing feeds: candidates. */
static void ask_of_dropped(const struct column_entry *item)
{
	enum { SHOWN = 3 };
	const struct entry *entry = item->entry;
	struct buffer names;
	size_t count = 0;

	buffer_init(&names, 4096);
	VECTOR_EACH (const struct draft_part, part, &entry->parts)
		VECTOR_EACH (const struct new_column, column,
			     &part->table->columns) {
			if (column->dropped || part_absorbs(part, column) ||
			    model_feed(part->source, column) ||
			    !draft_type_passes(item->class, column->class) ||
			    (column->not_null && !item->column->not_null) ||
			    count++ >= SHOWN)
				continue;
			buffer_printf(&names, "%s\"%s\"", count > 1 ? ", " : "",
				      column->name);
		}
	if (count)
		draft_need(entry->draft,
			   "column \"%s\" of \"%s\": is it dropped, or one of "
			   "the new columns %s%s?",
			   item->column->name, entry->old->name,
			   buffer_string(&names), count > SHOWN ? ", ..." : "");
	buffer_release(&names);
}

/* NULL: the migration only drops it. */
static const char *why_dropped(const struct column_entry *item)
{
	const struct entry *entry = item->entry;
	struct draft *draft = entry->draft;
	const struct draft_reading *reading =
	    script_reading(draft, entry->old, item->column->name);

	if (!reading)
		return NULL;
	draft_need(draft,
		   "column \"%s\" of \"%s\" is dropped, but %s reads it (%s): "
		   "say under `columns:` where its values live, or leave it "
		   "dropped",
		   item->column->name, entry->old->name, reading->where,
		   reading->what);
	return arena_printf(draft->arena,
			    "needs: %s reads it (%s), and where its values "
			    "live is not understood",
			    reading->where, reading->what);
}

static void write_dropped(struct column_entry *item)
{
	const struct entry *entry = item->entry;

	VECTOR_EACH (const struct draft_part, part, &entry->parts)
		if (is_key(part, item->column->name))
			return; /* `key:` gives its place */
	if (!entry->draft->input->file_count)
		ask_of_dropped(item);
	start(item);
	buffer_append_string(entry->out, " dropped");
	end(item, entry->draft->input->file_count
		      ? why_dropped(item)
		      : "guessed: no new column is like it");
}

static void tell_loss(const struct column_entry *item)
{
	enum type_class to = new_column(item, 0)->class;
	bool digits =
	    (item->class == TYPE_NUMERIC || item->class == TYPE_FLOAT) &&
	    to == TYPE_INTEGER;
	bool times = (item->class == TYPE_TIMESTAMP ||
		      item->class == TYPE_TIMESTAMPTZ) &&
		     to == TYPE_DATE;

	if (digits || times)
		draft_need(item->entry->draft,
			   "column \"%s\" of \"%s\": its type is now %s: %s "
			   "is lost, and reads will differ",
			   item->column->name, item->entry->old->name,
			   new_column(item, 0)->type,
			   digits ? "what stands behind the point"
				  : "the time of day");
}

static void write_column(struct column_entry *item)
{
	struct draft *draft = item->entry->draft;
	struct written *written;
	struct inverse inverse;
	bool same = item->count == 1 &&
		    !strcmp(new_column(item, 0)->name, item->column->name) &&
		    !item->places[0].part->name;

	if (!item->count) {
		write_dropped(item);
		return;
	}
	if (item->count == 1 && is_bare(item, 0)) {
		tell_loss(item);
		if (same)
			return;
		start(item);
		buffer_append_string(item->entry->out, " ");
		yaml_scalar(item->entry->out, new_name(item, 0));
		end(item, item->why);
		return;
	}
	if (item->count == 1 && write_lookup(item))
		return;
	if (item->count == 1 && expression_bare(expression(item, 0))) {
		write_retyped(item);
		return;
	}
	written = arena_array(draft->arena, item->count, sizeof(*written));
	for (size_t i = 0; i < item->count; i++)
		written[i] = (struct written){
		    .part = item->places[i].part->name,
		    .name = new_column(item, i)->name,
		    .expression = item->places[i].feed->expression};
	inverse_find(draft, item->column, written, item->count, &inverse);
	if (inverse.value_count)
		write_values(item, &inverse);
	else
		write_computed(item, &inverse);
}

/* Columns of the parts of a partition must be fed alike. */
static void check_partition(struct entry *entry)
{
	const struct draft_part *first = entry->parts.items[0];

	for (size_t i = 1; i < entry->parts.count; i++) {
		const struct draft_part *part = entry->parts.items[i];

		VECTOR_EACH (const struct feed, feed, &first->source->feeds) {
			struct new_column *column =
			    model_column(part->table, feed->column->name);
			const struct feed *other =
			    column ? model_feed(part->source, column) : NULL;

			if (feed->column->dropped || !feed->expression ||
			    (other && other->expression &&
			     sql_equal(other->expression, feed->expression)))
				continue;
			draft_need(entry->draft,
				   "table \"%s\": column \"%s\" is another in "
				   "\"%s\" than in \"%s\"",
				   entry->old->name, feed->column->name,
				   part->table->name, first->table->name);
		}
	}
}

void derive_columns(struct entry *entry)
{
	struct buffer *out = entry->out;
	struct entry inner = *entry;
	struct buffer body;

	buffer_init(&body, 0);
	inner.out = &body;
	for (size_t i = 0; i < entry->old->column_count; i++) {
		struct column_entry *item =
		    arena_alloc(entry->draft->arena, sizeof(*item));
		const struct catalog_type *type = catalog_type(
		    entry->draft->primary, entry->old->columns[i].type);

		item->entry = &inner;
		item->column = &entry->old->columns[i];
		while (type && type->class == TYPE_DOMAIN)
			type =
			    catalog_type(entry->draft->primary, type->element);
		item->class = type ? type->class : TYPE_OTHER;
		collect_places(item);
		write_column(item);
	}
	if (entry->shape == SHAPE_PARTITION)
		check_partition(entry);
	if (body.size) {
		buffer_append_string(out, "    columns:\n");
		buffer_append(out, body.data, body.size);
	}
	buffer_release(&body);
}
