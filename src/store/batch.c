/*
 * Batches: what is pending (store/writer.h) is written in one transaction of
 * SQLite, or not at all.
 *
 *	store_begin, store_count, store_set, ..., store_commit
 *
 * A commit that fails (a full disk) leaves everything pending and notes the
 * beginning of the wait in a file beside the store (store/wait.h).
 */
#include <stdio.h>
#include <time.h>

#include "base/memory.h"
#include "store/database.h"
#include "store/wait.h"
#include "store/writer.h"

enum { HISTOGRAM_BYTES = 24 + 6 * HISTOGRAM_BUCKETS };

int store_begin(struct store *store, struct error *error)
{
	if (store->writer->batch)
		return error_set(error, ERROR_INTERNAL,
				 "a batch is open already");
	store->writer->batch = true;
	return 0;
}

void writer_forget(struct writer *writer, bool written)
{
	struct statement *statement;
	struct evidence_item *item;

	while ((statement = writer->dirty)) {
		writer->dirty = statement->next_dirty;
		statement->dirty = false;
		free(statement->primary);
		free(statement->shadow);
		statement->primary = statement->shadow = NULL;
		if (written) {
			free(statement->text);
			free(statement->kind);
			statement->text = statement->kind = NULL;
		}
		for (size_t i = 0; i < statement->tally_count; i++) {
			struct tally *tally = &statement->tallies[i];

			if (!written) {
				tally->kept -= tally->pending_kept;
				writer->evidence_total -= tally->pending_kept;
			}
			tally->pending = tally->pending_kept = 0;
			free(tally->detail);
			tally->detail = NULL;
		}
	}
	while ((item = writer->evidence)) {
		writer->evidence = item->next;
		free(item->client);
		free(item->old_statement);
		free(item->new_statement);
		free(item->detail);
		free(item->json);
		free(item);
	}
	writer->evidence_end = &writer->evidence;
	for (size_t i = 0; i < writer->facts.count; i++) {
		struct pending_fact *fact = writer->facts.entries[i].value;

		free(fact->value);
		free(fact);
	}
	map_release(&writer->facts);
	writer->batch = false;
}

static int check_owner(struct store *store, struct error *error)
{
	int result;

	sqlite3_bind_text(store->get_fact, 1, STORE_WRITER, -1, SQLITE_STATIC);
	result =
	    database_step(store->database, store->path, store->get_fact, error);
	if (result > 0) {
		const char *token = database_text(store->get_fact, 0);
		bool ours = token && !strcmp(token, store->writer->token);

		sqlite3_reset(store->get_fact);
		if (ours)
			return 0;
	}
	if (result >= 0) {
		store->writer->lost = true;
		error_set(error, ERROR_IO,
			  "%s: another process writes to this store now",
			  store->path);
	}
	return -1;
}

/* Binds pending merged with what the column of the row holds; -1: damaged. */
static int bind_latency(sqlite3_stmt *row, int column, sqlite3_stmt *put,
			int parameter, const struct histogram *pending)
{
	const void *blob = row ? sqlite3_column_blob(row, column) : NULL;
	struct histogram *sum;
	uint8_t *bytes;
	size_t size;

	if (!pending)
		return 0;
	sum = memory_alloc(sizeof(*sum));
	if (blob && histogram_decode(
			sum, blob, (size_t)sqlite3_column_bytes(row, column))) {
		free(sum);
		return -1;
	}
	histogram_merge(sum, pending);
	bytes = memory_alloc(HISTOGRAM_BYTES);
	size = histogram_encode(sum, bytes, HISTOGRAM_BYTES);
	sqlite3_bind_blob(put, parameter, bytes, (int)size, SQLITE_TRANSIENT);
	free(bytes);
	free(sum);
	return 0;
}

static int write_statement(struct store *store,
			   const struct statement *statement,
			   struct error *error)
{
	struct writer *writer = store->writer;
	sqlite3_stmt *get = writer->get_latency;
	sqlite3_stmt *put = writer->put_statement;
	int64_t fingerprint = (int64_t)statement->fingerprint;
	int result;

	sqlite3_bind_int64(get, 1, fingerprint);
	result = database_step(store->database, store->path, get, error);
	if (result < 0)
		return -1;
	sqlite3_bind_int64(put, 1, fingerprint);
	sqlite3_bind_text(put, 2, statement->text, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 3, statement->kind, -1, SQLITE_STATIC);
	if (bind_latency(result ? get : NULL, 0, put, 4, statement->primary) ||
	    bind_latency(result ? get : NULL, 1, put, 5, statement->shadow)) {
		error_set(error, ERROR_CORRUPT,
			  "%s: the store is damaged (a histogram)",
			  store->path);
		result = -1;
	}
	sqlite3_reset(get);
	if (result >= 0)
		result =
		    database_step(store->database, store->path, put, error);
	sqlite3_clear_bindings(put);
	return result;
}

