/* Loading one PostgreSQL database from another: a snapshot that is exported and
 * imported, COPY, and a temporary staging table. */
#include "adapters/seed.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/copy_row.h"
#include "adapters/postgres/bookkeeping.h"
#include "adapters/postgres/postgres.h"
#include "base/memory.h"
#include "sql/print.h"

/* clang-format off */

/* pg_dump's settings, for the same reasons. With only pg_catalog on the
 * search_path, names in values (regclass) are qualified. */
static const char *const read_setup[] = {
    "SET search_path = pg_catalog",
    "SET DateStyle = ISO",
    "SET IntervalStyle = postgres",
    "SET extra_float_digits = 3",
    "SET bytea_output = hex",
    "SET synchronize_seqscans = off",
    "SET row_security = off",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    NULL,
};

static const char *const write_setup[] = {
    "SET DateStyle = ISO",
    "SET IntervalStyle = postgres",
    "SET xmloption = content",
    "SET row_security = off",
    "SET statement_timeout = 0",
    "SET lock_timeout = 0",
    "SET idle_in_transaction_session_timeout = 0",
    "SET temp_buffers = '32MB'",
    NULL,
};

/* Of another session: a client's, and not of this program. To an ordinary account
 * pg_stat_activity hides the kind of others' (and their state), but not whose they
 * are. */
#define CLIENT                                                                 \
	"a.usesysid IS NOT NULL AND a.pid <> pg_backend_pid() AND"             \
	" coalesce(a.backend_type, 'client backend') = 'client backend' AND"   \
	" coalesce(a.application_name, '') <>"                                 \
	" current_setting('application_name')"

/* Every transaction holds a visible lock on its own id. A prepared one has no
 * session. */
static const char others_text[] =
    "SELECT (SELECT count(DISTINCT l.virtualtransaction) FROM pg_locks l"
    "  JOIN pg_stat_activity a ON a.pid = l.pid"
    "  WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock'"
    "  AND l.granted AND a.datname = current_database()"
    "  AND " CLIENT ")"
    " + (SELECT count(*) FROM pg_prepared_xacts p"
    "  WHERE p.database = current_database()),"
    " (SELECT count(*) FROM pg_locks l"
    "  JOIN pg_stat_activity a ON a.pid = l.pid"
    "  WHERE l.locktype = 'virtualxid' AND l.mode = 'ExclusiveLock'"
    "  AND l.granted AND a.datname = current_database()"
    "  AND " CLIENT "),"
    " (SELECT count(*) FROM pg_stat_activity a"
    "  WHERE a.datname = current_database()"
    "  AND " CLIENT ")";

