/* Transactions, settings, cursors, prepared statements, notifications. */
#include <string.h>

#include "adapters/postgres/syntax.h"
#include "sql/printer.h"

/* A name that the parser joined from several, with points between them. */
static void print_joined(struct printer *printer, const char *name)
{
	char part[256];
	const char *point;

	while ((point = strchr(name, '.'))) {
		size_t size = (size_t)(point - name);

		if (size >= sizeof(part)) {
			print_fail(printer,
				   "the name of a setting is too long");
			return;
		}
		memcpy(part, name, size);
		part[size] = 0;
		print_name(printer, part);
		print_text(printer, ".");
		name = point + 1;
	}
	print_name(printer, name);
}

static void print_mode(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);
	const PgQuery__AConst *value =
	    elem ? SQL_AS(elem->arg, A_CONST, a_const) : NULL;
	bool on = value && value->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
		  value->ival->ival;

	if (!value) {
		print_unknown(printer, node);
	} else if (!strcmp(elem->defname, "transaction_isolation") &&
		   value->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
		const char *level = value->sval->sval;

		/* Four values, by the grammar; each is written as words. */
		if (level[strspn(level, "abcdefghijklmnopqrstuvwxyz ")])
			print_unknown(printer, node);
		buffer_printf(printer->out, "ISOLATION LEVEL %s", level);
	} else if (!strcmp(elem->defname, "transaction_read_only")) {
		print_text(printer, on ? "READ ONLY" : "READ WRITE");
	} else if (!strcmp(elem->defname, "transaction_deferrable")) {
		print_text(printer, on ? "DEFERRABLE" : "NOT DEFERRABLE");
	} else {
		print_unknown(printer, node);
	}
}

static void print_modes(struct printer *printer, PgQuery__Node *const *items,
			size_t count)
{
	if (count)
		print_text(printer, " ");
	print_items(printer, items, count, print_mode);
}

static void print_transaction(struct printer *printer,
			      const PgQuery__TransactionStmt *stmt)
{
	static const char *const words[] = {
	    NULL,
	    "BEGIN",
	    "START TRANSACTION",
	    "COMMIT",
	    "ROLLBACK",
	    "SAVEPOINT ",
	    "RELEASE SAVEPOINT ",
	    "ROLLBACK TO SAVEPOINT ",
	    "PREPARE TRANSACTION ",
	    "COMMIT PREPARED ",
	    "ROLLBACK PREPARED ",
	};
	unsigned kind = (unsigned)stmt->kind;

	if (!kind || kind >= sizeof(words) / sizeof(*words)) {
		print_fail(printer, "no rule to print a transaction statement");
		return;
	}
	print_text(printer, words[kind]);
	switch (stmt->kind) {
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
		print_name(printer, stmt->savepoint_name);
		break;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED:
		print_string(printer, stmt->gid);
		break;
	default:
		print_modes(printer, stmt->options, stmt->n_options);
		break;
	}
	if (stmt->chain)
		print_text(printer, " AND CHAIN");
}

/* SET TIME ZONE INTERVAL '...' HOUR [TO MINUTE] */
static void print_zone(struct printer *printer,
		       const PgQuery__VariableSetStmt *set)
{
	enum { HOUR = 1 << 10, MINUTE = 1 << 11 };
	const PgQuery__TypeCast *cast = set->args[0]->type_cast;
	const PgQuery__TypeName *type = cast->type_name;
	const PgQuery__AConst *fields =
	    type->n_typmods == 1 ? SQL_AS(type->typmods[0], A_CONST, a_const)
				 : NULL;

	print_text(printer, "TIME ZONE INTERVAL ");
	print_constant(printer, cast->arg);
	if (!type->n_typmods)
		return;
	if (fields && fields->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
	    fields->ival->ival == HOUR)
		print_text(printer, " HOUR");
	else if (fields && fields->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
		 fields->ival->ival == (HOUR | MINUTE))
		print_text(printer, " HOUR TO MINUTE");
	else
		print_fail(printer, "no rule to print this interval");
}

static void print_multi(struct printer *printer,
			const PgQuery__VariableSetStmt *set)
{
	if (!strcmp(set->name, "TRANSACTION")) {
		print_text(printer, "TRANSACTION");
		print_modes(printer, set->args, set->n_args);
	} else if (!strcmp(set->name, "SESSION CHARACTERISTICS")) {
		print_text(printer, "SESSION CHARACTERISTICS AS TRANSACTION");
		print_modes(printer, set->args, set->n_args);
	} else if (!strcmp(set->name, "TRANSACTION SNAPSHOT") &&
		   set->n_args == 1) {
		print_text(printer, "TRANSACTION SNAPSHOT ");
		print_constant(printer, set->args[0]);
	} else {
		print_fail(printer, "no rule to print SET %s", set->name);
	}
}

