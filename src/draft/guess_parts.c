/* Columns that moved to a table of their own, or came from a removed one; and
 * names of sequences and types. */
#include "draft/guess.h"

static bool is_free(const struct new_table *table)
{
	return !table->dropped && !table->sources.count && table->catalog &&
	       !table->view;
}

/* The column of a new table that references another new one. */
static const struct reference *reference_to(const struct draft *draft,
					    const struct new_table *table,
					    const struct new_table *target)
{
	VECTOR_EACH (const struct reference, reference, &table->references)
		if (model_table(draft, reference->schema, reference->table) ==
		    target)
			return reference;
	return NULL;
}

static struct new_column *like(struct draft *draft,
			       const struct catalog_column *column,
			       const struct new_table *table, const char *key)
{
	struct new_column *best = NULL;
	double most = 0.7;

	VECTOR_EACH (struct new_column, one, &table->columns) {
		double score = name_similarity(column->name, one->name);

		if (guess_is_fed(table, one) || !strcmp(one->name, key) ||
		    !draft_type_passes(guess_class(draft, column), one->class))
			continue;
		if (score > most) {
			most = score;
			best = one;
		}
	}
	return best;
}

/* ---- split: gone columns are in a new table that references this one ---- */

static PgQuery__Node *any_is_set(struct draft *draft,
				 const struct draft_source *source,
				 const char *but)
{
	struct arena *arena = draft->arena;
	PgQuery__BoolExpr *any =
	    sql_new(arena, &pg_query__bool_expr__descriptor);

	any->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	VECTOR_EACH (const struct feed, feed, &source->feeds)
		if (strcmp(feed->column->name, but))
			SQL_APPEND(arena, any, args,
				   sql_is_null(
				       arena, sql_copy(arena, feed->expression),
				       true));
	return any->n_args == 1 ? any->args[0] : sql_wrap(arena, any);
}

static bool all_nullable(const struct draft_source *source, const char *but)
{
	VECTOR_EACH (const struct feed, feed, &source->feeds) {
		const struct catalog_column *column = catalog_column(
		    source->old, expression_bare(feed->expression));

		if (strcmp(feed->column->name, but) &&
		    (!column || column->not_null))
			return false;
	}
	return true;
}

static void take_part(struct draft *draft, struct draft_source *anchor,
		      struct new_table *part, const struct reference *reference)
{
	const struct catalog_table *old = anchor->old;
	const struct catalog_key *key = model_primary_key(old);
	struct new_column *join = model_column(part, reference->column);
	struct draft_source *source = NULL;
	const struct catalog_column *id;

	id = key && key->column_count == 1
		 ? catalog_column_number(old, key->columns[0])
		 : NULL;
	if (!join || !id)
		return;
	for (size_t i = 0; i < old->column_count; i++) {
		const struct catalog_column *column = &old->columns[i];
		struct new_column *to;

		if (guess_is_used(anchor, column->name))
			continue;
		to = like(draft, column, part, join->name);
		if (!to)
			continue;
		if (!source)
			source = model_add_source(draft, part, old);
		model_set_feed(draft, source, to,
			       sql_column(draft->arena, NULL, column->name),
			       NULL,
			       "guessed: it went into the table that "
			       "references this one");
	}
	if (!source)
		return;
	source->why = arena_printf(draft->arena,
				   "guessed: it holds columns that have gone, "
				   "and \"%s\" references the table",
				   join->name);
	source->join_column = join;
	if (all_nullable(source, join->name))
		source->when = any_is_set(draft, source, join->name);
	model_set_feed(draft, source, join,
		       sql_column(draft->arena, NULL, id->name), NULL, NULL);
}

static void find_splits(struct draft *draft, struct new_table *table)
{
	size_t count = draft->tables.count;

	for (size_t i = 0; i < table->sources.count; i++) {
		struct draft_source *anchor = table->sources.items[i];

		for (size_t k = 0; k < count; k++) {
			struct new_table *part = draft->tables.items[k];
			const struct reference *reference =
			    is_free(part) ? reference_to(draft, part, table)
					  : NULL;

			if (reference && !anchor->absorbed &&
			    !anchor->join_column)
				take_part(draft, anchor, part, reference);
		}
	}
}

/* ---- absorbed: a table that has gone, whose columns another one has ---- */

static bool is_placed(const struct draft *draft,
		      const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables)
		if (!table->dropped && model_source(table, old))
			return true;
	return false;
}

