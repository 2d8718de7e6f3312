/*
 * Transactions:
 *
 *	START TRANSACTION READ ONLY	start, transaction_read_only
 *	COMMIT AND CHAIN		commit, chain
 *	ROLLBACK RELEASE		rollback, release
 *
 * What the tree has no slot for is an option without an argument: consistent
 * snapshot, no chain, release, no release. NO overrides completion_type, so
 * it is kept.
 */
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

void mysql_define(struct mysql_reader *reader, struct mysql_list *list,
		  const char *name, PgQuery__Node *arg)
{
	PgQuery__DefElem *elem =
	    sql_new(reader->arena, &pg_query__def_elem__descriptor);

	elem->defname = arena_string(reader->arena, name);
	elem->arg = arg;
	elem->defaction = PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC;
	elem->location = -1;
	mysql_add(reader, list, sql_wrap(reader->arena, elem));
}

bool mysql_define_word(struct mysql_reader *reader, struct mysql_list *list,
		       const char *word)
{
	if (!mysql_accept(reader, word))
		return false;
	mysql_define(reader, list, word, NULL);
	return true;
}

/* ---- characteristics ---- */

static void define_once(struct mysql_reader *reader, struct mysql_list *list,
			const char *name, PgQuery__Node *arg)
{
	for (size_t i = 0; i < list->item_count; i++)
		if (!strcmp(list->items[i]->def_elem->defname, name)) {
			mysql_unexpected(reader, "one access mode and level");
			return;
		}
	mysql_define(reader, list, name, arg);
}

static bool access_mode(struct mysql_reader *reader, struct mysql_list *list)
{
	bool only = mysql_is(reader, "read") && mysql_is_at(reader, 1, "only");

	if (!only &&
	    !(mysql_is(reader, "read") && mysql_is_at(reader, 1, "write")))
		return false;
	mysql_take(reader);
	mysql_take(reader);
	define_once(reader, list, "transaction_read_only",
		    sql_const_integer(reader->arena, only));
	return true;
}

static const char *isolation_level(struct mysql_reader *reader)
{
	if (mysql_accept_two(reader, "read", "uncommitted"))
		return "read uncommitted";
	if (mysql_accept_two(reader, "read", "committed"))
		return "read committed";
	if (mysql_accept_two(reader, "repeatable", "read"))
		return "repeatable read";
	if (mysql_accept(reader, "serializable"))
		return "serializable";
	return mysql_unexpected(reader, "an isolation level");
}

void mysql_characteristics(struct mysql_reader *reader, struct mysql_list *list)
{
	do {
		const char *level;

		if (access_mode(reader, list))
			continue;
		if (!mysql_accept_two(reader, "isolation", "level")) {
			mysql_unexpected(reader, "ISOLATION LEVEL or READ");
			return;
		}
		level = isolation_level(reader);
		if (level)
			define_once(reader, list, "transaction_isolation",
				    sql_const_string(reader->arena, level));
	} while (mysql_accept(reader, ","));
}

/* ---- statements ---- */

static PgQuery__TransactionStmt *transaction(struct mysql_reader *reader,
					     PgQuery__TransactionStmtKind kind)
{
	PgQuery__TransactionStmt *stmt =
	    sql_new(reader->arena, &pg_query__transaction_stmt__descriptor);

	stmt->kind = kind;
	return stmt;
}

static void start_modes(struct mysql_reader *reader,
			PgQuery__TransactionStmt *stmt)
{
	struct mysql_list options = {NULL, 0, 0};

	do {
		if (mysql_is(reader, "with") &&
		    mysql_is_at(reader, 1, "consistent") &&
		    mysql_is_at(reader, 2, "snapshot")) {
			mysql_take(reader);
			mysql_take(reader);
			mysql_take(reader);
			define_once(reader, &options, "consistent snapshot",
				    NULL);
		} else if (!access_mode(reader, &options)) {
			mysql_unexpected(reader, "READ or WITH");
			return;
		}
	} while (mysql_accept(reader, ","));
	MYSQL_PUT(stmt, options, options);
}

static PgQuery__Node *start(struct mysql_reader *reader)
{
	PgQuery__TransactionStmt *stmt = transaction(
	    reader, PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START);

	if (mysql_is(reader, "with") || mysql_is(reader, "read"))
		start_modes(reader, stmt);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *begin(struct mysql_reader *reader)
{
	mysql_take(reader);
	mysql_accept(reader, "work");
	if (mysql_is(reader, "not"))
		return mysql_fail(reader, "a compound statement");
	return sql_wrap(
	    reader->arena,
	    transaction(reader,
			PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN));
}

static PgQuery__Node *savepoint(struct mysql_reader *reader,
				PgQuery__TransactionStmtKind kind)
{
	PgQuery__TransactionStmt *stmt = transaction(reader, kind);

	stmt->savepoint_name = mysql_name(reader);
	return sql_wrap(reader->arena, stmt);
}

/* [AND [NO] CHAIN] [[NO] RELEASE] */
static PgQuery__Node *finish(struct mysql_reader *reader,
			     PgQuery__TransactionStmtKind kind)
{
	PgQuery__TransactionStmt *stmt = transaction(reader, kind);
	struct mysql_list options = {NULL, 0, 0};

	if (mysql_accept(reader, "and")) {
		if (mysql_accept(reader, "no"))
			mysql_define(reader, &options, "no chain", NULL);
		else
			stmt->chain = true;
		mysql_expect(reader, "chain");
	}
	if (mysql_accept_two(reader, "no", "release"))
		mysql_define(reader, &options, "no release", NULL);
	else if (mysql_is(reader, "release") && stmt->chain)
		return mysql_unexpected(reader, "the end of the statement");
	else
		mysql_define_word(reader, &options, "release");
	MYSQL_PUT(stmt, options, options);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *rollback(struct mysql_reader *reader)
{
	mysql_take(reader);
	mysql_accept(reader, "work");
	if (!mysql_accept(reader, "to"))
		return finish(
		    reader,
		    PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK);
	if (mysql_is_name(reader, 1))
		mysql_accept(reader, "savepoint");
	return savepoint(
	    reader, PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO);
}

PgQuery__Node *mysql_transaction(struct mysql_reader *reader)
{
	if (mysql_accept_two(reader, "start", "transaction"))
		return start(reader);
	if (mysql_is(reader, "begin"))
		return begin(reader);
	if (mysql_is(reader, "rollback"))
		return rollback(reader);
	if (mysql_accept_two(reader, "release", "savepoint"))
		return savepoint(
		    reader,
		    PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE);
	if (mysql_accept(reader, "savepoint"))
		return savepoint(
		    reader,
		    PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT);
	if (!mysql_accept(reader, "commit"))
		return NULL;
	mysql_accept(reader, "work");
	return finish(reader,
		      PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT);
}