static void print_set(struct printer *printer,
		      const PgQuery__VariableSetStmt *set)
{
	switch (set->kind) {
	case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
		print_text(printer, "RESET ");
		print_joined(printer, set->name);
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
		print_text(printer, "RESET ALL");
		return;
	default:
		break;
	}
	print_text(printer, set->is_local ? "SET LOCAL " : "SET ");
	switch (set->kind) {
	case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
		if (set->n_args == 1 && SQL_IS(set->args[0], TYPE_CAST)) {
			print_zone(printer, set);
			return;
		}
		print_joined(printer, set->name);
		print_text(printer, " TO ");
		print_items(printer, set->args, set->n_args, print_constant);
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
		print_joined(printer, set->name);
		print_text(printer, " TO DEFAULT");
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_CURRENT:
		print_joined(printer, set->name);
		print_text(printer, " FROM CURRENT");
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
		print_multi(printer, set);
		return;
	default:
		print_fail(printer, "no rule to print SET");
		return;
	}
}

static void print_discard(struct printer *printer,
			  const PgQuery__DiscardStmt *stmt)
{
	static const char *const words[] = {
	    NULL, "DISCARD ALL", "DISCARD PLANS", "DISCARD SEQUENCES",
	    "DISCARD TEMPORARY"};
	unsigned target = (unsigned)stmt->target;

	if (!target || target >= sizeof(words) / sizeof(*words))
		print_fail(printer, "no rule to print DISCARD");
	else
		print_text(printer, words[target]);
}

static void print_prepare(struct printer *printer,
			  const PgQuery__PrepareStmt *stmt)
{
	print_text(printer, "PREPARE ");
	print_name(printer, stmt->name);
	print_list(printer, " ", stmt->argtypes, stmt->n_argtypes,
		   print_type_node);
	print_text(printer, " AS ");
	print_query(printer, stmt->query);
}

static void print_declare(struct printer *printer,
			  const PgQuery__DeclareCursorStmt *stmt)
{
	static const struct {
		int option; /* CURSOR_OPT_* of nodes/parsenodes.h */
		const char *word;
	} words[] = {{0x01, " BINARY"},
		     {0x02, " SCROLL"},
		     {0x04, " NO SCROLL"},
		     {0x08, " INSENSITIVE"},
		     {0x10, " ASENSITIVE"}};

	print_text(printer, "DECLARE ");
	print_name(printer, stmt->portalname);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (stmt->options & words[i].option)
			print_text(printer, words[i].word);
	print_text(printer, " CURSOR");
	if (stmt->options & 0x20)
		print_text(printer, " WITH HOLD");
	print_text(printer, " FOR ");
	print_query(printer, stmt->query);
}

static void print_fetch(struct printer *printer, const PgQuery__FetchStmt *stmt)
{
	static const char *const words[] = {NULL, "FORWARD ", "BACKWARD ",
					    "ABSOLUTE ", "RELATIVE "};
	unsigned direction = (unsigned)stmt->direction;

	if (!direction || direction >= sizeof(words) / sizeof(*words)) {
		print_fail(printer, "no rule to print FETCH");
		return;
	}
	print_text(printer, stmt->ismove ? "MOVE " : "FETCH ");
	print_text(printer, words[direction]);
	if (stmt->how_many == INT64_MAX)
		print_text(printer, "ALL");
	else
		buffer_printf(printer->out, "%lld", (long long)stmt->how_many);
	print_text(printer, " IN ");
	print_name(printer, stmt->portalname);
}

/* WORD name, or WORD and the word for all. */
static void print_named(struct printer *printer, const char *word,
			const char *name, const char *all)
{
	print_text(printer, word);
	if (SQL_SET(name))
		print_name(printer, name);
	else
		print_text(printer, all);
}

bool postgres_print_session(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
		print_transaction(printer, node->transaction_stmt);
		return true;
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		print_set(printer, node->variable_set_stmt);
		return true;
	case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
		print_text(printer, "SHOW ");
		if (!strcmp(node->variable_show_stmt->name, "all"))
			print_text(printer, "ALL");
		else
			print_joined(printer, node->variable_show_stmt->name);
		return true;
	case PG_QUERY__NODE__NODE_DISCARD_STMT:
		print_discard(printer, node->discard_stmt);
		return true;
	case PG_QUERY__NODE__NODE_PREPARE_STMT:
		print_prepare(printer, node->prepare_stmt);
		return true;
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		print_text(printer, "EXECUTE ");
		print_name(printer, node->execute_stmt->name);
		print_list(printer, "", node->execute_stmt->params,
			   node->execute_stmt->n_params, print_expr);
		return true;
	case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
		print_named(printer, "DEALLOCATE ", node->deallocate_stmt->name,
			    "ALL");
		return true;
	case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
		print_declare(printer, node->declare_cursor_stmt);
		return true;
	case PG_QUERY__NODE__NODE_FETCH_STMT:
		print_fetch(printer, node->fetch_stmt);
		return true;
	case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
		print_named(printer, "CLOSE ",
			    node->close_portal_stmt->portalname, "ALL");
		return true;
	case PG_QUERY__NODE__NODE_LISTEN_STMT:
		print_text(printer, "LISTEN ");
		print_name(printer, node->listen_stmt->conditionname);
		return true;
	case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
		print_named(printer, "UNLISTEN ",
			    node->unlisten_stmt->conditionname, "*");
		return true;
	case PG_QUERY__NODE__NODE_NOTIFY_STMT:
		print_text(printer, "NOTIFY ");
		print_name(printer, node->notify_stmt->conditionname);
		if (SQL_SET(node->notify_stmt->payload)) {
			print_text(printer, ", ");
			print_string(printer, node->notify_stmt->payload);
		}
		return true;
	default:
		return false;
	}
}
