#include "store/read.h"

#include "base/memory.h"
#include "store/drift.h"
#include "store/evidence.h"
#include "store/internal.h"
#include "store/wait.h"

void tally_key_bind(sqlite3_stmt *statement, const struct tally_key *key)
{
	sqlite3_bind_int64(statement, 1, (int64_t)key->fingerprint);
	sqlite3_bind_text(statement, 2, verdict_name(key->verdict), -1,
			  SQLITE_STATIC);
	sqlite3_bind_text(statement, 3, divergence_name(key->class), -1,
			  SQLITE_STATIC);
	sqlite3_bind_text(statement, 4, reason_name(key->reason), -1,
			  SQLITE_STATIC);
}

static int name_find(const char *name, int count, const char *(*name_of)(int))
{
	for (int i = 0; name && i < count; i++)
		if (!strcmp(name, name_of(i)))
			return i;
	return -1;
}

static const char *verdict_at(int i)
{
	return verdict_name((enum verdict)i);
}

static const char *class_at(int i)
{
	return divergence_name((enum divergence_class)i);
}

static const char *reason_at(int i)
{
	return reason_name((enum reason)i);
}

int tally_key_read(const struct store *store, sqlite3_stmt *row, int column,
		   struct tally_key *key, struct error *error)
{
	int verdict = name_find(database_text(row, column + 1), VERDICT_COUNT,
				verdict_at);
	int class = name_find(database_text(row, column + 2), DIVERGENCE_COUNT,
			      class_at);
	int reason =
	    name_find(database_text(row, column + 3), REASON_COUNT, reason_at);

	if (verdict < 0 || class < 0 || reason < 0) {
		error_set(error, ERROR_CORRUPT,
			  "%s: holds a verdict, class or reason that this "
			  "program does not know",
			  store->path);
		error_hint(error, "it was written by a newer one; use that");
		return -1;
	}
	key->fingerprint = (uint64_t)sqlite3_column_int64(row, column);
	key->verdict = (enum verdict)verdict;
	key->class = (enum divergence_class) class;
	key->reason = (enum reason)reason;
	return 0;
}

struct loader {
	struct store *store;
	struct arena *arena;
	struct store_content *content;
	struct store_part *parts; /* of content, to be written */
	struct store_fact *facts;
	struct store_statement *statements;
	struct store_tally *tallies;
	struct store_evidence *evidence;
	struct histogram primary, shadow; /* of all statements */
	struct drift *drift;
	struct error *error;
};

/* Steps a statement over its rows; row gives -1 to stop with an error. */
static int each_row(struct loader *loader, const char *sql, int64_t parameter,
		    int (*row)(struct loader *, sqlite3_stmt *, size_t))
{
	struct store *store = loader->store;
	sqlite3_stmt *rows = NULL;
	size_t count = 0;
	int result;

	if (database_prepare(store->database, store->path, sql, &rows,
			     loader->error))
		return -1;
	sqlite3_bind_int64(rows, 1, parameter);
	sqlite3_bind_int64(rows, 2, (int64_t)loader->content->part);
	while ((result = database_step(store->database, store->path, rows,
				       loader->error)) > 0)
		if (row(loader, rows, count++)) {
			result = -1;
			break;
		}
	sqlite3_finalize(rows);
	return result;
}

static int count_of(struct loader *loader, const char *sql, size_t *count)
{
	struct store *store = loader->store;
	sqlite3_stmt *rows = NULL;
	int result;

	if (database_prepare(store->database, store->path, sql, &rows,
			     loader->error))
		return -1;
	sqlite3_bind_int64(rows, 2, (int64_t)loader->content->part);
	result =
	    database_step(store->database, store->path, rows, loader->error);
	if (result > 0)
		*count = (size_t)sqlite3_column_int64(rows, 0);
	sqlite3_finalize(rows);
	return result < 0 ? -1 : 0;
}

static int fact_row(struct loader *loader, sqlite3_stmt *row, size_t index)
{
	struct store_fact *fact = &loader->facts[index];

	fact->key = arena_string(loader->arena, database_text(row, 0));
	fact->value = arena_string(loader->arena, database_text(row, 1));
	return 0;
}

static void latency_of(const struct histogram *histogram,
		       struct store_latency *out)
{
	*out = (struct store_latency){0};
	if (!histogram->count)
		return;
	out->count = histogram->count;
	out->mean = histogram->sum / histogram->count;
	out->p50 = histogram_quantile(histogram, 0.5);
	out->p95 = histogram_quantile(histogram, 0.95);
	out->p99 = histogram_quantile(histogram, 0.99);
	out->max = histogram->max;
}

