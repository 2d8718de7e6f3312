/* Pairs removed columns with added ones, within one pair of tables. */
#include "draft/guess.h"

static const double SCORE_LEAST = 0.5;

static const char *told_by(const struct guess_pair *pair, const char *what,
			   const struct draft_comparison *comparison)
{
	return arena_printf(pair->draft->arena,
			    "guessed: %s in %zu of %zu rows looked at", what,
			    comparison->agreed, comparison->compared);
}

/* ---- expressions that the data shows ---- */

static PgQuery__Node *recoded(const struct guess_pair *pair, const char *name,
			      const struct draft_comparison *comparison)
{
	struct arena *arena = pair->draft->arena;
	size_t count = comparison->value_count;
	PgQuery__Node **when = arena_array(arena, count, sizeof(*when));
	PgQuery__Node **then = arena_array(arena, count, sizeof(*then));

	for (size_t i = 0; i < count; i++) {
		const char *from = comparison->old_values[i];
		const char *to = comparison->new_values[i];

		when[i] =
		    from
			? sql_operator(arena, "=", guess_old_column(pair, name),
				       sql_const_string(arena, from))
			: sql_is_null(arena, guess_old_column(pair, name),
				      false);
		then[i] =
		    to ? sql_const_string(arena, to) : sql_const_null(arena);
	}
	return sql_case(arena, NULL, when, then, count, NULL);
}

static PgQuery__Node *scaled(const struct guess_pair *pair,
			     const struct catalog_column *column,
			     const struct new_column *to,
			     const struct draft_comparison *comparison)
{
	struct arena *arena = pair->draft->arena;
	enum type_class class = guess_class(pair->draft, column);
	long factor = comparison->factor;
	PgQuery__Node *result = sql_operator(
	    arena, factor > 0 ? "*" : "/", guess_old_column(pair, column->name),
	    factor > 0 ? sql_const_integer(arena, factor)
		       : sql_const_number(
			     arena, arena_printf(arena, "%ld.0", -factor)));

	if (factor > 0 && to->class == TYPE_INTEGER && class != TYPE_INTEGER)
		return sql_call(arena, NULL, "round", &result, 1);
	return result;
}

static bool covers(const struct guess_pair *pair,
		   const struct catalog_column *column,
		   const struct draft_comparison *comparison)
{
	bool is_boolean = guess_class(pair->draft, column) == TYPE_BOOLEAN;

	return !is_boolean || comparison->value_count >= 2;
}

/* Fills the feed from the data; false: the data shows nothing. */
static bool feed_by_data(const struct guess_pair *pair,
			 const struct catalog_column *column,
			 struct new_column *to,
			 const struct draft_comparison *comparison)
{
	struct arena *arena = pair->draft->arena;
	PgQuery__Node *argument;

	switch (comparison->relation) {
	case RELATION_EQUAL:
		guess_feed(pair, to, guess_old_column(pair, column->name),
			   told_by(pair, "the same value", comparison));
		return true;
	case RELATION_RECODED:
		if (!covers(pair, column, comparison) ||
		    model_is_unique(pair->old, column->number))
			return false;
		guess_feed(
		    pair, to, recoded(pair, column->name, comparison),
		    arena_printf(arena,
				 "guessed: %zu values, one for one in %zu of "
				 "%zu rows looked at",
				 comparison->value_count, comparison->agreed,
				 comparison->compared));
		return true;
	case RELATION_SCALED:
		guess_feed(pair, to, scaled(pair, column, to, comparison),
			   told_by(pair, "the same factor", comparison));
		return true;
	case RELATION_LOWERED:
		argument = guess_old_column(pair, column->name);
		guess_feed(
		    pair, to, sql_call(arena, NULL, "lower", &argument, 1),
		    told_by(pair, "the same but for upper and lower case",
			    comparison));
		return true;
	default:
		return false;
	}
}

/* ---- the same name ---- */

static bool same_labels(const char *const *a, const char *const *b,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(a[i], b[i]))
			return false;
	return true;
}

/* Without rows, an enum's labels decide: labels with another name in the same
 * position are taken to be renamed. */
