/*
 * What loading one database from another asks of an engine (src/seed/seed.h),
 * beside what the lens says. Implemented by adapters/postgres/seed.c.
 *
 * Operations on a connection return 0 or -1 with the error set, as
 * adapters/database.h has it. Builders append one statement: one over the old
 * schema, that the lens rewrites, or one for the shadow as it is. Names are as
 * the catalog has them, and quoted here, unless they are called a list.
 */
#ifndef PARALLAX_ADAPTERS_SEED_H
#define PARALLAX_ADAPTERS_SEED_H

#include "adapters/database.h"
#include "adapters/session.h"
#include "base/buffer.h"

/* What other clients do in this database. */
struct seed_others {
	uint64_t writers;      /* transactions that have written */
	uint64_t transactions; /* open ones, where they can be seen */
	uint64_t sessions;
};

struct seed_size {
	const char *schema;
	const char *table;
	bool part;	/* of another table */
	bool inherited; /* others inherit from it */
	int64_t bytes;
	double rows; /* estimated; -1: not known */
};

/* A foreign key that holds for all rows. */
struct seed_key {
	const char *table;
	const char *name;
	const char *check; /* see key_broken */
};

struct seed_ops {
	/* A new connection: text forms of values that both sides read alike, no
	 * time limits, no rows hidden. */
	int (*prepare_reader)(struct database *primary, struct error *error);
	int (*prepare_writer)(struct database *shadow, struct error *error);

	/*
	 * One state for several readers: the first begins its transaction with
	 * share_state, and the others, each with join_state, read what that one
	 * reads, for as long as it is open. *state names it; free() it.
	 */
	int (*share_state)(struct database *first, char **state,
			   struct error *error);
	int (*join_state)(struct database *other, const char *state,
			  struct error *error);
	/* Of that state: another text once any transaction has written; to be
	 * given to free(). */
	int (*state_mark)(struct database *first, char **mark,
			  struct error *error);

	int (*others)(struct database *primary, struct seed_others *out,
		      struct error *error);
	/* Of all tables, in the arena. */
	int (*sizes)(struct database *primary, struct arena *arena,
		     struct seed_size **sizes, size_t *count,
		     struct error *error);

	/* All of a table's own rows; columns: a quoted list, or NULL. nested:
	 * with those of its parts. table: a quoted name. */
	void (*copy_out)(struct buffer *out, const char *table,
			 const char *columns, bool nested);
	void (*copy_in)(struct buffer *out, const char *table,
			const char *columns);
	/* One row and one value, that begins with 't' if the table has any.
	 * own: those of tables that inherit from it do not count. */
	void (*has_rows)(struct buffer *out, const char *table, bool own);
	void (*delete_rows)(struct buffer *out, const char *table);
	/* tables: a list. May be refused where others refer to them. */
	void (*empty)(struct buffer *out, const char *tables);

	/*
	 * The staging table: it has the old columns ("name type, ..."), and is
	 * gone with its transaction. insert_staged takes all of its rows, with
	 * values that the database would generate.
	 */
	void (*make_staging)(struct buffer *out, const char *name,
			     const char *columns);
	void (*copy_staging)(struct buffer *out, const char *name,
			     const char *columns);
	void (*insert_staged)(struct buffer *out, const char *table,
			      const char *columns, const char *name);
	int (*empty_staging)(struct database *shadow, const char *name,
			     struct error *error);
	int (*drop_staging)(struct database *shadow, const char *name,
			    struct error *error);

	/* The session's constraints of keys and triggers are not looked at.
	 * *allowed is false where the account has no right to say so. */
	int (*unguard)(struct database *shadow, bool *allowed,
		       struct error *error);
	/* Lets a constraint wait that may not, and undoes that. */
	int (*make_deferrable)(struct database *shadow,
			       const struct catalog_table *table,
			       const char *constraint, bool deferrable,
			       struct error *error);
	/* In the arena. */
	int (*foreign_keys)(struct database *shadow, struct arena *arena,
			    struct seed_key **keys, size_t *count,
			    struct error *error);
	/* Does a row refer to one that is not there? */
	int (*key_broken)(struct database *shadow, const struct seed_key *key,
			  bool *broken, struct error *error);

	/* A name for the open transaction, to be given to free(); and what
	 * became of one. */
	int (*token)(struct database *shadow, char **token,
		     struct error *error);
	int (*fate)(struct database *shadow, const char *token,
		    enum transaction_fate *fate, struct error *error);

	/* A sequence's newest value (NULL: not to be read), to be given to
	 * free(); given: it was given out. */
	int (*sequence_read)(struct database *primary,
			     const struct catalog_table *sequence, char **value,
			     bool *given, struct error *error);
	void (*sequence_set)(struct buffer *out,
			     const struct catalog_table *sequence,
			     const char *value, bool given);
	/* Moves the sequence that feeds a column past the column's values, if
	 * it is not. */
	int (*sequence_pass)(struct database *shadow,
			     const struct catalog_table *table,
			     const struct catalog_column *column, bool *moved,
			     struct error *error);
};

#endif
