#include "store/store.h"

#include <errno.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <time.h>
#include <sys/stat.h>

#include "base/map.h"
#include "base/memory.h"
#include "store/database.h"
#include "store/evidence.h"
#include "store/internal.h"
#include "store/wait.h"
#include "base/utf8.h"

enum {
	TEXT_LIMIT = 8192, /* a statement, bytes */
	DETAIL_LIMIT = 500,
	FACT_LIMIT = 64 << 20,
	HISTOGRAM_BYTES = 24 + 6 * HISTOGRAM_BUCKETS,
};

#define OTHER_TEXT "(statements of further shapes)"
#define WRITER	   "writer"

struct tally {
	uint64_t part;
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
	uint64_t kept; /* evidence of it, pending included */
	uint64_t pending_kept;
	uint64_t pending; /* count, not yet written */
	int64_t first_at; /* of pending */
	int64_t last_at;
	char *detail; /* not yet written, or NULL */
};

struct statement {
	uint64_t fingerprint;
	bool has_text; /* its text is known, here or in the file */
	char *text;    /* not yet written, or NULL */
	char *kind;
	struct tally *tallies;
	size_t tally_count;
	struct histogram *primary; /* pending, or NULL */
	struct histogram *shadow;
	bool dirty;
	struct statement *next_dirty;
};

struct evidence_item {
	struct evidence_item *next;
	uint64_t part;
	struct tally_key key;
	uint64_t seq, session;
	uint32_t epoch;
	int64_t at, primary_us, shadow_us;
	char *client, *old_statement, *new_statement, *detail, *json;
};

struct pending_fact {
	char *value; /* NULL: to be removed */
};

struct writer {
	struct map statements;	/* fingerprint -> struct statement */
	struct statement *last; /* the one counted last: they come in runs */
	struct statement *dirty;
	struct evidence_item *evidence;
	struct evidence_item **evidence_end;
	uint64_t evidence_total;
	struct map facts; /* key -> struct pending_fact */
	char token[33];
	struct redactor redactor;
	size_t cap;
	bool batch;
	bool waiting; /* the last write failed; see wait.h */
	bool lost;    /* another process writes now */
	sqlite3_stmt *get_fact, *set_fact, *remove_fact, *get_latency,
	    *put_statement, *put_tally, *put_divergence;
};

static void writer_forget(struct writer *writer, bool written);

/* --- opening -------------------------------------------------------------- */

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

static struct statement *statement_get(struct writer *writer,
				       uint64_t fingerprint)
{
	struct statement *statement = writer->last;

	if (statement && statement->fingerprint == fingerprint)
		return statement;
	statement =
	    map_get(&writer->statements, &fingerprint, sizeof(fingerprint));
	if (!statement && writer->statements.count >= STORE_STATEMENTS) {
		fingerprint = STORE_OTHER;
		statement = map_get(&writer->statements, &fingerprint,
				    sizeof(fingerprint));
	}
	if (!statement) {
		statement = memory_alloc(sizeof(*statement));
		statement->fingerprint = fingerprint;
		if (fingerprint == STORE_OTHER) {
			statement->text = memory_string(OTHER_TEXT);
			statement->has_text = true;
		}
		map_set(&writer->statements, &fingerprint, sizeof(fingerprint),
			statement);
	}
	writer->last = statement;
	return statement;
}

static struct tally *tally_get(struct statement *statement, uint64_t part,
			       enum verdict verdict,
			       enum divergence_class class, enum reason reason)
{
	struct tally *tally;

	for (size_t i = 0; i < statement->tally_count; i++) {
		tally = &statement->tallies[i];
		if (tally->part == part && tally->verdict == verdict &&
		    tally->class == class && tally->reason == reason)
			return tally;
	}
	statement->tallies = memory_resize(
	    statement->tallies, (statement->tally_count + 1) * sizeof(*tally));
	tally = &statement->tallies[statement->tally_count++];
	*tally = (struct tally){
	    .part = part, .verdict = verdict, .class = class, .reason = reason};
	return tally;
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
		struct statement *statement = statement_get(
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
		tally = tally_get(statement_get(writer, key.fingerprint),
				  (uint64_t)sqlite3_column_int64(rows, 5),
				  key.verdict, key.class, key.reason);
		tally->kept = (uint64_t)sqlite3_column_int64(rows, 4);
		writer->evidence_total += tally->kept;
	}
	sqlite3_finalize(rows);
	return result;
}