static bool feed_by_labels(const struct guess_pair *pair,
			   const struct catalog_column *column,
			   struct new_column *to)
{
	struct draft *draft = pair->draft;
	struct draft_comparison comparison = {0};
	const struct catalog_column *now =
	    catalog_column(pair->table->catalog, to->name);
	size_t old_count, new_count;
	const char *const *old_labels =
	    sample_labels(draft, catalog_type(draft->primary, column->type),
			  true, &old_count);
	const char *const *new_labels =
	    now ? sample_labels(draft, catalog_type(draft->shadow, now->type),
				false, &new_count)
		: NULL;

	if (!old_labels || !new_labels) {
		draft_need(draft,
			   "column \"%s\" of \"%s\": are the labels of \"%s\" "
			   "those of \"%s\"? List them under `values:` if not",
			   column->name, pair->old->name, to->type,
			   column->type_sql ? column->type_sql
					    : "the old type");
		return false;
	}
	if (old_count > new_count) {
		draft_need(draft,
			   "column \"%s\" of \"%s\": its type has fewer labels "
			   "now: list under `values:` what each becomes",
			   column->name, pair->old->name);
		return false;
	}
	if (same_labels(old_labels, new_labels, old_count))
		return false;
	comparison.value_count = old_count;
	if (old_count >
	    sizeof(comparison.old_values) / sizeof(*comparison.old_values))
		return false;
	for (size_t i = 0; i < old_count; i++) {
		comparison.old_values[i] = old_labels[i];
		comparison.new_values[i] = new_labels[i];
	}
	guess_feed(pair, to, recoded(pair, column->name, &comparison),
		   "guessed: by the order of the labels");
	return true;
}

static bool is_enum(const struct guess_pair *pair,
		    const struct catalog_column *column,
		    const struct new_column *to)
{
	return guess_class(pair->draft, column) == TYPE_ENUM &&
	       to->class == TYPE_ENUM;
}

static void same_name(const struct guess_pair *pair,
		      const struct catalog_column *column,
		      struct new_column *to)
{
	struct draft_comparison comparison;
	bool compared;

	pairs_compare(pair->draft, pair->rows, column->name, to->name,
		      &comparison);
	compared = comparison.compared > 0;
	if (!compared && is_enum(pair, column, to) &&
	    feed_by_labels(pair, column, to))
		return;
	if (!compared || comparison.relation == RELATION_EQUAL) {
		guess_feed(pair, to, guess_old_column(pair, column->name),
			   NULL);
		return;
	}
	if (feed_by_data(pair, column, to, &comparison))
		return;
	guess_feed(pair, to, guess_old_column(pair, column->name), NULL);
	if (column->default_kind == DEFAULT_CLOCK)
		return; /* each database has its own time */
	draft_need(pair->draft,
		   "column \"%s\" of \"%s\": its value in the new schema is "
		   "another in %zu of %zu rows looked at: say how it is made, "
		   "or leave it if the data is only behind",
		   column->name, pair->old->name,
		   comparison.compared - comparison.agreed,
		   comparison.compared);
}

/* ---- another name ---- */

struct match {
	const struct catalog_column *column;
	struct new_column *to;
	double score;
	struct draft_comparison comparison;
	bool last;	   /* nothing else is left on either side */
	const char *other; /* another new column that is as likely */
};

static size_t index_of(const struct guess_pair *pair,
		       const struct new_column *to)
{
	size_t index = 0;

	for (; index < pair->table->columns.count; index++)
		if (pair->table->columns.items[index] == to)
			return index;
	return index;
}

static bool in_key(const struct new_table *table, const char *name)
{
	VECTOR_EACH (const char, one, &table->key)
		if (!strcmp(one, name))
			return true;
	return false;
}

static bool in_old_key(const struct catalog_table *old, int16_t number)
{
	const struct catalog_key *key = model_primary_key(old);

	for (size_t i = 0; key && i < key->column_count; i++)
		if (key->columns[i] == number)
			return true;
	return false;
}

/* Whether a column of that name was renamed in the same way in another table.
 */
