/* The lens onto both schemas as they are at this moment. */
#ifndef TESTS_TRUTH_PAIR_SIGHT_H
#define TESTS_TRUTH_PAIR_SIGHT_H

#include "truth/pair/session_catalog.h"

#include "truth/pair/learned.h"
#include "truth/pair/server.h"

struct pair {
	const struct adapter *adapter;
	struct server old, new;
	struct session_catalog old_seen, new_seen; /* without a mapping */
	struct mapping *mapping;
	struct catalog *old_catalog, *new_catalog; /* with it */
	struct map learned;
	struct lens *lens;
	uint64_t lens_key;
	struct plan_carried *carried;
	int64_t transaction_at;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "pair: %s: %s\n", what, why);
	exit(2);
}

static uint64_t hash(uint64_t seed, const char *text)
{
	return XXH3_64bits_withSeed(text, strlen(text) + 1, seed);
}

static void make_lens(struct pair *pair, const struct catalog *old,
		      const struct catalog *new)
{
	struct diagnostics diagnostics;

	lens_free(&pair->lens);
	diagnostics_init(&diagnostics);
	if (lens_new(pair->adapter->parser, pair->adapter->parser,
		     pair->mapping, old, new, &diagnostics, &pair->lens) < 0) {
		diagnostics_print(&diagnostics, stderr);
		fail("lens", "the mapping does not fit");
	}
	diagnostics_release(&diagnostics);
}

/* The lens onto the schema as it is now; one that is as before is kept, with
 * its plans. */
static int refresh(struct pair *pair, const struct sql_traits *traits,
		   struct error *error)
{
	struct session_catalog *old = &pair->old_seen, *new = &pair->new_seen;
	uint64_t key;

	if (pair->lens && !old->stale && !session_catalog_names(old, traits))
		return 0; /* nothing has changed the schema since */
	if (pair->lens)
		learned_keep(&pair->learned, pair->lens);
	if (old->stale) /* the lens holds on to the types that go */
		lens_free(&pair->lens);
	if (session_catalog_read(old, traits, error) < 0 ||
	    session_catalog_read(new, traits, error) < 0)
		return -1;
	key = hash(old->next->version, old->next->time_zone);
	key = XXH3_64bits_withSeed(&new->next->version, sizeof(uint64_t), key);
	for (const char **at = old->search_path; *at; at++)
		key = hash(key, *at);
	if (pair->lens && key == pair->lens_key) {
		session_catalog_forget(&old->next);
		session_catalog_forget(&new->next);
		return 0;
	}
	lens_free(&pair->lens);
	session_catalog_use(old);
	session_catalog_use(new);
	make_lens(pair, old->catalog, new->catalog);
	learned_teach(&pair->learned, pair->lens);
	lens_rewrite_all(pair->lens);
	pair->lens_key = key;
	return 0;
}

/* Does the lens look at the schema for a statement of this kind? Others can
 * stand where a query may not come before them. */
static bool looks(const struct sql_traits *traits)
{
	if (traits->table_count && traits->kind != SQL_KIND_DDL &&
	    traits->kind != SQL_KIND_EXPLAIN &&
	    traits->kind != SQL_KIND_MAINTENANCE)
		return true;
	switch (traits->kind) {
	case SQL_KIND_SELECT:
	case SQL_KIND_INSERT:
	case SQL_KIND_UPDATE:
	case SQL_KIND_DELETE:
	case SQL_KIND_MERGE:
	case SQL_KIND_DDL_TEMP:
	case SQL_KIND_SELECT_INTO:
	case SQL_KIND_PREPARE:
	case SQL_KIND_DECLARE:
	case SQL_KIND_EXECUTE:
	case SQL_KIND_CALL:
		return true;
	default:
		return false;
	}
}

static int see(struct pair *pair, const struct sql_traits *traits,
	       struct lens_session *session, struct error *error)
{
	static const char *const path[] = {"public", NULL};

	session->search_path = path;
	session->key = 1;
	if (pair->mapping)
		return 0;
	if ((looks(traits) || !pair->lens) && refresh(pair, traits, error) < 0)
		return -1;
	session->search_path = pair->old_seen.search_path;
	session->key = pair->lens_key;
	return 0;
}

static void make_stale(struct pair *pair)
{
	pair->old_seen.stale = pair->new_seen.stale = true;
}

#endif
