/*
 * A lens: a mapping compiled against both catalogs. It turns statements over
 * the old schema into plans over the new one, and caches them by shape.
 *
 * A lens belongs to one thread. Plans belong to it: a plan stays valid until
 * the caller gives it back with lens_release, or the lens goes. The cache alone
 * is bounded; who never gives back keeps evicted plans alive, nothing worse.
 */
#ifndef PARALLAX_LENS_LENS_H
#define PARALLAX_LENS_LENS_H

#include "adapters/catalog.h"
#include "adapters/proof.h"
#include "base/buffer.h"
#include "config/diagnostic.h"
#include "config/mapping.h"
#include "lens/plan.h"
#include "sql/parser.h"

struct lens;

/*
 * Compiles a mapping (NULL: the identity) against the catalogs, which stay the
 * caller's and must outlive the lens; the mapping need not. Every mistake goes
 * into diagnostics; -1 if any of them is an error (then *lens is NULL).
 * old_parser, the primary's, reads the application's statements and what the
 * old schema says; parser, the shadow's, reads the mapping's expressions, and
 * prints. They are of two engines perhaps.
 */
int lens_new(const struct parser *old_parser, const struct parser *parser,
	     const struct mapping *mapping, const struct catalog *old_catalog,
	     const struct catalog *new_catalog, struct diagnostics *diagnostics,
	     struct lens **lens);
/*
 * As lens_new, for schemas that have changed under a mapping that fitted them.
 * What does not fit any more is told in diagnostics and left: statements that
 * need it are untranslatable, reason schema, and all others go on. before: the
 * lens that this one follows, or NULL. Tables and columns that the old schema
 * had not by it, and that neither the new schema nor the mapping has, are
 * ahead: as if they were not there.
 */
void lens_refit(const struct parser *old_parser, const struct parser *parser,
		const struct mapping *mapping,
		const struct catalog *old_catalog,
		const struct catalog *new_catalog, const struct lens *before,
		struct diagnostics *diagnostics, struct lens **lens);
/* How many tables and columns are ahead; and is that table, or a column of it?
 * schema: "" if it is not known. */
size_t lens_pending(const struct lens *lens);
bool lens_is_pending(const struct lens *lens, const char *schema,
		     const char *name);
void lens_free(struct lens **lens);
/* Before the first plan: all statements are written out and printed, also those
 * that the mapping would leave as they are. Proves the rewriter on any schema.
 */
void lens_rewrite_all(struct lens *lens);
/*
 * Before the first plan: this lens serves the data at rest (seed, verify).
 * Tables that the mapping does not mention go by the schemas, too: a column
 * that one schema alone generates is written or left out as it must be, where
 * an application's statement would run to the letter.
 */
void lens_at_rest(struct lens *lens);

/* What of its session a statement's meaning hangs on. */
struct lens_session {
	const char *const *search_path; /* NULL-ended, "$user" resolved */
	const char *const
	    *temporary_tables; /* NULL-ended names: they hide all others */
	uint64_t key; /* differs when any of the above does: part of the cache's
			 key */
};

/*
 * The plan for ONE statement (not a multi-statement text). Never fails: what
 * cannot be rewritten is a plan with action UNTRANSLATABLE. parameter_types are
 * the primary's, 0 where unknown; they are part of the cache's key.
 *
 * PREPARE name AS statement, DECLARE cursor FOR query: the plan's columns,
 * order and predicates are those of the statement inside (the mirror keeps name
 * -> plan and judges EXECUTE or FETCH by it).
 */
const struct plan *lens_plan(struct lens *lens,
			     const struct lens_session *session,
			     const char *text, size_t size,
			     const uint32_t *parameter_types,
			     size_t parameter_count);

/* What the cache of plans may take, about; 0: 256 MiB. */
void lens_limit_bytes(struct lens *lens, size_t bytes);

/* Gives a plan back (NULL is fine): it may be freed once the cache lets it go.
 */
void lens_release(struct lens *lens, const struct plan *plan);

