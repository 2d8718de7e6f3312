/*
 * Reads a database's catalog in one snapshot. Each query's rows come sorted by
 * table, so that one pass assigns them to their tables.
 */
#include "adapters/postgres/postgres.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "adapters/postgres/catalog_query.h"
#include "adapters/postgres/catalog_reader.h"
#include "adapters/postgres/catalog_sql.h"
#include "base/memory.h"

enum { QUERY_MAX = 8192 };

/* Adds the first `columns` columns of all rows to the catalog's version. */
static void fold(struct catalog_reading *reading, const PGresult *rows,
		 int columns)
{
	for (int row = 0; row < PQntuples(rows); row++)
		for (int column = 0; column < columns; column++)
			XXH3_64bits_update(
			    reading->version, PQgetvalue(rows, row, column),
			    (size_t)PQgetlength(rows, row, column) + 1);
}

static int read_settings(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	PGresult *rows = reading_query(reading, settings_sql);

	if (!rows)
		return -1;
	catalog->search_path = reading_text(reading, rows, 0, 0);
	catalog->server_version = reading_text(reading, rows, 0, 1);
	catalog->encoding = reading_text(reading, rows, 0, 2);
	catalog->time_zone = reading_text(reading, rows, 0, 3);
	catalog->database = reading_text(reading, rows, 0, 4);
	catalog->account = reading_text(reading, rows, 0, 5);
	catalog->superuser = reading_bool(rows, 0, 6);
	catalog->collation = reading_text(reading, rows, 0, 7);
	catalog->table_folding = catalog->column_folding = FOLDING_LOWER;
	fold(reading, rows, 3);
	PQclear(rows);
	return 0;
}

static enum relation_kind relation_kind(char kind)
{
	switch (kind) {
	case 'p':
		return RELATION_PARTITIONED;
	case 'v':
		return RELATION_VIEW;
	case 'm':
		return RELATION_MATERIALIZED;
	case 'f':
		return RELATION_FOREIGN;
	case 'S':
		return RELATION_SEQUENCE;
	default:
		return RELATION_TABLE;
	}
}

static void index_table(struct catalog *catalog, struct catalog_table *table)
{
	size_t schema_size = strlen(table->schema) + 1;
	size_t name_size = strlen(table->name);
	char *key = memory_alloc(schema_size + name_size);

	memcpy(key, table->schema, schema_size);
	memcpy(key + schema_size, table->name, name_size);
	map_set(&catalog->table_by_name, key, schema_size + name_size, table);
	map_set(&catalog->table_by_id, &table->id, sizeof(table->id), table);
	free(key);
}

static int read_tables(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	PGresult *rows = reading_query(reading, tables_sql);

	if (!rows)
		return -1;
	catalog->table_count = (size_t)PQntuples(rows);
	catalog->tables = arena_array(&catalog->arena, catalog->table_count,
				      sizeof(*catalog->tables));
	for (int row = 0; row < PQntuples(rows); row++) {
		struct catalog_table *table = &catalog->tables[row];

		table->id = reading_id(rows, row, 0);
		table->schema = reading_text(reading, rows, row, 1);
		table->name = reading_text(reading, rows, row, 2);
		table->kind = relation_kind(PQgetvalue(rows, row, 3)[0]);
		table->has_triggers = reading_bool(rows, row, 4);
		table->has_rules = reading_bool(rows, row, 5);
		table->definition = reading_text(reading, rows, row, 6);
		table->triggers = reading_text(reading, rows, row, 7);
		table->alters_rows = reading_bool(rows, row, 8);
		table->row_estimate = strtod(PQgetvalue(rows, row, 9), NULL);
		table->privileges = (unsigned)reading_number(rows, row, 10);
		table->has_children = reading_bool(rows, row, 11);
		table->is_partition = reading_bool(rows, row, 12);
		table->policy_reads_more = reading_bool(rows, row, 13);
		index_table(catalog, table);
	}
	fold(reading, rows, 9);
	PQclear(rows);
	return 0;
}

/* The table with that id, and the number of its rows from `row` on. */
static struct catalog_table *run_of_rows(struct catalog_reading *reading,
					 const PGresult *rows, int row,
					 int *count)
{
	uint32_t id = reading_id(rows, row, 0);
	int end = row;

	while (end < PQntuples(rows) && reading_id(rows, end, 0) == id)
		end++;
	*count = end - row;
	return map_get(&reading->catalog->table_by_id, &id, sizeof(id));
}

