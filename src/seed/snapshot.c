/* One state of the primary, for all tables. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "seed/internal.h"

enum { RETRY_NS = 20 * 1000 * 1000 };

/* ---- sessions ---- */

int seed_open_reader(const struct adapter *adapter,
		     const struct endpoint *primary, struct database **database,
		     struct error *error)
{
	return adapter->database->open(primary, SEED_LABEL, database, error) ||
		       adapter->seed->prepare_reader(*database, error)
		   ? -1
		   : 0;
}

/* ---- what others do ---- */

/* Writers of now; and fills in the rest. */
static int count_others(struct seed_snapshot *snapshot, uint64_t *writers,
			struct error *error)
{
	struct seed_others others;

	if (snapshot->adapter->seed->others(snapshot->database, &others, error))
		return -1;
	*writers = others.writers;
	snapshot->open_transactions = others.transactions;
	snapshot->sessions = others.sessions;
	return 0;
}

static int wait_for_quiet(struct seed_snapshot *snapshot, int64_t quiet_us,
			  struct error *error)
{
	const struct timespec pause = {0, RETRY_NS};
	int64_t until = clock_monotonic_us() + quiet_us;

	for (;;) {
		uint64_t writers = 0;

		if (count_others(snapshot, &writers, error))
			return -1;
		if (!writers && !snapshot->open_transactions)
			return 0;
		if (clock_monotonic_us() < until) {
			nanosleep(&pause, NULL);
			continue;
		}
		if (!writers)
			return 0;
		error_set(error, ERROR_DATABASE,
			  "the primary has %llu open transaction%s that %s "
			  "written without the relay",
			  (unsigned long long)writers, writers == 1 ? "" : "s",
			  writers == 1 ? "has" : "have");
		error_hint(error,
			   "its changes would be neither in the snapshot nor "
			   "mirrored: end it, or wait for its end");
		return -1;
	}
}

/* ---- the moment ---- */

static int read_stands(struct seed_snapshot *snapshot,
		       const struct catalog *catalog, struct error *error)
{
	snapshot->stands = memory_alloc((catalog->table_count + 1) *
					sizeof(*snapshot->stands));
	for (size_t i = 0; i < catalog->table_count; i++) {
		struct seed_stand *stand;

		if (catalog->tables[i].kind != RELATION_SEQUENCE)
			continue;
		stand = &snapshot->stands[snapshot->stand_count++];
		stand->sequence = &catalog->tables[i];
		if (snapshot->adapter->seed->sequence_read(
			snapshot->database, stand->sequence, &stand->value,
			&stand->given, error))
			return -1;
	}
	return 0;
}

int seed_snapshot_open(struct seed_snapshot *snapshot,
		       const struct adapter *adapter,
		       const struct endpoint *primary,
		       const struct catalog *catalog, int64_t quiet_us,
		       struct error *error)
{
	const struct seed_ops *engine = adapter->seed;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->adapter = adapter;
	if (!seed_open_reader(adapter, primary, &snapshot->database, error) &&
	    (!quiet_us || !wait_for_quiet(snapshot, quiet_us, error)) &&
	    !engine->share_state(snapshot->database, &snapshot->name, error) &&
	    !engine->state_mark(snapshot->database, &snapshot->mark, error) &&
	    !read_stands(snapshot, catalog, error))
		return 0;
	seed_snapshot_close(snapshot);
	return -1;
}

void seed_snapshot_close(struct seed_snapshot *snapshot)
{
	if (snapshot->database)
		snapshot->adapter->database->close(&snapshot->database);
	free(snapshot->name);
	free(snapshot->mark);
	for (size_t i = 0; i < snapshot->stand_count; i++)
		free(snapshot->stands[i].value);
	free(snapshot->stands);
	snapshot->name = snapshot->mark = NULL;
	snapshot->stands = NULL;
	snapshot->stand_count = 0;
}
