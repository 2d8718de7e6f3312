/* SET, USE, LOCK TABLES and prepared statements, as parse_set.c and
 * parse_session.c have them. */
#include "adapters/mysql/syntax.h"

/* ---- SET ---- */

static void print_user_variable(struct printer *printer, const char *name)
{
	print_text(printer, "@");
	print_quoted(printer, name);
}

/* A variable's name is printed bare where it is one plain word. */
static void print_setting_name(struct printer *printer, const char *name)
{
	const char *point;

	while ((point = strchr(name, '.'))) {
		char *part = strndup(name, (size_t)(point - name));

		if (!part) {
			print_fail(printer, "out of memory");
			return;
		}
		if (!strcmp(part, "default"))
			print_text(printer, part); /* the cache, no name */
		else
			print_name(printer, part);
		free(part);
		print_text(printer, ".");
		name = point + 1;
	}
	print_name(printer, name);
}

static const char *scope_of(const char **name)
{
	static const struct {
		const char *prefix;
		const char *word;
	} scopes[] = {{"global.", "GLOBAL "},
		      {"persist.", "PERSIST "},
		      {"persist_only.", "PERSIST_ONLY "}};

	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++) {
		size_t size = strlen(scopes[i].prefix);

		if (!strncmp(*name, scopes[i].prefix, size)) {
			*name += size;
			return scopes[i].word;
		}
	}
	return NULL;
}

static void print_value(struct printer *printer,
			const PgQuery__VariableSetStmt *set)
{
	print_text(printer, " = ");
	if (set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT)
		print_text(printer, "DEFAULT");
	else if (set->n_args == 1)
		print_expr(printer, set->args[0]);
	else
		print_fail(printer, "no rule to print several values");
}

static void print_charset(struct printer *printer, const char *words,
			  const PgQuery__VariableSetStmt *set)
{
	print_text(printer, words);
	if (set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT)
		print_text(printer, " DEFAULT");
	for (size_t i = 0; i < set->n_args; i++) {
		print_text(printer, i ? " COLLATE " : " ");
		print_expr(printer, set->args[i]);
	}
}

/* One of a list, where a scope holds on: so the session's is named, too. */
static void print_assignment(struct printer *printer,
			     const PgQuery__VariableSetStmt *set, bool alone)
{
	const char *name = set->name;
	const char *scope = scope_of(&name);

	if (!strcmp(name, "names")) {
		print_charset(printer, "NAMES", set);
	} else if (!strcmp(name, "character set")) {
		print_charset(printer, "CHARACTER SET", set);
	} else if (*name == '@') {
		print_user_variable(printer, name + 1);
		print_value(printer, set);
	} else {
		print_text(printer, set->is_local ? "@@"
				    : scope	  ? scope
				    : alone	  ? ""
						  : "SESSION ");
		print_setting_name(printer, name);
		print_value(printer, set);
	}
}

static void print_listed(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, VARIABLE_SET_STMT))
		print_assignment(printer, node->variable_set_stmt, false);
	else
		print_unknown(printer, node);
}

static void print_for_statement(struct printer *printer,
				const PgQuery__Node *node)
{
	if (SQL_IS(node, VARIABLE_SET_STMT))
		print_assignment(printer, node->variable_set_stmt, true);
	else
		print_unknown(printer, node);
}

static void print_set_statement(struct printer *printer,
				const PgQuery__VariableSetStmt *set)
{
	if (!set->n_args || !print_enter(printer))
		return;
	print_text(printer, "SET STATEMENT ");
	print_items(printer, set->args, set->n_args - 1, print_for_statement);
	print_text(printer, " FOR ");
	mysql_print_any(printer, set->args[set->n_args - 1]);
	print_leave(printer);
}

static void print_database(struct printer *printer,
			   const PgQuery__VariableSetStmt *set)
{
	const char *name =
	    set->n_args == 1 ? mysql_text_of(set->args[0]) : NULL;

	if (!name) {
		print_fail(printer, "no rule to print USE");
		return;
	}
	print_text(printer, "USE ");
	print_name(printer, name);
}

static void print_role(struct printer *printer,
		       const PgQuery__VariableSetStmt *set)
{
	const char *name =
	    set->n_args == 1 ? mysql_text_of(set->args[0]) : NULL;

	print_text(printer, "SET ROLE ");
	if (name)
		print_quoted(printer, name);
	else
		print_text(printer, "NONE");
}

