/*
 * Keys and constraints of a table:
 *
 *	PRIMARY KEY (a, b)		primary, keys a, b
 *	UNIQUE KEY k (a)		unique, called k
 *	CONSTRAINT c FOREIGN KEY (a) REFERENCES t (b) ON DELETE CASCADE
 *	CHECK (a > 0)
 *
 * are Constraints, and everything else is an IndexStmt without a table:
 *
 *	KEY k (a, b) USING HASH		method hash
 *	UNIQUE KEY k (a(10), b DESC)	unique; a has the option length 10
 *	FULLTEXT KEY k (a)		method fulltext
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

PgQuery__Constraint *mysql_new_constraint(struct mysql_reader *reader,
					  PgQuery__ConstrType type)
{
	PgQuery__Constraint *constraint =
	    sql_new(reader->arena, &pg_query__constraint__descriptor);

	constraint->contype = type;
	constraint->location = -1;
	return constraint;
}

/* ---- the columns of a key ---- */

static PgQuery__Node *index_part(struct mysql_reader *reader)
{
	PgQuery__IndexElem *elem =
	    sql_new(reader->arena, &pg_query__index_elem__descriptor);
	struct mysql_list options = {NULL, 0, 0};

	if (mysql_accept(reader, "(")) {
		elem->expr = mysql_expression(reader);
		mysql_expect(reader, ")");
	} else {
		elem->name = mysql_name(reader);
		if (mysql_accept(reader, "(")) {
			if (!mysql_is_kind(reader, 0, MYSQL_TOKEN_INTEGER))
				return mysql_unexpected(reader, "a length");
			mysql_define(reader, &options, "length",
				     mysql_constant(reader));
			mysql_expect(reader, ")");
		}
	}
	MYSQL_PUT(elem, opclassopts, options);
	elem->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
	elem->nulls_ordering = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
	if (mysql_accept(reader, "desc"))
		elem->ordering = PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
	else
		mysql_accept(reader, "asc");
	return sql_wrap(reader->arena, elem);
}

static void index_parts(struct mysql_reader *reader, struct mysql_list *list)
{
	mysql_expect(reader, "(");
	do
		mysql_add(reader, list, index_part(reader));
	while (mysql_accept(reader, ","));
	mysql_expect(reader, ")");
}

static bool is_plain(const PgQuery__Node *node)
{
	const PgQuery__IndexElem *elem = SQL_AS(node, INDEX_ELEM, index_elem);

	return elem && elem->name && !elem->n_opclassopts &&
	       elem->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
}

/* ---- options ---- */

void mysql_index_method(struct mysql_reader *reader, PgQuery__IndexStmt *index)
{
	const struct mysql_token *token;

	if (!mysql_accept(reader, "using") && !mysql_accept(reader, "type"))
		return;
	token = mysql_token(reader);
	if (mysql_is(reader, "btree") || mysql_is(reader, "hash") ||
	    mysql_is(reader, "rtree"))
		index->access_method = mysql_lower(reader, token);
	else
		mysql_unexpected(reader, "BTREE, HASH or RTREE");
	mysql_take(reader);
}

static void word_option(struct mysql_reader *reader, struct mysql_list *list,
			const char *name)
{
	const char *word = mysql_is(reader, "default")
			       ? mysql_lower(reader, mysql_take(reader))
			       : mysql_name(reader);

	mysql_define(reader, list, name,
		     sql_const_string(reader->arena, word ? word : ""));
}