static int latency_row(struct loader *loader, sqlite3_stmt *row, int column,
		       struct histogram *sum, struct store_latency *out)
{
	const void *blob = sqlite3_column_blob(row, column);
	struct histogram histogram;

	if (!blob)
		return 0;
	if (histogram_decode(&histogram, blob,
			     (size_t)sqlite3_column_bytes(row, column)))
		return error_set(loader->error, ERROR_CORRUPT,
				 "%s: the store is damaged (a histogram)",
				 loader->store->path);
	latency_of(&histogram, out);
	histogram_merge(sum, &histogram);
	return 0;
}

static int statement_row(struct loader *loader, sqlite3_stmt *row, size_t index)
{
	struct store_statement *statement = &loader->statements[index];

	statement->fingerprint = (uint64_t)sqlite3_column_int64(row, 0);
	statement->text = arena_string(loader->arena, database_text(row, 1));
	statement->kind = arena_string(loader->arena, database_text(row, 2));
	return latency_row(loader, row, 3, &loader->primary,
			   &statement->primary) ||
		       latency_row(loader, row, 4, &loader->shadow,
				   &statement->shadow)
		   ? -1
		   : 0;
}

static int compare_fingerprint(const void *key, const void *item)
{
	int64_t a = (int64_t) * (const uint64_t *)key;
	int64_t b =
	    (int64_t)((const struct store_statement *)item)->fingerprint;

	return (a > b) - (a < b);
}

static void widen(int64_t *first, int64_t *last, int64_t a, int64_t b)
{
	if (!*first || a < *first)
		*first = a;
	if (b > *last)
		*last = b;
}

bool store_excused(const struct store_tally *tally)
{
	return tally->verdict == VERDICT_INCONCLUSIVE &&
	       tally->class != DIVERGENCE_NONE;
}

static int tally_row(struct loader *loader, sqlite3_stmt *row, size_t index)
{
	struct store_content *content = loader->content;
	struct store_statement *statement;
	struct store_tally *tally;
	struct tally_key key;

	if (tally_key_read(loader->store, row, 0, &key, loader->error))
		return -1;
	statement = bsearch(&key.fingerprint, loader->statements,
			    content->statement_count, sizeof(*statement),
			    compare_fingerprint);
	if (!statement)
		return error_set(loader->error, ERROR_CORRUPT,
				 "%s: the store is damaged (a count without "
				 "its statement)",
				 loader->store->path);
	/* Ordered by fingerprint: a statement's tallies are consecutive. */
	tally = &loader->tallies[index];
	tally->verdict = key.verdict;
	tally->class = key.class;
	tally->reason = key.reason;
	tally->count = (uint64_t)sqlite3_column_int64(row, 4);
	tally->kept = (uint64_t)sqlite3_column_int64(row, 5);
	tally->first_at = sqlite3_column_int64(row, 6);
	tally->last_at = sqlite3_column_int64(row, 7);
	tally->detail = arena_string(loader->arena, database_text(row, 8));
	if (!statement->tallies)
		statement->tallies = tally;
	statement->tally_count++;
	statement->count += tally->count;
	statement->verdicts[key.verdict] += tally->count;
	widen(&statement->first_at, &statement->last_at, tally->first_at,
	      tally->last_at);
	widen(&content->first_at, &content->last_at, tally->first_at,
	      tally->last_at);
	content->count += tally->count;
	content->verdicts[key.verdict] += tally->count;
	content->reasons[key.verdict][key.reason] += tally->count;
	if (store_excused(tally)) {
		statement->excused += tally->count;
		content->excused += tally->count;
	}
	if (key.verdict == VERDICT_DIVERGED)
		content->classes[key.class] += tally->count;
	return 0;
}

static int evidence_row(struct loader *loader, sqlite3_stmt *row, size_t index)
{
	struct store_evidence *evidence = &loader->evidence[index];
	struct arena *arena = loader->arena;
	struct tally_key key;

	if (tally_key_read(loader->store, row, 0, &key, loader->error))
		return -1;
	evidence->fingerprint = key.fingerprint;
	evidence->verdict = key.verdict;
	evidence->class = key.class;
	evidence->reason = key.reason;
	evidence->seq = (uint64_t)sqlite3_column_int64(row, 4);
	evidence->session = (uint64_t)sqlite3_column_int64(row, 5);
	evidence->epoch = (uint32_t)sqlite3_column_int64(row, 6);
	evidence->at = sqlite3_column_int64(row, 7);
	evidence->primary_us = sqlite3_column_int64(row, 8);
	evidence->shadow_us = sqlite3_column_int64(row, 9);
	evidence->client = arena_string(arena, database_text(row, 10));
	evidence->old_statement = arena_string(arena, database_text(row, 11));
	evidence->new_statement = arena_string(arena, database_text(row, 12));
	evidence->detail = arena_string(arena, database_text(row, 13));
	if (evidence_decode(database_text(row, 14), arena, evidence))
		return error_set(loader->error, ERROR_CORRUPT,
				 "%s: the store is damaged (evidence %zu)",
				 loader->store->path, index + 1);
	loader->content->evidence_count++;
	return 0;
}

