/* The kind of a statement, and the traits of its own node. */
#include "sql/traits_internal.h"

static const struct {
	const char *name;
	bool session;
	bool effect;
} kinds[] = {
#define SQL_KIND(name, text, session, effect) {text, session, effect},
#include "sql/kinds.def"
#undef SQL_KIND
};

const char *sql_kind_name(enum sql_kind kind)
{
	return kinds[kind].name;
}

bool sql_kind_is_session(enum sql_kind kind)
{
	return kinds[kind].session;
}

static bool constant_is_true(const PgQuery__AConst *constant)
{
	return constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
	       constant->ival->ival;
}

static const char *const isolations[] = {
    [SQL_ISOLATION_DEFAULT] = "",
    [SQL_ISOLATION_READ_UNCOMMITTED] = "read uncommitted",
    [SQL_ISOLATION_READ_COMMITTED] = "read committed",
    [SQL_ISOLATION_REPEATABLE_READ] = "repeatable read",
    [SQL_ISOLATION_SERIALIZABLE] = "serializable",
};

enum sql_isolation sql_isolation_of(const char *name)
{
	for (size_t i = 1; i < sizeof(isolations) / sizeof(*isolations); i++)
		if (!strcasecmp(name, isolations[i]))
			return (enum sql_isolation)i;
	return SQL_ISOLATION_DEFAULT;
}

const char *sql_isolation_name(enum sql_isolation isolation)
{
	return isolations[isolation];
}

static enum sql_choice choice_of(const PgQuery__AConst *constant)
{
	return constant_is_true(constant) ? SQL_CHOICE_ON : SQL_CHOICE_OFF;
}

static void take_modes(PgQuery__Node *const *items, size_t count,
		       struct sql_traits *traits)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(items[i], DEF_ELEM, def_elem);
		const PgQuery__AConst *value =
		    elem ? SQL_AS(elem->arg, A_CONST, a_const) : NULL;

		if (!value)
			continue;
		if (!strcmp(elem->defname, "transaction_isolation") &&
		    value->val_case == PG_QUERY__A__CONST__VAL_SVAL) {
			traits->transaction.isolation =
			    sql_isolation_of(value->sval->sval);
		} else if (!strcmp(elem->defname, "transaction_read_only")) {
			traits->transaction.read_only = choice_of(value);
		} else if (!strcmp(elem->defname, "transaction_deferrable")) {
			traits->transaction.deferrable = choice_of(value);
		}
	}
}

static void take_transaction(const PgQuery__TransactionStmt *stmt,
			     struct sql_traits *traits)
{
	static const enum sql_kind of[] = {
	    SQL_KIND_EMPTY,
	    SQL_KIND_BEGIN,
	    SQL_KIND_BEGIN,
	    SQL_KIND_COMMIT,
	    SQL_KIND_ROLLBACK,
	    SQL_KIND_SAVEPOINT,
	    SQL_KIND_RELEASE,
	    SQL_KIND_ROLLBACK_TO,
	    SQL_KIND_PREPARE_TRANSACTION,
	    SQL_KIND_COMMIT_PREPARED,
	    SQL_KIND_ROLLBACK_PREPARED,
	};

	if ((unsigned)stmt->kind < sizeof(of) / sizeof(*of))
		traits->kind = of[stmt->kind];
	traits->chain = stmt->chain;
	traits->name =
	    SQL_SET(stmt->savepoint_name) ? stmt->savepoint_name : stmt->gid;
	take_modes(stmt->options, stmt->n_options, traits);
}

static void take_set(const PgQuery__VariableSetStmt *stmt,
		     struct sql_traits *traits)
{
	traits->kind = SQL_KIND_SET;
	traits->name = stmt->name;
	traits->local = stmt->is_local;
	switch (stmt->kind) {
	case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
		traits->kind = SQL_KIND_RESET;
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
		traits->kind = SQL_KIND_RESET;
		traits->name = "";
		traits->all = true;
		return;
	case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
		traits->kind = SQL_KIND_SET_TRANSACTION;
		traits->of_session =
		    !strcmp(stmt->name, "SESSION CHARACTERISTICS");
		take_modes(stmt->args, stmt->n_args, traits);
		return;
	default:
		return;
	}
}

static void take_discard(const PgQuery__DiscardStmt *stmt,
			 struct sql_traits *traits)
{
	traits->kind = SQL_KIND_DISCARD;
	switch (stmt->target) {
	case PG_QUERY__DISCARD_MODE__DISCARD_PLANS:
		traits->discards = SQL_DISCARDS_PLANS;
		return;
	case PG_QUERY__DISCARD_MODE__DISCARD_SEQUENCES:
		traits->discards = SQL_DISCARDS_SEQUENCES;
		return;
	case PG_QUERY__DISCARD_MODE__DISCARD_TEMP:
		traits->discards = SQL_DISCARDS_TEMPORARY;
		return;
	default:
		traits->all = true;
		traits->discards = SQL_DISCARDS_PLANS | SQL_DISCARDS_SEQUENCES |
				   SQL_DISCARDS_TEMPORARY;
		return;
	}
}