static bool renamed_elsewhere(const struct guess_pair *pair, const char *from,
			      const char *to)
{
	VECTOR_EACH (const struct new_table, table, &pair->draft->tables)
		VECTOR_EACH (const struct draft_source, source, &table->sources)
			VECTOR_EACH (const struct feed, one, &source->feeds) {
				const char *bare =
				    expression_bare(one->expression);

				if (source != pair->source && bare &&
				    strcmp(bare, one->column->name) &&
				    !strcmp(bare, from) &&
				    !strcmp(one->column->name, to))
					return true;
			}
	return false;
}

static double by_structure(const struct guess_pair *pair,
			   const struct catalog_column *column,
			   const struct new_column *to)
{
	double old_place = (double)(column - pair->old->columns) /
			   (double)pair->old->column_count;
	double new_place =
	    (double)index_of(pair, to) / (double)pair->table->columns.count;
	double apart = old_place > new_place ? old_place - new_place
					     : new_place - old_place;
	double score = 0.5 * name_similarity(column->name, to->name);

	score += 0.2 * draft_type_similarity(guess_class(pair->draft, column),
					     to->class);
	score += 0.1 * (1 - apart);
	if (in_old_key(pair->old, column->number) &&
	    in_key(pair->table, to->name))
		score += 0.2;
	if (guess_same_reference(pair, column->name, to->name))
		score += 0.3;
	if (renamed_elsewhere(pair, column->name, to->name))
		score += 0.4;
	return score;
}

static void score_match(const struct guess_pair *pair, struct match *match)
{
	double kind = draft_type_similarity(
	    guess_class(pair->draft, match->column), match->to->class);
	const struct draft_comparison *comparison = &match->comparison;

	pairs_compare(pair->draft, pair->rows, match->column->name,
		      match->to->name, &match->comparison);
	match->score = by_structure(pair, match->column, match->to);
	switch (comparison->relation) {
	case RELATION_EQUAL:
		match->score += comparison->varied ? 1 : 0.2;
		break;
	case RELATION_RECODED:
	case RELATION_SCALED:
	case RELATION_LOWERED:
		match->score += 0.6;
		break;
	default:
		if (comparison->compared >= 5)
			match->score -= 0.5;
		if (kind <= 0)
			match->score = 0;
		break;
	}
}

static const char *why_of(const struct guess_pair *pair,
			  const struct match *match)
{
	struct arena *arena = pair->draft->arena;
	const char *text = "guessed: the names are alike";

	if (guess_same_reference(pair, match->column->name, match->to->name))
		text = "guessed: the foreign key leads to the same table";
	else if (renamed_elsewhere(pair, match->column->name, match->to->name))
		text = "guessed: it was renamed so in other tables";
	else if (match->last)
		text = "guessed: the last ones left on both sides, of one type";
	else if (in_old_key(pair->old, match->column->number) &&
		 in_key(pair->table, match->to->name))
		text = "guessed: both are the key";
	else if (name_similarity(match->column->name, match->to->name) < 0.5)
		text = "guessed: type and position are alike";
	if (match->other)
		text = arena_printf(arena, "%s; or is it \"%s\"?", text,
				    match->other);
	return text;
}

static bool best_match(const struct guess_pair *pair, struct match *best)
{
	best->score = 0;
	for (size_t i = 0; i < pair->old->column_count; i++) {
		const struct catalog_column *column = &pair->old->columns[i];
		const char *second = NULL;
		struct match mine = {.column = column};

		if (!guess_is_gone(pair, column))
			continue;
		VECTOR_EACH (struct new_column, to, &pair->table->columns) {
			struct match one = {.column = column, .to = to};

			if (!guess_is_open(pair, to))
				continue;
			score_match(pair, &one);
			if (one.score > mine.score) {
				second =
				    mine.to && mine.score > one.score - 0.05
					? mine.to->name
					: NULL;
				mine = one;
			} else if (one.score > mine.score - 0.05) {
				second = to->name;
			}
		}
		mine.other =
		    mine.comparison.relation == RELATION_NONE ? second : NULL;
		if (mine.to && mine.score > best->score)
			*best = mine;
	}
	return best->score >= SCORE_LEAST;
}

