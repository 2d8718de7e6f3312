/* Shared by the files of src/seed only. */
#ifndef PARALLAX_SEED_INTERNAL_H
#define PARALLAX_SEED_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "adapters/seed.h"
#include "base/map.h"
#include "seed/seed.h"
#include "runner/runner.h"
#include "base/redact.h"

#define SEED_STAGING "parallax_seed"
#define SEED_LABEL   "parallax seed"

struct seed_table {
	const struct catalog_table *old;
	char *name;	/* with its schema, quoted as the shadow does */
	char *columns;	/* quoted list of what is loaded; NULL: it has none */
	char *old_name; /* the same two as the primary quotes them */
	char *old_columns;
	char *staging;	 /* "name type, ..." of the staging table */
	bool nested;	 /* partitioned: its rows are in its parts */
	bool inherited;	 /* others inherit from it */
	bool staged;	 /* else COPY to COPY */
	bool whole;	 /* in one statement, for keys that refer to itself */
	bool loaded;	 /* by an earlier run */
	int wave;	 /* those of a lower one come first */
	int64_t bytes;	 /* estimated, as the primary stores them */
	double expected; /* rows, estimated */
	struct map targets; /* catalog_table * of the new schema that it may
			       fill -> the same */
	struct map reads;   /* likewise, that it only looks values up in */
	size_t group;
	_Atomic uint64_t rows; /* so far */
	_Atomic int64_t began; /* monotonic us; 0: not */
	_Atomic bool done;
};

/* Tables that are loaded in one transaction: mostly one; several if their keys
 * refer to each other in a circle. */
struct seed_group {
	struct seed_table **tables;
	size_t table_count;
	bool circular;
	double expected;
	size_t *then; /* groups that wait for it */
	size_t then_count, then_capacity;
	size_t waits; /* for so many groups */
	bool taken;
};

struct seed_worker {
	struct seed *seed;
	pthread_t thread;
	struct database *primary; /* in the snapshot; NULL: not open */
	struct database *shadow;
	_Atomic bool open;	  /* both stand, until the seed's end */
	struct seed_group *group; /* at work on; or NULL */
	struct lens *lens;
	struct runner runner;
	struct buffer piece; /* of a COPY, gathered */
};

struct seed {
	const struct seed_options *options;
	const struct database_ops *primary_ops;
	const struct database_ops *ops; /* the shadow's */
	const struct seed_ops *engine;	/* likewise */
	struct redactor redactor;
	struct seed_table *tables;
	size_t table_count;
	struct seed_group *groups;
	size_t group_count;
	bool unguarded; /* keys and triggers are off while loading */
	bool partial;	/* only some tables were asked for */
	struct seed_worker *workers;
	unsigned jobs;

	pthread_mutex_t mutex; /* of all below */
	pthread_cond_t changed;
	size_t groups_left;
	unsigned running; /* workers */
	bool failed;
	struct error error;
	int state_file; /* -1: none */
	_Atomic bool stop;
	bool interrupted; /* this and below: the main thread's own */
	int (*work)(struct seed_worker *, struct error *);

	/* For the summary. */
	size_t sequences_set;
	size_t keys_checked;
	int64_t began;
	bool line_shown;
	int64_t shown_at;
};

/* plan.c: what there is to load, and how. Needs one worker's lens and its
 * connections. */
int seed_plan(struct seed *seed, struct seed_worker *worker,
	      struct error *error);
void seed_plan_release(struct seed *seed);
/* An INSERT over the old schema that takes all from the staging table. */
void seed_insert_text(const struct seed *seed, const struct seed_table *table,
		      struct buffer *out);

/* order.c: groups, and who waits for whom. */
int seed_order(struct seed *seed, struct error *error);

/* load.c */
int seed_load_group(struct seed_worker *worker, struct seed_group *group,
		    struct error *error);

/* after.c: when all is loaded. */
int seed_keys(struct seed_worker *worker, struct error *error);
int seed_sequences(struct seed_worker *worker, struct error *error);

/* snapshot.c: a session of the primary, ready to read */
int seed_open_reader(const struct adapter *adapter,
		     const struct endpoint *primary, struct database **database,
		     struct error *error);

/* state.c */
int seed_state_open(struct seed *seed, struct seed_worker *worker,
		    struct error *error);
/* Before a group's commit, with its transaction's id; and after it. */
int seed_state_note(struct seed *seed, const struct seed_group *group,
		    const char *transaction, struct error *error);
/* All is loaded: the file goes. */
void seed_state_close(struct seed *seed, bool complete);

/* show.c */
void seed_say(struct seed *seed, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void seed_show_progress(struct seed *seed);
void seed_show_table(struct seed *seed, const struct seed_table *table);
void seed_show_end(struct seed *seed);

/* The error is of that table: names it, and redacts what the server said. */
int seed_blame(const struct seed *seed, const char *table, struct error *error);
/* A step of the shadow's transaction. */
int seed_control(struct seed_worker *worker, enum session_control what,
		 struct error *error);

#endif
