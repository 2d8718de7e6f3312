/* One moment of the primary, for all that is loaded. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "seed/internal.h"

enum { RETRY_NS = 20 * 1000 * 1000 };

static int run(const struct seed_snapshot *snapshot, const char *text,
	       struct error *error)
{
	return snapshot->adapter->database->query(snapshot->database, text,
						  NULL, NULL, error);
}

/* ---- sessions ---- */

static int open_reader(const struct adapter *adapter,
		       const struct endpoint *primary,
		       struct database **database, struct error *error)
{
	const struct database_ops *ops = adapter->database;
	const struct seed_sql *sql = adapter->seed;

	if (ops->open(primary, SEED_LABEL, database, error))
		return -1;
	for (size_t i = 0; sql->read_setup[i]; i++)
		if (ops->query(*database, sql->read_setup[i], NULL, NULL,
			       error))
			return -1;
	return 0;
}

int seed_begin_reading(const struct adapter *adapter,
		       const struct endpoint *primary,
		       struct database **database, struct error *error)
{
	if (open_reader(adapter, primary, database, error))
		return -1;
	return adapter->database->query(*database, adapter->seed->begin_read,
					NULL, NULL, error);
}

/* ---- what others do ---- */

static uint64_t number(const struct database_result *result, size_t column)
{
	const uint8_t *data = result->rows[column].data;

	return data ? strtoull((const char *)data, NULL, 10) : 0;
}

/* Writers of now; and fills in the rest. */
static int count_others(struct seed_snapshot *snapshot, uint64_t *writers,
			struct error *error)
{
	const struct database_ops *ops = snapshot->adapter->database;
	struct database_result result;

	if (ops->query(snapshot->database, snapshot->adapter->seed->others,
		       NULL, &result, error))
		return -1;
	if (result.row_count == 1 && result.column_count == 3) {
		*writers = number(&result, 0);
		snapshot->open_transactions = number(&result, 1);
		snapshot->sessions = number(&result, 2);
	}
	ops->release(&result);
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
			  "the primary has %llu transaction%s open that %s "
			  "written, and none of %s came through here",
			  (unsigned long long)writers, writers == 1 ? "" : "s",
			  writers == 1 ? "has" : "have",
			  writers == 1 ? "it" : "them");
		error_hint(error, "what it commits would be neither in the "
				  "snapshot nor mirrored: end it, or wait "
				  "until it ends");
		return -1;
	}
}

/* ---- the moment ---- */

static int take_value(const struct seed_snapshot *snapshot, const char *text,
		      char **value, struct error *error)
{
	struct seed seed = {.ops = snapshot->adapter->database};

	if (seed_value(&seed, snapshot->database, text, value, error))
		return -1;
	return *value ? 0
		      : error_set(error, ERROR_DATABASE,
				  "the primary gave no snapshot");
}

static int read_stand(const struct seed_snapshot *snapshot,
		      struct seed_stand *stand, struct error *error)
{
	const struct database_ops *ops = snapshot->adapter->database;
	struct database_result result;
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	snapshot->adapter->seed->sequence_read(&text, stand->sequence);
	failed = ops->query(snapshot->database, buffer_string(&text), NULL,
			    &result, error);
	buffer_release(&text);
	if (failed)
		return -1;
	if (result.row_count == 1 && result.rows[0].data) {
		stand->value = memory_string((const char *)result.rows[0].data);
		stand->given = result.rows[1].data &&
			       *(const char *)result.rows[1].data == 't';
	}
	ops->release(&result);
	return 0;
}

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
		if (read_stand(snapshot, stand, error))
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
	const struct seed_sql *sql = adapter->seed;

	memset(snapshot, 0, sizeof(*snapshot));
	snapshot->adapter = adapter;
	if (!open_reader(adapter, primary, &snapshot->database, error) &&
	    (!quiet_us || !wait_for_quiet(snapshot, quiet_us, error)) &&
	    !run(snapshot, sql->begin_read, error) &&
	    !take_value(snapshot, sql->export_snapshot, &snapshot->name,
			error) &&
	    !take_value(snapshot, sql->write_count, &snapshot->write_count,
			error) &&
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
	free(snapshot->write_count);
	for (size_t i = 0; i < snapshot->stand_count; i++)
		free(snapshot->stands[i].value);
	free(snapshot->stands);
	snapshot->name = snapshot->write_count = NULL;
	snapshot->stands = NULL;
	snapshot->stand_count = 0;
}
