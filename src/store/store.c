/* Opening and closing a store, for its writer or to be read. */
#include "store/store.h"

#include <openssl/rand.h>
#include <stdio.h>

#include "base/memory.h"
#include "store/database.h"
#include "store/key.h"
#include "store/wait.h"
#include "store/writer.h"

static int prepare_all(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;
	const struct {
		sqlite3_stmt **statement;
		const char *sql;
	} all[] = {
	    {&writer->set_fact,
	     "INSERT INTO fact (key, value) VALUES (?1, ?2) "
	     "ON CONFLICT (key) DO UPDATE SET value = excluded.value"},
	    {&writer->remove_fact, "DELETE FROM fact WHERE key = ?1"},
	    {&writer->get_latency,
	     "SELECT primary_latency, shadow_latency FROM statement "
	     "WHERE fingerprint = ?1"},
	    {&writer->put_statement,
	     "INSERT INTO statement VALUES (?1, ?2, ?3, ?4, ?5) "
	     "ON CONFLICT (fingerprint) DO UPDATE SET "
	     "text = coalesce(text, excluded.text), "
	     "kind = coalesce(kind, excluded.kind), "
	     "primary_latency = coalesce(excluded.primary_latency, "
	     "primary_latency), "
	     "shadow_latency = coalesce(excluded.shadow_latency, "
	     "shadow_latency)"},
	    {&writer->put_tally,
	     "INSERT INTO tally VALUES "
	     "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) "
	     "ON CONFLICT (fingerprint, verdict, class, reason, part) "
	     "DO UPDATE SET "
	     "count = count + excluded.count, kept = kept + excluded.kept, "
	     "first_at = min(first_at, excluded.first_at), "
	     "last_at = max(last_at, excluded.last_at), "
	     "detail = coalesce(detail, excluded.detail)"},
	    {&writer->put_divergence,
	     "INSERT INTO divergence (fingerprint, verdict, class, reason, seq,"
	     " session, epoch, at, primary_us, shadow_us, client,"
	     " old_statement, new_statement, detail, evidence, part) VALUES "
	     "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, "
	     "?15, ?16)"},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (database_prepare(store->database, store->path, all[i].sql,
				     all[i].statement, error))
			return -1;
	return 0;
}

/* What is there already: fingerprints, and how much evidence each has. */
static int load_known(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;
	sqlite3_stmt *rows = NULL;
	int result = -1;

	if (database_prepare(store->database, store->path,
			     "SELECT fingerprint, text IS NOT NULL "
			     "FROM statement",
			     &rows, error))
		return -1;
	while ((result = database_step(store->database, store->path, rows,
				       error)) > 0) {
		struct statement *statement = writer_statement(
		    writer, (uint64_t)sqlite3_column_int64(rows, 0));

		statement->has_text |= sqlite3_column_int(rows, 1);
	}
	sqlite3_finalize(rows);
	rows = NULL;
	if (result || database_prepare(store->database, store->path,
				       "SELECT fingerprint, verdict, class, "
				       "reason, kept, part FROM tally",
				       &rows, error))
		return -1;
	while ((result = database_step(store->database, store->path, rows,
				       error)) > 0) {
		struct tally_key key;
		struct tally *tally;

		if (tally_key_read(store, rows, 0, &key, error)) {
			result = -1;
			break;
		}
		tally = writer_tally(writer_statement(writer, key.fingerprint),
				     (uint64_t)sqlite3_column_int64(rows, 5),
				     key.verdict, key.class, key.reason);
		tally->kept = (uint64_t)sqlite3_column_int64(rows, 4);
		writer->evidence_total += tally->kept;
	}
	sqlite3_finalize(rows);
	return result;
}

/* Values are hashed with one key, and sealed with another. */
static int load_key(struct store *store, struct error *error)
{
	uint8_t key[SEAL_KEY], sealing[SEAL_KEY];

	if (store_key_load(store->database, store->path, key, error))
		return -1;
	store_key_redactor(key, &store->writer->redactor);
	seal_derive(key, "facts", sealing);
	store->writer->seal = seal_new(sealing);
	seal_wipe(key, sizeof(key));
	seal_wipe(sealing, sizeof(sealing));
	return 0;
}

static int take_over(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;
	uint8_t token[16];

	if (RAND_bytes(token, sizeof(token)) != 1)
		return error_set(error, ERROR_INTERNAL, "no random numbers");
	for (size_t i = 0; i < sizeof(token); i++)
		snprintf(writer->token + 2 * i, 3, "%02x", token[i]);
	return fact_write(store, writer->set_fact, STORE_WRITER, writer->token,
			  error);
}

static int common_open(struct store *store, struct error *error)
{
	return database_prepare(store->database, store->path,
				"SELECT value FROM fact WHERE key = ?1",
				&store->get_fact, error);
}

int store_open(const char *path, struct store **store, struct error *error)
{
	struct store *made = memory_alloc(sizeof(*made));
	struct store_wait wait;

	made->path = memory_string(path);
	if (database_open_write(path, &made->database, error))
		goto failed;
	made->writer = memory_alloc(sizeof(*made->writer));
	made->part = 1;
	made->writer->cap = 10;
	made->writer->evidence_end = &made->writer->evidence;
	map_init(&made->writer->statements);
	map_init(&made->writer->facts);
	if (common_open(made, error) || prepare_all(made, error) ||
	    load_known(made, error) || load_key(made, error) ||
	    take_over(made, error))
		goto failed;
	store_wait_prepare(path);
	store_wait_read(path, &wait);
	made->writer->waiting = wait.since != 0;
	*store = made;
	return 0;
failed:
	/* One that was written before: its disk is full, say. */
	store_wait_begin(path, error->message);
	store_close(&made);
	return -1;
}

int store_prepare(const char *path, struct error *error)
{
	sqlite3 *database;

	if (database_open_write(path, &database, error))
		return -1;
	sqlite3_close(database);
	return 0;
}

int store_open_read(const char *path, struct store **store, struct error *error)
{
	struct store *made = memory_alloc(sizeof(*made));

	made->path = memory_string(path);
	if (database_open_read(path, &made->database, error) ||
	    common_open(made, error)) {
		store_close(&made);
		return -1;
	}
	*store = made;
	return 0;
}

static void writer_free(struct writer *writer)
{
	sqlite3_stmt *const all[] = {
	    writer->set_fact,	   writer->remove_fact, writer->get_latency,
	    writer->put_statement, writer->put_tally,	writer->put_divergence};

	writer_forget(writer, false);
	for (size_t i = 0; i < writer->statements.count; i++) {
		struct statement *statement =
		    writer->statements.entries[i].value;

		for (size_t j = 0; j < statement->tally_count; j++)
			free(statement->tallies[j].detail);
		free(statement->tallies);
		free(statement->text);
		free(statement->kind);
		free(statement);
	}
	map_release(&writer->statements);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		sqlite3_finalize(all[i]);
	seal_wipe(writer->redactor.key, REDACT_KEY_SIZE);
	seal_free(&writer->seal);
	free(writer);
}

void store_close(struct store **store)
{
	struct store *closing = *store;

	*store = NULL;
	if (!closing)
		return;
	if (closing->writer)
		writer_free(closing->writer);
	sqlite3_finalize(closing->get_fact);
	sqlite3_close(closing->database);
	free(closing->path);
	free(closing);
}

void store_configure(struct store *store, const struct store_options *options)
{
	store->writer->cap = options->evidence_per_fingerprint;
	store->writer->redactor.show_values = options->show_values;
}
