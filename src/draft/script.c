/* The migration's own SQL: statement by statement, in order. */
#include "draft/internal.h"

#include <stdio.h>

enum { STATEMENTS_MAX = 100 * 1000 };

/* What psql alone understands is blanked out, so that places stay true: its
 * commands, and the data behind COPY ... FROM STDIN. */
static char *without_psql(struct arena *arena, const char *text, size_t size)
{
	char *copy = arena_copy(arena, text, size);
	bool data = false;

	for (char *line = copy; *line;) {
		char *end = line + strcspn(line, "\n");
		bool ends = data && !strncmp(line, "\\.", 2);
		bool blank = data || *line == '\\';

		if (!blank && !strncasecmp(line, "copy ", 5)) {
			char *from = strcasestr(line, "from stdin");

			data = from && from < end && end > line &&
			       memchr(from, ';', (size_t)(end - from));
			blank = data;
		}
		if (blank)
			memset(line, ' ', (size_t)(end - line));
		if (ends)
			data = false;
		line = *end ? end + 1 : end;
	}
	return copy;
}

static int line_of(const char *text, size_t offset)
{
	int line = 1;

	for (size_t i = 0; i < offset; i++)
		line += text[i] == '\n';
	return line;
}

static void set_path(struct draft *draft, const PgQuery__VariableSetStmt *set)
{
	struct vector path = {0};

	if (!SQL_SET(set->name) || strcmp(set->name, "search_path"))
		return;
	for (size_t i = 0; i < set->n_args; i++) {
		const PgQuery__AConst *constant =
		    SQL_AS(set->args[i], A_CONST, a_const);

		if (constant &&
		    constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
		    *constant->sval->sval && *constant->sval->sval != '$')
			vector_add(draft->arena, &path, constant->sval->sval);
	}
	if (path.count)
		draft->path = path;
}

/* SELECT setval(...) and the like change no shape; other functions may. */
static bool is_harmless(const PgQuery__SelectStmt *select)
{
	static const char *const harmless[] = {"setval",
					       "nextval",
					       "pg_advisory_lock",
					       "pg_advisory_xact_lock",
					       "pg_advisory_unlock",
					       "set_config",
					       "count",
					       "now",
					       NULL};

	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(select->target_list[i], RES_TARGET, res_target);
		bool known = !target || !SQL_IS(target->val, FUNC_CALL);

		for (size_t k = 0; !known && harmless[k]; k++)
			known = expression_is_call(target->val, harmless[k]);
		if (!known)
			return false;
	}
	return true;
}

static void take_select(struct draft *draft, const PgQuery__SelectStmt *select,
			const char *where)
{
	if (select->into_clause && select->into_clause->rel)
		script_create_as(draft, select->into_clause->rel,
				 select->into_clause, select, where);
	else if (!is_harmless(select))
		draft_need(draft,
			   "%s: a function is called: what it changes is not "
			   "read",
			   where);
}

static void take_as(struct draft *draft, const PgQuery__CreateTableAsStmt *as,
		    const char *where)
{
	if (as->into && as->into->rel && SQL_IS(as->query, SELECT_STMT))
		script_create_as(draft, as->into->rel, as->into,
				 as->query->select_stmt, where);
}