static int write_tally(struct store *store, uint64_t fingerprint,
		       const struct tally *tally, struct error *error)
{
	sqlite3_stmt *put = store->writer->put_tally;
	struct tally_key key = {fingerprint, tally->verdict, tally->class,
				tally->reason};
	int result;

	tally_key_bind(put, &key);
	sqlite3_bind_int64(put, 5, (int64_t)tally->pending);
	sqlite3_bind_int64(put, 6, (int64_t)tally->pending_kept);
	sqlite3_bind_int64(put, 7, tally->first_at);
	sqlite3_bind_int64(put, 8, tally->last_at);
	sqlite3_bind_text(put, 9, tally->detail, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 10, (int64_t)tally->part);
	result = database_step(store->database, store->path, put, error);
	sqlite3_clear_bindings(put);
	return result;
}

static int write_evidence(struct store *store, const struct evidence_item *item,
			  struct error *error)
{
	sqlite3_stmt *put = store->writer->put_divergence;
	int result;

	tally_key_bind(put, &item->key);
	sqlite3_bind_int64(put, 5, (int64_t)item->seq);
	sqlite3_bind_int64(put, 6, (int64_t)item->session);
	sqlite3_bind_int64(put, 7, item->epoch);
	sqlite3_bind_int64(put, 8, item->at);
	sqlite3_bind_int64(put, 9, item->primary_us);
	sqlite3_bind_int64(put, 10, item->shadow_us);
	sqlite3_bind_text(put, 11, item->client, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 12, item->old_statement, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 13, item->new_statement, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 14, item->detail, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 15, item->json, -1, SQLITE_STATIC);
	sqlite3_bind_int64(put, 16, (int64_t)item->part);
	result = database_step(store->database, store->path, put, error);
	sqlite3_clear_bindings(put);
	return result;
}

static int write_batch(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;

	if (check_owner(store, error))
		return -1;
	for (const struct statement *statement = writer->dirty; statement;
	     statement = statement->next_dirty) {
		if (write_statement(store, statement, error))
			return -1;
		for (size_t i = 0; i < statement->tally_count; i++) {
			const struct tally *tally = &statement->tallies[i];

			if ((tally->pending || tally->pending_kept) &&
			    write_tally(store, statement->fingerprint, tally,
					error))
				return -1;
		}
	}
	for (const struct evidence_item *item = writer->evidence; item;
	     item = item->next)
		if (write_evidence(store, item, error))
			return -1;
	for (size_t i = 0; i < writer->facts.count; i++) {
		const struct map_entry *entry = &writer->facts.entries[i];
		const struct pending_fact *fact = entry->value;

		if (fact_write(store,
			       fact->value ? writer->set_fact
					   : writer->remove_fact,
			       entry->key, fact->value, error))
			return -1;
	}
	return 0;
}

/* Behind a wait, one line of it stays among the warnings. */
static int tell_wait(struct store *store, struct error *error)
{
	struct store_wait wait;
	char from[32], to[32], text[STORE_WAIT_SIZE + 128];
	time_t times[2];
	struct tm parts;

	store_wait_read(store->path, &wait);
	times[0] = (time_t)(wait.since / 1000000);
	times[1] = time(NULL);
	if (!wait.since)
		return 0;
	strftime(from, sizeof(from), "%F %T UTC", gmtime_r(&times[0], &parts));
	strftime(to, sizeof(to), "%F %T UTC", gmtime_r(&times[1], &parts));
	snprintf(text, sizeof(text),
		 "the mirror waited for its store from %s to %s: %s", from, to,
		 wait.why);
	return store_set(store, STORE_FACT_WARNING_PREFIX "wait", text, error);
}

static int commit(struct store *store, struct error *error)
{
	int code;

	store->full = false;
	if (store->writer->waiting && tell_wait(store, error))
		return -1;
	if (database_run(store->database, store->path, "BEGIN IMMEDIATE",
			 error))
		return -1;
	if (!write_batch(store, error) &&
	    !database_run(store->database, store->path, "COMMIT", error))
		return 0;
	code = sqlite3_errcode(store->database) & 0xff;
	store->full = code == SQLITE_FULL || code == SQLITE_IOERR;
	sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}

int store_commit(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;

	if (!writer->batch)
		return error_set(error, ERROR_INTERNAL, "no batch is open");
	if (commit(store, error)) {
		if (!writer->lost)
			store_wait_begin(store->path, error->message);
		writer->waiting = !writer->lost;
		return -1;
	}
	if (writer->waiting)
		store_wait_end(store->path);
	writer->waiting = false;
	writer_forget(writer, true);
	return 0;
}

int store_rollback(struct store *store, struct error *error)
{
	if (!store->writer->batch)
		return error_set(error, ERROR_INTERNAL, "no batch is open");
	writer_forget(store->writer, false);
	return 0;
}
