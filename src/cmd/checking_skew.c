/* What `check` and `verify` read of the schemas beyond their catalogs:
 * differences that traffic may not show. */
#include "adapters/adapter.h"
#include "cmd/checking.h"
#include "skew/skew.h"

static struct skew skew_of(struct checking *checking, size_t index)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = &config->shadows[index];

	return (struct skew){
	    .lens = checking->lenses[index],
	    .mapping = checking->mappings[index],
	    .old_parser = adapter_find(config->primary.engine)->parser,
	    .new_parser = adapter_find(shadow->engine)->parser,
	    .old_catalog = checking->primary,
	    .new_catalog = checking->shadows[index],
	    .name = shadow->name,
	    .place = shadow->place,
	    .diagnostics = checking->diagnostics,
	};
}

static void complain(struct checking *checking, struct place place,
		     const char *name, const struct error *error)
{
	diagnostics_add(checking->diagnostics, SEVERITY_ERROR, place, NULL,
			"%s: triggers, checks, grants and sequences cannot be "
			"read: %s",
			name, error->message);
}

static void compare_rules(struct checking *checking, size_t index,
			  const struct schema_rules *primary)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	struct skew skew = skew_of(checking, index);
	struct schema_rules rules = {0};
	struct error error;

	error_init(&error);
	arena_init(&rules.arena, 0);
	skew.old_rules = primary;
	skew.new_rules = &rules;
	if (adapter_find(shadow->engine)
		->rules->read(&checking->readers[index], &shadow->endpoint,
			      &rules, &error))
		complain(checking, shadow->place, shadow->name, &error);
	else
		skew_report(&skew);
	arena_release(&rules.arena);
}

static void compare_sequences(struct checking *checking, size_t index,
			      const struct sequences_behind *primary)
{
	const struct config_shadow *shadow = &checking->config->shadows[index];
	struct skew skew = skew_of(checking, index);
	struct sequences_behind behind = {0};
	struct error error;

	error_init(&error);
	arena_init(&behind.arena, 0);
	if (adapter_find(shadow->engine)
		->rules->behind(&checking->readers[index], &shadow->endpoint,
				&behind, &error))
		complain(checking, shadow->place, shadow->name, &error);
	else
		skew_report_sequences(&skew, primary, &behind);
	arena_release(&behind.arena);
}

static bool has_sequences(const struct checking *checking, size_t index)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = &config->shadows[index];

	return adapter_find(shadow->engine)->parser->dialect->sequences;
}

void checking_sequences(struct checking *checking)
{
	const struct config *config = checking->config;
	struct sequences_behind behind = {0};
	struct error error;

	if (!checking->primary)
		return;
	error_init(&error);
	arena_init(&behind.arena, 0);
	if (adapter_find(config->primary.engine)
		->rules->behind(&checking->primary_reader,
				&config->primary.endpoint, &behind, &error))
		complain(checking, config->primary.place, "primary", &error);
	else
		for (size_t i = 0; i < config->shadow_count; i++)
			if (checking->lenses[i] && has_sequences(checking, i))
				compare_sequences(checking, i, &behind);
	arena_release(&behind.arena);
}

void checking_skew(struct checking *checking)
{
	const struct config *config = checking->config;
	struct schema_rules rules = {0};
	struct error error;

	if (!checking->primary)
		return;
	error_init(&error);
	arena_init(&rules.arena, 0);
	if (adapter_find(config->primary.engine)
		->rules->read(&checking->primary_reader,
			      &config->primary.endpoint, &rules, &error))
		complain(checking, config->primary.place, "primary", &error);
	else
		for (size_t i = 0; i < config->shadow_count; i++)
			if (checking->lenses[i])
				compare_rules(checking, i, &rules);
	arena_release(&rules.arena);
	checking_sequences(checking);
}
