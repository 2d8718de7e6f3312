/*
 * Shared by the files of src/mirror only. All of it belongs to the one thread
 * of the event loop.
 */
#ifndef PARALLAX_MIRROR_INTERNAL_H
#define PARALLAX_MIRROR_INTERNAL_H

#include <uv.h>

#include "adapters/rights.h"
#include "adapters/setting.h"
#include "adapters/session.h"
#include "adapters/shadow.h"
#include "base/list.h"
#include "base/map.h"
#include "config/rights.h"
#include "journal/assembler.h"
#include "journal/exchange.h"
#include "journal/reader.h"
#include "lens/lens.h"
#include "mirror/effect.h"
#include "mirror/mirror.h"
#include "mirror/path.h"
#include "mirror/schedule.h"
#include "mirror/session_state.h"

/* Both schemas as they were at one time. */
struct catalogs {
	struct catalog *old_catalog;
	struct catalog *new_catalog;
	unsigned *numbers; /* numbers of old tables, for conflict sets: by
			      name, so that they are the same in all catalogs */
	struct map volatile_functions; /* name -> itself */
	struct map path_functions;     /* those that set the search path:
				          name -> itself */
	struct map *bodies;	       /* bodies.c: what was found out */
	size_t users;		       /* versions */
};

/* A lens with everything that its plans depend on. Freed when it is no longer
 * in force and its last task is counted. */
struct lens_version {
	struct lens *lens;
	struct mapping *mapping;
	struct catalogs *catalogs;
	size_t misfits;	  /* mistakes that it tolerates */
	char misfit[512]; /* the first one */
	uint64_t part;	  /* of the store's evidence: see part.c */
	size_t users;	  /* tasks, and one while in force */
};

/* --- the primary's view of a session (session.c) --- */

struct prepared { /* statement or cursor, by name */
	char *name;
	char *text;
	uint64_t key; /* of the session at that time: its names may mean
		         others now */
	struct lens_version *version;
	const struct plan *plan;
	uint64_t after; /* its snapshot is after it */
};

enum task_form {
	TASK_STATEMENT, /* in a block */
	TASK_SINGLE,	/* a transaction of its own: statement and end */
	TASK_END,	/* of a block: statement, or end, or both */
};

struct task {
	struct schedule_item item; /* first */
	struct link in_transaction;
	struct mirror *mirror;
	struct session *session;
	struct transaction *transaction;
	enum task_form form;
	struct exchange *exchange;	      /* or NULL */
	struct exchange_transaction_end *end; /* or NULL */
	bool chain;	 /* END: a new block begins at once */
	bool commits;	 /* SINGLE, END */
	bool run;	 /* otherwise its verdict is known without running */
	bool skip_rerun; /* it failed on the shadow, and was undone */
	struct lens_version *version;
	const struct plan *plan;
	const struct plan *judged_by; /* of what it executes or fetches */
	bool judged_held;	      /* judged_by must be released too */
	bool alone;		      /* refuses a block on the shadow */
	bool judged;		      /* the verdict on the exchange is set */
	const char *text;	      /* one statement, NUL-ended */
	size_t text_size;
	const char *judged_text; /* of judged_by; NULL: not known */
	size_t judged_size;
	bool stands_for_unknown; /* executes or fetches what is not known */
	struct effect *effect;	 /* what it changed on the primary, or NULL */
	size_t bytes;		 /* memory held by it, roughly */
	struct link memories; /* state it leaves when its transaction commits */

	struct arena arena;
	bool filled;
	struct answer primary;
	const uint8_t *result_formats; /* in the form of the client's Bind */
	size_t result_format_count;
	struct plan_steps steps;
	struct copy_input *copy; /* copy_input.h; or NULL */
	bool many;	/* of its steps: rows stay on the shadow, see plan.h */
	bool renewed;	/* it was run again, since its plan there was stale */
	unsigned looks; /* how often it was run again for a duplicate key */
	/* what moves rows out of its way, on the shadow, and how often that was
	 * tried: displace.c */
	const char *const *displacing;
	size_t displacing_count;
	unsigned displaced;
	bool portal; /* read in slices: on the shadow, by a cursor */
	bool moved;  /* its sequences must be moved first, or it does so
			   itself */
	bool moves;  /* itself: no other session sees the sequences yet */

