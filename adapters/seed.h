/*
 * The engine's part in loading one database from another (src/seed/seed.h), in
 * addition to the lens's. Implemented by adapters/postgres/seed.c.
 *
 * Operations on a connection return 0 or -1 with the error set, as in
 * adapters/database.h. Builders append one statement: either over the old
 * schema, for the lens to rewrite, or directly for the shadow. Names are the
 * catalog's and are quoted here, unless they are called a list.
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

/* A foreign key to be checked for all rows. */
struct seed_key {
	const char *table;
	const char *name;
	const char *check; /* see key_broken */
};

struct seed_ops {
	/* A new connection: text forms of values that both sides read in the
	 * same way, no time limits, no hidden rows. */
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
	/* A text that changes once any transaction has written; the caller
	 * frees it. */
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
	/*
	 * Between engines whose copies have other forms: a row of copy_out, as
	 * it comes, as values in the text forms of prepare_reader, in the
	 * arena; and values as a row of copy_in. Engines with the same
	 * write_row share a form, and rows pass as they are.
	 */
	int (*read_row)(const char *data, size_t size, struct arena *arena,
			struct value **values, size_t *count,
			struct error *error);
	void (*write_row)(struct buffer *out, const struct value *values,
			  size_t count);
	/* One row with one value that begins with 't' if the table has rows.
	 * own: rows of tables that inherit from it do not count. */
	void (*has_rows)(struct buffer *out, const char *table, bool own);
	void (*delete_rows)(struct buffer *out, const char *table);
	/* tables: a list. The server may refuse it if other tables refer to
	 * them. */
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

	/* Turns off the checks of keys and triggers in this session. *allowed
	 * is false if the account has no right to do so. */
	int (*unguard)(struct database *shadow, bool *allowed,
		       struct error *error);
	/* Makes a constraint deferrable, and undoes that. */
	int (*make_deferrable)(struct database *shadow,
			       const struct catalog_table *table,
			       const char *constraint, bool deferrable,
			       struct error *error);
	/* In the arena. */
	int (*foreign_keys)(struct database *shadow, struct arena *arena,
			    struct seed_key **keys, size_t *count,
			    struct error *error);
	/* Whether a row refers to one that does not exist. */
	int (*key_broken)(struct database *shadow, const struct seed_key *key,
			  bool *broken, struct error *error);

	/* A name for the open transaction (the caller frees it); and the fate
	 * of one. */
	int (*token)(struct database *shadow, char **token,
		     struct error *error);
	int (*fate)(struct database *shadow, const char *token,
		    enum transaction_fate *fate, struct error *error);

	/* A sequence's newest value (NULL: not readable), which the caller
	 * frees; given: it was handed out. */
	int (*sequence_read)(struct database *primary,
			     const struct catalog_table *sequence, char **value,
			     bool *given, struct error *error);
	void (*sequence_set)(struct buffer *out,
			     const struct catalog_table *sequence,
			     const char *value, bool given);
	/* Moves the sequence that feeds a column past the column's values, if
	 * needed. */
	int (*sequence_pass)(struct database *shadow,
			     const struct catalog_table *table,
			     const struct catalog_column *column, bool *moved,
			     struct error *error);
};

#endif