static int by_news(const void *left, const void *right)
{
	const struct store_statement *a = left;
	const struct store_statement *b = right;
	uint64_t x = a->verdicts[VERDICT_DIVERGED];
	uint64_t y = b->verdicts[VERDICT_DIVERGED];

	if (x != y)
		return x < y ? 1 : -1;
	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return (a->fingerprint > b->fingerprint) -
	       (a->fingerprint < b->fingerprint);
}

static int by_count(const void *left, const void *right)
{
	const struct store_tally *a = left;
	const struct store_tally *b = right;

	return (a->count < b->count) - (a->count > b->count);
}

/* The facts of store.h that are for readers; the rest is the writer's own. */
#define FACTS                                                                  \
	"FROM fact WHERE key IN ('" STORE_FACT_SHADOW                          \
	"', '" STORE_FACT_MAPPING "', '" STORE_FACT_STARTED                    \
	"', '" STORE_FACT_ENDED "', '" STORE_FACT_POSITION                     \
	"', '" STORE_FACT_JOURNAL "', '" STORE_FACT_LOST                       \
	"', '" STORE_FACT_STATED "', '" STORE_FACT_LAG "', '" STORE_FACT_SEEN  \
	"', '" STORE_FACT_GAPS "', '" STORE_FACT_GAP_EXCHANGES                 \
	"', '" STORE_FACT_UNCAPTURED "', '" STORE_FACT_CATALOG_OLD             \
	"', '" STORE_FACT_CATALOG_NEW "', '" STORE_FACT_SHOW_VALUES            \
	"') OR key GLOB '" STORE_FACT_GAP_PREFIX                               \
	"*' OR key GLOB '" STORE_FACT_SCHEMA_PREFIX                            \
	"*' OR key GLOB '" STORE_FACT_WARNING_PREFIX "*'"
#define KEPT                                                                   \
	"FROM (SELECT *, row_number() OVER (PARTITION BY fingerprint, "        \
	"verdict, class, reason ORDER BY id) AS n FROM divergence "            \
	"WHERE ?2 IN (0, part)) WHERE n <= ?1 "
#define TALLIED                                                                \
	"FROM statement WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM tally WHERE "    \
	"tally.fingerprint = statement.fingerprint AND part = ?2) "

static int part_row(struct loader *loader, sqlite3_stmt *row, size_t index)
{
	struct store_part *part = &loader->parts[index];
	struct arena *arena = loader->arena;

	part->number = (uint64_t)sqlite3_column_int64(row, 0);
	part->began = sqlite3_column_int64(row, 1);
	part->mapping = arena_string(arena, database_text(row, 2));
	part->shadow = arena_string(arena, database_text(row, 3));
	part->journal = arena_string(arena, database_text(row, 4));
	part->cause = arena_string(arena, database_text(row, 5));
	if (!loader->store->part)
		loader->content->part = part->number;
	return 0;
}

static int load_parts(struct loader *loader)
{
	struct store_content *content = loader->content;
	size_t count_all = 0;

	if (count_of(loader, "SELECT count(*) FROM part",
		     &content->part_count) ||
	    count_of(loader, "SELECT coalesce(sum(count), 0) FROM tally",
		     &count_all))
		return -1;
	content->count_all = count_all;
	loader->parts = arena_array(loader->arena, content->part_count + 1,
				    sizeof(*loader->parts));
	content->parts = loader->parts;
	content->part =
	    loader->store->part == STORE_ALL_PARTS ? 0 : loader->store->part;
	return each_row(loader, "SELECT * FROM part ORDER BY number", 0,
			part_row);
}

