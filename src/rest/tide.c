#include "rest/tide.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "journal/reader.h"
#include "store/store.h"

struct tide {
	struct journal_reader *reader;
	uint64_t newest;
	char *store;
};

static bool exists(const char *path)
{
	struct stat status;

	return path && !stat(path, &status);
}

int tide_open(const char *journal, const char *store, struct tide **out,
	      struct error *error)
{
	struct journal_position from = {0};
	struct journal_segment *segments = NULL;
	size_t count = 0;
	struct tide *tide;

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
	tide = memory_alloc(sizeof(*tide));
	tide->store = memory_string(store);
	if (journal_reader_open(&tide->reader, journal, from, error)) {
		tide_close(&tide);
		return -1;
	}
	*out = tide;
	return 0;
}

void tide_close(struct tide **pointer)
{
	struct tide *tide = *pointer;

	*pointer = NULL;
	if (!tide)
		return;
	journal_reader_free(&tide->reader);
	free(tide->store);
	free(tide);
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

int tide_newest(struct tide *tide, uint64_t *seq, struct error *error)
{
	struct journal_record record;
	struct error bad;

	(void)error;
	for (;;) {
		enum journal_read read =
		    journal_reader_next(tide->reader, &record, &bad);

		if (read == JOURNAL_MORE)
			break;
		if (read == JOURNAL_OK && seq_of(record.record) > tide->newest)
			tide->newest = seq_of(record.record);
	}
	*seq = tide->newest;
	return 0;
}

int tide_passed(struct tide *tide, uint64_t *seq, struct error *error)
{
	struct store *store = NULL;
	char *text = NULL;
	char *end;
	int result = -1;

	if (store_open_read(tide->store, &store, error))
		return -1;
	*seq = 0;
	if (store_get(store, STORE_FACT_POSITION, &text, error))
		goto out;
	/* "version floor ...", see the mirror's progress */
	if (text && strtoull(text, &end, 10) == 1)
		*seq = strtoull(end, NULL, 10);
	result = 0;
out:
	free(text);
	store_close(&store);
	return result;
}

int tide_clocks(const char *path, char **clocks, struct error *error)
{
	struct store *store = NULL;
	int result;

	*clocks = NULL;
	if (!exists(path))
		return 0;
	if (store_open_read(path, &store, error))
		return -1;
	result = store_get(store, STORE_FACT_CLOCKS, clocks, error);
	store_close(&store);
	return result;
}

bool tide_flows(const char *journal)
{
	return journal && journal_is_written(journal);
}