	/* The verdict on the exchange, and on the end. */
	bool temporary; /* DDL of nothing but temporary tables */
	bool finished;	/* has run, or need not */
	bool pending;	/* in mirror->pending: overlaps are looked for */
	struct link in_pending;
	struct session **seen; /* in the arena; in flight at its answer */
	size_t seen_count, seen_capacity;
	int64_t pending_since;
	bool look;		 /* a second look: see look.c */
	bool look_equal;	 /* it gave the same rows */
	bool look_counts;	 /* it found a divergence */
	bool weighed;		 /* differences were weighed completely */
	uint64_t snapshot_after; /* the seq after which its snapshot is; and,
				    if the transaction has one snapshot, ... */
	uint64_t interval_after;
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
	const char *detail;
	enum verdict end_verdict;
	enum divergence_class end_class;
	enum reason end_reason;
	int64_t shadow_us;
	struct comparison *comparison; /* of a difference, or NULL */
	bool shadow_failed;
	struct answer shadow; /* its outcome */
};

struct transaction {
	struct link in_mirror;	/* by first seq */
	struct link in_session; /* in order */
	struct session *session;
	struct link tasks;
	uint64_t first_seq;
	uint64_t last_seq;
	struct journal_position position; /* of its first record */
	int64_t started_at;		  /* on the primary */
	bool ended;			  /* its end is among the tasks */
	size_t open;			  /* tasks not finished, or pending */
	bool changes_schema;		  /* contains a schema change */
	bool holds_sequences; /* it may have created, altered or locked
			         sequences */
	bool schema_awaited;  /* and others wait for its end */
	bool snapshot;	      /* one snapshot for all of it */
	bool snapshot_taken;
	bool snapshot_placed; /* on the shadow */
	uint64_t snapshot_after;
	uint64_t began_after; /* seq of its first statement */
	struct schedule_set written;
	struct effects effects;

	/* On the shadow. */
	uint64_t id;	 /* its id there; 0: not assigned, or unknown */
	uint64_t doubt;	 /* an id that may have been committed; 0: none */
	bool doubt_told; /* the shadow said that it is still running */
	bool doubt_here; /* it arose in this run: its statements were judged */
	bool applied;	 /* it was: do not run it again */
	bool matched;	 /* and its verdicts were known */
	bool unknown;	 /* unknown whether it was: it is not run again */
	bool lost;	 /* could not be run again: undone */
	bool undone;	 /* all of it may be missing there */
	unsigned attempts;
};

enum apply_phase {
	APPLY_IDLE,    /* no task, or nothing to do for it now */
	APPLY_RESTORE, /* settings and prepared statements, again */
	APPLY_CHECK,   /* was it committed? */
	APPLY_PINS,    /* sequences are moved: keeper.c */
	APPLY_RERUN,   /* the block's earlier statements, again */
	APPLY_RUN,
	APPLY_COMMIT,
	APPLY_UNDO,
};

/*
 * A plan whose steps take rows of one another is sent in waves: each batch goes
 * as far as the rows are known. All of it is in the session's arena.
 */
struct wave {
	size_t next;  /* the first step that was not sent */
	bool partial; /* there is such a step: another wave follows */
	const struct answer **answers; /* by step: of those that are kept */
	size_t *commands;	       /* by step, its command in the batch;
				          or SIZE_MAX */
	size_t end;		       /* of the steps' commands in the batch */
	const struct answer *answer;   /* the statement's failure in an
				          earlier wave */
};

struct session {
	struct schedule_session schedule; /* first */
	struct mirror *mirror;
	struct exchange_session_id id;
	char *role;
	char *client;
	struct shadow_setting *settings;
	size_t setting_count;

