/* Inverts the model: for each old table, where its rows live now. */
#include "draft/derive.h"

#include <stdlib.h>

static bool in_path(const struct draft *draft, const char *schema)
{
	struct draft plain = {.arena = draft->arena, .parser = draft->parser};

	model_path(&plain, draft->primary->search_path);
	VECTOR_EACH (const char, path, &plain.path)
		if (!strcmp(path, schema))
			return true;
	return false;
}

const char *derive_old_name(const struct draft *draft,
			    const struct catalog_table *old)
{
	bool bare = in_path(draft, old->schema);

	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *other = &draft->primary->tables[i];

		bare &= other == old || strcmp(other->name, old->name) != 0;
	}
	return yaml_name(draft->arena, bare ? NULL : old->schema, old->name);
}

static const char *new_name(const struct entry *entry,
			    const struct new_table *table)
{
	bool bare = !strcmp(table->schema, entry->old->schema);

	return yaml_name(entry->draft->arena, bare ? NULL : table->schema,
			 table->name);
}

static const char *shown(const struct draft *draft, const PgQuery__Node *node)
{
	const char *text = expression_text(draft, node);

	return text ? text : "a condition that cannot be written";
}

void derive_why(struct buffer *out, const char *why)
{
	if (!why)
		return;
	buffer_append_string(out, "  ");
	yaml_comment(out, why);
}

/* ---- the shape ---- */

static struct draft_part *add_part(struct entry *entry, struct new_table *table,
				   struct draft_source *source)
{
	struct draft_part *part =
	    arena_alloc(entry->draft->arena, sizeof(*part));

	part->table = table;
	part->source = source;
	vector_add(entry->draft->arena, &entry->parts, part);
	return part;
}

/* How likely a table is the old one's successor; the parts are sorted by it. */
static int rank(const struct entry *entry, const struct draft_part *part)
{
	const struct catalog_key *key = model_primary_key(entry->old);
	int result = 0;

	if (!part->source->when)
		result += 4;
	if (!strcmp(part->table->name, entry->old->name))
		result += 8;
	if (!part->table->fresh)
		result += 2;
	if (!part->source->join_column)
		result += 1;
	for (size_t i = 0; key && i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(entry->old, key->columns[i]);

		VECTOR_EACH (const struct feed, feed, &part->source->feeds) {
			const char *bare = expression_bare(feed->expression);

			if (bare && column && !strcmp(bare, column->name) &&
			    !strcmp(feed->column->name, column->name))
				result += 2;
		}
	}
	return result;
}

static void sort_parts(struct entry *entry)
{
	struct draft_part **parts = (struct draft_part **)entry->parts.items;

	for (size_t i = 1; i < entry->parts.count; i++)
		for (size_t k = i; k > 0; k--) {
			struct draft_part *swap = parts[k];

			if (rank(entry, parts[k - 1]) >= rank(entry, swap))
				continue;
			parts[k] = parts[k - 1];
			parts[k - 1] = swap;
		}
}

/* Whether both hold the same old columns, except keys. Then each row is in one
 * of them; otherwise each has a part of the row. */
static bool share_columns(const struct entry *entry, const struct draft_part *a,
			  const struct draft_part *b)
{
	size_t shared = 0, least;
	size_t counts[2] = {0, 0};
	const struct draft_part *both[2] = {a, b};

	for (size_t i = 0; i < entry->old->column_count; i++) {
		const struct catalog_column *column = &entry->old->columns[i];
		bool used[2] = {false, false};

		if (model_is_unique(entry->old, column->number))
			continue;
		for (int side = 0; side < 2; side++)
			VECTOR_EACH (const struct feed, feed,
				     &both[side]->source->feeds)
				used[side] |= !feed->column->dropped &&
					      expression_uses(feed->expression,
							      column->name);
		counts[0] += used[0];
		counts[1] += used[1];
		shared += used[0] && used[1];
	}
	least = counts[0] < counts[1] ? counts[0] : counts[1];
	return shared && 2 * shared > least;
}

static bool is_partition(const struct entry *entry)
{
	size_t conditions = 0;

	VECTOR_EACH (const struct draft_part, part, &entry->parts)
		conditions += part->source->when != NULL;
	if (conditions + 1 < entry->parts.count)
		return false;
	for (size_t i = 1; i < entry->parts.count; i++)
		if (!share_columns(entry, entry->parts.items[0],
				   entry->parts.items[i]))
			return false;
	return true;
}