static void read_default(struct catalog_reading *reading, const PGresult *rows,
			 int row, struct catalog_column *column)
{
	bool has_volatile = reading_bool(rows, row, 10);
	bool has_clock = reading_bool(rows, row, 11);
	bool has_sequence = reading_bool(rows, row, 12);
	bool plain_sequence = reading_bool(rows, row, 13);
	bool has_stable = reading_bool(rows, row, 14);

	if (column->generated == GENERATED_IDENTITY_ALWAYS ||
	    column->generated == GENERATED_IDENTITY_DEFAULT) {
		column->default_kind = DEFAULT_SEQUENCE;
	} else if (!column->default_sql ||
		   column->generated == GENERATED_STORED) {
		column->default_kind = DEFAULT_NONE;
	} else if (has_sequence && plain_sequence) {
		column->generated = GENERATED_SERIAL;
		column->default_kind = DEFAULT_SEQUENCE;
	} else if (has_volatile || has_sequence) {
		column->default_kind = DEFAULT_VOLATILE;
	} else if (has_clock) {
		column->default_kind = DEFAULT_CLOCK;
	} else {
		column->default_kind =
		    has_stable ? DEFAULT_STABLE : DEFAULT_CONSTANT;
	}
	column->sequence_schema = reading_text(reading, rows, row, 15);
	column->sequence = reading_text(reading, rows, row, 16);
}

static void read_column(struct catalog_reading *reading, const PGresult *rows,
			int row, struct catalog_column *column)
{
	char identity = PQgetvalue(rows, row, 7)[0];
	char generated = PQgetvalue(rows, row, 8)[0];

	column->name = reading_text(reading, rows, row, 1);
	column->number = (int16_t)reading_number(rows, row, 2);
	column->type = reading_id(rows, row, 3);
	column->modifier = (int32_t)reading_number(rows, row, 4);
	column->type_sql = reading_text(reading, rows, row, 5);
	column->not_null = reading_bool(rows, row, 6);
	column->default_sql = reading_text(reading, rows, row, 9);
	if (identity == 'a')
		column->generated = GENERATED_IDENTITY_ALWAYS;
	else if (identity == 'd')
		column->generated = GENERATED_IDENTITY_DEFAULT;
	else if (generated)
		column->generated = GENERATED_STORED;
	read_default(reading, rows, row, column);
	column->auto_increment =
	    column->generated == GENERATED_SERIAL ||
	    column->generated == GENERATED_IDENTITY_ALWAYS ||
	    column->generated == GENERATED_IDENTITY_DEFAULT;
	column->collation = reading_text(reading, rows, row, 17);
}

static int read_columns(struct catalog_reading *reading)
{
	bool has_generated = PQserverVersion(reading->connection) >= 120000;
	char text[QUERY_MAX];
	PGresult *rows;
	int count;

	snprintf(text, sizeof(text), columns_sql,
		 has_generated ? "a.attgenerated" : "''");
	rows = reading_query(reading, text);
	if (!rows)
		return -1;
	for (int row = 0; row < PQntuples(rows); row += count) {
		struct catalog_table *table =
		    run_of_rows(reading, rows, row, &count);
		struct catalog_column *columns;

		if (!table)
			continue;
		columns = arena_array(&reading->catalog->arena, (size_t)count,
				      sizeof(*columns));
		for (int i = 0; i < count; i++)
			read_column(reading, rows, row + i, &columns[i]);
		table->columns = columns;
		table->column_count = (size_t)count;
	}
	fold(reading, rows, PQnfields(rows));
	PQclear(rows);
	return 0;
}

/* Keys and foreign keys come from two queries into one array of the table. */
static void read_key(struct catalog_reading *reading, const PGresult *rows,
		     int row, struct catalog_key *key)
{
	key->name = reading_text(reading, rows, row, 1);
	key->kind = reading_bool(rows, row, 2) ? KEY_PRIMARY : KEY_UNIQUE;
	key->columns =
	    reading_numbers(reading, rows, row, 3, &key->column_count);
	key->partial = reading_bool(rows, row, 4);
	key->deferrable = reading_bool(rows, row, 5);
}

static void read_foreign_key(struct catalog_reading *reading,
			     const PGresult *rows, int row,
			     struct catalog_key *key)
{
	uint32_t target = reading_id(rows, row, 3);
	size_t target_count;