	/* On the primary, as read so far. */
	bool in_block;
	bool aborted;
	bool blind; /* the transaction's beginning was not read */
	struct link
	    held; /* tasks of an implicit transaction, by in_transaction */
	struct task *ending; /* a COMMIT or ROLLBACK: what follows is open */
	bool chained;	     /* AND CHAIN: its end is still to come */
	bool chain_carried;  /* ... and the new block is like the old one */
	bool chain_snapshot; /* ... which has one snapshot */
	struct transaction *transaction; /* the current one */
	struct path path;
	const char **schemas;	/* by the path; NULL-ended */
	bool schemas_known;	/* else there are none */
	const char **temporary; /* by the path; NULL-ended */
	size_t temporary_count;
	struct map prepared; /* name -> struct prepared */
	struct map cursors;
	uint64_t key;
	struct plan_carried *carried;
	bool closed;
	bool closed_clean;

	/* The state that a new connection must get; as far as counted. */
	struct link memories;
	bool dirty;	 /* memories changed since the last batch */
	bool state_lost; /* temporary tables, cursors: lost */

	uint64_t finished_seq;	  /* all up to it is counted */
	struct link transactions; /* not yet counted */

	/* The shadow. */
	struct shadow *shadow;
	uv_poll_t *poll;
	int polled;
	unsigned polled_events;
	bool ready; /* logged in, state restored */
	bool had_shadow;
	bool waiting; /* when to connect again */
	int64_t retry_at;
	unsigned failures;
	int64_t used_at;
	enum apply_phase phase;
	struct task *task;
	struct link *rerun;   /* the next task to be run again */
	struct task *running; /* the one whose batch is running */
	bool block_open;
	bool rollback_first; /* the next batch begins with it */
	int64_t started_at;  /* of the task */
	bool cancelled;	     /* by us, since it could not continue */
	bool deadlocked;     /* by us, to break a deadlock */
	struct shadow_command *commands;
	size_t command_capacity;
	size_t command_count;
	size_t answer_at; /* of commands: the statement's */
	size_t displace_at,
	    displace_end;   /* ... that move rows out of its way */
	size_t id_at;	    /* of commands: the transaction's id; or SIZE_MAX */
	size_t deferred_at; /* of commands: late constraints; or SIZE_MAX */
	struct arena arena; /* of a batch */
	struct wave wave;
	bool savepoint; /* the batch takes a savepoint */
	bool undone;	/* the batch undoes its statement itself */
	bool repeats;	/* the statement runs again when it is undone */
	struct link in_busy;
	struct link in_keeper; /* waits for its sequences */
	bool role_lost; /* it could not take on the role there that it has on
			   the primary */
	enum reason refused; /* by the shadow, permanently: nothing of it
			        runs */
	bool told_long;	     /* that its task waits (watch.c) */
	bool commit_due;     /* when its intent can be written */
	bool sets_by_call;   /* set_config(): its arguments are not examined */
	bool look;	     /* a mirror's, for second looks: not counted */
	bool own_look;	     /* this one's */
	int64_t connect_at;  /* monotonic */
};

/* An exchange or end as read, for overlaps (judge.c). */
struct past {
	uint64_t seq;
	uint64_t after;
	struct effects effects;	 /* an end: of all of its transaction */
	struct session *session; /* compared, never followed */
	bool end;
	bool commits; /* an end: of a writing transaction, or possibly one */
};

enum { PAST_MAX = 16384, KILLS_MAX = 32 };

struct crash_key {
	uint32_t writer;
	uint32_t epoch;
	uint64_t session;
	uint64_t seq;
};

struct crash_page {	      /* mapped */
	struct crash_key now; /* seq 0: no statement that could crash is
			         under way */
	struct {
		struct crash_key key;
		uint64_t kills;
	} kills[KILLS_MAX];
};

/* The newest segment that was read: its number and when it was begun. */
struct mirror_mark {
	uint64_t segment; /* 0: none */
	int64_t at;
};

