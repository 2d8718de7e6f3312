/* Pairs removed tables with added ones. */
#include "draft/guess.h"

enum { CANDIDATES = 12 };

static const double SCORE_LEAST = 0.36;

/* ---- what guesses ask ---- */

enum type_class guess_class(const struct draft *draft,
			    const struct catalog_column *column)
{
	const struct catalog_type *type =
	    catalog_type(draft->primary, column->type);

	while (type && type->class == TYPE_DOMAIN)
		type = catalog_type(draft->primary, type->element);
	return type ? type->class : TYPE_OTHER;
}

bool guess_is_used(const struct draft_source *source, const char *old_column)
{
	VECTOR_EACH (const struct feed, feed, &source->feeds)
		if (!feed->column->dropped &&
		    expression_uses(feed->expression, old_column))
			return true;
	VECTOR_EACH (const struct key_pair, pair, &source->keys)
		if (!strcmp(pair->name, old_column))
			return true;
	return false;
}

bool guess_is_fed(const struct new_table *table,
		  const struct new_column *column)
{
	VECTOR_EACH (const struct draft_source, source, &table->sources)
		if (model_feed(source, column))
			return true;
	return false;
}

const struct reference *guess_reference(const struct new_table *table,
					const char *column)
{
	VECTOR_EACH (const struct reference, reference, &table->references)
		if (!strcmp(reference->column, column))
			return reference;
	return NULL;
}

const struct catalog_key *guess_old_reference(const struct catalog_table *old,
					      const char *column)
{
	for (size_t i = 0; i < old->key_count; i++) {
		const struct catalog_key *key = &old->keys[i];
		const struct catalog_column *of;

		if (key->kind != KEY_FOREIGN || key->column_count != 1 ||
		    !key->target)
			continue;
		of = catalog_column_number(old, key->columns[0]);
		if (of && !strcmp(of->name, column))
			return key;
	}
	return NULL;
}

bool guess_same_reference(const struct guess_pair *pair, const char *old_column,
			  const char *new_column)
{
	const struct catalog_key *key =
	    guess_old_reference(pair->old, old_column);
	const struct reference *reference =
	    guess_reference(pair->table, new_column);
	const struct new_table *target =
	    reference
		? model_table(pair->draft, reference->schema, reference->table)
		: NULL;

	return key && target && model_source(target, key->target);
}

void guess_feed(const struct guess_pair *pair, struct new_column *column,
		PgQuery__Node *expression, const char *why)
{
	if (expression)
		model_set_feed(pair->draft, pair->source, column, expression,
			       NULL, why);
}

PgQuery__Node *guess_old_column(const struct guess_pair *pair, const char *name)
{
	return sql_column(pair->draft->arena, NULL, name);
}

bool guess_is_text(enum type_class class)
{
	return class == TYPE_TEXT || class == TYPE_CHAR;
}

bool guess_is_open(const struct guess_pair *pair,
		   const struct new_column *column)
{
	return !column->dropped && !guess_is_fed(pair->table, column);
}

bool guess_is_gone(const struct guess_pair *pair,
		   const struct catalog_column *column)
{
	return !guess_is_used(pair->source, column->name);
}

/* ---- pairs of tables ---- */

/* The new column that holds the old key's: fed by it, or of the same name, or
 * the only one of the new key. */
static const char *key_of(const struct new_table *table,
			  const struct draft_source *source,
			  const char *old_column, size_t key_count)
{
	VECTOR_EACH (const struct feed, feed, &source->feeds) {
		const char *bare = expression_bare(feed->expression);

		if (bare && !strcmp(bare, old_column) && !feed->column->dropped)
			return feed->column->name;
	}
	if (model_column(table, old_column))
		return old_column;
	return key_count == 1 && table->key.count == 1 ? table->key.items[0]
						       : NULL;
}

void guess_open(struct draft *draft, struct new_table *table,
		struct draft_source *source, struct guess_pair *pair)
{
	enum { KEYS_MAX = 8 };
	const struct catalog_key *key = model_primary_key(source->old);
	const char *old_keys[KEYS_MAX], *new_keys[KEYS_MAX];
	size_t count = 0;

	*pair = (struct guess_pair){draft, table, source, source->old, NULL};
	if (!key || key->column_count > KEYS_MAX || !table->catalog)
		return;
	for (size_t i = 0; i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(source->old, key->columns[i]);

		if (!column)
			return;
		old_keys[count] = column->name;
		new_keys[count] =
		    key_of(table, source, column->name, key->column_count);
		if (!new_keys[count++])
			return;
	}
	pair->rows = sample_pair(draft, sample_of(draft, source->old, true),
				 sample_of(draft, table->catalog, false),
				 old_keys, new_keys, count);
}

/* ---- how alike two tables are ---- */

/* A name that many tables share means little. */
static double rarity(const struct draft *draft, const char *column)
{
	size_t count = 0;

	for (size_t i = 0; i < draft->primary->table_count; i++)
		count += model_is_table(&draft->primary->tables[i]) &&
			 catalog_column(&draft->primary->tables[i], column);
	return count ? 1.0 / (double)count : 1;
}

