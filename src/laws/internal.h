/* Private to src/laws/.c: the proof of one old table. */
#ifndef PARALLAX_LAWS_INTERNAL_H
#define PARALLAX_LAWS_INTERNAL_H

#include "laws/laws.h"
#include "runner/runner.h"
#include "base/redact.h"

/* The result of a statement. A lost connection ends the whole proof. */
enum outcome { OUTCOME_OK = 0, OUTCOME_FAILED = 1, OUTCOME_LOST = -1 };

enum {
	LAWS_BATCH = 100,	       /* rows of one INSERT */
	LAWS_BROKEN_MAX = 200,	       /* rows; then a table's proof stops */
	LAWS_TIMEOUT_MS = 60 * 1000,   /* of one statement */
	LAWS_MEMORY = 64 << 20,	       /* of one table's sample */
	LAWS_THROUGH_MAX = 20 * 1000,  /* likewise, through the lens */
	LAWS_LOOKUP_MAX = 1000 * 1000, /* rows copied of a table that is read */
};

struct rows { /* texts, row-major; as wide as the old table */
	struct value *cells;
	size_t count;
	size_t capacity;
	size_t width;
};

enum finding_kind {
	FINDING_REFUSED,  /* a row cannot be written */
	FINDING_UNREAD,	  /* it cannot be read */
	FINDING_MISSING,  /* it is not seen */
	FINDING_REPEATED, /* it is seen more than once */
	FINDING_VALUE,	  /* a column reads differently */
	FINDING_TOGETHER, /* rows can be written alone, but not together */
	FINDING_KEY,	  /* it is not found by its key */
	FINDING_UPDATE_REFUSED,
	FINDING_UPDATE_LOST,  /* the column does not read as written */
	FINDING_UPDATE_OTHER, /* another column changed */
	FINDING_UPDATE_ROWS,  /* another row changed, or the row vanished */
	FINDING_UPDATE_UNTRANSLATABLE,
	FINDING_NULL, /* NULL, which no row holds, is not kept */
};

/* Reported once with a count, however many rows show it. */
struct finding {
	enum finding_kind kind;
	size_t column, other; /* of the old table; SIZE_MAX: none */
	const char *detail;   /* "" or the database's message, redacted */
	const char *sample;   /* the first row that shows it, redacted */
	size_t count;
};

/* The new tables' stand-ins. */
struct scratch {
	struct catalog catalog; /* the shadow's, but that tables are scratch */
	struct arena arena;
	struct lens *lens; /* over it */
};

struct proof {
	struct laws *laws;
	struct database *primary;
	struct database *shadow;
	struct scratch scratch;
	struct runner runner;
	struct redactor redactor;
	struct error lost; /* what ended it */
	size_t table_number, table_count;
	bool *sound;	  /* by old table: it has rows, and no law is broken */
	struct map *made; /* names that are scratch in this transaction */

	struct arena reading; /* what one step reads back */

	/* Of the current table: */
	struct arena arena;
	struct lens_about about;
	const char *name;	       /* for people */
	const struct catalog_key *key; /* of the old table, or NULL */
	const char **scratch_names;    /* that hold its rows */
	size_t scratch_count;
	size_t *given; /* columns that an INSERT gives */
	size_t given_count;
	bool *compared;	     /* by column */
	bool *null_seen;     /* by column */
	const char *columns; /* all, as a list for the primary */
	const char *insert;  /* one row */
	const char *insert_batch;
	size_t batch;
	const char *select;
	const char *select_key; /* of one row by its key, if there is one */
	struct proof *host;	/* of an absorbed table; or NULL */
	struct rows sample;
	size_t tried;  /* rows written */
	size_t broken; /* of them */
	bool enough;   /* no more rows are needed */
	bool marked;   /* the shadow's transaction is past run_mark */
	struct finding *findings;
	size_t finding_count, finding_capacity;
};

/* scratch.c */
int scratch_open(struct proof *proof);
void scratch_close(struct proof *proof);
/* The table's stand-in in the scratch catalog. */
const struct catalog_table *scratch_of(const struct proof *proof,
				       const struct catalog_table *table);
/* Makes the stand-ins of all that the table's statements touch; a failure is
 * reported. */
enum outcome scratch_make(struct proof *proof);