enum mirror_stop { MIRROR_RUNS, MIRROR_DRAINS, MIRROR_STOPS };

struct mirror {
	const struct mirror_options *options;
	const struct shadow_ops *ops;
	const struct session_ops *session_ops;
	uv_loop_t loop;
	uv_timer_t tick;
	uv_poll_t journal_poll;
	uv_signal_t terminate, interrupt, hangup, settle;
	uv_idle_t idle; /* runs while there is more to read */
	bool failed;
	struct error error;

	struct journal_reader *reader;
	struct journal_assembler *assembler;
	bool at_end;  /* the reader said MORE */
	size_t held;  /* bytes of tasks */
	bool read_on; /* beyond the window: running statements wait for later
		         ones */
	int64_t moved_at;  /* monotonic: something was read or finished */
	uint64_t last_seq; /* read */
	char journal[JOURNAL_IDENTITY_TEXT]; /* the journal's identity */
	struct mirror_mark mark;
	uint64_t lost;	 /* lost records, according to the gaps that were
			    read */
	uint64_t stated; /* lost records, according to its relay in the
			    directory */
	bool losses_changed;
	char origin_lost[256]; /* why the store's position was given up; "" */
	int64_t cut_off_at;    /* monotonic: when the directory was checked */

	struct lens_version *version;
	char shadow_identity[80];
	uint64_t lessons;	/* of its lens, that are in the store */
	struct map table_names; /* "schema<tab>table" -> number + 1 */
	struct schema_watch *watch;
	uv_async_t schema_wake;
	uint64_t old_mark, new_mark; /* of the schemas, before they were read */
	/* Of both catalogs, for some seconds; or owned by the schema's job. */
	struct catalog_reader *old_reader, *new_reader;

	struct store *store;
	size_t batched; /* exchanges counted since the last commit */
	bool changed;	/* something to be written */
	int64_t batch_at;
	struct journal_position registered;
	int64_t registered_at;

	struct schedule schedule;
	struct map sessions;	  /* exchange_session_id -> session */
	struct link transactions; /* not yet counted, by first seq */
	struct link busy;	  /* sessions with a task */
	struct link pending;	  /* tasks */
	size_t connections;

	uint64_t seen, counted, pending_counts;
	uint64_t floor; /* everything up to it was counted before the start */
	struct journal_position cut; /* of a seed: see progress_in_cut */
	uint64_t restart_seq;	     /* the newest that an earlier run may have
			         applied */
	struct map finished; /* session id -> uint64_t *: before the start */
	struct map intents;  /* (session id, first seq) -> struct intent */
	int intent_fd;
	size_t intent_size;
	struct crash_page *crash;

	struct past past[PAST_MAX];
	size_t past_count;	  /* ever */
	struct map tainted;	  /* "schema<tab>table" -> see taint.c */
	struct map changed_names; /* by schema changes; see changed.c */
	bool unpinned_changed;	  /* tainted, taint_all or unpinned */
	enum reason taint_all;	  /* REASON_NONE: not */
	struct map unpinned;	  /* tables with generated values that were
				     not carried over */
	struct rights *rights;	  /* NULL: unsafe */
	int64_t rights_at;	  /* when they were read */
	struct map roles_refused; /* role -> when, for the log and a pause */
	struct map risky;	  /* fingerprints that failed in a block */
	struct map refusals;	  /* codes of logins, for the log */
	uint64_t refused_logins;
	uint64_t waits; /* see watch.c */
	int64_t longest_wait_us;
	int64_t
	    disk_since; /* unix us: the store cannot be written; 0: it can */
	int64_t disk_last, disk_us;
	bool waits_changed;
	int64_t intents_synced_at;
	uint64_t number;     /* of the store: see twophase.c */
	struct map prepared; /* digest of a name -> prepared_transaction */
	bool leftovers;	     /* to be looked for */

