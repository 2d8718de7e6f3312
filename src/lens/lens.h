/*
 * A lens: a mapping compiled against both catalogs. It turns statements over
 * the old schema into plans over the new one, and caches them by shape.
 *
 * A lens belongs to one thread and owns its plans. A plan stays valid until the
 * caller gives it back with lens_release, or until the lens is freed. Only the
 * cache is bounded: a plan that is never given back stays in memory after its
 * eviction.
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
 * Compiles a mapping (NULL: the identity) against the catalogs. The catalogs
 * must outlive the lens; the mapping need not. Every mistake goes into
 * diagnostics. If one of them is an error, returns -1 and sets *lens to NULL.
 * old_parser, the primary's, reads the application's statements and the old
 * schema's expressions. parser, the shadow's, reads the mapping's expressions,
 * and its dialect prints. They may belong to two engines.
 */
int lens_new(const struct parser *old_parser, const struct parser *parser,
	     const struct mapping *mapping, const struct catalog *old_catalog,
	     const struct catalog *new_catalog, struct diagnostics *diagnostics,
	     struct lens **lens);
/*
 * As lens_new, for schemas that have changed under a mapping that fitted them.
 * Entries that no longer fit are reported in diagnostics and left out:
 * statements that need them are untranslatable, reason schema. All others
 * continue. before: the lens that this one follows, or NULL. Tables and columns
 * that the old schema has gained since then, and that the new schema and the
 * mapping lack, are *pending*: they are treated as missing.
 */
void lens_refit(const struct parser *old_parser, const struct parser *parser,
		const struct mapping *mapping,
		const struct catalog *old_catalog,
		const struct catalog *new_catalog, const struct lens *before,
		struct diagnostics *diagnostics, struct lens **lens);
/* The number of pending tables and columns; and whether that table, or a column
 * of it, is pending. schema: "" if unknown. */
size_t lens_pending(const struct lens *lens);
bool lens_is_pending(const struct lens *lens, const char *schema,
		     const char *name);
void lens_free(struct lens **lens);
/* The names of all that is in either schema. Valid as long as the lens. */
struct sql_known lens_known(struct lens *lens);
/* Before the first plan: all statements are written out and printed, even those
 * that the mapping would leave unchanged. Tests the rewriter on any schema. */
void lens_rewrite_all(struct lens *lens);
/*
 * Call before the first plan. The lens then serves data at rest (seed, verify):
 * tables that the mapping does not mention follow the schemas, too. A column
 * that only one schema generates is written or left out as needed, while an
 * application's statement runs verbatim.
 */
void lens_at_rest(struct lens *lens);

/* The part of the session that a statement's meaning depends on. */
struct lens_session {
	const char *const *search_path; /* NULL-ended, "$user" resolved */
	const char *const
	    *temporary_tables; /* NULL-ended names; they hide all other tables
				  of these names */
	uint64_t key; /* differs if any of the above differs; part of the
			 cache's key */
};

/*
 * The plan for ONE statement (not a multi-statement text). Never fails: a
 * statement that cannot be rewritten has a plan with the action UNTRANSLATABLE.
 * parameter_types are the primary's, 0 where unknown; they are part of the
 * cache's key.
 *
 * For PREPARE name AS statement, and DECLARE cursor FOR query, the plan's
 * columns, order and predicates are those of the statement inside. The mirror
 * keeps them by name and judges EXECUTE or FETCH by them.
 */
const struct plan *lens_plan(struct lens *lens,
			     const struct lens_session *session,
			     const char *text, size_t size,
			     const uint32_t *parameter_types,
			     size_t parameter_count);

/* The approximate memory of the plan cache; 0: 256 MiB. */
void lens_limit_bytes(struct lens *lens, size_t bytes);

/* Gives a plan back (NULL is fine). It is freed once the cache has evicted
 * it. */
void lens_release(struct lens *lens, const struct plan *plan);

/*
 * The new tables in which an old one's rows live, anchors first. Fills up to
 * capacity of them and returns their number (0: dropped).
 */
