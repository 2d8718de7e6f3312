/* LOAD DATA, SHOW and EXPLAIN, as parse_load.c and parse_show.c have them. */
#include "adapters/mysql/dialect.h"
#include "adapters/mysql/syntax.h"

/* ---- LOAD DATA ---- */

static const PgQuery__DefElem *option(const PgQuery__CopyStmt *copy,
				      const char *name)
{
	for (size_t i = 0; i < copy->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(copy->options[i], DEF_ELEM, def_elem);

		if (elem && !strcmp(elem->defname, name))
			return elem;
	}
	return NULL;
}

static void print_flag(struct printer *printer, const PgQuery__CopyStmt *copy,
		       const char *name)
{
	if (!option(copy, name))
		return;
	mysql_print_words(printer, name);
	print_text(printer, " ");
}

/* "fields terminated by" and its like, with the first word once. */
static void print_format(struct printer *printer, const PgQuery__CopyStmt *copy,
			 const char *word)
{
	size_t size = strlen(word);
	bool first = true;

	for (size_t i = 0; i < copy->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(copy->options[i], DEF_ELEM, def_elem);

		if (!elem || strncmp(elem->defname, word, size) != 0)
			continue;
		print_text(printer, " ");
		mysql_print_words(printer,
				  first ? elem->defname : elem->defname + size);
		print_text(printer, " ");
		print_expr(printer, elem->arg);
		first = false;
	}
}

static void print_loaded(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, STRING))
		print_name_node(printer, node);
	else
		print_expr(printer, node);
}

static void print_load_tail(struct printer *printer,
			    const PgQuery__CopyStmt *copy)
{
	const PgQuery__DefElem *lines = option(copy, "ignore lines");
	const PgQuery__DefElem *set = option(copy, "set");

	if (lines) {
		print_text(printer, " IGNORE ");
		print_expr(printer, lines->arg);
		print_text(printer, " LINES");
	}
	print_list(printer, " ", copy->attlist, copy->n_attlist, print_loaded);
	if (set && SQL_IS(set->arg, LIST)) {
		print_text(printer, " SET ");
		print_assignments(printer, set->arg->list->items,
				  set->arg->list->n_items);
	}
}

static void print_load(struct printer *printer, const PgQuery__CopyStmt *copy)
{
	const PgQuery__DefElem *partition = option(copy, "partition");
	const PgQuery__DefElem *charset = option(copy, "character set");

	print_text(printer, "LOAD DATA ");
	print_flag(printer, copy, "low_priority");
	print_flag(printer, copy, "concurrent");
	print_flag(printer, copy, "local");
	print_text(printer, "INFILE ");
	print_string(printer, copy->filename);
	print_text(printer, " ");
	print_flag(printer, copy, "replace");
	print_flag(printer, copy, "ignore");
	print_text(printer, "INTO TABLE ");
	print_relation(printer, copy->relation);
	if (partition && SQL_IS(partition->arg, LIST))
		print_list(printer, " PARTITION ", partition->arg->list->items,
			   partition->arg->list->n_items, print_name_node);
	if (charset) {
		print_text(printer, " CHARACTER SET ");
		print_expr(printer, charset->arg);
	}
	print_format(printer, copy, "fields ");
	print_format(printer, copy, "lines ");
	print_load_tail(printer, copy);
}

/* ---- SHOW ---- */

/* A string of a SHOW's name, whose quote is next; moves behind it. */
static void print_shown_string(struct printer *printer, const char **at)
{
	struct buffer text;
	const char *c = *at + 1;

	buffer_init(&text, 0);
	while (*c && (*c != '\'' || c[1] == '\'')) {
		if ((*c == '\'' || *c == '\\') && c[1] == *c)
			c++;
		buffer_append_byte(&text, (uint8_t)*c++);
	}
	if (*c && !text.failed)
		print_string(printer, buffer_string(&text));
	else
		print_fail(printer, "no rule to print what is shown");
	*at = *c ? c + 1 : c;
	buffer_release(&text);
}

static void print_show(struct printer *printer, const char *name)
{
	bool quoted = false;

	if (strncmp(name, "xa ", 3) != 0)
		print_text(printer, "SHOW ");
	while (*name && !printer->failed) {
		if (*name == '\'' && !quoted) {
			print_shown_string(printer, &name);
			continue;
		}
		quoted ^= *name == '`';
		buffer_append_byte(printer->out, (uint8_t)*name++);
	}
}

/* ---- EXPLAIN ---- */

static void print_explain(struct printer *printer,
			  const PgQuery__ExplainStmt *stmt)
{
	bool mariadb = mysql_dialect_is_mariadb(printer->dialect);
	bool analyze = false;

	for (size_t i = 0; i < stmt->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(stmt->options[i], DEF_ELEM, def_elem);

		analyze |= elem && !strcmp(elem->defname, "analyze");
	}
	print_text(printer, analyze && mariadb ? "ANALYZE "
			    : analyze	       ? "EXPLAIN ANALYZE "
					       : "EXPLAIN ");
	for (size_t i = 0; i < stmt->n_options; i++) {
		const PgQuery__DefElem *elem =
		    SQL_AS(stmt->options[i], DEF_ELEM, def_elem);

		if (!elem || !strcmp(elem->defname, "analyze"))
			continue;
		mysql_print_words(printer, elem->defname);
		if (elem->arg) {
			print_text(printer, " = ");
			mysql_print_word(printer, elem->arg);
		}
		print_text(printer, " ");
	}
	mysql_print_any(printer, stmt->query);
}

bool mysql_print_utility(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COPY_STMT:
		if (node->copy_stmt->is_from && node->copy_stmt->relation &&
		    SQL_SET(node->copy_stmt->filename))
			print_load(printer, node->copy_stmt);
		else
			print_unknown(printer, node);
		return true;
	case PG_QUERY__NODE__NODE_VARIABLE_SHOW_STMT:
		print_show(printer, node->variable_show_stmt->name);
		return true;
	case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
		print_explain(printer, node->explain_stmt);
		return true;
	default:
		return false;
	}
}
