/*
 * Which old tables a migration reads. The model follows what copies rows; what
 * it does not follow must not be lost. An example:
 *
 *   CREATE TABLE totals AS SELECT kind, sum(n) FROM a GROUP BY kind;  -- line 1
 *   DROP TABLE a;
 *
 * No row of `a` is a row of `totals`, so nothing is fed and `a` is gone. That
 * line 1 read it is kept here, and the mapping says so beside `a: dropped`.
 */
#include <ctype.h>

#include "draft/internal.h"

struct looking {
	struct draft *draft;
	const char *where, *what;
	const PgQuery__RangeVar *target; /* that the statement writes */
	struct vector names;		 /* of WITH: no tables */
	struct vector columns;
	size_t first; /* of this statement's readings */
	bool star;
};

static void add_reading(struct looking *looking,
			const struct catalog_table *old, bool named)
{
	struct draft *draft = looking->draft;
	struct draft_reading *made;

	for (size_t i = looking->first; i < draft->readings.count; i++)
		if (((struct draft_reading *)draft->readings.items[i])->old ==
		    old)
			return;
	made = arena_alloc(draft->arena, sizeof(*made));
	*made = (struct draft_reading){.old = old,
				       .where = looking->where,
				       .what = looking->what,
				       .named = named};
	vector_add(draft->arena, &draft->readings, made);
}

static bool is_named(const struct vector *names, const char *name)
{
	VECTOR_EACH (const char, one, names)
		if (!strcmp(one, name))
			return true;
	return false;
}

static void look_at_table(struct looking *looking,
			  const PgQuery__RangeVar *name)
{
	struct draft *draft = looking->draft;
	const struct new_table *table;
	const struct catalog_table *copy;

	if (name == looking->target || !SQL_SET(name->relname) ||
	    (!SQL_SET(name->schemaname) &&
	     is_named(&looking->names, name->relname)))
		return;
	table = model_table(draft, name->schemaname, name->relname);
	if (table)
		VECTOR_EACH (const struct draft_source, source, &table->sources)
			add_reading(looking, source->old, true);
	copy = table ? NULL : query_copied(draft, name);
	if (copy)
		add_reading(looking, copy, true);
}

/* Names of WITH are met before what uses them but for recursive ones, which
 * name themselves: so all are taken first. */
static enum sql_step look_for_names(struct sql_place *place, void *context,
				    struct error *error)
{
	struct looking *looking = context;

	(void)error;
	if (SQL_AT(place, common_table_expr))
		vector_add(looking->draft->arena, &looking->names,
			   ((const PgQuery__CommonTableExpr *)place->message)
			       ->ctename);
	return SQL_STEP_INTO;
}

static enum sql_step look(struct sql_place *place, void *context,
			  struct error *error)
{
	struct looking *looking = context;

	(void)error;
	if (SQL_AT(place, range_var)) {
		look_at_table(looking,
			      (const PgQuery__RangeVar *)place->message);
	} else if (SQL_AT(place, a__star)) {
		looking->star = true;
	} else if (SQL_AT(place, column_ref)) {
		const PgQuery__ColumnRef *reference =
		    (const PgQuery__ColumnRef *)place->message;

		/* A whole row is named by its table, so all names count. */
		for (size_t i = 0; i < reference->n_fields; i++)
			if (sql_string_value(reference->fields[i]))
				vector_add(looking->draft->arena,
					   &looking->columns,
					   (void *)(uintptr_t)sql_string_value(
					       reference->fields[i]));
	}
	return SQL_STEP_INTO;
}

/* Of parsed text: the tables that it names, except the one that it writes. */
static void look_into(struct looking *looking, PgQuery__Node *node)
{
	struct draft *draft = looking->draft;
	struct sql_visitor names = {look_for_names, NULL, looking};
	struct sql_visitor tables = {look, NULL, looking};
	struct error error;

	if (sql_walk(&node, &names, &error) || sql_walk(&node, &tables, &error))
		draft_need(draft, "%s: nested too deeply to be read",
			   looking->where);
	for (size_t i = looking->first; i < draft->readings.count; i++) {
		struct draft_reading *reading = draft->readings.items[i];

		reading->columns = looking->columns;
		reading->named =
		    !looking->star &&
		    !is_named(&looking->columns, reading->old->name);
	}
}

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strcasestr(at, word)); at++)
		if ((at == text || !is_word(at[-1])) && !is_word(at[length]))
			return true;
	return false;
}

/* Of code in a text: each table whose name appears there. */
static void look_at_words(struct looking *looking, const char *text)
{
	VECTOR_EACH (const struct new_table, table, &looking->draft->tables) {
		if (table->dropped || !has_word(text, table->name))
			continue;
		VECTOR_EACH (const struct draft_source, source, &table->sources)
			add_reading(looking, source->old, false);
	}
}

