#include "sql/print.h"

#include <stdarg.h>

#include "sql/print_internal.h"
#include "sql/walk.h"

enum { PRINT_DEPTH_LIMIT = SQL_DEPTH_LIMIT / 2 };

void print_fail(struct printer *printer, const char *format, ...)
{
	char message[256];
	va_list arguments;

	if (printer->failed)
		return;
	printer->failed = true;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	error_set(printer->error, ERROR_INTERNAL, "%s", message);
}

void print_unknown(struct printer *printer, const PgQuery__Node *node)
{
	print_fail(printer, "no rule to print %s here", sql_node_name(node));
}

void print_text(struct printer *printer, const char *text)
{
	buffer_append_string(printer->out, text);
}

static bool plain_name(const struct sql_dialect *dialect, const char *name)
{
	if (!(*name >= 'a' && *name <= 'z') && *name != '_')
		return false;
	for (const char *c = name; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') &&
		    *c != '_')
			return false;
	return !dialect->reserved(name);
}

static void quote_name(const struct sql_dialect *dialect, struct buffer *out,
		       const char *name)
{
	buffer_append_byte(out, (uint8_t)dialect->quote);
	for (; *name; name++) {
		if (*name == dialect->quote)
			buffer_append_byte(out, (uint8_t)*name);
		buffer_append_byte(out, (uint8_t)*name);
	}
	buffer_append_byte(out, (uint8_t)dialect->quote);
}

void sql_print_name(const struct sql_dialect *dialect, struct buffer *out,
		    const char *name)
{
	if (plain_name(dialect, name))
		buffer_append_string(out, name);
	else
		quote_name(dialect, out, name);
}

void print_quoted(struct printer *printer, const char *name)
{
	quote_name(printer->dialect, printer->out, name);
}

void print_name(struct printer *printer, const char *name)
{
	if (!SQL_SET(name))
		print_fail(printer, "a name is missing");
	else
		sql_print_name(printer->dialect, printer->out, name);
}

void print_string(struct printer *printer, const char *text)
{
	printer->dialect->string(printer->out, text ? text : "");
}

void print_items(struct printer *printer, PgQuery__Node *const *items,
		 size_t count, print_fn *print)
{
	for (size_t i = 0; i < count && !printer->failed; i++) {
		if (i)
			print_text(printer, ", ");
		print(printer, items[i]);
	}
}

void print_list(struct printer *printer, const char *before,
		PgQuery__Node *const *items, size_t count, print_fn *print)
{
	if (!count)
		return;
	print_text(printer, before);
	print_text(printer, "(");
	print_items(printer, items, count, print);
	print_text(printer, ")");
}

void print_name_node(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, STRING))
		print_name(printer, node->string->sval);
	else if (SQL_IS(node, A_STAR))
		print_text(printer, "*");
	else
		print_unknown(printer, node);
}

void print_dotted(struct printer *printer, PgQuery__Node *const *names,
		  size_t count)
{
	if (!count)
		print_fail(printer, "a name is missing");
	for (size_t i = 0; i < count; i++) {
		if (i)
			print_text(printer, ".");
		print_name_node(printer, names[i]);
	}
}

bool print_own(struct printer *printer, const PgQuery__Node *node)
{
	const struct sql_syntax_ops *syntax = printer->dialect->syntax;

	return syntax->own && node && syntax->own(printer, node);
}

bool print_enter(struct printer *printer)
{
	if (printer->failed)
		return false;
	if (++printer->depth <= PRINT_DEPTH_LIMIT)
		return true;
	printer->failed = true;
	error_set(printer->error, ERROR_LIMIT,
		  "statement is nested too deeply");
	return false;
}

void print_leave(struct printer *printer)
{
	printer->depth--;
}

static void print_any(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
	case PG_QUERY__NODE__NODE_INSERT_STMT:
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
	case PG_QUERY__NODE__NODE_DELETE_STMT:
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		print_query(printer, node);
		return;
	case PG_QUERY__NODE__NODE_RAW_STMT:
		print_any(printer, node->raw_stmt->stmt);
		return;
	case PG_QUERY__NODE__NODE_TYPE_NAME:
		print_type(printer, node->type_name);
		return;
	case PG_QUERY__NODE__NODE_RANGE_VAR:
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
	case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
	case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
	case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
	case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
		print_from(printer, node);
		return;
	default:
		if (!printer->dialect->syntax->statement(printer, node))
			print_operand(printer, node);
		return;
	}
}

int sql_print(const PgQuery__Node *node, const struct sql_dialect *dialect,
	      struct buffer *out, struct sql_slots *slots, struct error *error)
{
	struct printer printer = {
	    .dialect = dialect, .out = out, .slots = slots, .error = error};

	if (!sql_unwrap(node))
		return error_set(error, ERROR_INTERNAL, "nothing to print");
	print_any(&printer, node);
	if (printer.failed)
		return -1;
	if (out->failed)
		return error_set(error, ERROR_LIMIT,
				 "printed statement is too long");
	return 0;
}

/* Whether the printed text is the same statement. */
static int check(const PgQuery__Node *node, const struct parser *parser,
		 struct arena *arena, const char *text, size_t size,
		 struct error *error)
{
	struct arena_mark mark = arena_mark(arena);
	struct sql_tree tree;
	struct error problem;
	int result = -1;

	error_init(&problem);
	if (SQL_IS(node, RAW_STMT))
		node = node->raw_stmt->stmt;
	if (parser->parse(text, size, arena, &tree, &problem))
		error_set(error, ERROR_INTERNAL,
			  "printed statement does not parse: %.400s",
			  problem.message);
	else if (tree.count != 1 || !sql_equal(node, tree.statements[0].node))
		error_set(error, ERROR_INTERNAL,
			  "printed statement reads otherwise");
	else
		result = 0;
	arena_reset(arena, mark);
	return result;
}

int sql_print_checked(const PgQuery__Node *node, const struct parser *parser,
		      struct arena *arena, struct buffer *out,
		      struct sql_slots *slots, struct error *error)
{
	size_t start = out->size;

	if (sql_print(node, parser->dialect, out, slots, error))
		return -1;
	return check(node, parser, arena, (const char *)out->data + start,
		     out->size - start, error);
}
