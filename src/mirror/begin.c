/* Where a mirror begins that has not run yet. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "mirror/internal.h"

int mirror_has_begun(const char *path, bool *begun, struct error *error)
{
	struct store *store = NULL;
	char *position = NULL;
	int result;

	if (store_open(path, &store, error))
		return -1;
	result = store_get(store, STORE_FACT_POSITION, &position, error);
	*begun = position != NULL;
	free(position);
	store_close(&store);
	return result;
}

int mirror_begin_at(const char *path, const struct mirror_beginning *at,
		    struct error *error)
{
	struct store *store = NULL;
	char journal[JOURNAL_IDENTITY_TEXT];
	char position[160], judged[24], cut[64];
	int result = -1;

	/* In the format that progress.c reads. */
	journal_identity_print(&at->journal, journal);
	snprintf(position, sizeof(position),
		 "2 %s mark %" PRIu64 " %" PRId64 " %" PRIu64 " %" PRIu64
		 " %" PRIu64,
		 journal, at->behind.segment, at->begun, at->seq,
		 at->behind.segment, at->seq);
	snprintf(judged, sizeof(judged), "%" PRIu64, at->seq);
	snprintf(cut, sizeof(cut), "%" PRIu64 " %" PRIu64, at->behind.segment,
		 at->behind.offset);
	if (store_open(path, &store, error))
		return -1;
	if (!store_begin(store, error) &&
	    !store_set(store, STORE_FACT_POSITION, position, error) &&
	    !store_set(store, STORE_FACT_JUDGED, judged, error) &&
	    !store_set(store, STORE_FACT_CUT, cut, error) &&
	    !store_commit(store, error))
		result = 0;
	store_close(&store);
	return result;
}
