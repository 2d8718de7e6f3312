/* The SQL that loads one database from another. */
#include "adapters/seed.h"

#include "adapters/postgres/postgres.h"
#include "sql/print.h"

/* clang-format off */

/* As pg_dump has them, and for the same reasons. With a search_path of
 * pg_catalog alone, names in values (regclass) come with their schema. */
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

/* Every transaction holds a lock on its own id, for all to see. A prepared one
 * has no session. */
static const char others[] =
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
static const char foreign_keys[] =
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

/* A name within a string, as regclass reads it. */
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

static void import_snapshot(struct buffer *out, const char *snapshot)
{
	buffer_append_string(out, "SET TRANSACTION SNAPSHOT ");
	quote_string(out, snapshot);
}

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

static void make_staging(struct buffer *out, const char *table,
			 const char *columns)
{
	buffer_printf(out, "CREATE TEMPORARY TABLE %s (%s) ON COMMIT DROP",
		      table, columns);
}

static void empty(struct buffer *out, const char *tables)
{
	buffer_printf(out, "TRUNCATE %s", tables);
}

static void make_deferrable(struct buffer *out,
			    const struct catalog_table *table,
			    const char *constraint, bool deferrable)
{
	buffer_append_string(out, "ALTER TABLE ");
	quote_table(out, table);
	buffer_append_string(out, " ALTER CONSTRAINT ");
	quote_name(out, constraint);
	buffer_append_string(out, deferrable ? " DEFERRABLE INITIALLY DEFERRED"
					     : " NOT DEFERRABLE");
}

static void transaction_status(struct buffer *out, const char *id)
{
	buffer_append_string(out, "SELECT txid_status(");
	quote_string(out, id);
	buffer_append_string(out, "::bigint)");
}

static void sequence_read(struct buffer *out,
			  const struct catalog_table *sequence)
{
	buffer_append_string(out, "SELECT last_value, is_called FROM ");
	quote_table(out, sequence);
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
static void sequence_pass(struct buffer *out, const struct catalog_table *table,
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

const struct seed_sql postgres_seed = {
    .read_setup = read_setup,
    .write_setup = write_setup,
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    .export_snapshot = "SELECT pg_export_snapshot()",
    .import_snapshot = import_snapshot,
    .write_count = "SELECT txid_snapshot_xmax(txid_current_snapshot())",
    .others = others,
    .table_sizes = table_sizes,
    .copy_out = copy_out,
    .copy_in = copy_in,
    .make_staging = make_staging,
    .empty = empty,
    .unguarded = "SET session_replication_role = replica",
    .defer = "SET CONSTRAINTS ALL DEFERRED",
    .settle = "SET CONSTRAINTS ALL IMMEDIATE",
    .make_deferrable = make_deferrable,
    .foreign_keys = foreign_keys,
    .transaction_id = "SELECT txid_current()",
    .transaction_status = transaction_status,
    .sequence_read = sequence_read,
    .sequence_set = sequence_set,
    .sequence_pass = sequence_pass,
};
