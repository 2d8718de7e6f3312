/*
 * The parts of a store's evidence. A verdict concerns one mapping on one
 * shadow, read from one journal. A new part begins when one of them changes.
 */
#include "base/clock.h"
#include "base/memory.h"
#include "store/database.h"
#include "store/internal.h"
#include "store/read.h"

static bool differs(sqlite3_stmt *row, int column, const char *wanted)
{
	const char *known = database_text(row, column);

	return strcmp(known ? known : "", wanted) != 0;
}

static const char *cause_of(sqlite3_stmt *row, const struct store_part *wanted)
{
	if (differs(row, 1, wanted->mapping))
		return "another mapping";
	if (differs(row, 2, wanted->shadow))
		return "another shadow database";
	if (differs(row, 3, wanted->journal))
		return "another journal";
	return NULL;
}

static int insert(struct store *store, const struct store_part *part,
		  struct error *error)
{
	sqlite3_stmt *put = NULL;
	int result;

	if (database_prepare(store->database, store->path,
			     "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
			     &put, error))
		return -1;
	sqlite3_bind_int64(put, 1, (int64_t)part->number);
	sqlite3_bind_int64(put, 2, part->began);
	sqlite3_bind_text(put, 3, part->mapping, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 4, part->shadow, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 5, part->journal, -1, SQLITE_STATIC);
	sqlite3_bind_text(put, 6, part->cause, -1, SQLITE_STATIC);
	result = database_step(store->database, store->path, put, error);
	sqlite3_finalize(put);
	return result < 0 ? -1 : 0;
}

int store_begin_part(struct store *store, struct store_part *part,
		     struct error *error)
{
	sqlite3_stmt *last = NULL;
	int result;

	if (database_prepare(store->database, store->path,
			     "SELECT number, mapping, shadow, journal, began "
			     "FROM part ORDER BY number DESC LIMIT 1",
			     &last, error))
		return -1;
	part->number = 1;
	part->cause = "";
	part->began = clock_unix_us();
	result = database_step(store->database, store->path, last, error);
	if (result > 0) {
		part->number = (uint64_t)sqlite3_column_int64(last, 0);
		part->cause = cause_of(last, part);
		if (part->cause)
			part->number++;
		else
			part->began = sqlite3_column_int64(last, 4);
	}
	sqlite3_finalize(last);
	if (result < 0 || (part->cause && insert(store, part, error)))
		return -1;
	store->part = part->number;
	return 0;
}

void store_read_part(struct store *store, uint64_t part)
{
	store->part = part;
}