	struct look *look;	 /* NULL: no second looks are taken */
	bool last_looks;	 /* the clients are leaving */
	struct session *monitor; /* its own connection; see stall.c */
	struct session *keeper;	 /* the mirror's own rights; see keeper.c */
	struct link keeper_waiting;
	struct link keeper_asked; /* in the order of its commands */
	int64_t monitor_at;
	bool monitor_asked;
	uv_timer_t quiet;   /* look soon after the last step */
	int64_t stepped_at; /* a task was begun or ended */
	bool shadow_down;
	bool doubts; /* a transaction may be in doubt */
	enum mirror_stop stop;
	int64_t stop_by;
	bool reload;
	bool ended; /* replay: open sessions were closed */
};

/* The failure's engine code and message. */
static inline enum error_class mirror_error_class(const struct mirror *mirror,
						  const char *code,
						  const char *message)
{
	return mirror->options->primary_adapter->errors->class(code, message);
}

/* Of the primary's answer; NONE: it did not fail. */
static inline enum error_class mirror_primary_error(
    const struct mirror *mirror, const struct exchange *exchange)
{
	return exchange->problem
		   ? mirror_error_class(mirror, exchange->problem->sqlstate,
					exchange->problem->message)
		   : ERROR_CLASS_NONE;
}

/* Are primary and shadow of two engines? Binary forms are an engine's own, so
 * values go from one to the other as texts. */
static inline bool task_crosses_engines(const struct task *task)
{
	const struct mirror_options *options = task->mirror->options;

	return options->primary_adapter->values !=
	       options->shadow_adapter->values;
}

/* session.c: the primary's view */
struct session *session_find(struct mirror *mirror,
			     const struct exchange_session_id *id);
struct session *session_open(struct mirror *mirror,
			     const struct exchange_session_id *id,
			     const struct exchange_session *opened);
void session_free(struct session *session);
/* Of its transactions that do not say otherwise. */
enum sql_isolation session_isolation(const struct session *session);
void session_lens(const struct session *session, struct lens_session *out);
/* What a successful statement of the primary changes in its session. */
void session_follow(struct session *session, struct task *task);
/* A portal read in slices, by the message that first executed it. */
void session_open_portal(struct session *session, struct task *task);
bool session_has_portal(const struct session *session, uint64_t message);
void session_transaction_over(struct session *session, bool commit);
/* Whether it names a table without its schema while the schemas are unknown. */
bool session_misses_path(const struct session *session,
			 const struct plan *plan);
/* The NUL-ended text of statement `index` of a message, in the arena. */
const char *session_piece(struct mirror *mirror,
			  const struct exchange *exchange, struct arena *arena,
			  size_t *size);

/* setting.c: the settings of statements */
/* The meaning of a setting, by the adapter. */
enum setting_meaning setting_meaning(const struct mirror *mirror,
				     const char *name);
struct setting_change {
	const char *name;  /* NULL: not known */
	const char *value; /* NULL: not known */
	bool local;
};
/* The value of a SET, in the arena or its tree; as a list of names, or as it
 * is. NULL: DEFAULT, or unknown. */
const char *setting_of_set(const struct mirror *mirror, const char *text,
			   bool list, struct arena *arena);
/* What a SET (its traits, its text) says of the transaction under way
 * (*present), or of all later ones. False: nothing, or not for the session. */
bool setting_characteristics(const struct mirror *mirror,
			     const struct sql_traits *traits, const char *text,
			     struct sql_characteristics *given, bool *present);
/*
 * The results of set_config() calls in the text that the task has run: its own,
 * or that of a PREPARE. If a call stands in the list of a SELECT itself, the
 * answer shows its value. Whether another one was ever made, and with which
 * value, is unknown.
 */
const struct setting_change *setting_calls(const struct task *task,
					   const char *text,
					   struct arena *arena, size_t *count);

/* Whether it reports the role in which the session continues. */
bool setting_names_role(const struct task *task);
/* Whether it resets the session's role, which must then be taken on again;
 * local: until the transaction ends. */
bool setting_drops_role(const struct task *task, bool *local);