	key->name = reading_text(reading, rows, row, 1);
	key->kind = KEY_FOREIGN;
	key->columns =
	    reading_numbers(reading, rows, row, 2, &key->column_count);
	key->target =
	    map_get(&reading->catalog->table_by_id, &target, sizeof(target));
	key->target_columns =
	    reading_numbers(reading, rows, row, 4, &target_count);
	key->deferrable = reading_bool(rows, row, 5);
}

static void add_keys(struct catalog_reading *reading, const PGresult *rows,
		     void (*read)(struct catalog_reading *, const PGresult *,
				  int, struct catalog_key *))
{
	int count;

	for (int row = 0; row < PQntuples(rows); row += count) {
		struct catalog_table *table =
		    run_of_rows(reading, rows, row, &count);
		struct catalog_key *keys;

		if (!table)
			continue;
		keys = arena_array(&reading->catalog->arena,
				   table->key_count + (size_t)count,
				   sizeof(*keys));
		if (table->key_count)
			memcpy(keys, table->keys,
			       table->key_count * sizeof(*keys));
		for (int i = 0; i < count; i++)
			read(reading, rows, row + i,
			     &keys[table->key_count + (size_t)i]);
		table->keys = keys;
		table->key_count += (size_t)count;
	}
	fold(reading, rows, PQnfields(rows));
}

static int read_keys(struct catalog_reading *reading)
{
	bool has_included = PQserverVersion(reading->connection) >= 110000;
	char text[QUERY_MAX];
	PGresult *rows;

	snprintf(text, sizeof(text), keys_sql,
		 has_included ? "i.indnkeyatts" : "i.indnatts");
	rows = reading_query(reading, text);
	if (!rows)
		return -1;
	add_keys(reading, rows, read_key);
	PQclear(rows);
	rows = reading_query(reading, foreign_keys_sql);
	if (!rows)
		return -1;
	add_keys(reading, rows, read_foreign_key);
	PQclear(rows);
	return 0;
}

/* The server's own types that do not compare by bytes, or have one byte form.
 * An interval or a timetz has no single binary form. */
static const struct {
	const char *name;
	enum type_class class;
	bool one_form;
} own_types[] = {
    {"bool", TYPE_BOOLEAN, true},
    {"int2", TYPE_INTEGER, true},
    {"int4", TYPE_INTEGER, true},
    {"int8", TYPE_INTEGER, true},
    {"numeric", TYPE_NUMERIC, false},
    {"float4", TYPE_FLOAT, false},
    {"float8", TYPE_FLOAT, false},
    {"text", TYPE_TEXT, true},
    {"varchar", TYPE_TEXT, true},
    {"name", TYPE_TEXT, true},
    {"unknown", TYPE_TEXT, true},
    {"bpchar", TYPE_CHAR, false},
    {"bytea", TYPE_BYTES, true},
    {"date", TYPE_DATE, true},
    {"time", TYPE_TIME, true},
    {"timetz", TYPE_OTHER, false},
    {"timestamp", TYPE_TIMESTAMP, true},
    {"timestamptz", TYPE_TIMESTAMPTZ, true},
    {"interval", TYPE_INTERVAL, false},
    {"uuid", TYPE_UUID, true},
    {"json", TYPE_JSON, false},
    {"jsonb", TYPE_JSONB, false},
    {"oid", TYPE_OTHER, true},
    {"char", TYPE_OTHER, true},
    {"inet", TYPE_OTHER, true},
    {"cidr", TYPE_OTHER, true},
    {"macaddr", TYPE_OTHER, true},
    {"macaddr8", TYPE_OTHER, true},
    {"bit", TYPE_OTHER, true},
    {"varbit", TYPE_OTHER, true},
    {"money", TYPE_OTHER, true},
};

static void class_type(struct catalog_type *type, char kind, char category)
{
	type->class = TYPE_OTHER;
	switch (kind) {
	case 'd':
		type->class = TYPE_DOMAIN;
		return;
	case 'e':
		type->class = TYPE_ENUM;
		type->one_form = true;
		return;
	case 'c':
		type->class = TYPE_COMPOSITE;
		return;
	case 'r':
		type->class = TYPE_RANGE;
		return;
	default:
		break;
	}
	if (category == 'A' && type->element) {
		type->class = TYPE_ARRAY;
		return;
	}
	if (strcmp(type->schema, "pg_catalog"))
		return;
	for (size_t i = 0; i < sizeof(own_types) / sizeof(*own_types); i++)
		if (!strcmp(own_types[i].name, type->name)) {
			type->class = own_types[i].class;
			type->one_form = own_types[i].one_form;
		}
}