static bool index_option(struct mysql_reader *reader, struct mysql_list *list)
{
	if (mysql_accept(reader, "comment")) {
		mysql_define(reader, list, "comment", mysql_one_string(reader));
	} else if (mysql_accept(reader, "key_block_size")) {
		mysql_accept(reader, "=");
		if (!mysql_is_kind(reader, 0, MYSQL_TOKEN_INTEGER))
			mysql_unexpected(reader, "a number");
		else
			mysql_define(reader, list, "key_block_size",
				     mysql_constant(reader));
	} else if (mysql_accept_two(reader, "with", "parser")) {
		word_option(reader, list, "with parser");
	} else if (mysql_accept(reader, "invisible") ||
		   mysql_accept(reader, "ignored")) {
		mysql_define(reader, list,
			     reader->mode->server == MYSQL_SERVER_MYSQL
				 ? "invisible"
				 : "ignored",
			     NULL);
	} else if (mysql_accept(reader, "algorithm")) {
		mysql_accept(reader, "=");
		word_option(reader, list, "algorithm");
	} else if (mysql_accept(reader, "lock")) {
		mysql_accept(reader, "=");
		word_option(reader, list, "lock");
	} else {
		return false;
	}
	return !reader->failed;
}

void mysql_index_rest(struct mysql_reader *reader, PgQuery__IndexStmt *index)
{
	struct mysql_list parts = {NULL, 0, 0};
	struct mysql_list options = {NULL, 0, 0};

	mysql_index_method(reader, index);
	index_parts(reader, &parts);
	do
		mysql_index_method(reader, index);
	while (index_option(reader, &options));
	MYSQL_PUT(index, index_params, parts);
	MYSQL_PUT(index, options, options);
}

/* ---- foreign keys and checks ---- */

static const char *action(struct mysql_reader *reader)
{
	if (mysql_accept(reader, "cascade"))
		return "c";
	if (mysql_accept(reader, "restrict"))
		return "r";
	if (mysql_accept_two(reader, "no", "action"))
		return "a";
	if (mysql_accept_two(reader, "set", "null"))
		return "n";
	if (mysql_accept_two(reader, "set", "default"))
		return "d";
	return mysql_unexpected(reader, "an action");
}

void mysql_references(struct mysql_reader *reader,
		      PgQuery__Constraint *constraint)
{
	struct mysql_list columns = {NULL, 0, 0};
	const char *match = "s";
	const char *update = "a";
	const char *delete = "a";

	mysql_expect(reader, "references");
	constraint->pktable = mysql_relation(reader);
	mysql_bracketed_names(reader, &columns);
	MYSQL_PUT(constraint, pk_attrs, columns);
	if (mysql_accept(reader, "match"))
		match = mysql_accept(reader, "full")	  ? "f"
			: mysql_accept(reader, "partial") ? "p"
			: mysql_accept(reader, "simple")
			    ? "s"
			    : mysql_unexpected(reader, "FULL or SIMPLE");
	while (!reader->failed) {
		if (mysql_accept_two(reader, "on", "delete"))
			delete = action(reader);
		else if (mysql_is(reader, "on") &&
			 mysql_is_at(reader, 1, "update") &&
			 mysql_accept_two(reader, "on", "update"))
			update = action(reader);
		else
			break;
	}
	if (reader->failed)
		return;
	constraint->fk_matchtype = arena_string(reader->arena, match);
	constraint->fk_upd_action = arena_string(reader->arena, update);
	constraint->fk_del_action = arena_string(reader->arena, delete);
}

static PgQuery__Constraint *foreign_key(struct mysql_reader *reader)
{
	PgQuery__Constraint *constraint =
	    mysql_new_constraint(reader, PG_QUERY__CONSTR_TYPE__CONSTR_FOREIGN);
	struct mysql_list columns = {NULL, 0, 0};

	mysql_take(reader);
	mysql_expect(reader, "key");
	if (!mysql_is(reader, "("))
		constraint->indexname = mysql_name(reader);
	mysql_bracketed(reader, &columns);
	MYSQL_PUT(constraint, fk_attrs, columns);
	mysql_references(reader, constraint);
	return constraint;
}

