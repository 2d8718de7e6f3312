/*
 * Schema changes, if the mapping says `ddl: run`. The text runs as it is
 * written. Only the names of tables that the mapping merely renames are
 * replaced, in their places. It runs in the mirror's transaction, so
 * CONCURRENTLY is taken out.
 *
 *	CREATE INDEX CONCURRENTLY ON tags (label)
 *	CREATE INDEX  ON labels (label)			tags: {rows: labels}
 */
#include "lens/write/ddl.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lens/compile/table.h"
#include "lens/rewrite/refuse.h"

struct edit { /* a replacement in the text */
	size_t offset;
	size_t length;
	const char *text;
};

struct change {
	struct rewrite *rw;
	PgQuery__Node *node;
	struct edit *edits;
	size_t edit_count, edit_capacity;
};

/* ---- tables that it names ---- */

static bool column_is_plain(const struct lens_table *table,
			    const struct lens_column *column)
{
	return column->stored && !column->read && !column->values &&
	       !column->dropped &&
	       same_name(column->stored->name, column->old->name) &&
	       table->table;
}

/* Whether the new table is the old one under another name, and no more. */
static bool is_plain_rename(const struct lens_table *table)
{
	if (table->dropped || !lens_is_whole(table) || table->extra_count)
		return false;
	for (size_t i = 0; i < table->column_count; i++)
		if (!column_is_plain(table, &table->columns[i]))
			return false;
	return true;
}

/* CREATE INDEX only needs its own columns to be unchanged. */
static bool index_fits(const struct lens_table *table,
		       const PgQuery__IndexStmt *index)
{
	if (table->dropped || !lens_is_whole(table) || index->where_clause)
		return false;
	for (size_t n = 0; n < index->n_index_params; n++) {
		const PgQuery__IndexElem *element =
		    SQL_AS(index->index_params[n], INDEX_ELEM, index_elem);
		const struct lens_column *column = NULL;

		for (size_t i = 0; element && i < table->column_count; i++)
			if (same_name(table->columns[i].old->name,
				      element->name))
				column = &table->columns[i];
		if (!column || !column_is_plain(table, column))
			return false;
	}
	return true;
}

static bool takes_renames(const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_INDEX_STMT:
	case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
	case PG_QUERY__NODE__NODE_CREATE_STMT:
	case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
	case PG_QUERY__NODE__NODE_GRANT_STMT:
	case PG_QUERY__NODE__NODE_DROP_STMT:
		return true;
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		/* the mapping would not know the table's new name */
		return node->rename_stmt->rename_type !=
		       PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
	default:
		return false;
	}
}

static void check_renamed(struct change *change, const struct lens_table *table,
			  int location)
{
	struct rewrite *rw = change->rw;
	const PgQuery__IndexStmt *index =
	    SQL_AS(change->node, INDEX_STMT, index_stmt);

	rw->mapped = true;
	if (table->dropped)
		rewrite_refuse_dropped(rw, table, location);
	if (!takes_renames(change->node))
		rewrite_fail(rw, location,
			     "a schema change of this kind (%s) that names "
			     "\"%s\", which is mapped",
			     sql_node_name(change->node), table->old->name);
	if (!is_plain_rename(table) && !(index && index_fits(table, index)))
		rewrite_fail(rw, location,
			     "a schema change of \"%s\": the mapping does more "
			     "than rename the table",
			     table->old->name);
}

/* The length of a name, with its schema if it has one, at a place of the text.
 * 0: another text is there. */
static size_t name_length(const struct rewrite *rw, size_t from)
{
	const char quote = lens_old_dialect(rw->lens)->quote;
	size_t at = from;

	for (;;) {
		size_t start = at;

		if (at < rw->size && rw->text[at] == quote) {
			for (at++; at < rw->size; at++)
				if (rw->text[at] == quote &&
				    (++at == rw->size || rw->text[at] != quote))
					break;
		} else {
			while (at < rw->size &&
			       (isalnum((unsigned char)rw->text[at]) ||
				strchr("_$", rw->text[at]) ||
				(rw->text[at] & 0x80)))
				at++;
		}
		if (at == start)
			return 0;
		if (at == rw->size || rw->text[at] != '.')
			return at - from;
		at++;
	}
}

