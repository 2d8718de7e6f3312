/* Reads the migration's own SQL, statement by statement. */
#include "draft/internal.h"

#include <stdio.h>

#include "adapters/setting.h"

enum { STATEMENTS_MAX = 100 * 1000 };

/* Commands of psql that run other SQL, or move rows: they are not followed. */
static void ask_of_command(struct draft *draft, const char *file,
			   const char *line, int number)
{
	static const char *const moving[] = {
	    "i", "ir", "include", "include_relative", "copy", "gexec", "!",
	};
	size_t length = strcspn(line + 1, " \t\r\n");

	for (size_t i = 0; i < sizeof(moving) / sizeof(*moving); i++)
		if (length == strlen(moving[i]) &&
		    !strncmp(line + 1, moving[i], length))
			draft_need(draft,
				   "%s:%d: \\%s of the client program is not "
				   "followed: what "
				   "it changes is not read",
				   file, number, moving[i]);
}

/* Blanks out what only the client program understands, so that places stay
 * right: its commands, and the data after COPY ... FROM STDIN. */
static char *without_psql(struct draft *draft, const struct draft_file *file)
{
	char *copy = arena_copy(draft->arena, file->text, file->size);
	bool data = false;
	int number = 0;

	for (char *line = copy; *line;) {
		char *end = line + strcspn(line, "\n");
		bool ends = data && !strncmp(line, "\\.", 2);
		bool blank = data || *line == '\\';

		number++;
		if (!data && *line == '\\')
			ask_of_command(draft, file->name, line, number);

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

	if (!SQL_SET(set->name) ||
	    draft->input->shadow_adapter->settings->meaning(set->name) !=
		SETTING_PATH)
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

/* The engine's own functions are known: except those with effects, they change
 * no schema. */
static bool keeps_schema(const struct sql_dialect *dialect,
			 const PgQuery__FuncCall *call)
{
	const char *schema =
	    call->n_funcname == 2 ? sql_string_value(call->funcname[0]) : "";
	const char *name =
	    call->n_funcname
		? sql_string_value(call->funcname[call->n_funcname - 1])
		: NULL;
	struct sql_function_traits traits;

	if (!name || !schema || call->n_funcname > 2 ||
	    (*schema && !dialect->is_builtin(schema)))
		return false;
	traits = dialect->function(name);
	return traits.rows == SQL_FUNCTION_ROWS_AGGREGATE ||
	       (traits.volatility != SQL_FUNCTION_PLAIN &&
		traits.volatility != SQL_FUNCTION_EFFECT);
}

/* SELECT setval(...) and the like change no schema; other functions may. */
static bool is_harmless(const struct draft *draft,
			const PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_target_list; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(select->target_list[i], RES_TARGET, res_target);

		if (target && SQL_IS(target->val, FUNC_CALL) &&
		    !keeps_schema(draft->parser->dialect,
				  target->val->func_call))
			return false;
	}
	return true;
}

/* WITH x AS (INSERT ...) beside a statement of another kind. */
static void ask_of_with(struct draft *draft, const PgQuery__WithClause *with,
			const char *where)
{
	for (size_t i = 0; with && i < with->n_ctes; i++) {
		const PgQuery__CommonTableExpr *common =
		    SQL_AS(with->ctes[i], COMMON_TABLE_EXPR, common_table_expr);

		if (common && (SQL_IS(common->ctequery, INSERT_STMT) ||
			       SQL_IS(common->ctequery, UPDATE_STMT) ||
			       SQL_IS(common->ctequery, MERGE_STMT)))
			draft_need(draft,
				   "%s: WITH \"%s\" writes rows: not read: say "
				   "by hand what it changes",
				   where, common->ctename);
	}
}

static void take_select(struct draft *draft, const PgQuery__SelectStmt *select,
			const char *where)
{
	ask_of_with(draft, select->with_clause, where);
	if (select->into_clause && select->into_clause->rel)
		script_create_as(draft, select->into_clause->rel,
				 select->into_clause, select, where);
	else if (!is_harmless(draft, select))
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
		ask_of_with(draft, node->insert_stmt->with_clause, where);
		script_insert(draft, node->insert_stmt, where);
		break;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		ask_of_with(draft, node->update_stmt->with_clause, where);
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
	default: /* irrelevant to the place of rows and columns */
		break;
	}
}

static void apply_file(struct draft *draft, const struct draft_file *file)
{
	struct arena *arena = draft->arena;
	const char *text = without_psql(draft, file);
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
			if (tree.statements[k].node) {
				script_read(
				    draft, tree.statements[k].node, where,
				    arena_copy(arena, text + places[i].offset,
					       places[i].length));
				script_apply_statement(
				    draft, tree.statements[k].node, where);
			}
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
		struct draft_source *source;

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
	script_forget_copies(draft);
	adopt_unfilled(draft);
}