static const char *named(const struct draft *draft, const char *verb,
			 const PgQuery__RangeVar *name)
{
	return name ? arena_printf(draft->arena, "%s \"%s\"", verb,
				   name->relname)
		    : verb;
}

void script_read(struct draft *draft, PgQuery__Node *node, const char *where,
		 const char *text)
{
	struct looking looking = {
	    .draft = draft, .where = where, .first = draft->readings.count};

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		looking.target = node->insert_stmt->relation;
		looking.what = named(draft, "INSERT INTO", looking.target);
		break;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		looking.target = node->update_stmt->relation;
		looking.what = named(draft, "UPDATE", looking.target);
		break;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		looking.target = node->delete_stmt->relation;
		looking.what = named(draft, "DELETE FROM", looking.target);
		break;
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		looking.target = node->merge_stmt->relation;
		looking.what = named(draft, "MERGE INTO", looking.target);
		break;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		looking.target = node->create_table_as_stmt->into
				     ? node->create_table_as_stmt->into->rel
				     : NULL;
		looking.what = named(draft, "CREATE TABLE", looking.target);
		break;
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		if (node->select_stmt->into_clause)
			looking.target = node->select_stmt->into_clause->rel;
		else if (!node->select_stmt->with_clause)
			return; /* it looks, and writes nothing */
		looking.what = named(draft, "SELECT INTO", looking.target);
		break;
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		looking.target = node->view_stmt->view;
		looking.what = named(draft, "CREATE VIEW", looking.target);
		break;
	case PG_QUERY__NODE__NODE_COPY_STMT:
		if (node->copy_stmt->is_from)
			return;
		looking.what = "COPY";
		break;
	case PG_QUERY__NODE__NODE_RULE_STMT:
	case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
	case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
		looking.what = "a function, trigger or rule";
		look_at_words(&looking, text);
		return;
	case PG_QUERY__NODE__NODE_DO_STMT:
		looking.what = "a DO block";
		look_at_words(&looking, text);
		return;
	case PG_QUERY__NODE__NODE_CALL_STMT:
	case PG_QUERY__NODE__NODE_PREPARE_STMT:
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		looking.what = "a procedure or a prepared statement";
		look_at_words(&looking, text);
		return;
	default:
		return;
	}
	look_into(&looking, node);
}

const struct draft_reading *script_reading(const struct draft *draft,
					   const struct catalog_table *old,
					   const char *column)
{
	VECTOR_EACH (const struct draft_reading, reading, &draft->readings)
		if (reading->old == old &&
		    (!column || !reading->named ||
		     is_named(&reading->columns, column)))
			return reading;
	return NULL;
}

/* ---- copies ---- */

/* The table that still holds all rows of an old one; or NULL. */
static const struct new_table *staying(const struct draft *draft,
				       const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables) {
		const struct draft_source *source = model_source(table, old);

		if (!table->dropped && !table->fresh && source &&
		    !source->absorbed && !source->when)
			return table;
	}
	return NULL;
}

/* Whether the table holds the old column unchanged. */
static bool holds(const struct new_table *table,
		  const struct catalog_table *old, const char *column)
{
	VECTOR_EACH (const struct feed, feed,
		     &model_source(table, old)->feeds) {
		const char *bare = expression_bare(feed->expression);

		if (!feed->column->dropped && bare && !strcmp(bare, column))
			return true;
	}
	return false;
}

/* Nothing of the old row is only in the other table. */
static bool adds_nothing(const struct new_table *own,
			 const struct draft_source *source)
{
	for (size_t i = 0; i < source->old->column_count; i++) {
		const char *name = source->old->columns[i].name;
		bool used = false;

		VECTOR_EACH (const struct feed, feed, &source->feeds)
			used |= !feed->column->dropped &&
				(!feed->expression ||
				 expression_uses(feed->expression, name));
		if (used && !holds(own, source->old, name))
			return false;
	}
	return true;
}

void script_forget_copies(struct draft *draft)
{
	VECTOR_EACH (struct new_table, table, &draft->tables) {
		size_t kept = 0;

		for (size_t i = 0; i < table->sources.count; i++) {
			struct draft_source *source = table->sources.items[i];
			const struct new_table *own =
			    staying(draft, source->old);
			const struct draft_reading *reading =
			    script_reading(draft, source->old, NULL);

			if (!table->fresh || table->dropped ||
			    source->absorbed || !own ||
			    !adds_nothing(own, source)) {
				table->sources.items[kept++] = source;
				continue;
			}
			draft_need(
			    draft,
			    "%s%srows of \"%s\" are copied into \"%s\" "
			    "and stay where they are: the mapping leaves "
			    "the copy out; say by hand if each write must "
			    "reach it too",
			    reading ? reading->where : "", reading ? ": " : "",
			    source->old->name, table->name);
		}
		table->sources.count = kept;
	}
}
