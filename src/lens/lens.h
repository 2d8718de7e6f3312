/*
 * A lens: a mapping compiled against both catalogs. It turns statements over the
 * old schema into plans over the new one, and caches them by shape.
 *
 * A lens belongs to one thread. Plans belong to the lens and live as long as it.
 */
#ifndef PARALLAX_LENS_LENS_H
#define PARALLAX_LENS_LENS_H

#include "adapters/catalog.h"
#include "config/diagnostic.h"
#include "config/mapping.h"
#include "lens/plan.h"

struct lens;

/*
 * Compiles a mapping (NULL: the identity) against the catalogs, which stay the
 * caller's and must outlive the lens. Every mistake goes into diagnostics; -1 if
 * any of them is an error (then *lens is NULL).
 */
int lens_new(const struct mapping *mapping, const struct catalog *old_catalog,
	     const struct catalog *new_catalog, struct diagnostics *diagnostics,
	     struct lens **lens);
void lens_free(struct lens **lens);

/* What of its session a statement's meaning hangs on. */
struct lens_session {
	const char *const *search_path; /* NULL-ended, "$user" resolved */
	const char *const *temporary_tables; /* NULL-ended names: they hide all others */
	const char *time_zone;
	uint64_t key; /* differs when any of the above does: part of the cache's key */
};

/*
 * The plan for ONE statement (not a multi-statement text). Never fails: what
 * cannot be rewritten is a plan with action UNTRANSLATABLE. parameter_types are
 * the primary's, 0 where unknown; they are part of the cache's key.
 */
const struct plan *lens_plan(struct lens *lens,
			     const struct lens_session *session,
			     const char *text, size_t size,
			     const uint32_t *parameter_types,
			     size_t parameter_count);

struct lens_statistics {
	uint64_t hits;
	uint64_t misses;
	uint64_t evictions;
	size_t plans;
};
void lens_statistics(const struct lens *lens, struct lens_statistics *out);

#endif