static size_t row_sources(const struct new_table *table)
{
	size_t count = 0;

	VECTOR_EACH (const struct draft_source, source, &table->sources)
		count += !source->absorbed;
	return count;
}

static void find_parts(struct entry *entry, bool absorbed)
{
	VECTOR_EACH (struct new_table, table, &entry->draft->tables) {
		struct draft_source *source = model_source(table, entry->old);

		if (!table->dropped && source && source->absorbed == absorbed)
			add_part(entry, table, source);
	}
}

static void find_shape(struct entry *entry)
{
	find_parts(entry, false);
	if (!entry->parts.count) {
		find_parts(entry, true);
		if (entry->parts.count > 1)
			draft_need(entry->draft,
				   "table \"%s\" went into several tables by a "
				   "key: only the first is written",
				   entry->old->name);
		entry->shape =
		    entry->parts.count ? SHAPE_ABSORBED : SHAPE_DROPPED;
		if (entry->parts.count)
			entry->parts.count = 1;
		return;
	}
	sort_parts(entry);
	if (entry->parts.count > 1) {
		entry->shape =
		    is_partition(entry) ? SHAPE_PARTITION : SHAPE_SPLIT;
		return;
	}
	entry->shape =
	    row_sources(((struct draft_part *)entry->parts.items[0])->table) > 1
		? SHAPE_UNION
		: SHAPE_ONE;
}

/* ---- rows: split ---- */

/* The part's columns that hold the old row's key. */
static void find_joins(struct entry *entry, struct draft_part *part)
{
	struct draft *draft = entry->draft;
	const struct catalog_key *key = model_primary_key(entry->old);

	for (size_t i = 0; key && i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(entry->old, key->columns[i]);
		struct key_pair *pair = NULL;

		VECTOR_EACH (const struct feed, feed, &part->source->feeds) {
			const char *bare = expression_bare(feed->expression);

			if (pair || !column || !bare || feed->column->dropped ||
			    strcmp(bare, column->name))
				continue;
			pair = arena_alloc(draft->arena, sizeof(*pair));
			pair->name = feed->column->name;
			pair->expression = feed->expression;
			vector_add(draft->arena, &part->joins, pair);
		}
	}
	if (!key || part->joins.count < key->column_count)
		draft_need(draft,
			   "table \"%s\" is in parts, and \"%s\" does not hold "
			   "its whole key: say `join:` by hand",
			   entry->old->name, part->table->name);
}

static void write_pairs(struct entry *entry, const char *word,
			const struct vector *pairs)
{
	const char *comma = "";

	buffer_printf(entry->out, ", %s: {", word);
	VECTOR_EACH (const struct key_pair, pair, pairs) {
		const char *text =
		    expression_text(entry->draft, pair->expression);

		buffer_append_string(entry->out, comma);
		yaml_scalar(entry->out,
			    yaml_name(entry->draft->arena, NULL, pair->name));
		buffer_append_string(entry->out, ": ");
		yaml_scalar(entry->out, text ? text : "NULL " DRAFT_OPEN);
		comma = ", ";
	}
	buffer_append_string(entry->out, "}");
}

static void write_condition(struct entry *entry, const char *word,
			    const PgQuery__Node *node)
{
	const char *text = expression_text(entry->draft, node);

	if (!node)
		return;
	if (!text) {
		draft_need(entry->draft,
			   "table \"%s\": `%s:` of a part could not be "
			   "written",
			   entry->old->name, word);
		text = "true " DRAFT_OPEN;
	}
	buffer_printf(entry->out, ", %s: ", word);
	yaml_text(entry->out, text);
}

/* Two parts of the same name in different schemas get different names. */
static const char *part_name(const struct entry *entry,
			     const struct draft_part *part)
{
	size_t same = 0;

	VECTOR_EACH (const struct draft_part, other, &entry->parts)
		same += !strcmp(other->table->name, part->table->name);
	return same < 2 ? part->table->name
			: arena_printf(entry->draft->arena, "%s_%s",
				       part->table->schema, part->table->name);
}

