/*
 * Triggers, foreign keys, checks, policies, grants, indexes: which side lacks
 * one, and which differ. An old rule is compared by its new names:
 *
 *	users: FOREIGN KEY (team) REFERENCES teams (id) ON DELETE CASCADE
 *	accounts: FOREIGN KEY (team_id) REFERENCES teams (id)
 *
 * are one rule that differs, where `team` is mapped to `team_id`.
 */
#include "skew/internal.h"

#include <string.h>

static const char *const kinds[RULE_KIND_COUNT] = {
    [RULE_TRIGGER] = "trigger",
    [RULE_FOREIGN_KEY] = "foreign key",
    [RULE_UNIQUE] = "unique",
    [RULE_CHECK] = "check",
    [RULE_EXCLUSION] = "exclusion",
    [RULE_POLICY] = "policy",
    [RULE_ROW_SECURITY] = "row security",
    [RULE_GRANT] = "grant",
    [RULE_INDEX] = "index",
};

static bool is_of(const struct schema_rule *rule,
		  const struct catalog_table *table)
{
	return !strcmp(rule->table, table->name) &&
	       !strcmp(rule->schema, table->schema);
}

/* The first rule of the table; they are sorted by it. */
static size_t first_of(const struct schema_rules *rules,
		       const struct catalog_table *table)
{
	size_t from = 0, to = rules->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		const struct schema_rule *rule = &rules->items[middle];
		int order = strcmp(rule->schema, table->schema);

		if (!order)
			order = strcmp(rule->table, table->name);
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

/* An old rule in terms of the new schema; false: a column has no place. */
static bool translate(const struct table_skew *table,
		      const struct schema_rule *old, struct schema_rule *out)
{
	const char **columns =
	    arena_array(table->arena, old->column_count + 1, sizeof(*columns));
	const struct catalog_table *target, *place;

	*out = *old;
	for (size_t i = 0; i < old->column_count; i++) {
		columns[i] =
		    *old->columns[i] ? skew_image(table, old->columns[i]) : "";
		if (!columns[i])
			return false;
	}
	out->columns = columns;
	if (old->kind != RULE_TRIGGER && old->kind != RULE_GRANT)
		out->text = skew_translate(table, old->text);
	if (!old->target)
		return true;
	target = catalog_table(table->skew->old_catalog, old->target_schema,
			       old->target);
	if (!target || !lens_places(table->skew->lens, target, &place, 1))
		return false;
	out->target_schema = place->schema;
	out->target = place->name;
	return true;
}

static bool same_columns(const struct schema_rule *a,
			 const struct schema_rule *b)
{
	if (a->column_count != b->column_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++)
		if (strcmp(a->columns[i], b->columns[i]) != 0)
			return false;
	return true;
}

static bool same_target(const struct schema_rule *a,
			const struct schema_rule *b)
{
	if (!a->target || !b->target)
		return a->target == b->target;
	return !strcmp(a->target, b->target) &&
	       !strcmp(a->target_schema, b->target_schema);
}

/* 0: different rules, 1: one rule that differs, 2: the same. */
static int likeness(const struct schema_rule *a, const struct schema_rule *b)
{
	bool named = !strcmp(a->name, b->name);
	bool text = !strcmp(a->text, b->text);

	if (a->kind != b->kind)
		return 0;
	switch (a->kind) {
	case RULE_GRANT:
		return named && text && same_columns(a, b) ? 2 : 0;
	case RULE_ROW_SECURITY:
		return text ? 2 : 1;
	case RULE_TRIGGER:
	case RULE_POLICY:
		return text && (a->kind == RULE_TRIGGER || named) ? 2 : named;
	default:
		break;
	}
	if (!same_columns(a, b) || !same_target(a, b))
		return named ? 1 : 0;
	if (text)
		return 2;
	/* Several checks and indexes may be of one column. */
	return named || a->kind == RULE_FOREIGN_KEY || a->kind == RULE_UNIQUE;
}

/* Keys of columns are another key in a new schema more often than not: where the
 * mapping mentions the table, its advice says which are not kept (lens_advise). */
static bool is_advised(const struct table_skew *table,
		       const struct schema_rule *rule)
{
	if (!table->mentioned || rule->kind != RULE_UNIQUE || *rule->text)
		return false;
	for (size_t i = 0; i < rule->column_count; i++)
		if (!*rule->columns[i])
			return false;
	return true;
}

static const char *show(const struct table_skew *table,
			const struct schema_rule *rule)
{
	struct buffer out;
	const char *made;

	buffer_init(&out, 0);
	for (size_t i = 0; i < rule->column_count; i++)
		buffer_printf(&out, "%s%s", i ? ", " : "(", rule->columns[i]);
	if (rule->column_count)
		buffer_append_string(&out, ")");
	if (rule->target)
		buffer_printf(&out, " REFERENCES %s", rule->target);
	if (*rule->text)
		buffer_printf(&out, "%s%s", out.size ? " " : "", rule->text);
	made = arena_string(table->arena, buffer_string(&out));
	buffer_release(&out);
	return made;
}

struct sides {
	const struct schema_rule *old, *new;
	size_t old_count, new_count;
	bool *taken; /* by new rule */
};

static struct sides sides_of(const struct table_skew *table)
{
	const struct schema_rules *old = table->skew->old_rules;
	const struct schema_rules *new = table->skew->new_rules;
	size_t o = first_of(old, table->old), n = first_of(new, table->new);
	struct sides sides = {&old->items[o], &new->items[n], 0, 0, NULL};

	while (o + sides.old_count < old->count &&
	       is_of(&sides.old[sides.old_count], table->old))
		sides.old_count++;
	while (n + sides.new_count < new->count &&
	       is_of(&sides.new[sides.new_count], table->new))
		sides.new_count++;
	sides.taken =
	    arena_array(table->arena, sides.new_count + 1, sizeof(bool));
	return sides;
}

static const struct schema_rule *take(struct sides *sides,
				      const struct schema_rule *old, int wanted)
{
	for (size_t i = 0; i < sides->new_count; i++)
		if (!sides->taken[i] &&
		    likeness(old, &sides->new[i]) >= wanted) {
			sides->taken[i] = true;
			return &sides->new[i];
		}
	return NULL;
}

static bool is_noticed(const struct schema_rule *rule)
{
	return rule->kind != RULE_INDEX;
}

static void report_missing(const struct table_skew *table,
			   const struct schema_rule *rule)
{
	if (is_advised(table, rule))
		return;
	skew_add(table, kinds[rule->kind], is_noticed(rule),
		 "%s.%s has no %s \"%s\" %s, which %s.%s has on the primary",
		 table->new->schema, table->new->name, kinds[rule->kind],
		 rule->name, show(table, rule), table->old->schema,
		 table->old->name);
}

/* A rule that only the shadow has. On columns that the old schema lacks, it
 * belongs to the new columns. */
static void report_extra(const struct table_skew *table,
			 const struct schema_rule *rule)
{
	if (is_advised(table, rule))
		return;
	for (size_t i = 0; i < rule->column_count; i++)
		if (*rule->columns[i] && !skew_source(table, rule->columns[i]))
			return;
	skew_add(table, kinds[rule->kind],
		 is_noticed(rule) && rule->kind != RULE_GRANT,
		 "%s.%s has the %s \"%s\" %s, which %s.%s does not have on the "
		 "primary",
		 table->new->schema, table->new->name, kinds[rule->kind],
		 rule->name, show(table, rule), table->old->schema,
		 table->old->name);
}

void skew_rules(const struct table_skew *table)
{
	struct sides sides = sides_of(table);
	struct schema_rule *rules =
	    arena_array(table->arena, sides.old_count + 1, sizeof(*rules));
	bool *done =
	    arena_array(table->arena, sides.old_count + 1, sizeof(*done));

	for (size_t i = 0; i < sides.old_count; i++)
		done[i] = !translate(table, &sides.old[i], &rules[i]) ||
			  take(&sides, &rules[i], 2);
	for (size_t i = 0; i < sides.old_count; i++) {
		const struct schema_rule *new =
		    done[i] ? NULL : take(&sides, &rules[i], 1);

		if (new)
			skew_add(table, kinds[new->kind], is_noticed(new),
				 "%s \"%s\" of %s.%s is %s on the primary, "
				 "\"%s\" of %s.%s is %s",
				 kinds[new->kind], sides.old[i].name,
				 table->old->schema, table->old->name,
				 show(table, &sides.old[i]), new->name,
				 table->new->schema, table->new->name,
				 show(table, new));
		else if (!done[i])
			report_missing(table, &rules[i]);
	}
	for (size_t i = 0; i < sides.new_count; i++)
		if (!sides.taken[i])
			report_extra(table, &sides.new[i]);
}
