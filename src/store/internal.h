/* Shared by the files of src/store only. */
#ifndef PARALLAX_STORE_INTERNAL_H
#define PARALLAX_STORE_INTERNAL_H

#include "base/arena.h"
#include "store/database.h"
#include "store/drift.h"
#include "store/store.h"

struct store {
	char *path;
	sqlite3 *database;
	sqlite3_stmt *get_fact;
	bool full;	       /* why the last commit failed */
	uint64_t part;	       /* the part being written; or read, 0: the
			          last one */
	struct writer *writer; /* NULL: opened for reading */
};

struct tally_key {
	uint64_t fingerprint;
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
};

/* Parameters 1 to 4, or the columns from `column` on. -1: a name that this
 * program does not know. */
void tally_key_bind(sqlite3_stmt *statement, const struct tally_key *key);
int tally_key_read(const struct store *store, sqlite3_stmt *row, int column,
		   struct tally_key *key, struct error *error);

int fact_write(struct store *store, sqlite3_stmt *statement, const char *key,
	       const char *value, struct error *error);

/* drift.c, for store_load: all in the arena, which may jump. */
int drift_read(sqlite3 *database, const char *path, struct arena *arena,
	       struct drift *drift, struct error *error);

#endif