static void write_split(struct entry *entry)
{
	const struct draft_part *anchor = entry->parts.items[0];

	buffer_append_string(entry->out, "    rows:\n      - ");
	yaml_scalar(entry->out, new_name(entry, anchor->table));
	if (anchor->source->when)
		draft_need(entry->draft,
			   "table \"%s\": rows that are not (%s) are in no "
			   "table that stands for all of them",
			   entry->old->name,
			   shown(entry->draft, anchor->source->when));
	derive_why(entry->out, anchor->source->why);
	buffer_append_string(entry->out, "\n");
	for (size_t i = 1; i < entry->parts.count; i++) {
		struct draft_part *part = entry->parts.items[i];

		part->name = part_name(entry, part);
		find_joins(entry, part);
		buffer_append_string(entry->out, "      - {table: ");
		yaml_scalar(entry->out, new_name(entry, part->table));
		if (strcmp(part->name, part->table->name)) {
			buffer_append_string(entry->out, ", as: ");
			yaml_scalar(entry->out, yaml_name(entry->draft->arena,
							  NULL, part->name));
		}
		write_pairs(entry, "join", &part->joins);
		write_condition(entry, "when", part->source->when);
		buffer_append_string(entry->out, "}");
		derive_why(entry->out, part->source->why);
		buffer_append_string(entry->out, "\n");
	}
}

/* ---- rows: partition ---- */

static void write_partition(struct entry *entry)
{
	struct draft *draft = entry->draft;
	size_t count = entry->parts.count;
	struct draft_part **parts = (struct draft_part **)entry->parts.items;
	bool open = true;

	/* The one without a condition takes the remaining rows, so it comes
	 * last. */
	for (size_t i = 0; i + 1 < count; i++)
		if (!parts[i]->source->when) {
			struct draft_part *rest = parts[i];

			memmove(&parts[i], &parts[i + 1],
				(count - i - 1) * sizeof(*parts));
			parts[count - 1] = rest;
			break;
		}
	if (!parts[count - 1]->source->when ||
	    (count == 2 && expression_opposed(draft, parts[0]->source->when,
					      parts[1]->source->when)))
		open = false;
	if (open)
		draft_need(draft,
			   "table \"%s\": is each of its rows in one of its "
			   "tables? Leave out the last `when:` if so",
			   entry->old->name);
	buffer_append_string(entry->out, "    rows:\n      any_of:\n");
	for (size_t i = 0; i < count; i++) {
		bool rest = i + 1 == count && !open;

		buffer_append_string(entry->out, rest ? "        - "
						      : "        - {table: ");
		yaml_scalar(entry->out, new_name(entry, parts[i]->table));
		if (!rest) {
			write_condition(entry, "when", parts[i]->source->when);
			buffer_append_string(entry->out, "}");
		}
		derive_why(entry->out, parts[i]->source->why);
		buffer_append_string(entry->out, "\n");
	}
}

/* ---- rows: union, absorbed ---- */

/* Columns that each of the united tables sets to a constant of its own. */
static void find_settings(struct entry *entry, struct draft_part *part)
{
	struct draft *draft = entry->draft;

	VECTOR_EACH (const struct feed, feed, &part->source->feeds) {
		bool apart = !feed->column->dropped && feed->expression &&
			     expression_is_constant(feed->expression);
		struct key_pair *pair;

		VECTOR_EACH (const struct draft_source, other,
			     &part->table->sources) {
			const struct feed *theirs =
			    model_feed(other, feed->column);

			if (other == part->source || other->absorbed || !apart)
				continue;
			apart =
			    theirs && theirs->expression &&
			    expression_is_constant(theirs->expression) &&
			    !sql_equal(theirs->expression, feed->expression);
		}
		if (!apart)
			continue;
		pair = arena_alloc(draft->arena, sizeof(*pair));
		pair->name = feed->column->name;
		pair->expression = feed->expression;
		vector_add(draft->arena, &part->settings, pair);
	}
}

static void write_union(struct entry *entry)
{
	struct draft *draft = entry->draft;
	struct draft_part *part = entry->parts.items[0];
	PgQuery__Node *where = NULL;

	find_settings(entry, part);
	VECTOR_EACH (const struct key_pair, pair, &part->settings)
		where = expression_and(
		    draft, where,
		    sql_operator(draft->arena, "=",
				 sql_column(draft->arena, NULL, pair->name),
				 pair->expression));
	buffer_append_string(entry->out, "    rows: {table: ");
	yaml_scalar(entry->out, new_name(entry, part->table));
	if (where) {
		write_condition(entry, "where", where);
		write_pairs(entry, "set", &part->settings);
	} else {
		draft_need(draft,
			   "table \"%s\" shares \"%s\" with others: say by "
			   "`where:` and `set:` which rows are its own",
			   entry->old->name, part->table->name);
	}
	buffer_append_string(entry->out, "}");
	derive_why(entry->out, part->source->why);
	buffer_append_string(entry->out, "\n");
}