/* reltuples is of the last ANALYZE: the table has grown as its pages did. */
static const char table_sizes[] =
    "SELECT n.nspname, c.relname, c.relispartition,"
    " EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid),"
    " s.bytes, CASE WHEN s.bytes = 0 AND c.relkind = 'r' THEN 0"
    "  WHEN c.reltuples > 0 AND c.relpages > 0 THEN"
    "   (c.reltuples::float8 * s.bytes"
    "    / (c.relpages::float8 * current_setting('block_size')::int))::bigint"
    "  ELSE -1 END"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN LATERAL (SELECT CASE c.relkind WHEN 'r' THEN"
    "   pg_relation_size(c.oid) ELSE (SELECT coalesce(sum("
    "    pg_relation_size(i.inhrelid)), 0)::bigint FROM pg_inherits i"
    "    WHERE i.inhparent = c.oid) END AS bytes) s"
    " WHERE c.relkind IN ('r', 'p')"
    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    " AND n.nspname !~ '^pg_(toast|temp)'";

/* MATCH SIMPLE: a row with a NULL refers to nothing. Keys that are there for the
 * partitions of either side (conparentid, from PostgreSQL 11 on) are left out:
 * theirs is the whole table's. */
static const char foreign_keys_text[] =
    "SELECT o.conrelid::regclass::text, o.conname,"
    " format('SELECT EXISTS (SELECT FROM %s c WHERE %s"
    " AND NOT EXISTS (SELECT FROM %s p WHERE %s))', o.conrelid::regclass,"
    "  string_agg(format('c.%I IS NOT NULL', ca.attname), ' AND '),"
    "  o.confrelid::regclass,"
    "  string_agg(format('p.%I = c.%I', pa.attname, ca.attname), ' AND '))"
    " FROM pg_constraint o"
    " CROSS JOIN LATERAL unnest(o.conkey, o.confkey) k(child, parent)"
    " JOIN pg_attribute ca ON ca.attrelid = o.conrelid"
    "  AND ca.attnum = k.child"
    " JOIN pg_attribute pa ON pa.attrelid = o.confrelid"
    "  AND pa.attnum = k.parent"
    " WHERE o.contype = 'f' AND o.convalidated"
    " AND coalesce(to_jsonb(o)->>'conparentid', '0') = '0'"
    " GROUP BY o.oid, o.conrelid, o.conname, o.confrelid ORDER BY 1, 2";

/* clang-format on */

static void quote_name(struct buffer *out, const char *name)
{
	sql_print_name(adapter_postgres.parser->dialect, out, name);
}

static void quote_string(struct buffer *out, const char *text)
{
	adapter_postgres.parser->dialect->string(out, text);
}

static void quote_table(struct buffer *out, const struct catalog_table *table)
{
	quote_name(out, table->schema);
	buffer_append_byte(out, '.');
	quote_name(out, table->name);
}

/* A name inside a string, in the form that regclass reads. */
static void quote_class(struct buffer *out, const char *schema,
			const char *name)
{
	struct buffer text;

	buffer_init(&text, 0);
	quote_name(&text, schema);
	buffer_append_byte(&text, '.');
	quote_name(&text, name);
	quote_string(out, buffer_string(&text));
	buffer_release(&text);
}

/* ---- statements ---- */

static int run_text(struct database *database, const char *text,
		    struct error *error)
{
	return postgres_database.query(database, text, NULL, NULL, error);
}

/* Releases the text, too. */
static int run(struct database *database, struct buffer *text,
	       struct database_result *result, struct error *error)
{
	int failed =
	    text->failed
		? error_set(error, ERROR_LIMIT, "the statement is too long")
		: postgres_database.query(database, buffer_string(text), NULL,
					  result, error);

	buffer_release(text);
	return failed;
}

static int run_all(struct database *database, const char *const *texts,
		   struct error *error)
{
	for (; *texts; texts++)
		if (run_text(database, *texts, error))
			return -1;
	return 0;
}

static const char *cell(const struct database_result *result, size_t row,
			size_t column)
{
	const uint8_t *data =
	    result->rows[row * result->column_count + column].data;

	return data ? (const char *)data : "";
}

static bool is_true(const struct database_result *result, size_t row,
		    size_t column)
{
	return *cell(result, row, column) == 't';
}

/* The first value of the first row; it must be there. */
static int take_value(struct database *database, const char *text, char **value,
		      struct error *error)
{
	struct database_result result;

	*value = NULL;
	if (postgres_database.query(database, text, NULL, &result, error))
		return -1;
	if (result.row_count && result.column_count && result.rows[0].data)
		*value = memory_string((const char *)result.rows[0].data);
	postgres_database.release(&result);
	return *value ? 0
		      : error_set(error, ERROR_DATABASE,
				  "the server gave no value for %s", text);
}

/* ---- sessions and their state ---- */

static int prepare_reader(struct database *primary, struct error *error)
{
	return run_all(primary, read_setup, error);
}

static int prepare_writer(struct database *shadow, struct error *error)
{
	return run_all(shadow, write_setup, error);
}

static const char begin_read[] =
    "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

static int share_state(struct database *first, char **state,
		       struct error *error)
{
	*state = NULL;
	return run_text(first, begin_read, error) ||
		       take_value(first, "SELECT pg_export_snapshot()", state,
				  error)
		   ? -1
		   : 0;
}

static int join_state(struct database *other, const char *state,
		      struct error *error)
{
	struct buffer text;

	if (run_text(other, begin_read, error))
		return -1;
	buffer_init(&text, 0);
	buffer_append_string(&text, "SET TRANSACTION SNAPSHOT ");
	quote_string(&text, state);
	return run(other, &text, NULL, error);
}

/* How many transactions have written. */
static int state_mark(struct database *first, char **mark, struct error *error)
{
	return take_value(first,
			  "SELECT txid_snapshot_xmax(txid_current_snapshot())",
			  mark, error);
}

/* ---- what there is ---- */

static int others(struct database *primary, struct seed_others *out,
		  struct error *error)
{
	struct database_result result;

	*out = (struct seed_others){0};
	if (postgres_database.query(primary, others_text, NULL, &result, error))
		return -1;
	if (result.row_count == 1 && result.column_count == 3)
		*out = (struct seed_others){
		    .writers = strtoull(cell(&result, 0, 0), NULL, 10),
		    .transactions = strtoull(cell(&result, 0, 1), NULL, 10),
		    .sessions = strtoull(cell(&result, 0, 2), NULL, 10),
		};
	postgres_database.release(&result);
	return 0;
}

static int sizes(struct database *primary, struct arena *arena,
		 struct seed_size **out, size_t *count, struct error *error)
{
	struct database_result result;
	struct seed_size *list;

	if (postgres_database.query(primary, table_sizes, NULL, &result, error))
		return -1;
	list = arena_array(arena, result.row_count + 1, sizeof(*list));
	for (size_t i = 0; i < result.row_count; i++)
		list[i] = (struct seed_size){
		    .schema = arena_string(arena, cell(&result, i, 0)),
		    .table = arena_string(arena, cell(&result, i, 1)),
		    .part = is_true(&result, i, 2),
		    .inherited = is_true(&result, i, 3),
		    .bytes = strtoll(cell(&result, i, 4), NULL, 10),
		    .rows = strtod(cell(&result, i, 5), NULL),
		};
	*out = list;
	*count = result.row_count;
	postgres_database.release(&result);
	return 0;
}

/* ---- rows ---- */

static void column_list(struct buffer *out, const char *columns)
{
	if (columns)
		buffer_printf(out, " (%s)", columns);
}

static void copy_out(struct buffer *out, const char *table, const char *columns,
		     bool nested)
{
	if (nested) {
		buffer_printf(out, "COPY (SELECT %s FROM %s) TO STDOUT",
			      columns ? columns : "", table);
		return;
	}
	buffer_printf(out, "COPY %s", table);
	column_list(out, columns);
	buffer_append_string(out, " TO STDOUT");
}

static void copy_in(struct buffer *out, const char *table, const char *columns)
{
	buffer_printf(out, "COPY %s", table);
	column_list(out, columns);
	buffer_append_string(out, " FROM STDIN");
}

/* In the form of postgres_write_row_reduced. */
static void copy_in_reduced(struct buffer *out, const char *table,
			    const char *columns)
{
	copy_in(out, table, columns);
	buffer_append_string(out, " WITH (FORMAT csv)");
}

static void has_rows(struct buffer *out, const char *table, bool own)
{
	buffer_printf(out, "SELECT EXISTS (SELECT 1 FROM %s%s)",
		      own ? "ONLY " : "", table);
}

static void delete_rows(struct buffer *out, const char *table)
{
	buffer_printf(out, "DELETE FROM %s", table);
}

static void empty(struct buffer *out, const char *tables)
{
	buffer_printf(out, "TRUNCATE %s", tables);
}

/* ---- the staging table ---- */

static void make_staging(struct buffer *out, const char *name,
			 const char *columns)
{
	buffer_printf(out, "CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP",
		      name, columns);
}

static void copy_staging(struct buffer *out, const char *name,
			 const char *columns)
{
	buffer_printf(out, "COPY pg_temp.%s", name);
	column_list(out, columns);
	buffer_append_string(out, " FROM STDIN");
}

static void copy_staging_reduced(struct buffer *out, const char *name,
				 const char *columns)
{
	copy_staging(out, name, columns);
	buffer_append_string(out, " WITH (FORMAT csv)");
}

static void insert_staged(struct buffer *out, const char *table,
			  const char *columns, const char *name)
{
	buffer_printf(out,
		      "INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s "
		      "FROM %s",
		      table, columns, columns, name);
}

static int empty_staging(struct database *shadow, const char *name,
			 struct error *error)
{
	struct buffer text;

	buffer_init(&text, 0);
	buffer_printf(&text, "TRUNCATE pg_temp.%s", name);
	return run(shadow, &text, NULL, error);
}

static int drop_staging(struct database *shadow, const char *name,
			struct error *error)
{
	struct buffer text;

	buffer_init(&text, 0);
	buffer_printf(&text, "DROP TABLE pg_temp.%s", name);
	return run(shadow, &text, NULL, error);
}

/* ---- constraints ---- */

static int unguard(struct database *shadow, bool *allowed, struct error *error)
{
	struct error why;

	error_init(&why);
	*allowed =
	    !run_text(shadow, "SET session_replication_role = replica", &why);
	if (*allowed || postgres_errors.class(why.native, why.message) ==
			    ERROR_CLASS_PERMISSION)
		return 0;
	*error = why;
	return -1;
}

static int make_deferrable(struct database *shadow,
			   const struct catalog_table *table,
			   const char *constraint, bool deferrable,
			   struct error *error)
{
	struct buffer text;

	buffer_init(&text, 0);
	buffer_append_string(&text, "ALTER TABLE ");
	quote_table(&text, table);
	buffer_append_string(&text, " ALTER CONSTRAINT ");
	quote_name(&text, constraint);
	buffer_append_string(&text, deferrable
					? " DEFERRABLE INITIALLY DEFERRED"
					: " NOT DEFERRABLE");
	return run(shadow, &text, NULL, error);
}

static int foreign_keys(struct database *shadow, struct arena *arena,
			struct seed_key **out, size_t *count,
			struct error *error)
{
	struct database_result result;
	struct seed_key *list;

	if (postgres_database.query(shadow, foreign_keys_text, NULL, &result,
				    error))
		return -1;
	list = arena_array(arena, result.row_count + 1, sizeof(*list));
	for (size_t i = 0; i < result.row_count; i++)
		list[i] = (struct seed_key){
		    .table = arena_string(arena, cell(&result, i, 0)),
		    .name = arena_string(arena, cell(&result, i, 1)),
		    .check = arena_string(arena, cell(&result, i, 2)),
		};
	*out = list;
	*count = result.row_count;
	postgres_database.release(&result);
	return 0;
}

static int key_broken(struct database *shadow, const struct seed_key *key,
		      bool *broken, struct error *error)
{
	char *answer;

	if (take_value(shadow, key->check, &answer, error))
		return -1;
	*broken = *answer == 't';
	free(answer);
	return 0;
}

/* ---- the transaction ---- */

static int token(struct database *shadow, char **out, struct error *error)
{
	return take_value(shadow, "SELECT txid_current()", out, error);
}

/* The server has forgotten those that are older than its commit log. */
static int fate(struct database *shadow, const char *id,
		enum transaction_fate *out, struct error *error)
{
	const struct value value = {(const uint8_t *)id, (uint32_t)strlen(id)};
	const struct database_parameters parameters = {.values = &value,
						       .count = 1};
	struct database_result result;

	if (postgres_database.query(shadow, postgres_fate_query, &parameters,
				    &result, error)) {
		if (!postgres_fate_is_none(error->native))
			return -1;
		error_init(error);
		*out = TRANSACTION_ABORTED;
		return 0;
	}
	*out = result.row_count ? postgres_fate(&result.rows[0])
				: TRANSACTION_FORGOTTEN;
	postgres_database.release(&result);
	return 0;
}

/* ---- sequences ---- */

static int sequence_read(struct database *primary,
			 const struct catalog_table *sequence, char **value,
			 bool *given, struct error *error)
{
	struct database_result result;
	struct buffer text;

	*value = NULL;
	*given = false;
	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT last_value, is_called FROM ");
	quote_table(&text, sequence);
	if (run(primary, &text, &result, error))
		return -1;
	if (result.row_count == 1 && result.column_count == 2 &&
	    result.rows[0].data) {
		*value = memory_string((const char *)result.rows[0].data);
		*given = is_true(&result, 0, 1);
	}
	postgres_database.release(&result);
	return 0;
}

static void sequence_set(struct buffer *out,
			 const struct catalog_table *sequence,
			 const char *value, bool given)
{
	buffer_append_string(out, "SELECT setval(");
	quote_class(out, sequence->schema, sequence->name);
	buffer_printf(out, ", %s, %s)", value, given ? "true" : "false");
}

/* An ascending one past the greatest, a descending one past the least. */
static void pass_text(struct buffer *out, const struct catalog_table *table,
		      const struct catalog_column *column)
{
	buffer_append_string(out, "SELECT setval(s.name, CASE WHEN s.up THEN"
				  " v.most ELSE v.least END) FROM (SELECT ");
	quote_class(out, column->sequence_schema, column->sequence);
	buffer_append_string(out, "::regclass AS name, q.seqincrement > 0"
				  " AS up FROM pg_sequence q WHERE q.seqrelid"
				  " = ");
	quote_class(out, column->sequence_schema, column->sequence);
	buffer_append_string(out, "::regclass) s, (SELECT max(");
	quote_name(out, column->name);
	buffer_append_string(out, ")::bigint AS most, min(");
	quote_name(out, column->name);
	buffer_append_string(out, ")::bigint AS least FROM ");
	quote_table(out, table);
	buffer_append_string(out, ") v, ");
	quote_name(out, column->sequence_schema);
	buffer_append_byte(out, '.');
	quote_name(out, column->sequence);
	buffer_append_string(
	    out, " n WHERE CASE WHEN s.up THEN v.most > n.last_value OR"
		 " v.most = n.last_value AND NOT n.is_called ELSE"
		 " v.least < n.last_value OR v.least = n.last_value AND"
		 " NOT n.is_called END");
}

static int sequence_pass(struct database *shadow,
			 const struct catalog_table *table,
			 const struct catalog_column *column, bool *moved,
			 struct error *error)
{
	struct database_result result;
	struct buffer text;

	buffer_init(&text, 0);
	pass_text(&text, table, column);
	if (run(shadow, &text, &result, error))
		return -1;
	*moved = result.row_count > 0;
	postgres_database.release(&result);
	return 0;
}

#define SEED                                                                   \
	.prepare_reader = prepare_reader, .prepare_writer = prepare_writer,    \
	.share_state = share_state, .join_state = join_state,                  \
	.state_mark = state_mark, .others = others, .sizes = sizes,            \
	.copy_out = copy_out, .read_row = postgres_read_row,                   \
	.has_rows = has_rows, .delete_rows = delete_rows, .empty = empty,      \
	.make_staging = make_staging, .insert_staged = insert_staged,          \
	.empty_staging = empty_staging, .drop_staging = drop_staging,          \
	.unguard = unguard, .make_deferrable = make_deferrable,                \
	.foreign_keys = foreign_keys, .key_broken = key_broken,                \
	.sequence_read = sequence_read, .sequence_set = sequence_set,          \
	.sequence_pass = sequence_pass

const struct seed_ops postgres_seed = {
    SEED,
    .copy_in = copy_in,
    .write_row = postgres_write_row,
    .copy_staging = copy_staging,
    .token = token,
    .fate = fate,
};

const struct seed_ops postgres_seed_reduced = {
    SEED,
    .copy_in = copy_in_reduced,
    .write_row = postgres_write_row_reduced,
    .copy_staging = copy_staging_reduced,
    .token = bookkeeping_seed_token,
    .fate = bookkeeping_seed_fate,
};
