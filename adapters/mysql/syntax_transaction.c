/* Transactions and XA, as parse_transaction.c and parse_xa.c have them. */
#include "adapters/mysql/syntax.h"

void mysql_print_words(struct printer *printer, const char *words)
{
	for (const char *c = words; *c; c++) {
		bool small = *c >= 'a' && *c <= 'z';

		if (!small && *c != '_' && *c != ' ') {
			print_fail(printer, "no rule to print an option");
			return;
		}
		buffer_append_byte(printer->out,
				   (uint8_t)(small ? *c & ~0x20 : *c));
	}
}

static void print_mode(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__DefElem *elem = SQL_AS(node, DEF_ELEM, def_elem);
	const PgQuery__AConst *value =
	    elem ? SQL_AS(elem->arg, A_CONST, a_const) : NULL;

	if (!elem) {
		print_unknown(printer, node);
	} else if (!strcmp(elem->defname, "transaction_isolation")) {
		print_text(printer, "ISOLATION LEVEL ");
		mysql_print_words(printer, mysql_text_of(elem->arg)
					       ? mysql_text_of(elem->arg)
					       : "?");
	} else if (!strcmp(elem->defname, "transaction_read_only") && value &&
		   value->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
		print_text(printer,
			   value->ival->ival ? "READ ONLY" : "READ WRITE");
	} else if (!strcmp(elem->defname, "consistent snapshot")) {
		print_text(printer, "WITH CONSISTENT SNAPSHOT");
	} else {
		print_unknown(printer, node);
	}
}

void mysql_print_modes(struct printer *printer, PgQuery__Node *const *items,
		       size_t count)
{
	print_text(printer, " ");
	print_items(printer, items, count, print_mode);
}

/* ---- XA ---- */

void mysql_print_xid(struct printer *printer, const char *id)
{
	if (!*id || id[strspn(id, "0123456789ABCDEFX',")])
		print_fail(printer, "no rule to print a transaction's id");
	else
		print_text(printer, id);
}

static void print_option_words(struct printer *printer,
			       PgQuery__Node *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(items[i], DEF_ELEM, def_elem);

		if (!elem || elem->arg) {
			print_unknown(printer, items[i]);
			return;
		}
		print_text(printer, " ");
		mysql_print_words(printer, elem->defname);
	}
}

static void print_xa(struct printer *printer,
		     const PgQuery__TransactionStmt *stmt)
{
	const char *verb = NULL;

	switch (stmt->kind) {
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
		verb = "XA START ";
		break;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE:
		verb = "XA PREPARE ";
		break;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED:
		verb = "XA COMMIT ";
		break;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED:
		verb = "XA ROLLBACK ";
		break;
	default:
		print_fail(printer, "no rule to print a statement of XA");
		return;
	}
	print_text(printer, verb);
	mysql_print_xid(printer, stmt->gid);
	if (stmt->kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT)
		print_text(printer, " ONE PHASE");
	print_option_words(printer, stmt->options, stmt->n_options);
}

/* ---- the others ---- */

static void print_end(struct printer *printer, const char *verb,
		      const PgQuery__TransactionStmt *stmt)
{
	print_text(printer, verb);
	if (stmt->chain)
		print_text(printer, " AND CHAIN");
	for (size_t i = 0; i < stmt->n_options; i++)
		if (SQL_IS(stmt->options[i], DEF_ELEM) &&
		    !strcmp(stmt->options[i]->def_elem->defname, "no chain"))
			print_text(printer, " AND");
	print_option_words(printer, stmt->options, stmt->n_options);
}

static void print_savepoint(struct printer *printer, const char *verb,
			    const PgQuery__TransactionStmt *stmt)
{
	print_text(printer, verb);
	print_name(printer, stmt->savepoint_name);
}

static void print_plain(struct printer *printer,
			const PgQuery__TransactionStmt *stmt)
{
	switch (stmt->kind) {
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN:
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START:
		if (stmt->kind ==
			PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_BEGIN &&
		    !stmt->n_options) {
			print_text(printer, "BEGIN");
			return;
		}
		print_text(printer, "START TRANSACTION");
		if (stmt->n_options)
			mysql_print_modes(printer, stmt->options,
					  stmt->n_options);
		return;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT:
		print_end(printer, "COMMIT", stmt);
		return;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK:
		print_end(printer, "ROLLBACK", stmt);
		return;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_SAVEPOINT:
		print_savepoint(printer, "SAVEPOINT ", stmt);
		return;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_RELEASE:
		print_savepoint(printer, "RELEASE SAVEPOINT ", stmt);
		return;
	case PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_TO:
		print_savepoint(printer, "ROLLBACK TO SAVEPOINT ", stmt);
		return;
	default:
		print_fail(printer, "no rule to print a transaction statement");
		return;
	}
}

bool mysql_print_transaction(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__TransactionStmt *stmt =
	    SQL_AS(node, TRANSACTION_STMT, transaction_stmt);

	if (!stmt)
		return false;
	if (SQL_SET(stmt->gid))
		print_xa(printer, stmt);
	else
		print_plain(printer, stmt);
	return true;
}