/* version.c: mapping and schemas */
/* Takes ownership of both catalogs. */
struct catalogs *catalogs_new(struct mirror *mirror,
			      struct catalog *old_catalog,
			      struct catalog *new_catalog);
void catalogs_drop(struct catalogs *catalogs);
unsigned catalogs_number(const struct catalogs *catalogs,
			 const struct catalog_table *table);
/* Compiles the mapping's file and the catalogs into a lens. NULL: it has
 * mistakes, which are printed. */
struct lens_version *lens_version_read(struct mirror *mirror,
				       struct catalogs *catalogs,
				       struct error *error);
/* The same, but mistakes of a mapping that no longer fits are printed and
 * tolerated. NULL: the file itself has mistakes. */
struct lens_version *lens_version_refit(struct mirror *mirror,
					struct catalogs *catalogs);
/* Puts this version in force; it takes over what the previous one has learned.
 */
void lens_version_use(struct mirror *mirror, struct lens_version *version);
struct lens_version *lens_version_hold(struct lens_version *version);
void lens_version_drop(struct lens_version *version);
/* Whether this version rewrites the prepared statement in the same way as the
 * version that prepared it. Then it belongs to this one. */
bool lens_version_renews(struct lens_version *version,
			 const struct session *session,
			 struct prepared *prepared);

/* schema.c: schemas that change */
/* The catalogs' versions, for the report. */
int schema_note_versions(struct mirror *mirror, const struct catalogs *catalogs,
			 struct error *error);
struct schema_watch *schema_watch_new(struct mirror *mirror);
void schema_watch_close(struct mirror *mirror);
/* A transaction that changes the primary's schema was read to its end: later
 * exchanges wait for the new catalogs. */
void schema_changed(struct mirror *mirror, struct transaction *transaction);
/* Such a transaction has also ended on the shadow. */
void schema_applied(struct mirror *mirror);
/* Whether reading must wait. */
bool schema_holds(const struct mirror *mirror);
void schema_look(struct mirror *mirror);

/* apply.c: tasks to the shadow */
size_t apply_dispatch(struct mirror *mirror); /* how many were started */
void apply_start(struct task *task);
void apply_ready(struct session *session); /* its connection is IDLE */
void apply_lost(struct session *session);  /* its connection is LOST */

/* Its sequences were moved. */
void apply_moved(struct session *session);
/* The shadow refuses it: from now on nothing of it runs. */
void apply_refused(struct session *session, enum reason reason);

/* restore.c: settings and prepared statements, for a new connection */
void restore_send(struct session *session);
/* It could not take on its former role. */
bool restore_lost_role(struct session *session);

/* fate.c: was a transaction committed? */
void fate_ask(struct session *session);
/* False: the shadow does not know yet, and is asked again later. */
bool fate_answered(struct session *session);
/* Whether the shadow must be asked for a transaction before another one begins
 * there (fate.c). */
bool fate_comes_first(struct mirror *mirror);
/* Asks for all that an earlier run left, before anything runs. */
int fate_ask_all(struct mirror *mirror, struct error *error);

/* keeper.c: commands that need the mirror's own rights */
/* Whether the task must wait until its sequences are moved; apply_moved then
 * continues it. */
bool keeper_moves(struct session *session, struct task *task);
void keeper_ready(struct mirror *mirror);
void keeper_lost(struct mirror *mirror);
void keeper_retry(struct mirror *mirror);
/* The session no longer waits. */
void keeper_forget(struct session *session);
void keeper_close(struct mirror *mirror);

/* batch.c: the commands of a task */
enum batch { BATCH_SENT, BATCH_NOTHING, BATCH_IMPOSSIBLE };
struct shadow_command *batch_add(struct session *session, const char *text);
/* A step of the transaction; NULL: the engine has no such step, and none is
 * added. */
struct shadow_command *batch_control(struct session *session,
				     enum session_control what);
/* Takes the client's role on again, if the session has assumed it. */
void batch_role(struct session *session, bool local);
void batch_start(struct session *session);
enum batch batch_statement(struct session *session, struct task *task,
			   bool rerun);