static const char *new_name(struct rewrite *rw, const struct lens_table *table)
{
	const struct sql_dialect *dialect = lens_new_dialect(rw->lens);
	struct buffer text;
	const char *kept;

	buffer_init(&text, 0);
	sql_print_name(dialect, &text, table->table->schema);
	buffer_append_byte(&text, '.');
	sql_print_name(dialect, &text, table->table->name);
	kept = arena_string(rw->arena, buffer_string(&text));
	buffer_release(&text);
	return kept;
}

static void rename_in_text(struct change *change,
			   const struct lens_table *table, int location)
{
	struct rewrite *rw = change->rw;
	size_t length = location < 0 ? 0 : name_length(rw, (size_t)location);
	struct edit *edit;

	if (!length)
		rewrite_fail(rw, location, "\"%s\" is not found in the text",
			     table->old->name);
	edit = ARENA_PUSH(rw->arena, change, edit);
	edit->offset = (size_t)location;
	edit->length = length;
	edit->text = new_name(rw, table);
}

static const struct lens_table *mapped_table(struct rewrite *rw,
					     const char *schema,
					     const char *name)
{
	PgQuery__RangeVar var = PG_QUERY__RANGE_VAR__INIT;
	const struct cte *cte;
	bool known;
	const struct lens_table *table;

	var.schemaname = (char *)(uintptr_t)schema;
	var.relname = (char *)(uintptr_t)name;
	table = rewrite_scope_table(rw, NULL, &var, &cte, &known);
	return table && (table->mapped || table->dropped) ? table : NULL;
}

/* ---- names in strings: bodies of functions, nextval('...') ---- */

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static bool has_word(const char *text, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)); at++)
		if ((at == text || !in_name(at[-1])) && !in_name(at[size]))
			return true;
	return false;
}

static const char *map_word(const struct map *names, const char *text)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct map_entry *entry = &names->entries[i];
		char name[256];
		const char *dot;

		if (entry->key_size >= sizeof(name))
			continue;
		memcpy(name, entry->key, entry->key_size);
		name[entry->key_size] = '\0';
		dot = strrchr(name, '.');
		if (has_word(text, dot ? dot + 1 : name))
			return (const char *)entry->key;
	}
	return NULL;
}

/* Refuses a name that means something else in the new schema. */
static void check_text(struct rewrite *rw, const char *text)
{
	const struct lens *lens = rw->lens;

	for (size_t i = 0; i < lens->table_count; i++) {
		if (!lens->tables[i].mapped ||
		    !has_word(text, lens->tables[i].old->name))
			continue;
		rw->mapped = true;
		rewrite_fail(rw, -1,
			     "a schema change with \"%s\", which the mapping "
			     "mentions, in a string or a body",
			     lens->tables[i].old->name);
	}
	if (map_word(&lens->names.sequences, text) ||
	    map_word(&lens->names.types, text) ||
	    map_word(&lens->names.functions, text)) {
		rw->mapped = true;
		rewrite_fail(rw, -1,
			     "a schema change that names a sequence, type or "
			     "function that the mapping renames");
	}
}

static enum sql_step look(struct sql_place *place, void *context,
			  struct error *error)
{
	struct change *change = context;
	struct rewrite *rw = change->rw;

	(void)error;
	if (SQL_AT(place, range_var)) {
		const PgQuery__RangeVar *var =
		    (PgQuery__RangeVar *)place->message;
		const struct lens_table *table =
		    mapped_table(rw, var->schemaname, var->relname);

		if (table) {
			check_renamed(change, table, var->location);
			rename_in_text(change, table, var->location);
		}
	} else if (SQL_AT(place, string) && place->parent &&
		   !SQL_AT(place->parent, column_ref)) {
		check_text(rw, ((PgQuery__String *)place->message)->sval);
	}
	return SQL_STEP_INTO;
}

/* ---- DROP ---- */

static void drop(struct change *change, const PgQuery__DropStmt *drop)
{
	struct rewrite *rw = change->rw;

	for (size_t i = 0; i < drop->n_objects; i++) {
		const PgQuery__List *names =
		    SQL_AS(drop->objects[i], LIST, list);
		size_t count = names ? names->n_items : 0;
		const struct lens_table *table;

		if (!count || count > 2)
			continue;
		table = mapped_table(
		    rw, count > 1 ? sql_string_value(names->items[0]) : "",
		    sql_string_value(names->items[count - 1]));
		if (!table)
			continue;
		check_renamed(change, table, -1);
		/* The new table may hold other rows, and they would be lost. */
		rewrite_fail(rw, -1,
			     "DROP of \"%s\", which the mapping mentions",
			     table->old->name);
	}
}

/* ---- the text ---- */