static int load_all(struct loader *loader, size_t evidence_limit)
{
	struct store_content *content = loader->content;
	struct arena *arena = loader->arena;
	size_t tallies = 0;
	size_t kept = 0;

	if (load_parts(loader) ||
	    count_of(loader, "SELECT count(*) " FACTS, &content->fact_count) ||
	    count_of(loader, "SELECT count(*) " TALLIED,
		     &content->statement_count) ||
	    count_of(loader, "SELECT count(*) FROM tally", &tallies) ||
	    count_of(loader, "SELECT count(*) FROM divergence", &kept))
		return -1;
	loader->facts =
	    arena_array(arena, content->fact_count + 1, sizeof(*loader->facts));
	loader->statements = arena_array(arena, content->statement_count + 1,
					 sizeof(*loader->statements));
	loader->tallies =
	    arena_array(arena, tallies + 1, sizeof(*loader->tallies));
	content->facts = loader->facts;
	content->statements = loader->statements;
	if (each_row(loader, "SELECT key, value " FACTS " ORDER BY key", 0,
		     fact_row) ||
	    each_row(loader,
		     "SELECT fingerprint, text, kind, primary_latency, "
		     "shadow_latency " TALLIED "ORDER BY fingerprint",
		     0, statement_row) ||
	    each_row(loader,
		     "SELECT fingerprint, verdict, class, reason, sum(count), "
		     "sum(kept), min(first_at), max(last_at), min(detail) "
		     "FROM tally WHERE ?2 IN (0, part) "
		     "GROUP BY fingerprint, verdict, class, reason "
		     "ORDER BY fingerprint",
		     0, tally_row))
		return -1;
	if (evidence_limit) {
		loader->evidence =
		    arena_array(arena, kept + 1, sizeof(*loader->evidence));
		content->evidence = loader->evidence;
		if (each_row(loader,
			     "SELECT fingerprint, verdict, class, reason, seq, "
			     "session, epoch, at, primary_us, shadow_us, "
			     "client, old_statement, new_statement, detail, "
			     "evidence " KEPT
			     "ORDER BY fingerprint, verdict, class, reason, id",
			     (int64_t)evidence_limit, evidence_row))
			return -1;
	}
	if (drift_read(loader->store->database, loader->store->path, arena,
		       loader->drift, loader->error))
		return -1;
	content->drift = loader->drift;
	latency_of(&loader->primary, &content->primary);
	latency_of(&loader->shadow, &content->shadow);
	for (size_t i = 0; i < content->statement_count; i++) {
		struct store_statement *statement = &loader->statements[i];

		if (statement->tally_count)
			qsort((void *)statement->tallies,
			      statement->tally_count,
			      sizeof(*statement->tallies), by_count);
	}
	if (content->statement_count)
		qsort(loader->statements, content->statement_count,
		      sizeof(*loader->statements), by_news);
	return 0;
}

/* What the writer could not record in the store itself. */
static void load_wait(struct loader *loader)
{
	struct store_wait wait;

	store_wait_read(loader->store->path, &wait);
	loader->content->waiting_since = wait.since;
	loader->content->waiting_why = arena_string(loader->arena, wait.why);
}

int store_load(struct store *store, size_t evidence_limit, struct arena *arena,
	       struct store_content **content, struct error *error)
{
	struct loader *loader;
	int result;

	if (ARENA_CATCH(arena)) {
		sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
		return error_set(error, ERROR_LIMIT,
				 "%s: holds more than can be read at once",
				 store->path);
	}
	loader = arena_alloc(arena, sizeof(*loader));
	loader->store = store;
	loader->arena = arena;
	loader->error = error;
	loader->drift = arena_alloc(arena, sizeof(*loader->drift));
	loader->content = arena_alloc(arena, sizeof(*loader->content));
	loader->content->path = arena_string(arena, store->path);
	load_wait(loader);
	if (database_run(store->database, store->path, "BEGIN", error)) {
		arena_uncatch(arena);
		return -1;
	}
	result = load_all(loader, evidence_limit);
	sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	arena_uncatch(arena);
	if (!result)
		*content = loader->content;
	return result;
}

const char *store_fact(const struct store_content *content, const char *key)
{
	for (size_t i = 0; i < content->fact_count; i++)
		if (!strcmp(content->facts[i].key, key))
			return content->facts[i].value;
	return NULL;
}

uint64_t store_fact_number(const struct store_content *content, const char *key)
{
	const char *value = store_fact(content, key);

	return value ? strtoull(value, NULL, 10) : 0;
}

uint64_t store_seen(const struct store_content *content)
{
	/* exchanges seen and not counted belong to the part that is read */
	uint64_t others = content->count_all > content->count
			      ? content->count_all - content->count
			      : 0;

	return store_fact(content, STORE_FACT_SEEN)
		   ? store_fact_number(content, STORE_FACT_SEEN) - others
		   : content->count;
}

int64_t store_unaccounted(const struct store_content *content)
{
	return (int64_t)(store_seen(content) - content->count);
}