static int load_key(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;
	sqlite3_stmt *statement = NULL;
	int result;

	if (database_prepare(store->database, store->path,
			     "SELECT value FROM secret WHERE name = 'redact'",
			     &statement, error))
		return -1;
	result = database_step(store->database, store->path, statement, error);
	if (result > 0) {
		if (sqlite3_column_bytes(statement, 0) != REDACT_KEY_SIZE)
			result = error_set(error, ERROR_CORRUPT,
					   "%s: the store is damaged (its key)",
					   store->path);
		else
			memcpy(writer->redactor.key,
			       sqlite3_column_blob(statement, 0),
			       REDACT_KEY_SIZE);
	}
	sqlite3_finalize(statement);
	if (result)
		return result < 0 ? -1 : 0;
	if (RAND_bytes(writer->redactor.key, REDACT_KEY_SIZE) != 1)
		return error_set(error, ERROR_INTERNAL, "no random numbers");
	if (database_prepare(store->database, store->path,
			     "INSERT INTO secret VALUES ('redact', ?1)",
			     &statement, error))
		return -1;
	sqlite3_bind_blob(statement, 1, writer->redactor.key, REDACT_KEY_SIZE,
			  SQLITE_STATIC);
	result = database_step(store->database, store->path, statement, error);
	sqlite3_finalize(statement);
	return result;
}