size_t lens_places(const struct lens *lens, const struct catalog_table *old,
		   const struct catalog_table **places, size_t capacity);

/* The new database's type for an old one; 0: it has none, or labels of the old
 * one are recoded, and their meaning depends on the context. */
uint32_t lens_new_type(const struct lens *lens, uint32_t old);

/* Whether the new schema has the column. False: the mapping does not mention
 * the table, and the new table has no such column, so statements that name it
 * fail there. */
bool lens_keeps_column(const struct lens *lens, const struct catalog_table *old,
		       const struct catalog_column *column);

/* Whether the old column may hold generated values that no answer showed. True
 * for tables that the lens does not know. */
bool lens_is_unpinned(const struct lens *lens, const struct catalog_table *old,
		      const struct catalog_column *column);

/*
 * What it has learned from statements: columns fed by a clock, and columns that
 * may hold generated values that no answer showed. The number grows with each
 * new fact. lens_learned appends a line for each such column: schema, table and
 * column, with tabs between. lens_teach gives these facts to a lens that has
 * made no plan yet.
 */
enum lens_lesson {
	LENS_CLOCK, /* those that a default shows, too */
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

/* ---- facts about an old table, for work on data at rest ---- */

enum lens_use {		   /* how statements over an old table use a new one */
		LENS_ROWS, /* its rows live there */
		LENS_VALUES, /* shared values are added to it */
		LENS_READ,   /* a look-up or an expression reads it */
};

struct lens_about_place {
	const struct catalog_table *table;
	enum lens_use use;
	bool joined; /* LENS_ROWS: it is a part, whose rows belong to another
			place's */
};

struct lens_pair { /* a column of the old table, and the same one of its host */
	const struct catalog_column *column;
	const struct catalog_column *host;
};

struct lens_about_column {
	const struct catalog_column *old;
	struct place place; /* its location in the mapping, otherwise its
			       table's */
	const struct catalog_table *home;    /* the table of `stored` */
	const struct catalog_column *stored; /* the new column that holds it,
						unchanged or by `values`; or
						NULL */
	const struct mapping_value *values;
	size_t value_count;
	/* For a look-up in the table itself: the old column that holds the
	 * looked-up value. NULL: no such look-up, or no column holds the value
	 * unchanged. */
	const struct catalog_column *own_value;
	bool dropped;  /* values written to it are discarded on purpose */
	bool lost;     /* see lens_keeps_column */
	bool writable; /* false: it has `read` and no `write` */
	bool computed; /* the new schema computes it from others */
	bool direct;   /* its value goes to `stored`, unchanged or by
			  `values` */
	bool plain;    /* its value goes to `stored` unchanged, in the same
			  type */
	bool ignore;   /* `compare:` ignores it */
	bool shown;    /* `private:` allows its values to be shown */
	double tolerance;
};

struct lens_about {
	const struct catalog_table *old;
	struct place place;
	bool dropped; /* then no further field is set */
	bool mapped;  /* statements that name it are rewritten */
	bool loses;   /* a column of it is lost */
	const struct lens_about_place *places; /* each table once */
	size_t place_count;
	const struct lens_about_column *columns; /* as old->columns */
	bool absorbed;	      /* its rows are columns of another table's rows */
	bool looks_in_itself; /* a look-up finds rows of its own */
	/* Of an absorbed table: the old table whose rows hold its rows. Without
	 * a row there, there is none here. NULL: unknown. */
	const struct catalog_table *host;
	const struct lens_pair *host_pairs;
	size_t host_pair_count;
};

/* Fills about. It lives in the arena and borrows from the lens. old must belong
 * to the lens's catalog. */
void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about);

/* Whether the column's `values` lists this old value (NULL: SQL's null). */
bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text);

/*
 * Warns of possible losses that are not mistakes of the mapping: narrower
 * types, new columns that stay NULL, added or removed unique keys.
 */
void lens_advise(const struct lens *lens, const struct proof_ops *proof,
		 struct diagnostics *diagnostics);

#endif