static bool option_is_on(const PgQuery__DefElem *elem)
{
	static const char *const off[] = {"false", "off", "no", "0"};
	const char *value = sql_string_value(elem->arg);

	if (SQL_IS(elem->arg, INTEGER))
		return elem->arg->integer->ival;
	for (size_t i = 0; value && i < sizeof(off) / sizeof(*off); i++)
		if (!strcasecmp(value, off[i]))
			return false;
	return true;
}

static void take_explain(const PgQuery__ExplainStmt *stmt,
			 struct sql_traits *traits)
{
	traits->kind = SQL_KIND_EXPLAIN;
	traits->inner = stmt->query;
	for (size_t i = 0; i < stmt->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(stmt->options[i], DEF_ELEM, def_elem);

		if (elem && !strcmp(elem->defname, "analyze"))
			traits->explain_analyze = option_is_on(elem);
	}
}

static bool is_temporary(const PgQuery__RangeVar *range,
			 const struct sql_dialect *dialect)
{
	return range && ((SQL_SET(range->relpersistence) &&
			  *range->relpersistence == 't') ||
			 (SQL_SET(range->schemaname) &&
			  dialect->is_temporary(range->schemaname)));
}

static void take_into(const PgQuery__IntoClause *into,
		      const struct sql_dialect *dialect,
		      struct sql_traits *traits)
{
	traits->kind = SQL_KIND_SELECT_INTO;
	traits->temporary = into && is_temporary(into->rel, dialect);
	traits->until_commit =
	    into &&
	    into->on_commit == PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP;
}

static void take_ddl(const PgQuery__RangeVar *created,
		     const struct sql_dialect *dialect,
		     struct sql_traits *traits)
{
	traits->temporary = is_temporary(created, dialect);
	traits->kind = traits->temporary ? SQL_KIND_DDL_TEMP : SQL_KIND_DDL;
}

/* SELECT ... INTO is in the leftmost operand of set operations. */
static const PgQuery__IntoClause *into_of(const PgQuery__SelectStmt *select)
{
	while (select->larg)
		select = select->larg;
	return select->into_clause;
}

static void take_named(struct sql_traits *traits, enum sql_kind kind,
		       const char *name)
{
	traits->kind = kind;
	traits->name = name ? name : "";
}