/* The host's new column that holds the value of an expression over its old row.
 */
static const char *host_column(const struct draft_part *part,
			       const PgQuery__Node *expression)
{
	const struct draft_source *host =
	    model_source(part->table, part->source->host);

	if (!host)
		return NULL;
	VECTOR_EACH (const struct feed, feed, &host->feeds)
		if (!feed->column->dropped && feed->expression &&
		    sql_equal(feed->expression, expression))
			return feed->column->name;
	return NULL;
}

static void write_absorbed(struct entry *entry)
{
	struct draft_part *part = entry->parts.items[0];
	const char *comma = "";

	buffer_append_string(entry->out, "    rows: {table: ");
	yaml_scalar(entry->out, new_name(entry, part->table));
	buffer_append_string(entry->out, ", key: {");
	VECTOR_EACH (const struct key_pair, pair, &part->source->keys) {
		const char *column = host_column(part, pair->expression);

		if (!column) {
			draft_need(entry->draft,
				   "table \"%s\": the column of \"%s\" that "
				   "its \"%s\" equals is not known: say it "
				   "under `key:`",
				   entry->old->name, part->table->name,
				   pair->name);
			column = pair->name;
		}
		buffer_append_string(entry->out, comma);
		yaml_scalar(entry->out,
			    yaml_name(entry->draft->arena, NULL, pair->name));
		buffer_append_string(entry->out, ": ");
		yaml_scalar(entry->out,
			    yaml_name(entry->draft->arena, NULL, column));
		comma = ", ";
	}
	buffer_append_string(entry->out, "}, absorbed: true}");
	derive_why(entry->out, part->source->why);
	buffer_append_string(entry->out, "\n");
}

static void write_one(struct entry *entry)
{
	const struct draft_part *part = entry->parts.items[0];

	if (part->source->when)
		draft_need(entry->draft,
			   "table \"%s\": rows that are not (%s) are nowhere: "
			   "statements that touch them will differ",
			   entry->old->name,
			   shown(entry->draft, part->source->when));
	if (!strcmp(part->table->schema, entry->old->schema) &&
	    !strcmp(part->table->name, entry->old->name))
		return;
	buffer_append_string(entry->out, "    rows: ");
	yaml_scalar(entry->out, new_name(entry, part->table));
	derive_why(entry->out, part->source->why);
	buffer_append_string(entry->out, "\n");
}

/* ---- the file ---- */

static void write_key(struct buffer *out, const char *name, const char *rest)
{
	buffer_append_string(out, "  ");
	yaml_scalar(out, name);
	buffer_append_string(out, rest);
}

/* The new schema's own table or view of an old one's name. */
static const struct new_table *namesake(const struct draft *draft,
					const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables)
		if (!table->dropped && !strcmp(table->schema, old->schema) &&
		    !strcmp(table->name, old->name))
			return table;
	return NULL;
}

/* NULL: the migration only drops it. */
static const char *why_dropped(struct draft *draft,
			       const struct catalog_table *old)
{
	const struct draft_reading *reading = script_reading(draft, old, NULL);
	const struct new_table *same = namesake(draft, old);
	const char *why;

	if (!draft->input->file_count)
		return "guessed: nothing in the new schema is like it";
	if (reading)
		why = arena_printf(draft->arena,
				   "%s reads it (%s), and where its rows live "
				   "there is not understood",
				   reading->where, reading->what);
	else if (same)
		why = arena_printf(draft->arena,
				   "the migration makes another \"%s\"",
				   same->name);
	else
		return NULL;
	draft_need(draft,
		   "table \"%s\" is dropped, but %s: say under `tables:` "
		   "where they live, or leave it dropped",
		   old->name, why);
	return arena_printf(draft->arena, "needs: %s", why);
}

static void write_entry(struct draft *draft, const struct catalog_table *old,
			struct buffer *out)
{
	struct entry entry = {.draft = draft, .old = old};
	const char *name = derive_old_name(draft, old);
	struct buffer body;