PgQuery__Constraint *mysql_check(struct mysql_reader *reader)
{
	PgQuery__Constraint *constraint =
	    mysql_new_constraint(reader, PG_QUERY__CONSTR_TYPE__CONSTR_CHECK);

	mysql_expect(reader, "check");
	mysql_expect(reader, "(");
	constraint->raw_expr = mysql_expression(reader);
	mysql_expect(reader, ")");
	constraint->skip_validation =
	    mysql_accept_two(reader, "not", "enforced");
	if (!constraint->skip_validation)
		mysql_accept(reader, "enforced");
	return constraint;
}

/* ---- keys ---- */

/* PRIMARY KEY and UNIQUE as a Constraint, if the index is no more than that.
 */
static PgQuery__Node *simplest(struct mysql_reader *reader,
			       PgQuery__IndexStmt *index)
{
	PgQuery__Constraint *constraint;
	struct mysql_list keys = {NULL, 0, 0};

	if (!index->primary && !index->unique)
		return sql_wrap(reader->arena, index);
	for (size_t i = 0; i < index->n_index_params; i++) {
		if (!is_plain(index->index_params[i]))
			return sql_wrap(reader->arena, index);
		mysql_add(reader, &keys,
			  sql_string(reader->arena,
				     index->index_params[i]->index_elem->name));
	}
	constraint = mysql_new_constraint(
	    reader, index->primary ? PG_QUERY__CONSTR_TYPE__CONSTR_PRIMARY
				   : PG_QUERY__CONSTR_TYPE__CONSTR_UNIQUE);
	constraint->conname = index->idxname;
	constraint->access_method = index->access_method;
	constraint->options = index->options;
	constraint->n_options = index->n_options;
	MYSQL_PUT(constraint, keys, keys);
	return sql_wrap(reader->arena, constraint);
}

static bool key_word(struct mysql_reader *reader)
{
	return mysql_accept(reader, "key") || mysql_accept(reader, "index");
}

/* name: that of CONSTRAINT, for a unique key without its own. */
static PgQuery__Node *index_of(struct mysql_reader *reader, char *name)
{
	PgQuery__IndexStmt *index =
	    sql_new(reader->arena, &pg_query__index_stmt__descriptor);

	if (mysql_accept(reader, "primary")) {
		index->primary = true;
		mysql_expect(reader, "key");
	} else if (mysql_accept(reader, "unique")) {
		index->unique = true;
		key_word(reader);
	} else if (mysql_is(reader, "fulltext") ||
		   mysql_is(reader, "spatial")) {
		index->access_method = mysql_lower(reader, mysql_take(reader));
		key_word(reader);
	} else if (!key_word(reader)) {
		return mysql_unexpected(reader, "a key");
	}
	index->idxname = name;
	index->if_not_exists =
	    !index->primary && !index->unique && mysql_is(reader, "if") &&
	    mysql_is_at(reader, 1, "not") && mysql_is_at(reader, 2, "exists");
	for (int i = 0; i < 3 && index->if_not_exists; i++)
		mysql_take(reader);
	if (!mysql_is(reader, "(") && !mysql_is(reader, "using") &&
	    (!mysql_is(reader, "type") || mysql_is_at(reader, 1, "(")))
		index->idxname = mysql_name(reader);
	mysql_index_rest(reader, index);
	return reader->failed ? NULL : simplest(reader, index);
}

bool mysql_is_key(const struct mysql_reader *reader)
{
	static const char *const words[] = {
	    "constraint", "primary", "unique",	 "foreign", "check",
	    "key",	  "index",   "fulltext", "spatial"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(reader, words[i]))
			return true;
	return false;
}

PgQuery__Node *mysql_key(struct mysql_reader *reader)
{
	char *name = NULL;
	bool constraint = mysql_accept(reader, "constraint");
	PgQuery__Constraint *found;

	if (constraint && mysql_is_name(reader, 0))
		name = mysql_name(reader);
	if (!mysql_is(reader, "foreign") && !mysql_is(reader, "check"))
		return index_of(reader, name);
	found = mysql_is(reader, "foreign") ? foreign_key(reader)
					    : mysql_check(reader);
	found->conname = name;
	return sql_wrap(reader->arena, found);
}
