/* The part of `check` that proves the mapping's laws. */
#include <stdio.h>

#include "adapters/adapter.h"
#include "cmd/checking.h"
#include "lens/lens.h"
#include "laws/laws.h"

static void show_progress(void *context, const struct laws_progress *progress)
{
	(void)context;
	fprintf(stderr,
		"\r\033[Kproving the laws: %s (%zu of %zu tables), "
		"%zu rows",
		progress->table, progress->table_number, progress->table_count,
		progress->rows);
}

static void prove(struct checking *checking, size_t index,
		  const struct checking_laws *options)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = &config->shadows[index];
	struct laws laws = {
	    .primary_adapter = adapter_find(config->primary.engine),
	    .shadow_adapter = adapter_find(shadow->engine),
	    .lens = checking->lenses[index],
	    .mapping = checking->mappings[index],
	    .primary_catalog = checking->primary,
	    .shadow_catalog = checking->shadows[index],
	    .primary = &config->primary.endpoint,
	    .shadow = &shadow->endpoint,
	    .name = shadow->name,
	    .place = shadow->place,
	    .sample = options->sample,
	    .all = options->all,
	    .float_ulps = config->compare.float_ulps,
	    .show_values = config->compare.show_values,
	    .progress = options->progress ? show_progress : NULL,
	    .diagnostics = checking->diagnostics,
	};

	lens_advise(laws.lens, laws.shadow_adapter->proof,
		    checking->diagnostics);
	laws_prove(&laws);
	checking->proved_tables += laws.tables;
	checking->proved_rows += laws.rows;
	checking->proved_updates += laws.updates;
	if (options->progress)
		fputs("\r\033[K", stderr);
}

/* Shadows that share a mapping usually have one schema, but need not. */
void checking_laws(struct checking *checking,
		   const struct checking_laws *options)
{
	for (size_t i = 0; i < checking->config->shadow_count; i++)
		if (checking->primary && checking->shadows[i] &&
		    checking->lenses[i])
			prove(checking, i, options);
}