/* A text that became the key of a table of values: country, country_id. */
static bool find_lookup(const struct guess_pair *pair,
			const struct catalog_column *column)
{
	struct draft *draft = pair->draft;

	if (!guess_is_text(guess_class(draft, column)))
		return false;
	VECTOR_EACH (struct new_column, to, &pair->table->columns) {
		const struct reference *reference =
		    guess_reference(pair->table, to->name);
		struct new_table *target =
		    reference ? model_table(draft, reference->schema,
					    reference->table)
			      : NULL;
		const char *value = NULL;
		struct lookup lookup;

		if (!target || target->sources.count ||
		    !guess_is_open(pair, to) || guess_is_text(to->class) ||
		    target->key.count != 1 ||
		    name_similarity(column->name, to->name) < 0.5)
			continue;
		VECTOR_EACH (const struct new_column, one, &target->columns)
			if (!value && guess_is_text(one->class))
				value = one->name;
		if (!value)
			continue;
		lookup = (struct lookup){target->schema, target->name,
					 target->key.items[0], value,
					 guess_old_column(pair, column->name)};
		guess_feed(
		    pair, to, expression_lookup(draft, &lookup),
		    "guessed: the foreign key leads to a table of values");
		return true;
	}
	return false;
}

/* price, price_cents: there is a factor in the name. */
static bool feed_cents(const struct guess_pair *pair, const struct match *match)
{
	const char *behind = match->to->name;
	size_t size = strlen(match->column->name);
	struct draft_comparison comparison = {.factor = 100};

	if (strncmp(behind, match->column->name, size) ||
	    (strcmp(behind + size, "_cents") &&
	     strcmp(behind + size, "_in_cents")) ||
	    match->to->class != TYPE_INTEGER ||
	    guess_class(pair->draft, match->column) == TYPE_INTEGER)
		return false;
	guess_feed(pair, match->to,
		   scaled(pair, match->column, match->to, &comparison),
		   "guessed: by its name it is in cents");
	return true;
}

/* One removed and one added column of similar type, without data that
 * contradicts the pair. */
static bool last_match(const struct guess_pair *pair, struct match *match)
{
	size_t gone = 0, come = 0;

	memset(match, 0, sizeof(*match));
	for (size_t i = 0; i < pair->old->column_count; i++)
		if (guess_is_gone(pair, &pair->old->columns[i])) {
			match->column = &pair->old->columns[i];
			gone++;
		}
	VECTOR_EACH (struct new_column, to, &pair->table->columns)
		if (guess_is_open(pair, to)) {
			match->to = to;
			come++;
		}
	if (gone != 1 || come != 1 ||
	    draft_type_similarity(guess_class(pair->draft, match->column),
				  match->to->class) < 1)
		return false;
	pairs_compare(pair->draft, pair->rows, match->column->name,
		      match->to->name, &match->comparison);
	match->last = true;
	return !match->comparison.compared;
}

void guess_columns(struct draft *draft, struct new_table *table,
		   struct draft_source *source, bool with_rows)
{
	struct match best;
	struct guess_pair pair;

	guess_open(draft, table, source, &pair);
	if ((pair.rows != NULL) != with_rows)
		return;
	for (size_t i = 0; i < pair.old->column_count; i++) {
		const struct catalog_column *column = &pair.old->columns[i];
		struct new_column *to = model_column(table, column->name);

		if (to && guess_is_gone(&pair, column) &&
		    guess_is_open(&pair, to))
			same_name(&pair, column, to);
	}
	guess_texts(&pair);
	for (size_t i = 0; i < pair.old->column_count; i++)
		if (guess_is_gone(&pair, &pair.old->columns[i]))
			find_lookup(&pair, &pair.old->columns[i]);
	while (best_match(&pair, &best))
		if (!feed_by_data(&pair, best.column, best.to,
				  &best.comparison) &&
		    !feed_cents(&pair, &best))
			guess_feed(&pair, best.to,
				   guess_old_column(&pair, best.column->name),
				   why_of(&pair, &best));
	if (last_match(&pair, &best))
		guess_feed(&pair, best.to,
			   guess_old_column(&pair, best.column->name),
			   why_of(&pair, &best));
}