static void absorb(struct draft *draft, const struct catalog_table *old,
		   const struct catalog_key *key, struct new_table *host)
{
	const struct catalog_column *from =
	    catalog_column_number(old, key->columns[0]);
	const struct catalog_column *target =
	    catalog_column_number(key->target, key->target_columns[0]);
	struct draft_source *source = NULL;
	struct key_pair *pair;

	if (!from || !target)
		return;
	for (size_t i = 0; i < old->column_count; i++) {
		const struct catalog_column *column = &old->columns[i];
		struct new_column *to = like(draft, column, host, "");

		if (!to || column == from)
			continue;
		if (!source)
			source = model_add_source(draft, host, old);
		model_set_feed(draft, source, to,
			       sql_column(draft->arena, NULL, column->name),
			       NULL, "guessed: the names are alike");
	}
	if (!source)
		return;
	pair = arena_alloc(draft->arena, sizeof(*pair));
	pair->name = from->name;
	pair->expression = sql_column(draft->arena, NULL, target->name);
	vector_add(draft->arena, &source->keys, pair);
	source->absorbed = true;
	source->host = key->target;
	source->why = "guessed: the table that it references has its columns";
}

static void find_absorbed(struct draft *draft)
{
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *old = &draft->primary->tables[i];

		for (size_t k = 0; k < old->key_count; k++) {
			const struct catalog_key *key = &old->keys[k];
			struct new_table *host = NULL;

			if (key->kind != KEY_FOREIGN ||
			    key->column_count != 1 || !key->target ||
			    is_placed(draft, old))
				continue;
			/* Several rows cannot be one row's columns. */
			if (!model_is_unique(old, key->columns[0]))
				continue;
			VECTOR_EACH (struct new_table, table, &draft->tables)
				if (!host && !table->dropped &&
				    model_source(table, key->target))
					host = table;
			if (host)
				absorb(draft, old, key, host);
		}
	}
}

void guess_parts(struct draft *draft)
{
	size_t count = draft->tables.count;

	for (size_t i = 0; i < count; i++)
		find_splits(draft, draft->tables.items[i]);
	find_absorbed(draft);
}

/* ---- sequences and types that columns tell of ---- */

static void name_sequence(struct draft *draft,
			  const struct draft_source *source,
			  const struct feed *feed)
{
	const char *bare = expression_bare(feed->expression);
	const struct catalog_column *column =
	    bare ? catalog_column(source->old, bare) : NULL;
	const struct new_column *to = feed->column;
	struct renaming *item;

	if (!column || !column->sequence || !to->sequence || to->dropped)
		return;
	VECTOR_EACH (const struct renaming, known, &draft->sequences)
		if (!strcmp(known->name, column->sequence) &&
		    !strcmp(known->schema, column->sequence_schema))
			return;
	item = model_renaming(draft, &draft->sequences, column->sequence_schema,
			      column->sequence);
	if (strcmp(item->name, column->sequence))
		return; /* another one has this name now */
	item->new_schema = to->sequence_schema;
	item->new_name = to->sequence;
}

static bool is_own(const struct draft *draft, const struct catalog_type *type)
{
	return type && !draft->parser->dialect->is_builtin(type->schema) &&
	       (type->class == TYPE_ENUM || type->class == TYPE_DOMAIN);
}

static void name_type(struct draft *draft, const struct new_table *table,
		      const struct draft_source *source,
		      const struct feed *feed)
{
	const char *bare = expression_bare(feed->expression);
	const struct catalog_column *column, *to;
	const struct catalog_type *old_type, *new_type;
	struct vector names = {0};
	struct renaming *item;

	if (!bare && expression_width(draft, feed->expression, &names) == 1)
		bare = names.items[0];
	column = bare ? catalog_column(source->old, bare) : NULL;
	to = table->catalog ? catalog_column(table->catalog, feed->column->name)
			    : NULL;
	if (!column || !to)
		return;
	old_type = catalog_type(draft->primary, column->type);
	new_type = catalog_type(draft->shadow, to->type);
	if (!is_own(draft, old_type) || !is_own(draft, new_type) ||
	    catalog_type_named(draft->shadow, old_type->schema,
			       old_type->name) ||
	    catalog_type_named(draft->primary, new_type->schema,
			       new_type->name))
		return;
	VECTOR_EACH (const struct renaming, known, &draft->types)
		if (!strcmp(known->name, old_type->name))
			return;
	item = model_renaming(draft, &draft->types, old_type->schema,
			      old_type->name);
	item->new_schema = new_type->schema;
	item->new_name = new_type->name;
	item->why = arena_printf(
	    draft->arena, "guessed: the type of column \"%s\"", column->name);
}

void guess_names(struct draft *draft)
{
	VECTOR_EACH (struct new_table, table, &draft->tables)
		VECTOR_EACH (struct draft_source, source, &table->sources)
			VECTOR_EACH (struct feed, feed, &source->feeds) {
				if (table->dropped || feed->column->dropped)
					continue;
				name_sequence(draft, source, feed);
				if (draft->shadow)
					name_type(draft, table, source, feed);
			}
}