/* sequence.c: sequences that the mapping's expressions move are hidden by
 * scratch ones. */
enum outcome sequences_hide(struct proof *proof);

/* host.c: an absorbed table's rows need those of the table they are in. */
enum outcome host_make(struct proof *proof);
/* Writes the host's rows of rows [first, first + count). */
enum outcome host_write(struct proof *proof, const struct rows *rows,
			size_t first, size_t count, struct error *error);

/* statement.c */
void statements_make(struct proof *proof);
const char *statement_insert(struct proof *proof,
			     const struct catalog_table *table,
			     const size_t *columns, size_t column_count,
			     size_t rows);
/* SELECT of all columns; by_key: of one row. */
const char *statement_select(struct proof *proof, bool by_key);
const char *statement_update(struct proof *proof, size_t column, bool by_key);
/* The values of a row's key. Needs proof->key. */
void key_values(const struct proof *proof, const struct value *row,
		struct value *values, uint32_t *types);

/* run.c: statements on either side, each in a savepoint. */
enum outcome run_primary(struct proof *proof, const char *text,
			 const struct database_parameters *parameters,
			 struct database_result *result, struct error *error);
enum outcome run_rewritten(struct proof *proof, const char *text,
			   const struct database_parameters *parameters,
			   struct database_result *result, struct error *error);
enum outcome run_empty(struct proof *proof);
/* INSERTs rows [first, first + count). */
enum outcome run_insert(struct proof *proof, const struct rows *rows,
			size_t first, size_t count, struct error *error);
/* Reads all rows that the old table shows, into the arena. */
enum outcome run_read(struct proof *proof, struct arena *arena,
		      struct rows *rows, struct error *error);
/* From here on run_back undoes all, and must when a statement has failed: they
 * get no savepoint of their own. Until run_empty. */
enum outcome run_mark(struct proof *proof);
enum outcome run_back(struct proof *proof);

/* sample.c */
void rows_add(struct arena *arena, struct rows *rows,
	      const struct value *cells);
/* Reads the sample, rows at the edges included. */
enum outcome sample_read(struct proof *proof);
/* Reads the whole table in batches. */
enum outcome sample_all(struct proof *proof,
			enum outcome (*use)(struct proof *proof,
					    const struct rows *rows));

/* values.c: counts the values that `values` does not list. */
enum outcome values_forgotten(struct proof *proof);

/* keys.c: counts rows that a new unique key would refuse. */
enum outcome keys_prove(struct proof *proof);

/* rows.c: the first law. */
enum outcome rows_prove(struct proof *proof, const struct rows *rows);
bool rows_cells_equal(const struct proof *proof, size_t column, struct value a,
		      struct value b);
/* Whether the rows are the same in any order. but: with column `but` as `value`
 * in each expected row (SIZE_MAX: unchanged). */
bool rows_same(struct proof *proof, const struct rows *expected,
	       const struct rows *got, const bool *compared, size_t but,
	       struct value value);

/* update.c: the second law. */
enum outcome updates_prove(struct proof *proof);

/* shared.c: old tables that share new ones keep their rows apart. */
enum outcome shared_prove(struct proof *proof);

/* table.c */
/* Prepares the table's proof; table_release undoes it. */
void table_init(struct proof *proof, const struct catalog_table *old);
void table_release(struct proof *proof);
enum outcome table_transactions_begin(struct proof *proof);
enum outcome table_transactions_end(struct proof *proof);
enum outcome table_open(struct proof *proof, const struct catalog_table *old);
enum outcome table_prove(struct proof *proof);
enum outcome table_close(struct proof *proof);

/* finding.c */
void finding_add(struct proof *proof, enum finding_kind kind, size_t column,
		 size_t other, const struct error *error,
		 const struct value *row, const struct value *wrote,
		 const struct value *read);
bool finding_told(const struct proof *proof, enum finding_kind kind,
		  size_t column);
void findings_report(struct proof *proof);
/* A value of that column (of the old table) as evidence shows it, in the arena.
 */
const char *shown_value(struct proof *proof, size_t column, struct value value);
const char *shown_message(struct proof *proof, const struct error *error);
const char *shown_row(struct proof *proof, const struct value *row);
/* laws.c */
void laws_progressed(const struct proof *proof);

/* A warning at the table or column. */
void laws_warn(struct proof *proof, struct place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
