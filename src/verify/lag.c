#include "verify/lag.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "journal/keys.h"
#include "journal/reader.h"
#include "store/store.h"

struct replay_lag {
	struct journal_reader *reader;
	struct journal_keys *keys; /* or NULL */
	uint64_t newest;
	char *store;
};

static bool exists(const char *path)
{
	struct stat status;

	return path && !stat(path, &status);
}

int replay_lag_open(const char *journal, const char *key_file,
		    const char *store, struct replay_lag **out,
		    struct error *error)
{
	struct journal_position from = {0};
	struct journal_segment *segments = NULL;
	size_t count = 0;
	struct replay_lag *lag;

	*out = NULL;
	if (!exists(journal) || !exists(store))
		return 0;
	if (journal_segments(journal, &segments, &count, error))
		return -1;
	if (count)
		from.segment = segments[count - 1].number;
	free(segments);
	if (!count)
		return 0;
	lag = memory_alloc(sizeof(*lag));
	lag->store = memory_string(store);
	if ((key_file && journal_keys_load(&lag->keys, key_file, error)) ||
	    journal_reader_open(&lag->reader, journal, from, error)) {
		replay_lag_close(&lag);
		return -1;
	}
	journal_reader_use_keys(lag->reader, lag->keys);
	*out = lag;
	return 0;
}

void replay_lag_close(struct replay_lag **pointer)
{
	struct replay_lag *lag = *pointer;

	*pointer = NULL;
	if (!lag)
		return;
	journal_reader_free(&lag->reader);
	journal_keys_free(&lag->keys);
	free(lag->store);
	free(lag);
}

static uint64_t seq_of(const Parallax__Journal__Record *record)
{
	if (record->head)
		return record->head->last_seq;
	if (record->end)
		return record->end->seq;
	if (record->transaction_end)
		return record->transaction_end->seq;
	if (record->gap)
		return record->gap->last_seq;
	return 0;
}

int replay_lag_newest(struct replay_lag *lag, uint64_t *seq,
		      struct error *error)
{
	struct journal_record record;
	struct error bad;

	(void)error;
	for (;;) {
		enum journal_read read =
		    journal_reader_next(lag->reader, &record, &bad);

		if (read == JOURNAL_MORE)
			break;
		if (read == JOURNAL_OK && seq_of(record.record) > lag->newest)
			lag->newest = seq_of(record.record);
	}
	*seq = lag->newest;
	return 0;
}

int replay_lag_judged(struct replay_lag *lag, uint64_t *seq,
		      struct error *error)
{
	char *text = NULL;

	if (store_read_fact(lag->store, STORE_FACT_JUDGED, &text, error))
		return -1;
	*seq = text ? strtoull(text, NULL, 10) : 0;
	free(text);
	return 0;
}