void script_apply_statement(struct draft *draft, PgQuery__Node *node,
			    const char *where)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		script_create(draft, node->create_stmt);
		break;
	case PG_QUERY__NODE__NODE_ALTER_TABLE_STMT:
		script_alter(draft, node->alter_table_stmt);
		break;
	case PG_QUERY__NODE__NODE_RENAME_STMT:
		script_rename(draft, node->rename_stmt);
		break;
	case PG_QUERY__NODE__NODE_ALTER_OBJECT_SCHEMA_STMT:
		script_move(draft, node->alter_object_schema_stmt);
		break;
	case PG_QUERY__NODE__NODE_DROP_STMT:
		script_drop(draft, node->drop_stmt);
		break;
	case PG_QUERY__NODE__NODE_ALTER_ENUM_STMT:
		script_enum(draft, node->alter_enum_stmt);
		break;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		script_insert(draft, node->insert_stmt, where);
		break;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		script_update(draft, node->update_stmt, where);
		break;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		script_delete(draft, node->delete_stmt);
		break;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		take_as(draft, node->create_table_as_stmt, where);
		break;
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		take_select(draft, node->select_stmt, where);
		break;
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		set_path(draft, node->variable_set_stmt);
		break;
	case PG_QUERY__NODE__NODE_DO_STMT:
		draft_need(draft, "%s: a DO block: what it changes is not read",
			   where);
		break;
	case PG_QUERY__NODE__NODE_CALL_STMT:
		draft_need(draft,
			   "%s: a procedure is called: what it changes is not "
			   "read",
			   where);
		break;
	case PG_QUERY__NODE__NODE_CREATE_FUNCTION_STMT:
	case PG_QUERY__NODE__NODE_CREATE_TRIG_STMT:
	case PG_QUERY__NODE__NODE_RULE_STMT:
		draft_need(draft,
			   "%s: a function, trigger or rule: what it does to "
			   "rows is not read",
			   where);
		break;
	case PG_QUERY__NODE__NODE_MERGE_STMT:
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		draft_need(draft, "%s: not read: say by hand what it changes",
			   where);
		break;
	default: /* of no matter to where rows and columns live */
		break;
	}
}

static void apply_file(struct draft *draft, const struct draft_file *file)
{
	struct arena *arena = draft->arena;
	const char *text = without_psql(arena, file->text, file->size);
	size_t size = strlen(text);
	size_t count = draft->parser->split(text, size, NULL, 0);
	struct sql_statement *places;

	if (size < file->size)
		draft_need(draft, "%s: not read behind a NUL character",
			   file->name);
	if (count > STATEMENTS_MAX) {
		draft_need(draft, "%s: only the first %d statements are read",
			   file->name, STATEMENTS_MAX);
		count = STATEMENTS_MAX;
	}
	places = arena_array(arena, count + 1, sizeof(*places));
	draft->parser->split(text, size, places, count);
	for (size_t i = 0; i < count; i++) {
		const char *where =
		    arena_printf(arena, "%s:%d", file->name,
				 line_of(text, places[i].offset));
		struct sql_tree tree;
		struct error error;

		error_init(&error);
		if (draft->parser->parse(text + places[i].offset,
					 places[i].length, arena, &tree,
					 &error)) {
			draft_need(draft, "%s: cannot be read: %s", where,
				   error.message);
			continue;
		}
		for (size_t k = 0; k < tree.count; k++)
			if (tree.statements[k].node)
				script_apply_statement(
				    draft, tree.statements[k].node, where);
	}
}

static bool is_placed(const struct draft *draft,
		      const struct catalog_table *old)
{
	VECTOR_EACH (const struct new_table, table, &draft->tables)
		if (!table->dropped && model_source(table, old))
			return true;
	return false;
}

/* A table that is made anew under an old one's name, and that nothing fills:
 * the file tells the new schema's shape, not how rows come there. */
static void adopt_unfilled(struct draft *draft)
{
	VECTOR_EACH (struct new_table, table, &draft->tables) {
		const struct catalog_table *old =
		    catalog_table(draft->primary, table->schema, table->name);
		struct source *source;

		if (!table->fresh || table->dropped || table->sources.count ||
		    !old || !model_is_table(old) || is_placed(draft, old))
			continue;
		source = model_add_source(draft, table, old);
		VECTOR_EACH (struct new_column, column, &table->columns)
			if (!column->dropped &&
			    catalog_column(old, column->name))
				model_set_feed(draft, source, column,
					       sql_column(draft->arena, NULL,
							  column->name),
					       NULL, NULL);
		draft_need(draft,
			   "table \"%s\" is made anew, and no INSERT fills it: "
			   "only columns of the same name are taken to be the "
			   "same",
			   table->name);
	}
}

void script_apply(struct draft *draft)
{
	for (size_t i = 0; i < draft->input->file_count; i++)
		apply_file(draft, &draft->input->files[i]);
	adopt_unfilled(draft);
}