/*
 * The new tables in which rows of an old one live, anchors first. Fills up to
 * capacity of them, returns how many there are (0: dropped).
 */
size_t lens_places(const struct lens *lens, const struct catalog_table *old,
		   const struct catalog_table **places, size_t capacity);

/* Has the new schema a place for the column? False: of a table that the mapping
 * does not mention, and the new one has no such column: statements that name it
 * fail there. */
bool lens_keeps_column(const struct lens *lens, const struct catalog_table *old,
		       const struct catalog_column *column);

/*
 * What statements have taught it: columns that a clock feeds, and those that
 * may hold generated values which no answer showed. The number grows with each
 * lesson. lens_learned appends a line for each such column: schema, table and
 * column, with tabs between; lens_teach tells a lens that has made no plan yet
 * what another one has learned.
 */
enum lens_lesson {
	LENS_CLOCK, /* those whose default says so too */
	LENS_UNPINNED,
	LENS_LESSON_COUNT
};
uint64_t lens_lessons(const struct lens *lens);
void lens_learned(const struct lens *lens, enum lens_lesson lesson,
		  struct buffer *out);
void lens_teach(struct lens *lens, enum lens_lesson lesson, const char *lines);

struct lens_statistics {
	uint64_t hits;
	uint64_t misses;
	uint64_t evictions;
	size_t plans;
};
void lens_statistics(const struct lens *lens, struct lens_statistics *out);

/* ---- what it knows of an old table, for work on rows at rest ---- */

enum lens_use { /* what statements over the old table do with a new one */
		LENS_ROWS,   /* its rows are there */
		LENS_VALUES, /* values that several rows share are added */
		LENS_READ,   /* read only: by a look-up or an expression */
};

struct lens_about_place {
	const struct catalog_table *table;
	enum lens_use use;
	bool joined; /* LENS_ROWS: a row is there if some other is */
};

struct lens_pair { /* a column of the old table, and one of its host */
	const struct catalog_column *column;
	const struct catalog_column *host;
};

struct lens_about_column {
	const struct catalog_column *old;
	struct place place; /* in the mapping: of the column, else the table */
	const struct catalog_table *home;    /* of stored */
	const struct catalog_column *stored; /* new column that holds it as it
						is or by values; or NULL */
	const struct mapping_value *values;
	size_t value_count;
	/* Of a look-up in the table itself: the old column that gives what is
	 * looked up; NULL: it is no such look-up, or none gives it as it is. */
	const struct catalog_column *own_value;
	bool dropped;  /* what is written to it is lost, on purpose */
	bool lost;     /* as lens_keeps_column says */
	bool writable; /* false: a computed column without `write` */
	bool computed; /* the new schema computes it from others */
	bool direct;   /* `stored` gets its value, as it is or by values */
	bool plain;    /* likewise, as it is and in the same type */
	bool ignore;   /* `compare:` says that it does not count */
	bool shown;    /* `private:` says that its values may be shown */
	double tolerance;
};

struct lens_about {
	const struct catalog_table *old;
	struct place place;
	bool dropped; /* then nothing below is set */
	bool mapped;  /* statements that name it are rewritten */
	bool loses;   /* a column of it is lost */
	const struct lens_about_place *places; /* each table once */
	size_t place_count;
	const struct lens_about_column *columns; /* as old->columns */
	bool absorbed;	      /* its rows are columns of another table's rows */
	bool looks_in_itself; /* a look-up finds rows of its own */
	/* Of an absorbed table, the old table of those rows: without its row
	 * there is none of this one. NULL: none is known. */
	const struct catalog_table *host;
	const struct lens_pair *host_pairs;
	size_t host_pair_count;
};

/* Fills about, in the arena; it borrows from the lens. old is of its catalog.
 */
void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about);

/* Does `values` of the column list this old value (NULL: SQL null)? */
bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text);

/*
 * Warns of what a mapping may lose although it is no mistake: types that keep
 * less, new columns that stay NULL, unique keys that are new or gone.
 */
void lens_advise(const struct lens *lens, const struct proof_ops *proof,
		 struct diagnostics *diagnostics);

#endif