/* How many of the foreign keys to the old table lead from the same tables to
 * the new one. -1: none leads to the old one. */
static double references(const struct draft *draft,
			 const struct catalog_table *old,
			 const struct new_table *table)
{
	size_t asked = 0, found = 0;

	VECTOR_EACH (const struct new_table, from, &draft->tables)
		VECTOR_EACH (const struct draft_source, source,
			     &from->sources) {
			bool leads = false, still = false;

			for (size_t i = 0; i < source->old->key_count; i++)
				leads |=
				    source->old->keys[i].kind == KEY_FOREIGN &&
				    source->old->keys[i].target == old;
			VECTOR_EACH (const struct reference, reference,
				     &from->references)
				still |=
				    !strcmp(reference->table, table->name) &&
				    (!SQL_SET(reference->schema) ||
				     !strcmp(reference->schema, table->schema));
			asked += leads && !from->dropped;
			found += leads && still && !from->dropped;
		}
	return asked ? (double)found / (double)asked : -1;
}

static double structure(const struct draft *draft,
			const struct catalog_table *old,
			const struct new_table *table)
{
	double leading = references(draft, old, table);
	size_t width = old->column_count > table->columns.count
			   ? old->column_count
			   : table->columns.count;
	double same = 0, alike = 0, all = 0, theirs = 0;

	if (!old->column_count)
		return name_similarity(old->name, table->name);
	for (size_t i = 0; i < old->column_count; i++) {
		const struct catalog_column *column = &old->columns[i];
		const struct new_column *there =
		    model_column(table, column->name);
		enum type_class class = guess_class(draft, column);
		double weight = rarity(draft, column->name);
		double best = 0;

		all += weight;
		if (there)
			same +=
			    weight * draft_type_similarity(class, there->class);
		VECTOR_EACH (const struct new_column, one, &table->columns) {
			double score =
			    draft_type_similarity(class, one->class) *
			    (0.3 +
			     0.7 * name_similarity(column->name, one->name));

			if (score > best)
				best = score;
		}
		alike += best;
	}
	VECTOR_EACH (const struct new_column, one, &table->columns)
		theirs += rarity(draft, one->name);
	if (theirs > all)
		all = theirs;
	return 0.4 * name_similarity(old->name, table->name) +
	       0.35 * same / all + 0.25 * alike / (double)width +
	       (leading > 0 ? 0.25 * leading : 0);
}

/* Finds one old column's values in a new table: the same, or values computed
 * from them. */
static double column_evidence(struct draft *draft,
			      const struct guess_pair *pair,
			      const struct catalog_column *column, bool *told)
{
	double best = 0;

	VECTOR_EACH (const struct new_column, one, &pair->table->columns) {
		struct draft_comparison comparison;
		double score = 0;

		pairs_compare(draft, pair->rows, column->name, one->name,
			      &comparison);
		*told |= comparison.varied;
		if (comparison.varied && comparison.relation == RELATION_EQUAL)
			score = 1;
		else if (comparison.varied &&
			 (comparison.relation == RELATION_RECODED ||
			  comparison.relation == RELATION_SCALED))
			score = 0.7;
		if (score > best)
			best = score;
	}
	return best;
}

/* The share of the old columns, keys apart, that some new column equals. */
static double evidence(struct draft *draft, const struct catalog_table *old,
		       struct new_table *table, size_t *equal)
{
	struct draft_source source = {.old = old};
	size_t asked = 0;
	double found = 0;
	struct guess_pair pair;

	*equal = 0;
	guess_open(draft, table, &source, &pair);
	if (pairs_count(pair.rows) < 2)
		return -1;
	for (size_t i = 0; i < old->column_count; i++) {
		const struct catalog_column *column = &old->columns[i];
		bool told = false;
		double score;

		if (model_primary_key(old)->columns[0] == column->number)
			continue;
		score = column_evidence(draft, &pair, column, &told);
		asked += told;
		found += score;
		*equal += score >= 1;
	}
	if (!*equal)
		return asked ? 0 : -1;
	return found / (double)asked;
}

struct candidate {
	const struct catalog_table *old;
	struct new_table *table;
	double score;
	size_t equal; /* columns that are, by the data */
	bool looked;
};

static bool is_free(const struct new_table *table)
{
	return !table->dropped && !table->sources.count && table->catalog;
}

static bool is_placed(const struct draft *draft,
		      const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables)
		if (!table->dropped && model_source(table, old))
			return true;
	return false;
}

static bool is_view(const struct catalog_table *old)
{
	return old->kind == RELATION_VIEW || old->kind == RELATION_MATERIALIZED;
}

/* The best few by structure, then by the data. */
static void rate(struct draft *draft, const struct catalog_table *old,
		 struct candidate *best)
{
	struct candidate list[CANDIDATES] = {{0}};
	size_t count = 0;

