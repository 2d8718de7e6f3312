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
 * Entries that no longer fit are reported in diagnostics and left out:
 * statements that need them are untranslatable, reason schema, and all others
 * continue. before: the lens that this one follows, or NULL. Tables and columns
 * that the old schema did not have in it, and that the new schema and the
 * mapping lack, are *ahead*: they are treated as missing.
 */
void lens_refit(const struct parser *old_parser, const struct parser *parser,
		const struct mapping *mapping,
		const struct catalog *old_catalog,
		const struct catalog *new_catalog, const struct lens *before,
		struct diagnostics *diagnostics, struct lens **lens);
/* The number of tables and columns that are ahead; and whether that table, or a
 * column of it, is. schema: "" if unknown. */
size_t lens_pending(const struct lens *lens);
bool lens_is_pending(const struct lens *lens, const char *schema,
		     const char *name);
void lens_free(struct lens **lens);
/* Before the first plan: all statements are written out and printed, even those
 * that the mapping would leave unchanged. Tests the rewriter on any schema. */
void lens_rewrite_all(struct lens *lens);
/*
 * Before the first plan: this lens serves the data at rest (seed, verify).
 * Tables that the mapping does not mention follow the schemas, too: a column
 * that only one schema generates is written or left out as needed, while an
 * application's statement would run verbatim.
 */
void lens_at_rest(struct lens *lens);

/* The part of the session that a statement's meaning depends on. */
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

/* The approximate memory of the plan cache; 0: 256 MiB. */
void lens_limit_bytes(struct lens *lens, size_t bytes);

/* Releases a plan (NULL is fine): it may be freed once the cache has evicted
 * it. */
void lens_release(struct lens *lens, const struct plan *plan);

/*
 * The new tables in which an old one's rows live, anchors first. Fills up to
 * capacity of them; returns their number (0: dropped).
 */
size_t lens_places(const struct lens *lens, const struct catalog_table *old,
		   const struct catalog_table **places, size_t capacity);

/* Whether the new schema has a place for the column. False: the mapping does
 * not mention the table, and the new one has no such column, so statements that
 * name it fail there. */
bool lens_keeps_column(const struct lens *lens, const struct catalog_table *old,
		       const struct catalog_column *column);

/*
 * What it has learned from statements: columns fed by a clock, and columns that
 * may hold generated values that no answer showed. The number grows with each
 * new fact. lens_learned appends a line for each such column: schema, table and
 * column, with tabs between. lens_teach gives these facts to a lens that has
 * made no plan yet.
 */
enum lens_lesson {
	LENS_CLOCK, /* including those whose default shows it */
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

enum lens_use {		   /* how statements over the old table use a new one */
		LENS_ROWS, /* its rows live there */
		LENS_VALUES, /* values that several rows share are added */
		LENS_READ,   /* read only: by a look-up or an expression */
};

struct lens_about_place {
	const struct catalog_table *table;
	enum lens_use use;
	bool joined; /* LENS_ROWS: a row exists there if another one does */
};

struct lens_pair { /* a column of the old table, and one of its host */
	const struct catalog_column *column;
	const struct catalog_column *host;
};

struct lens_about_column {
	const struct catalog_column *old;
	struct place place; /* in the mapping: of the column, otherwise the
			       table */
	const struct catalog_table *home;    /* of stored */
	const struct catalog_column *stored; /* the new column that holds it,
					        unchanged or by values; or
					        NULL */
	const struct mapping_value *values;
	size_t value_count;
	/* Of a look-up in the table itself: the old column with the looked-up
	 * value; NULL: not such a look-up, or no column has it unchanged. */
	const struct catalog_column *own_value;
	bool dropped;  /* values written to it are lost, on purpose */
	bool lost;     /* see lens_keeps_column */
	bool writable; /* false: a computed column without `write` */
	bool computed; /* the new schema computes it from others */
	bool direct;   /* `stored` gets its value, unchanged or by values */
	bool plain;    /* likewise, unchanged and in the same type */
	bool ignore;   /* `compare:` ignores it */
	bool shown;    /* `private:` allows its values to be shown */
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
	 * there is no row of this one. NULL: unknown. */
	const struct catalog_table *host;
	const struct lens_pair *host_pairs;
	size_t host_pair_count;
};

/* Fills about, in the arena; it borrows from the lens. old belongs to its
 * catalog. */
void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about);

/* Whether `values` of the column lists this old value (NULL: SQL null). */
bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text);

/*
 * Warns of possible losses that are not mistakes of the mapping: narrower
 * types, new columns that stay NULL, added or removed unique keys.
 */
void lens_advise(const struct lens *lens, const struct proof_ops *proof,
		 struct diagnostics *diagnostics);

#endif