/* The next wave of the same statement. IMPOSSIBLE: error says why; ERROR_LIMIT:
 * there are too many rows to put into it. */
enum batch batch_go_on(struct session *session, struct task *task,
		       struct error *error);
enum batch batch_end(struct session *session, struct task *task);
bool batch_may_save(const struct task *task);
/* It may change something, and cannot be recognised after a crash. */
bool batch_is_unmarked(const struct task *task);

/* outcome.c: the meaning of a batch's answers for its statement */
/* Its answer. If it was not run, that of the command that failed before it. If
 * it succeeded and its deferred constraints did not, theirs. NULL: there is
 * none. */
const struct answer *outcome_answer(struct session *session);
/* The id of the transaction, if the batch asked for it. */
void outcome_read_id(struct session *session, struct task *task);
enum error_class outcome_error(const struct answer *answer);
bool outcome_is_load(const struct answer *answer);
/* Compares it with the primary's. */
void outcome_judge(struct task *task, const struct answer *answer);

/* displace.c: rows with uncarried keys, in the way of a carried one */
/* Whether the statement failed for that: then it is run once more, after what moves
 * them. */
bool displace_begin(struct task *task, const struct answer *answer);
/* Adds what moves them, if anything does. */
void displace_add(struct session *session, const struct task *task);
/* Whether that itself failed: then the statement is run once more, without. */
bool displace_failed(const struct session *session, struct task *task,
		     const struct answer *answer);

/* control.c: statements that steer transactions */
/* Adds what the shadow's engine has for such a statement of the client, and
 * returns its last command, which answers. NULL: it is none, or a rule of the
 * mapping wrote it, and nothing was added. */
struct shadow_command *control_add(struct session *session,
				   const struct plan *plan, const char *text);

/* wave.c: the steps of a plan that take rows of one another */
void wave_start(struct session *session, const struct task *task);
/* The step with the rows it takes. 1: they are not known yet, and another wave
 * follows. -1 with error: they cannot be put in. */
int wave_bind(struct session *session, const struct task *task, size_t index,
	      struct plan_step *bound, struct error *error);
/* The step's command is the last of the batch. */
void wave_sent(struct session *session, const struct task *task, size_t index);
/* The first failure among the wave's commands, from that one on; or NULL. */
const struct answer *wave_failure(const struct session *session, size_t from);
/* Is the answer that of a step that was refused for a right which the statement
 * itself does not need? */
bool wave_wants_rights(const struct session *session, const struct task *task,
		       const struct answer *answer);
/* Keeps the rows that came, before the next batch. */
void wave_keep(struct session *session, const struct task *task);

/* connection.c: connections */
void connection_open(struct session *session);
void connection_close(struct session *session);
void connection_submit(struct session *session, enum apply_phase phase);
void connection_retries(struct mirror *mirror);

/* stall.c: statements blocked by a lock */
void stall_look(struct mirror *mirror);
/* A task was begun or ended. */
void stall_stepped(struct mirror *mirror);
void stall_ready(struct session *monitor);
void stall_close(struct mirror *mirror);

/* watch.c: reports what takes long */
void watch_look(struct mirror *mirror);
void watch_over(struct session *session); /* its task is */
void watch_refused(struct mirror *mirror, const char *code);
void watch_disk_full(struct mirror *mirror, const struct error *error);
void watch_disk_free(struct mirror *mirror);
int watch_save(struct mirror *mirror, struct error *error);

/* part.c: the part of the evidence that a version's verdicts belong to: a new
 * one, if the mapping, shadow or journal has changed. */
int part_begin(struct mirror *mirror, struct lens_version *version,
	       struct error *error);

/* twophase.c: prepared transactions */
int twophase_open(struct mirror *mirror, struct error *error);
void twophase_close(struct mirror *mirror);
bool twophase_prepares(const struct task *task);
/* Before the task goes to the schedule: its conflicts. */
void twophase_follow(struct task *task);
/* The command gets the transaction's name on the shadow. False: it is another
 * statement. */