/* A domain's bytes are its base's. An array's contain its element's type id,
 * which servers share only for the built-in types. */
static void inherit_form(struct catalog *catalog)
{
	enum { FIRST_USER_ID = 16384, NESTING_MAX = 16 };

	for (int pass = 0; pass < NESTING_MAX; pass++) {
		bool changed = false;

		for (size_t i = 0; i < catalog->type_count; i++) {
			struct catalog_type *type = &catalog->types[i];
			const struct catalog_type *element;

			if (type->one_form || (type->class != TYPE_DOMAIN &&
					       type->class != TYPE_ARRAY))
				continue;
			element = catalog_type(catalog, type->element);
			if (!element || !element->one_form ||
			    (type->class == TYPE_ARRAY &&
			     element->id >= FIRST_USER_ID))
				continue;
			type->one_form = changed = true;
		}
		if (!changed)
			return;
	}
}

static int read_types(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	PGresult *rows = reading_query(reading, types_sql);

	if (!rows)
		return -1;
	catalog->type_count = (size_t)PQntuples(rows);
	catalog->types = arena_array(&catalog->arena, catalog->type_count,
				     sizeof(*catalog->types));
	for (int row = 0; row < PQntuples(rows); row++) {
		struct catalog_type *type = &catalog->types[row];

		type->id = reading_id(rows, row, 0);
		type->schema = reading_text(reading, rows, row, 1);
		type->name = reading_text(reading, rows, row, 2);
		type->element = reading_id(rows, row, 5);
		class_type(type, PQgetvalue(rows, row, 3)[0],
			   PQgetvalue(rows, row, 4)[0]);
		map_set(&catalog->type_by_id, &type->id, sizeof(type->id),
			type);
	}
	inherit_form(catalog);
	fold(reading, rows, PQnfields(rows));
	PQclear(rows);
	return 0;
}

static int read_labels(struct catalog_reading *reading)
{
	PGresult *rows = reading_query(reading, labels_sql);
	int count;

	if (!rows)
		return -1;
	for (int row = 0; row < PQntuples(rows); row += count) {
		uint32_t id = reading_id(rows, row, 0);
		struct catalog_type *type =
		    map_get(&reading->catalog->type_by_id, &id, sizeof(id));
		const char **labels;

		for (count = 1; row + count < PQntuples(rows) &&
				reading_id(rows, row + count, 0) == id;
		     count++)
			;
		if (!type) /* created after its query */
			continue;
		labels = arena_array(&reading->catalog->arena, (size_t)count,
				     sizeof(*labels));
		for (int i = 0; i < count; i++)
			labels[i] = reading_text(reading, rows, row + i, 1);
		type->labels = labels;
		type->label_count = (size_t)count;
	}
	fold(reading, rows, PQnfields(rows));
	PQclear(rows);
	return 0;
}

static int read_functions(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	bool has_procedures = PQserverVersion(reading->connection) >= 110000;
	char text[QUERY_MAX];
	PGresult *rows;

	snprintf(text, sizeof(text), functions_sql,
		 has_procedures ? "p.prokind = 'p'" : "false");
	rows = reading_query(reading, text);
	if (!rows)
		return -1;
	catalog->function_count = (size_t)PQntuples(rows);
	catalog->functions =
	    arena_array(&catalog->arena, catalog->function_count,
			sizeof(*catalog->functions));
	for (int row = 0; row < PQntuples(rows); row++) {
		struct catalog_function *function = &catalog->functions[row];

		function->schema = reading_text(reading, rows, row, 0);
		function->name = reading_text(reading, rows, row, 1);
		function->volatility = PQgetvalue(rows, row, 2)[0];
		function->set_returning = reading_bool(rows, row, 3);
		function->is_procedure = reading_bool(rows, row, 4);
		function->sets_path = reading_bool(rows, row, 5);
		function->changes_schema = reading_bool(rows, row, 6);
		function->body = reading_text(reading, rows, row, 7);
	}
	fold(reading, rows, PQnfields(rows));
	PQclear(rows);
	return 0;
}

static int read_extensions(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	PGresult *rows = reading_query(reading, extensions_sql);

	if (!rows)
		return -1;
	catalog->extension_count = (size_t)PQntuples(rows);
	catalog->extensions =
	    arena_array(&catalog->arena, catalog->extension_count,
			sizeof(*catalog->extensions));
	for (int row = 0; row < PQntuples(rows); row++) {
		catalog->extensions[row].name =
		    reading_text(reading, rows, row, 0);
		catalog->extensions[row].version =
		    reading_text(reading, rows, row, 1);
	}
	fold(reading, rows, PQnfields(rows));
	PQclear(rows);
	return 0;
}