static int take_over(struct store *store, struct error *error)
{
	struct writer *writer = store->writer;
	uint8_t token[16];

	if (RAND_bytes(token, sizeof(token)) != 1)
		return error_set(error, ERROR_INTERNAL, "no random numbers");
	for (size_t i = 0; i < sizeof(token); i++)
		snprintf(writer->token + 2 * i, 3, "%02x", token[i]);
	return fact_write(store, writer->set_fact, WRITER, writer->token,
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
	OPENSSL_cleanse(writer->redactor.key, REDACT_KEY_SIZE);
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

/* --- facts ---------------------------------------------------------------- */

int fact_write(struct store *store, sqlite3_stmt *statement, const char *key,
	       const char *value, struct error *error)
{
	int result;

	sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
	if (value)
		sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
	result = database_step(store->database, store->path, statement, error);
	sqlite3_clear_bindings(statement);
	return result;
}

static struct pending_fact *fact_pending(const struct writer *writer,
					 const char *key)
{
	return map_get_string(&writer->facts, key);
}

int store_set(struct store *store, const char *key, const char *value,
	      struct error *error)
{
	struct writer *writer = store->writer;
	struct pending_fact *fact;

	if (value && strlen(value) > FACT_LIMIT)
		return error_set(error, ERROR_LIMIT,
				 "fact '%s' is too long for a store", key);
	if (!writer->batch)
		return fact_write(
		    store, value ? writer->set_fact : writer->remove_fact, key,
		    value, error);
	fact = fact_pending(writer, key);
	if (!fact) {
		fact = memory_alloc(sizeof(*fact));
		map_set_string(&writer->facts, key, fact);
	}
	free(fact->value);
	fact->value = memory_string(value);
	return 0;
}

int store_get(struct store *store, const char *key, char **value,
	      struct error *error)
{
	const struct pending_fact *fact =
	    store->writer ? fact_pending(store->writer, key) : NULL;
	int result;

	if (fact) {
		*value = memory_string(fact->value);
		return 0;
	}
	sqlite3_bind_text(store->get_fact, 1, key, -1, SQLITE_TRANSIENT);
	result =
	    database_step(store->database, store->path, store->get_fact, error);
	if (result < 0)
		return -1;
	*value = NULL;
	if (result) {
		*value = memory_string(database_text(store->get_fact, 0));
		sqlite3_reset(store->get_fact);
	}
	return 0;
}

int store_read_fact(const char *path, const char *key, char **value,
		    struct error *error)
{
	struct store *store = NULL;
	struct stat status;
	int result;

	*value = NULL;
	if (!path || (stat(path, &status) && errno == ENOENT))
		return 0;
	if (store_open_read(path, &store, error))
		return -1;
	result = store_get(store, key, value, error);
	store_close(&store);
	return result;
}

int store_add(struct store *store, const char *key, uint64_t more,
	      struct error *error)
{
	char *now = NULL;
	char sum[24];

	if (store_get(store, key, &now, error))
		return -1;
	snprintf(sum, sizeof(sum), "%llu",
		 (now ? strtoull(now, NULL, 10) : 0) +
		     (unsigned long long)more);
	free(now);
	return store_set(store, key, sum, error);
}

/* --- counting ------------------------------------------------------------- */

static void latency_add(struct histogram **histogram, int64_t us)
{
	if (us < 0)
		return;
	if (!*histogram)
		*histogram = memory_alloc(sizeof(**histogram));
	histogram_add(*histogram, (uint64_t)us);
}

static void mark_dirty(struct writer *writer, struct statement *statement)
{
	if (statement->dirty)
		return;
	statement->dirty = true;
	statement->next_dirty = writer->dirty;
	writer->dirty = statement;
}

static uint64_t part_of(const struct store *store,
			const struct store_exchange *exchange)
{
	return exchange->part ? exchange->part : store->part;
}

int store_count(struct store *store, const struct store_exchange *exchange,
		struct error *error)
{
	struct writer *writer = store->writer;
	struct statement *statement;
	struct tally *tally;

	(void)error; /* nothing can fail in memory; the contract allows it */
	statement = statement_get(writer, exchange->fingerprint);
	mark_dirty(writer, statement);
	if (!statement->has_text && exchange->text) {
		statement->text = utf8_clean(exchange->text, TEXT_LIMIT);
		statement->has_text = true;
		if (exchange->kind && !statement->kind)
			statement->kind = utf8_clean(exchange->kind, 64);
	}
	tally = tally_get(statement, part_of(store, exchange),
			  exchange->verdict, exchange->class, exchange->reason);
	if (!tally->pending++) {
		tally->first_at = exchange->at;
		tally->last_at = exchange->at;
	} else if (exchange->at > tally->last_at) {
		tally->last_at = exchange->at;
	} else if (exchange->at < tally->first_at) {
		tally->first_at = exchange->at;
	}
	if (exchange->detail && !tally->detail)
		tally->detail = utf8_clean(exchange->detail, DETAIL_LIMIT);
	latency_add(&statement->primary, exchange->primary_us);
	latency_add(&statement->shadow, exchange->shadow_us);
	return 0;
}

int store_divergence(struct store *store,
		     const struct store_divergence *divergence,
		     struct error *error)
{
	const struct store_exchange *exchange = &divergence->exchange;
	struct writer *writer = store->writer;
	struct statement *statement =
	    statement_get(writer, exchange->fingerprint);
	struct tally *tally =
	    tally_get(statement, part_of(store, exchange), exchange->verdict,
		      exchange->class, exchange->reason);
	struct evidence_item *item;

	if (tally->kept >= writer->cap ||
	    writer->evidence_total >= STORE_EVIDENCE)
		return 0;
	if (writer->redactor.show_values &&
	    !fact_pending(writer, STORE_FACT_SHOW_VALUES) &&
	    store_set(store, STORE_FACT_SHOW_VALUES, "true", error))
		return -1;
	item = memory_alloc(sizeof(*item));
	item->key =
	    (struct tally_key){statement->fingerprint, exchange->verdict,
			       exchange->class, exchange->reason};
	item->part = tally->part;
	item->seq = divergence->seq;
	item->session = divergence->session;
	item->epoch = divergence->epoch;
	item->at = exchange->at;
	item->primary_us = exchange->primary_us;
	item->shadow_us = exchange->shadow_us;
	item->client = utf8_clean(divergence->client, 256);
	item->old_statement = utf8_clean(divergence->old_statement, TEXT_LIMIT);
	item->new_statement = utf8_clean(divergence->new_statement, TEXT_LIMIT);
	item->detail = utf8_clean(exchange->detail, DETAIL_LIMIT);
	if (!item->detail && divergence->comparison)
		item->detail =
		    utf8_clean(divergence->comparison->detail, DETAIL_LIMIT);
	item->json = evidence_encode(&writer->redactor, divergence);
	*writer->evidence_end = item;
	writer->evidence_end = &item->next;
	mark_dirty(writer, statement);
	writer->evidence_total++;
	if (!tally->pending && !tally->pending_kept)
		tally->first_at = tally->last_at = exchange->at;
	tally->kept++;
	tally->pending_kept++;
	return 0;
}

/* --- batches -------------------------------------------------------------- */

int store_begin(struct store *store, struct error *error)
{
	if (store->writer->batch)
		return error_set(error, ERROR_INTERNAL,
				 "a batch is open already");
	store->writer->batch = true;
	return 0;
}

/* Drops what is pending: because it was written, or because it must not be. */
static void writer_forget(struct writer *writer, bool written)
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

	sqlite3_bind_text(store->get_fact, 1, WRITER, -1, SQLITE_STATIC);
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