bool twophase_command(const struct task *task, struct arena *arena,
		      struct shadow_command *out);
/* Undoes a PREPARE that the primary refused. */
void twophase_undo(const struct task *task, struct arena *arena,
		   struct shadow_command *out);
void twophase_judged(struct task *task, const struct answer *shadow);
void twophase_counted(struct task *task);
/* By the monitor: transactions that were left prepared. True: it has more to
 * do. */
void twophase_ask(struct session *monitor);
bool twophase_answered(struct session *monitor, const struct answer *answer);

/* changed.c: schema changes that the shadow lacks */
void changed_follow(struct task *task);
/* The changes that the task's answer may depend on; false: none. */
bool changed_scope(const struct task *task, const struct answer *shadow,
		   struct weigh_scope *out);

/* judge.c: answers to verdicts */
bool judge_decode(struct task *task, struct error *error);
/* Why there is nothing to run. */
void judge_unfilled(struct task *task, const struct error *error);
/* Sets the verdict on the task's exchange. */
void judge_verdict(struct task *task, enum verdict verdict, enum reason reason,
		   const char *detail);
void judge_answer(struct task *task, const struct answer *shadow);
/* All verdicts of the task are set, except for overlaps: it is over. */
void judge_finish(struct task *task);
/* An exchange was read that may have overlapped undecided ones. Takes over its
 * effects. */
void judge_past(struct mirror *mirror, const struct past *past);
void judge_release(struct mirror *mirror);
/* Decides tasks that have waited for long, or all. */
void judge_expire(struct mirror *mirror, bool all);
/* Counts the session's finished transactions; it may be freed by this. */
void judge_count(struct session *session);

/* unpinned.c: tainted tables, and tables with uncarried values */
/* Tainted and uncarried data is remembered over a restart. */
int unpinned_save(struct mirror *mirror, struct error *error);
int unpinned_load(struct mirror *mirror, struct error *error);
void taint_everything(struct mirror *mirror, enum reason reason);
void taint_transaction(struct transaction *transaction);
/* The task's verdict is final: the consequences for the tables it wrote. */
void unpinned_spread(struct task *task);
/* The task is done: whether it stored generated values that were not carried
 * over. */
void unpinned_note_pins(struct task *task);
/* Whether statements put uncarried values into the table: not what functions and
 * triggers may have done. */
bool unpinned_holds(const struct mirror *mirror,
		    const struct catalog_table *table);
/* Whether the task's answer can show no uncarried value. */
bool unpinned_has_none(const struct task *task);
/* Where uncarried values may be that choose the answer's rows, or that
 * constraints check. False: nowhere. In the task's arena. */
bool unpinned_scope(struct task *task, const struct plan *plan,
		    const struct answer *shadow, struct weigh_scope *changed);

/* snapshot.c: which moment of the primary a statement shows */
/* When its plan is known, before the session follows it. */
void snapshot_begin(struct task *task);
/* In the order of its transaction, once it is known whether it runs. */
void snapshot_follow(struct task *task);

/* origin.c: which journal is read */
/* Waits until there is one. 1: told to stop meanwhile. */
int origin_find(struct mirror *mirror, struct error *error);
/* Checks whether the store's position, saved for the journal `known`, is in it;
 * if not, begins again at its start. */
int origin_check(struct mirror *mirror, const char *known,
		 struct journal_position *from, struct error *error);
/* If it did: reports it, and counts the gap. After unpinned_load. */
int origin_tell(struct mirror *mirror, struct error *error);

/* What a record says about the journal itself. */
void origin_note(struct mirror *mirror,
		 const Parallax__Journal__Record *record);
/* What its relay records in the directory. */
void origin_ask(struct mirror *mirror);
int origin_save(struct mirror *mirror, struct error *error);

void mirror_turn(struct mirror *mirror); /* continues wherever it can */
void mirror_fail(struct mirror *mirror, const struct error *error);

#endif