static int read_roles(struct catalog_reading *reading)
{
	struct catalog *catalog = reading->catalog;
	PGresult *rows = reading_query(reading, roles_sql);

	if (!rows)
		return -1;
	catalog->role_count = (size_t)PQntuples(rows);
	catalog->roles = arena_array(&catalog->arena, catalog->role_count,
				     sizeof(*catalog->roles));
	for (int row = 0; row < PQntuples(rows); row++) {
		catalog->roles[row].name = reading_text(reading, rows, row, 0);
		catalog->roles[row].can_login = reading_bool(rows, row, 1);
		catalog->roles[row].can_become = reading_bool(rows, row, 2);
	}
	PQclear(rows);
	return 0;
}

/* Compiling it would take longer than any of these queries. */
static int no_jit(struct catalog_reading *reading)
{
	if (PQserverVersion(reading->connection) < 110000)
		return 0;
	return reading_command(reading, "SET jit = off");
}

static int read_all(struct catalog_reading *reading)
{
	/*
	 * With only pg_catalog on the path, pg_get_expr and format_type qualify
	 * every other name.
	 */
	return no_jit(reading) ||
		       reading_command(
			   reading,
			   "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") ||
		       read_settings(reading) ||
		       reading_command(reading,
				       "SET LOCAL search_path = pg_catalog") ||
		       read_tables(reading) || read_columns(reading) ||
		       read_keys(reading) || read_types(reading) ||
		       read_labels(reading) || read_functions(reading) ||
		       read_extensions(reading) || read_roles(reading) ||
		       reading_command(reading, "COMMIT")
		   ? -1
		   : 0;
}

static int read_mark(struct catalog_reading *reading, uint64_t *mark)
{
	PGresult *rows = NULL;

	if (!no_jit(reading) &&
	    !reading_command(reading, "SET search_path = pg_catalog"))
		rows = reading_query(reading, mark_sql);
	if (rows)
		*mark = XXH3_64bits(PQgetvalue(rows, 0, 0),
				    (size_t)PQgetlength(rows, 0, 0));
	PQclear(rows);
	return rows ? 0 : -1;
}

int postgres_catalog_mark(struct catalog_reader **reader,
			  const struct endpoint *endpoint, uint64_t *mark,
			  struct error *error)
{
	struct catalog_reading reading = {.error = error};

	if (reading_open(&reading, reader, endpoint))
		return -1;
	return catalog_reader_done(reader, read_mark(&reading, mark));
}

/* Over the open connection. */
static int read_catalog(struct catalog_reading *reading,
			struct catalog **catalog)
{
	int result = -1;

	reading->catalog = memory_alloc(sizeof(*reading->catalog));
	arena_init(&reading->catalog->arena, 0);
	reading->version = XXH3_createState();
	if (!reading->version)
		memory_exhausted(sizeof(struct catalog_reading));
	XXH3_64bits_reset(reading->version);
	if (!read_all(reading)) {
		reading->catalog->version =
		    XXH3_64bits_digest(reading->version);
		*catalog = reading->catalog;
		reading->catalog = NULL;
		result = 0;
	}
	catalog_free(&reading->catalog);
	XXH3_freeState(reading->version);
	return result;
}

/* The mark first: later changes are noticed the next time. */
static int reread(struct catalog_reading *reading, uint64_t *mark,
		  struct catalog **catalog)
{
	uint64_t now = 0;

	if (read_mark(reading, &now))
		return -1;
	if (now != *mark && (reading_command(reading, "RESET search_path") ||
			     read_catalog(reading, catalog)))
		return -1;
	*mark = now;
	return 0;
}

int postgres_catalog_reread(struct catalog_reader **reader,
			    const struct endpoint *endpoint, uint64_t *mark,
			    struct catalog **catalog, struct error *error)
{
	struct catalog_reading reading = {.error = error};

	*catalog = NULL;
	if (reading_open(&reading, reader, endpoint))
		return -1;
	return catalog_reader_done(reader, reread(&reading, mark, catalog));
}

int postgres_catalog_read(struct catalog_reader **reader,
			  const struct endpoint *endpoint,
			  struct catalog **catalog, struct error *error)
{
	struct catalog_reading reading = {.error = error};

	if (reading_open(&reading, reader, endpoint))
		return -1;
	return catalog_reader_done(reader, read_catalog(&reading, catalog));
}
