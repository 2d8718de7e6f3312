/*
 * What else acts on the session:
 *
 *	LOCK TABLES t READ, u AS v WRITE WAIT 3	tables, each before its lock:
 *						t, "read", u v, "write", and
 *						the wait at the end
 *	UNLOCK TABLES				the same without tables
 *	PREPARE s FROM 'SELECT ?'		the query is the string
 *	EXECUTE s USING @a			params @a
 *	EXECUTE IMMEDIATE @s USING 1		no name; params immediate => @s, 1
 *	DO f(), g()				args
 */
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

PgQuery__Node *mysql_one_string(struct mysql_reader *reader)
{
	switch (mysql_token(reader)->kind) {
	case MYSQL_TOKEN_STRING:
		if (mysql_is_kind(reader, 1, MYSQL_TOKEN_STRING))
			mysql_take(reader); /* the second is not expected */
		else
			return mysql_string(reader);
		break;
	case MYSQL_TOKEN_HEX:
	case MYSQL_TOKEN_BITS:
	case MYSQL_TOKEN_HEX_STRING:
	case MYSQL_TOKEN_BIT_STRING:
		return mysql_constant(reader);
	default:
		break;
	}
	return mysql_unexpected(reader, "a single string");
}

/* ---- LOCK TABLES ---- */

static const char *lock_kind(struct mysql_reader *reader)
{
	if (mysql_accept_two(reader, "read", "local"))
		return "read local";
	if (mysql_accept(reader, "read"))
		return "read";
	if (mysql_accept_two(reader, "low_priority", "write"))
		return "low_priority write";
	if (mysql_accept(reader, "write"))
		return "write";
	return mysql_unexpected(reader, "READ or WRITE");
}

static void locked_table(struct mysql_reader *reader, PgQuery__LockStmt *lock)
{
	PgQuery__RangeVar *range = mysql_relation(reader);
	const char *kind;

	range->alias = mysql_table_alias(reader);
	kind = lock_kind(reader);
	if (!kind)
		return;
	SQL_APPEND(reader->arena, lock, relations,
		   sql_wrap(reader->arena, range));
	SQL_APPEND(reader->arena, lock, relations,
		   sql_string(reader->arena, kind));
}

/* NOWAIT, WAIT 3: MariaDB's. */
static void lock_wait(struct mysql_reader *reader, PgQuery__LockStmt *lock)
{
	const struct mysql_token *token;

	if (mysql_accept(reader, "nowait")) {
		lock->nowait = true;
	} else if (mysql_accept(reader, "wait")) {
		token = mysql_token(reader);
		if (token->kind != MYSQL_TOKEN_INTEGER)
			mysql_unexpected(reader, "seconds");
		else
			SQL_APPEND(reader->arena, lock, relations,
				   mysql_constant(reader));
	}
}

static bool is_tables(struct mysql_reader *reader)
{
	return mysql_accept(reader, "tables") || mysql_accept(reader, "table");
}

static PgQuery__Node *lock(struct mysql_reader *reader, bool locks)
{
	PgQuery__LockStmt *stmt =
	    sql_new(reader->arena, &pg_query__lock_stmt__descriptor);

	mysql_take(reader);
	if (!is_tables(reader))
		return mysql_unexpected(reader, "TABLES");
	if (locks) {
		do
			locked_table(reader, stmt);
		while (mysql_accept(reader, ","));
		lock_wait(reader, stmt);
	}
	return sql_wrap(reader->arena, stmt);
}

/* ---- prepared statements ---- */

static PgQuery__Node *prepare(struct mysql_reader *reader)
{
	PgQuery__PrepareStmt *stmt =
	    sql_new(reader->arena, &pg_query__prepare_stmt__descriptor);

	mysql_take(reader);
	stmt->name = mysql_name(reader);
	mysql_expect(reader, "from");
	stmt->query = mysql_expression(reader);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *execute(struct mysql_reader *reader)
{
	PgQuery__ExecuteStmt *stmt =
	    sql_new(reader->arena, &pg_query__execute_stmt__descriptor);
	struct mysql_list params = {NULL, 0, 0};

	mysql_take(reader);
	if (mysql_is(reader, "immediate") && !mysql_is_at(reader, 1, "using") &&
	    !mysql_is_at(reader, 1, ";") &&
	    !mysql_is_kind(reader, 1, MYSQL_TOKEN_END)) {
		mysql_take(reader);
		stmt->name = arena_string(reader->arena, "");
		mysql_add(
		    reader, &params,
		    mysql_named(reader, "immediate", mysql_expression(reader)));
	} else {
		stmt->name = mysql_name(reader);
	}
	if (mysql_accept(reader, "using"))
		mysql_expressions(reader, &params);
	MYSQL_PUT(stmt, params, params);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *deallocate(struct mysql_reader *reader)
{
	PgQuery__DeallocateStmt *stmt =
	    sql_new(reader->arena, &pg_query__deallocate_stmt__descriptor);

	mysql_take(reader);
	mysql_expect(reader, "prepare");
	stmt->name = mysql_name(reader);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *do_of(struct mysql_reader *reader)
{
	PgQuery__DoStmt *stmt =
	    sql_new(reader->arena, &pg_query__do_stmt__descriptor);
	struct mysql_list args = {NULL, 0, 0};

	mysql_take(reader);
	mysql_expressions(reader, &args);
	MYSQL_PUT(stmt, args, args);
	return sql_wrap(reader->arena, stmt);
}

PgQuery__Node *mysql_session(struct mysql_reader *reader)
{
	if (mysql_is(reader, "lock"))
		return lock(reader, true);
	if (mysql_is(reader, "unlock"))
		return lock(reader, false);
	if (mysql_is(reader, "prepare"))
		return prepare(reader);
	if (mysql_is(reader, "execute"))
		return execute(reader);
	if (mysql_is(reader, "deallocate") ||
	    (mysql_is(reader, "drop") && mysql_is_at(reader, 1, "prepare")))
		return deallocate(reader);
	if (mysql_is(reader, "do"))
		return do_of(reader);
	return NULL;
}