	find_shape(&entry);
	if (entry.shape == SHAPE_DROPPED) {
		write_key(out, name, ": dropped");
		derive_why(out, why_dropped(draft, old));
		buffer_append_string(out, "\n");
		return;
	}
	buffer_init(&body, 0);
	entry.out = &body;
	switch (entry.shape) {
	case SHAPE_SPLIT:
		write_split(&entry);
		break;
	case SHAPE_PARTITION:
		write_partition(&entry);
		break;
	case SHAPE_UNION:
		write_union(&entry);
		break;
	case SHAPE_ABSORBED:
		write_absorbed(&entry);
		break;
	default:
		write_one(&entry);
		break;
	}
	derive_columns(&entry);
	derive_defaults(&entry);
	if (body.size) {
		write_key(out, name, ":\n");
		buffer_append(out, body.data, body.size);
	}
	buffer_release(&body);
}

static int by_name(const void *a, const void *b)
{
	const struct catalog_table *one =
	    *(const struct catalog_table *const *)a;
	const struct catalog_table *two =
	    *(const struct catalog_table *const *)b;
	int order = strcmp(one->schema, two->schema);

	return order ? order : strcmp(one->name, two->name);
}

static int renaming_order(const void *a, const void *b)
{
	const struct renaming *one = *(const struct renaming *const *)a;
	const struct renaming *two = *(const struct renaming *const *)b;
	int order = strcmp(one->schema, two->schema);

	return order ? order : strcmp(one->name, two->name);
}

/* Names that the migration created are not old ones. */
static bool is_old_type(const struct draft *draft, const struct renaming *item)
{
	return catalog_type_named(draft->primary, item->schema, item->name) !=
	       NULL;
}

static bool is_old_sequence(const struct draft *draft,
			    const struct renaming *item)
{
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *table = &draft->primary->tables[i];

		if (table->kind == RELATION_SEQUENCE &&
		    !strcmp(table->name, item->name) &&
		    !strcmp(table->schema, item->schema))
			return true;
		for (size_t k = 0; k < table->column_count; k++)
			if (table->columns[k].sequence &&
			    !strcmp(table->columns[k].sequence, item->name))
				return true;
	}
	return false;
}

static void write_renamings(struct draft *draft, const char *section,
			    const struct vector *list, struct buffer *out)
{
	bool types = list == &draft->types;
	const struct renaming *before = NULL;
	const char *header = section;

	if (list->count)
		qsort(list->items, list->count, sizeof(*list->items),
		      renaming_order);
	VECTOR_EACH (const struct renaming, item, list) {
		bool moved = strcmp(item->schema, item->new_schema) != 0;
		bool bare = in_path(draft, item->schema);

		if ((!moved && !strcmp(item->name, item->new_name)) ||
		    (before && !renaming_order(&item, &before)) ||
		    !(types ? is_old_type(draft, item)
			    : is_old_sequence(draft, item)))
			continue;
		before = item;
		buffer_append_string(out, header);
		header = "";
		write_key(out,
			  yaml_name(draft->arena, bare ? NULL : item->schema,
				    item->name),
			  ": ");
		yaml_scalar(out, yaml_name(draft->arena,
					   moved ? item->new_schema : NULL,
					   item->new_name));
		derive_why(out, item->why);
		buffer_append_string(out, "\n");
	}
}

void derive_write(struct draft *draft, struct buffer *out)
{
	size_t count = draft->primary->table_count;
	const struct catalog_table **tables =
	    arena_array(draft->arena, count + 1, sizeof(*tables));
	size_t used = 0;
	struct buffer body;

	for (size_t i = 0; i < count; i++)
		if (model_is_table(&draft->primary->tables[i]))
			tables[used++] = &draft->primary->tables[i];
	if (used)
		qsort(tables, used, sizeof(*tables), by_name);
	buffer_append_string(out, "version: 1\n");
	buffer_init(&body, 0);
	for (size_t i = 0; i < used; i++)
		write_entry(draft, tables[i], &body);
	if (body.size) {
		buffer_append_string(out, "tables:\n");
		buffer_append(out, body.data, body.size);
	}
	buffer_release(&body);
	write_renamings(draft, "sequences:\n", &draft->sequences, out);
	write_renamings(draft, "types:\n", &draft->types, out);
}