static bool is_concurrent(const PgQuery__Node *node)
{
	if (SQL_IS(node, INDEX_STMT))
		return node->index_stmt->concurrent;
	if (SQL_IS(node, DROP_STMT))
		return node->drop_stmt->concurrent;
	return SQL_IS(node, ALTER_TABLE_STMT); /* DETACH PARTITION */
}

/* A transaction cannot run it concurrently, and need not. */
static void take_out_concurrently(struct change *change)
{
	static const char word[] = "concurrently";
	struct rewrite *rw = change->rw;
	size_t size = sizeof(word) - 1;

	for (size_t i = 0; i + size <= rw->size; i++) {
		struct edit *edit;

		if (strncasecmp(rw->text + i, word, size) != 0 || !i ||
		    !isspace((unsigned char)rw->text[i - 1]) ||
		    (i + size < rw->size &&
		     !isspace((unsigned char)rw->text[i + size]) &&
		     rw->text[i + size] != ';'))
			continue;
		edit = ARENA_PUSH(rw->arena, change, edit);
		*edit = (struct edit){.offset = i, .length = size, .text = ""};
		return;
	}
}

static void sort_edits(struct change *change)
{
	for (size_t i = 1; i < change->edit_count; i++)
		for (size_t j = i;
		     j && change->edits[j - 1].offset > change->edits[j].offset;
		     j--) {
			struct edit moved = change->edits[j];

			change->edits[j] = change->edits[j - 1];
			change->edits[j - 1] = moved;
		}
}

static void write_text(struct change *change)
{
	struct rewrite *rw = change->rw;
	struct buffer text;
	size_t from = 0;

	if (!change->edit_count)
		return;
	sort_edits(change);
	buffer_init(&text, 0);
	for (size_t i = 0; i < change->edit_count; i++) {
		const struct edit *edit = &change->edits[i];

		buffer_append(&text, rw->text + from, edit->offset - from);
		buffer_append_string(&text, edit->text);
		from = edit->offset + edit->length;
	}
	buffer_append(&text, rw->text + from, rw->size - from);
	rw->made = arena_copy(rw->arena, text.data, text.size);
	rw->made_size = text.size;
	buffer_release(&text);
}

static void skip_server(struct rewrite *rw, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_CREATEDB_STMT:
	case PG_QUERY__NODE__NODE_DROPDB_STMT:
	case PG_QUERY__NODE__NODE_ALTER_DATABASE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_DATABASE_SET_STMT:
	case PG_QUERY__NODE__NODE_CREATE_TABLE_SPACE_STMT:
	case PG_QUERY__NODE__NODE_DROP_TABLE_SPACE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_TABLE_SPACE_OPTIONS_STMT:
	case PG_QUERY__NODE__NODE_ALTER_TABLE_MOVE_ALL_STMT:
	case PG_QUERY__NODE__NODE_CREATE_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_ROLE_STMT:
	case PG_QUERY__NODE__NODE_ALTER_ROLE_SET_STMT:
	case PG_QUERY__NODE__NODE_DROP_ROLE_STMT:
	case PG_QUERY__NODE__NODE_GRANT_ROLE_STMT:
	case PG_QUERY__NODE__NODE_REASSIGN_OWNED_STMT:
	case PG_QUERY__NODE__NODE_DROP_OWNED_STMT:
	case PG_QUERY__NODE__NODE_ALTER_SYSTEM_STMT:
	case PG_QUERY__NODE__NODE_CREATE_PUBLICATION_STMT:
	case PG_QUERY__NODE__NODE_ALTER_PUBLICATION_STMT:
	case PG_QUERY__NODE__NODE_CREATE_SUBSCRIPTION_STMT:
	case PG_QUERY__NODE__NODE_ALTER_SUBSCRIPTION_STMT:
	case PG_QUERY__NODE__NODE_DROP_SUBSCRIPTION_STMT:
		rewrite_skip(rw, REASON_DDL,
			     "acts on the server, its roles or its replicas");
	default:
		break;
	}
}

void write_ddl(struct rewrite *rw, PgQuery__Node *node)
{
	struct change change = {.rw = rw, .node = node};
	struct sql_visitor visitor = {look, NULL, &change};
	struct error error;

	skip_server(rw, node);
	error_init(&error);
	if (SQL_IS(node, DROP_STMT))
		drop(&change, node->drop_stmt);
	else if (sql_walk(&node, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
	if (is_concurrent(node))
		take_out_concurrently(&change);
	write_text(&change);
}