	memset(best, 0, 2 * sizeof(*best));
	VECTOR_EACH (struct new_table, table, &draft->tables) {
		struct candidate one = {.old = old, .table = table};
		size_t at;

		if (!is_free(table) || table->view != is_view(old))
			continue;
		one.score = structure(draft, old, table);
		for (at = count; at > 0 && list[at - 1].score < one.score; at--)
			if (at < CANDIDATES)
				list[at] = list[at - 1];
		if (at < CANDIDATES)
			list[at] = one;
		count += count < CANDIDATES;
	}
	for (size_t i = 0; i < count; i++) {
		double share =
		    evidence(draft, old, list[i].table, &list[i].equal);

		if (share >= 0) {
			list[i].score = 0.5 * list[i].score + 0.5 * share;
			list[i].looked = true;
		}
		if (list[i].score > best[0].score) {
			best[1] = best[0];
			best[0] = list[i];
		} else if (list[i].score > best[1].score) {
			best[1] = list[i];
		}
	}
}

static const char *reason(struct draft *draft, const struct candidate *best)
{
	struct arena *arena = draft->arena;
	const char *text;

	if (best[0].equal)
		text = arena_printf(
		    arena, "guessed: %zu column%s of the same values",
		    best[0].equal, best[0].equal == 1 ? "" : "s");
	else if (best[0].looked)
		text = "guessed: columns and types are alike, the values are "
		       "not";
	else
		text = "guessed: names, columns and types are alike";
	if (best[1].table && best[1].score > best[0].score - 0.08)
		text = arena_printf(arena, "%s; or is it \"%s\"?", text,
				    best[1].table->name);
	return text;
}

/* ---- by name ---- */

static void take_same_names(struct draft *draft)
{
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *old = &draft->primary->tables[i];
		struct new_table *table;

		if (!model_is_table(old) || is_placed(draft, old))
			continue;
		table = model_table(draft, old->schema, old->name);
		if (table && is_free(table))
			model_add_source(draft, table, old);
	}
}

static void take_moved(struct draft *draft)
{
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *old = &draft->primary->tables[i];
		struct new_table *found = NULL;
		size_t count = 0;

		if (!model_is_table(old) || is_placed(draft, old))
			continue;
		VECTOR_EACH (struct new_table, table, &draft->tables)
			if (is_free(table) && !strcmp(table->name, old->name)) {
				found = table;
				count++;
			}
		if (count == 1)
			model_add_source(draft, found, old)->why =
			    "guessed: the name is the same";
	}
}

/* The best pair first, so that no worse pair takes a table. */
static void take_likely(struct draft *draft)
{
	for (;;) {
		struct candidate best[2] = {{0}};

		for (size_t i = 0; i < draft->primary->table_count; i++) {
			const struct catalog_table *old =
			    &draft->primary->tables[i];
			struct candidate mine[2];

			if (!model_is_table(old) || is_placed(draft, old))
				continue;
			rate(draft, old, mine);
			if (mine[0].score > best[0].score)
				memcpy(best, mine, sizeof(best));
		}
		if (!best[0].table || best[0].score < SCORE_LEAST)
			return;
		model_add_source(draft, best[0].table, best[0].old)->why =
		    reason(draft, best);
	}
}

/* Rows that moved to several tables, or joined other tables' rows, are not
 * guessed: no catalog shows what distinguishes them. */
static void ask_of_dropped(struct draft *draft, const struct catalog_table *old)
{
	static const double alike = 0.05;
	struct candidate best[2];

	rate(draft, old, best);
	if (best[0].table && best[0].score > alike)
		draft_need(draft,
			   "table \"%s\": nothing in the new schema is much "
			   "like it, \"%s\" is most: say `rows: %s` if that "
			   "is it",
			   old->name, best[0].table->name, best[0].table->name);
}

static void ask(struct draft *draft)
{
	static const double alike = 0.6;

	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *old = &draft->primary->tables[i];
		bool placed = is_placed(draft, old);

		if (!model_is_table(old) || is_view(old))
			continue;
		if (!placed)
			ask_of_dropped(draft, old);
		VECTOR_EACH (const struct new_table, table, &draft->tables) {
			if (table->view || !table->catalog || table->dropped ||
			    model_source(table, old) ||
			    (table->sources.count && placed) ||
			    catalog_table(draft->primary, table->schema,
					  table->name) ||
			    structure(draft, old, table) < alike)
				continue;
			draft_need(draft,
				   placed
				       ? "table \"%s\": do some of its rows "
					 "live in \"%s\" now? Say so by "
					 "`any_of:`"
				       : "table \"%s\": do its rows live in "
					 "\"%s\" now, beside others? Say so by "
					 "`where:` and `set:`",
				   old->name, table->name);
		}
	}
}

void guess_tables(struct draft *draft)
{
	take_same_names(draft);
	take_moved(draft);
	take_likely(draft);
	ask(draft);
}
