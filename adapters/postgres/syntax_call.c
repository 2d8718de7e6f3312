/*
 * Functions that are written with keywords among their arguments. The parser
 * returns each as a call of the underlying function:
 *
 *	pg_catalog.extract('year', d)	EXTRACT('year' FROM d)
 *	pg_catalog.timezone('UTC', d)	d AT TIME ZONE 'UTC'
 *
 * From the grammar's func_expr_common_subexpr (gram.y).
 */
#include "adapters/postgres/syntax.h"

#include <string.h>

#include "sql/printer.h"

static void print_two(struct printer *printer, const PgQuery__FuncCall *call,
		      const char *open, const char *between, int first,
		      int second, const char *close)
{
	print_text(printer, open);
	print_operand(printer, call->args[first]);
	print_text(printer, between);
	print_operand(printer, call->args[second]);
	print_text(printer, close);
}

static void print_timezone(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	print_two(printer, call, "", " AT TIME ZONE ", 1, 0, "");
}

static void print_extract(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	print_two(printer, call, "EXTRACT(", " FROM ", 0, 1, ")");
}

static void print_position(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	print_two(printer, call, "POSITION(", " IN ", 1, 0, ")");
}

static void print_xmlexists(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	print_text(printer, "XMLEXISTS(");
	print_primary(printer, call->args[0]);
	print_text(printer, " PASSING ");
	print_primary(printer, call->args[1]);
	print_text(printer, ")");
}

static void print_overlaps(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	for (int i = 0; i < 4; i++) {
		print_text(printer, i == 2 ? " OVERLAPS (" : i ? "" : "(");
		print_expr(printer, call->args[i]);
		print_text(printer, i % 2 ? ")" : ", ");
	}
}

static void print_overlay(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	static const char *const before[] = {"OVERLAY(", " PLACING ", " FROM ",
					     " FOR "};

	for (size_t i = 0; i < call->n_args; i++) {
		print_text(printer, before[i]);
		print_operand(printer, call->args[i]);
	}
	print_text(printer, ")");
}

static void print_substring(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	static const char *const before[] = {"SUBSTRING(", " FROM ", " FOR "};

	for (size_t i = 0; i < call->n_args; i++) {
		print_text(printer, before[i]);
		print_operand(printer, call->args[i]);
	}
	print_text(printer, ")");
}

static void print_trim(struct printer *printer, const PgQuery__FuncCall *call)
{
	const char *name = sql_string_value(call->funcname[1]);

	print_text(printer, *name == 'b'   ? "TRIM(BOTH FROM "
			    : *name == 'l' ? "TRIM(LEADING FROM "
					   : "TRIM(TRAILING FROM ");
	print_items(printer, call->args, call->n_args, print_expr);
	print_text(printer, ")");
}

static void print_collation_for(struct printer *printer,
				const PgQuery__FuncCall *call)
{
	print_text(printer, "COLLATION FOR (");
	print_expr(printer, call->args[0]);
	print_text(printer, ")");
}

/* The form of a Unicode normalisation, which is a word. */
static void print_form(struct printer *printer, const PgQuery__FuncCall *call,
		       const char *before)
{
	static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
	const PgQuery__AConst *constant;

	if (call->n_args < 2)
		return;
	constant = SQL_AS(call->args[1], A_CONST, a_const);
	if (constant && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		for (size_t i = 0; i < 4; i++)
			if (!strcmp(constant->sval->sval, forms[i])) {
				buffer_printf(printer->out, "%s%s", before,
					      forms[i]);
				return;
			}
	print_fail(printer, "no form of normalisation");
}

static void print_normalize(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	print_text(printer, "NORMALIZE(");
	print_expr(printer, call->args[0]);
	print_form(printer, call, ", ");
	print_text(printer, ")");
}

static void print_is_normalized(struct printer *printer,
				const PgQuery__FuncCall *call)
{
	print_operand(printer, call->args[0]);
	print_text(printer, " IS");
	print_form(printer, call, " ");
	print_text(printer, " NORMALIZED");
}

/* Functions that SQL writes with words around the arguments. */
static const struct {
	const char *name;
	size_t least; /* arguments */
	size_t most;
	struct sql_call_syntax syntax;
} syntaxes[] = {
    {"timezone", 2, 2, {print_timezone, true}},
    {"extract", 2, 2, {print_extract, false}},
    {"position", 2, 2, {print_position, false}},
    {"xmlexists", 2, 2, {print_xmlexists, false}},
    {"overlaps", 4, 4, {print_overlaps, true}},
    {"overlay", 3, 4, {print_overlay, false}},
    {"substring", 2, 3, {print_substring, false}},
    {"btrim", 1, SIZE_MAX, {print_trim, false}},
    {"ltrim", 1, SIZE_MAX, {print_trim, false}},
    {"rtrim", 1, SIZE_MAX, {print_trim, false}},
    {"pg_collation_for", 1, 1, {print_collation_for, false}},
    {"normalize", 1, 2, {print_normalize, false}},
    {"is_normalized", 1, 2, {print_is_normalized, true}},
};

const struct sql_call_syntax *postgres_call_syntax(
    const PgQuery__FuncCall *call)
{
	const char *name =
	    call->n_funcname == 2 ? sql_string_value(call->funcname[1]) : NULL;

	for (size_t i = 0; name && i < sizeof(syntaxes) / sizeof(*syntaxes);
	     i++)
		if (!strcmp(name, syntaxes[i].name) &&
		    call->n_args >= syntaxes[i].least &&
		    call->n_args <= syntaxes[i].most)
			return &syntaxes[i].syntax;
	return NULL;
}