static void print_xa_end(struct printer *printer,
			 const PgQuery__VariableSetStmt *set)
{
	for (size_t i = 0; i < set->n_args; i++) {
		const char *text = mysql_text_of(set->args[i]);

		if (!text) {
			print_unknown(printer, set->args[i]);
		} else if (i) {
			print_text(printer, " ");
			mysql_print_words(printer, text);
		} else {
			print_text(printer, "XA END ");
			mysql_print_xid(printer, text);
		}
	}
}

static void print_transaction_modes(struct printer *printer, const char *words,
				    const PgQuery__VariableSetStmt *set)
{
	print_text(printer, words);
	mysql_print_modes(printer, set->args, set->n_args);
}

static void print_set(struct printer *printer,
		      const PgQuery__VariableSetStmt *set)
{
	const char *name = set->name;

	if (!strcmp(name, "database")) {
		print_database(printer, set);
	} else if (!strcmp(name, "role")) {
		print_role(printer, set);
	} else if (!strcmp(name, "xa end")) {
		print_xa_end(printer, set);
	} else if (!strcmp(name, "statement")) {
		print_set_statement(printer, set);
	} else if (!strcmp(name, "TRANSACTION")) {
		print_transaction_modes(printer, "SET TRANSACTION", set);
	} else if (!strcmp(name, "SESSION CHARACTERISTICS")) {
		print_transaction_modes(printer, "SET SESSION TRANSACTION",
					set);
	} else if (!strcmp(name, "global.transaction")) {
		print_transaction_modes(printer, "SET GLOBAL TRANSACTION", set);
	} else if (!*name) {
		print_text(printer, "SET ");
		print_items(printer, set->args, set->n_args, print_listed);
	} else {
		print_text(printer, "SET ");
		print_assignment(printer, set, true);
	}
}

/* ---- LOCK TABLES ---- */

static void print_lock(struct printer *printer, const PgQuery__LockStmt *lock)
{
	if (!lock->n_relations) {
		print_text(printer, "UNLOCK TABLES");
		return;
	}
	print_text(printer, "LOCK TABLES ");
	for (size_t i = 0; i < lock->n_relations; i++) {
		const PgQuery__Node *node = lock->relations[i];

		if (SQL_IS(node, RANGE_VAR)) {
			print_text(printer, i ? ", " : "");
			print_relation(printer, node->range_var);
			print_alias(printer, node->range_var->alias);
		} else if (SQL_IS(node, STRING)) {
			print_text(printer, " ");
			mysql_print_words(printer, node->string->sval);
		} else {
			print_text(printer, " WAIT ");
			print_constant(printer, node);
		}
	}
	if (lock->nowait)
		print_text(printer, " NOWAIT");
}

/* ---- prepared statements ---- */

static void print_execute(struct printer *printer,
			  const PgQuery__ExecuteStmt *stmt)
{
	bool immediate = stmt->n_params && !SQL_SET(stmt->name) &&
			 SQL_IS(stmt->params[0], NAMED_ARG_EXPR);

	print_text(printer, "EXECUTE ");
	if (immediate) {
		print_text(printer, "IMMEDIATE ");
		print_expr(printer, stmt->params[0]->named_arg_expr->arg);
	} else {
		print_name(printer, stmt->name);
	}
	if (stmt->n_params == immediate)
		return;
	print_text(printer, " USING ");
	print_items(printer, stmt->params + immediate,
		    stmt->n_params - immediate, print_expr);
}

bool mysql_print_session(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		print_set(printer, node->variable_set_stmt);
		return true;
	case PG_QUERY__NODE__NODE_LOCK_STMT:
		print_lock(printer, node->lock_stmt);
		return true;
	case PG_QUERY__NODE__NODE_PREPARE_STMT:
		print_text(printer, "PREPARE ");
		print_name(printer, node->prepare_stmt->name);
		print_text(printer, " FROM ");
		print_expr(printer, node->prepare_stmt->query);
		return true;
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		print_execute(printer, node->execute_stmt);
		return true;
	case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
		print_text(printer, "DEALLOCATE PREPARE ");
		print_name(printer, node->deallocate_stmt->name);
		return true;
	case PG_QUERY__NODE__NODE_DO_STMT:
		print_text(printer, "DO ");
		print_items(printer, node->do_stmt->args, node->do_stmt->n_args,
			    print_expr);
		return true;
	default:
		return false;
	}
}