static void take_own(PgQuery__Node *node, const struct sql_dialect *dialect,
		     struct sql_traits *traits)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_RAW_STMT:
		take_own(node->raw_stmt->stmt, dialect, traits);
		return;
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		traits->kind = SQL_KIND_SELECT;
		if (into_of(node->select_stmt))
			take_into(into_of(node->select_stmt), dialect, traits);
		return;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		traits->kind = SQL_KIND_INSERT;
		return;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		traits->kind = SQL_KIND_UPDATE;
		return;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		traits->kind = SQL_KIND_DELETE;
		return;
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		traits->kind = SQL_KIND_MERGE;
		return;
	case PG_QUERY__NODE__NODE_COPY_STMT:
		traits->kind = node->copy_stmt->is_from ? SQL_KIND_COPY_IN
							: SQL_KIND_COPY_OUT;
		traits->inner = node->copy_stmt->query;
		return;
	case PG_QUERY__NODE__NODE_TRUNCATE_STMT:
		traits->kind = SQL_KIND_TRUNCATE;
		return;
	case PG_QUERY__NODE__NODE_CALL_STMT:
		traits->kind = SQL_KIND_CALL;
		return;
	case PG_QUERY__NODE__NODE_DO_STMT:
		traits->kind = SQL_KIND_DO;
		return;
	case PG_QUERY__NODE__NODE_CREATE_TABLE_AS_STMT:
		take_into(node->create_table_as_stmt->into, dialect, traits);
		traits->inner = node->create_table_as_stmt->query;
		return;
	case PG_QUERY__NODE__NODE_TRANSACTION_STMT:
		take_transaction(node->transaction_stmt, traits);
		return;
	case PG_QUERY__NODE__NODE_VARIABLE_SET_STMT:
		take_set(node->variable_set_stmt, traits);
		return;
	case PG_QUERY__NODE__NODE_CONSTRAINTS_SET_STMT:
		traits->kind = SQL_KIND_SET_CONSTRAINTS;
		traits->all = !node->constraints_set_stmt->n_constraints;
		return;
	case PG_QUERY__NODE__NODE_DISCARD_STMT:
		take_discard(node->discard_stmt, traits);
		return;
	case PG_QUERY__NODE__NODE_DROP_STMT:
		traits->kind = SQL_KIND_DDL;
		traits->drops = true;
		return;
	case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
		take_named(traits, SQL_KIND_SHOW,
			   node->variable_show_stmt->name);
		return;
	case PG_QUERY__NODE__NODE_PREPARE_STMT:
		take_named(traits, SQL_KIND_PREPARE, node->prepare_stmt->name);
		traits->inner = node->prepare_stmt->query;
		return;
	case PG_QUERY__NODE__NODE_EXECUTE_STMT:
		take_named(traits, SQL_KIND_EXECUTE, node->execute_stmt->name);
		return;
	case PG_QUERY__NODE__NODE_DEALLOCATE_STMT:
		take_named(traits, SQL_KIND_DEALLOCATE,
			   node->deallocate_stmt->name);
		traits->all = !*traits->name;
		return;
	case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
		take_named(traits, SQL_KIND_DECLARE,
			   node->declare_cursor_stmt->portalname);
		traits->inner = node->declare_cursor_stmt->query;
		traits->holdable = node->declare_cursor_stmt->options & 0x20;
		return;
	case PG_QUERY__NODE__NODE_FETCH_STMT:
		take_named(traits,
			   node->fetch_stmt->ismove ? SQL_KIND_MOVE
						    : SQL_KIND_FETCH,
			   node->fetch_stmt->portalname);
		return;
	case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
		take_named(traits, SQL_KIND_CLOSE,
			   node->close_portal_stmt->portalname);
		traits->all = !*traits->name;
		return;
	case PG_QUERY__NODE__NODE_LISTEN_STMT:
		take_named(traits, SQL_KIND_LISTEN,
			   node->listen_stmt->conditionname);
		return;
	case PG_QUERY__NODE__NODE_NOTIFY_STMT:
		take_named(traits, SQL_KIND_NOTIFY,
			   node->notify_stmt->conditionname);
		return;
	case PG_QUERY__NODE__NODE_UNLISTEN_STMT:
		take_named(traits, SQL_KIND_UNLISTEN,
			   node->unlisten_stmt->conditionname);
		traits->all = !*traits->name;
		return;
	case PG_QUERY__NODE__NODE_LOCK_STMT:
		traits->kind = SQL_KIND_LOCK;
		return;
	case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
		take_explain(node->explain_stmt, traits);
		return;
	case PG_QUERY__NODE__NODE_VACUUM_STMT:
	case PG_QUERY__NODE__NODE_CLUSTER_STMT:
	case PG_QUERY__NODE__NODE_REINDEX_STMT:
	case PG_QUERY__NODE__NODE_CHECK_POINT_STMT:
		traits->kind = SQL_KIND_MAINTENANCE;
		return;
	case PG_QUERY__NODE__NODE_LOAD_STMT:
		traits->kind = SQL_KIND_LOAD;
		return;
	case PG_QUERY__NODE__NODE_CREATE_STMT:
		take_ddl(node->create_stmt->relation, dialect, traits);
		traits->until_commit =
		    node->create_stmt->oncommit ==
		    PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_DROP;
		return;
	case PG_QUERY__NODE__NODE_VIEW_STMT:
		take_ddl(node->view_stmt->view, dialect, traits);
		return;
	case PG_QUERY__NODE__NODE_CREATE_SEQ_STMT:
		take_ddl(node->create_seq_stmt->sequence, dialect, traits);
		return;
	default:
		traits->kind = SQL_KIND_DDL;
		return;
	}
}

int sql_traits(PgQuery__Node *statement, const struct sql_dialect *dialect,
	       struct arena *arena, struct sql_traits *traits,
	       struct error *error)
{
	*traits = (struct sql_traits){.name = ""};
	if (!sql_unwrap(statement))
		return 0;
	take_own(statement, dialect, traits);
	traits->writes = kinds[traits->kind].effect;
	if (traits_walk(statement, dialect, arena, traits, error))
		return -1;
	/* These do not run the statement that they contain. */
	if (traits->kind == SQL_KIND_PREPARE ||
	    (traits->kind == SQL_KIND_EXPLAIN && !traits->explain_analyze))
		traits->writes = false;
	if (SQL_IS(statement, RAW_STMT))
		statement = statement->raw_stmt->stmt;
	if (traits->kind == SQL_KIND_DECLARE ||
	    (traits->kind == SQL_KIND_COPY_OUT && sql_unwrap(traits->inner)))
		statement = traits->inner;
	traits_answer(statement, dialect, arena, traits);
	return 0;
}
