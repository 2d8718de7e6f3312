/* Function calls with all their clauses, windows, and XML. */
#include "sql/print_internal.h"

static void print_argument(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__NamedArgExpr *named =
	    SQL_AS(node, NAMED_ARG_EXPR, named_arg_expr);

	if (!named) {
		print_expr(printer, node);
		return;
	}
	print_name(printer, named->name);
	print_text(printer, " => ");
	print_expr(printer, named->arg);
}

static bool has_syntax(const PgQuery__FuncCall *call)
{
	return call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
}

static const struct sql_call_syntax *find_syntax(const struct printer *printer,
						 const PgQuery__FuncCall *call)
{
	return printer->dialect->syntax->call(call);
}

bool print_call_is_operator(const struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	const struct sql_call_syntax *syntax =
	    has_syntax(call) ? find_syntax(printer, call) : NULL;

	return syntax && syntax->is_operator;
}

static void print_arguments(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	print_text(printer, "(");
	if (call->agg_distinct)
		print_text(printer, "DISTINCT ");
	if (call->agg_star)
		print_text(printer, "*");
	for (size_t i = 0; i < call->n_args; i++) {
		if (i)
			print_text(printer, ", ");
		if (call->func_variadic && i + 1 == call->n_args)
			print_text(printer, "VARIADIC ");
		print_argument(printer, call->args[i]);
	}
	if (call->n_agg_order && !call->agg_within_group) {
		print_text(printer, " ORDER BY ");
		print_items(printer, call->agg_order, call->n_agg_order,
			    print_sort);
	}
	print_text(printer, ")");
}

static void print_call_tail(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	if (call->agg_within_group) {
		print_text(printer, " WITHIN GROUP (ORDER BY ");
		print_items(printer, call->agg_order, call->n_agg_order,
			    print_sort);
		print_text(printer, ")");
	}
	if (sql_unwrap(call->agg_filter)) {
		print_text(printer, " FILTER (WHERE ");
		print_expr(printer, call->agg_filter);
		print_text(printer, ")");
	}
	if (!call->over)
		return;
	print_text(printer, " OVER ");
	if (SQL_SET(call->over->name))
		print_name(printer, call->over->name);
	else
		print_window(printer, call->over);
}

void print_call_rest(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_arguments(printer, call);
	print_call_tail(printer, call);
}

static void print_worded(struct printer *printer, const PgQuery__FuncCall *call)
{
	const struct sql_call_syntax *syntax = find_syntax(printer, call);

	if (syntax)
		syntax->print(printer, call);
	else
		print_fail(
		    printer, "no rule to print the syntax of %s",
		    call->n_funcname
			? sql_string_value(call->funcname[call->n_funcname - 1])
			: "a function");
}

void print_call(struct printer *printer, const PgQuery__FuncCall *call)
{
	if (has_syntax(call)) {
		print_worded(printer, call);
		print_call_tail(printer, call);
		return;
	}
	print_dotted(printer, call->funcname, call->n_funcname);
	print_call_rest(printer, call);
}

/* FRAMEOPTION_* of PostgreSQL's nodes/parsenodes.h. */
enum {
	FRAME_NONDEFAULT = 0x00001,
	FRAME_RANGE = 0x00002,
	FRAME_ROWS = 0x00004,
	FRAME_GROUPS = 0x00008,
	FRAME_BETWEEN = 0x00010,
	FRAME_START_UNBOUNDED_PRECEDING = 0x00020,
	FRAME_END_UNBOUNDED_FOLLOWING = 0x00100,
	FRAME_START_CURRENT_ROW = 0x00200,
	FRAME_END_CURRENT_ROW = 0x00400,
	FRAME_START_OFFSET_PRECEDING = 0x00800,
	FRAME_END_OFFSET_PRECEDING = 0x01000,
	FRAME_START_OFFSET_FOLLOWING = 0x02000,
	FRAME_END_OFFSET_FOLLOWING = 0x04000,
	FRAME_EXCLUDE_CURRENT_ROW = 0x08000,
	FRAME_EXCLUDE_GROUP = 0x10000,
	FRAME_EXCLUDE_TIES = 0x20000,
};

static void print_bound(struct printer *printer, const PgQuery__Node *offset,
			const char *words)
{
	if (*words == '%') {
		print_operand(printer, offset);
		words++;
	}
	print_text(printer, words);
}

static void print_frame(struct printer *printer,
			const PgQuery__WindowDef *window)
{
	int options = window->frame_options;
	const char *start =
	    options & FRAME_START_UNBOUNDED_PRECEDING ? "UNBOUNDED PRECEDING"
	    : options & FRAME_START_CURRENT_ROW	      ? "CURRENT ROW"
	    : options & FRAME_START_OFFSET_PRECEDING  ? "% PRECEDING"
	    : options & FRAME_START_OFFSET_FOLLOWING  ? "% FOLLOWING"
						      : NULL;
	const char *end = options & FRAME_END_UNBOUNDED_FOLLOWING
			      ? "UNBOUNDED FOLLOWING"
			  : options & FRAME_END_CURRENT_ROW	 ? "CURRENT ROW"
			  : options & FRAME_END_OFFSET_PRECEDING ? "% PRECEDING"
			  : options & FRAME_END_OFFSET_FOLLOWING ? "% FOLLOWING"
								 : NULL;

	if (!(options & FRAME_NONDEFAULT))
		return;
	if (!start || !end) {
		print_fail(printer, "no rule to print a window's frame");
		return;
	}
	print_text(printer, options & FRAME_ROWS     ? " ROWS "
			    : options & FRAME_GROUPS ? " GROUPS "
						     : " RANGE ");
	if (options & FRAME_BETWEEN)
		print_text(printer, "BETWEEN ");
	print_bound(printer, window->start_offset, start);
	if (options & FRAME_BETWEEN) {
		print_text(printer, " AND ");
		print_bound(printer, window->end_offset, end);
	}
	print_text(printer, options & FRAME_EXCLUDE_CURRENT_ROW
				? " EXCLUDE CURRENT ROW"
			    : options & FRAME_EXCLUDE_GROUP ? " EXCLUDE GROUP"
			    : options & FRAME_EXCLUDE_TIES  ? " EXCLUDE TIES"
							    : "");
}

void print_window(struct printer *printer, const PgQuery__WindowDef *window)
{
	const char *blank = "";

	print_text(printer, "(");
	if (SQL_SET(window->refname)) {
		/* Words like "rows" would be taken for the frame. */
		print_quoted(printer, window->refname);
		blank = " ";
	}
	if (window->n_partition_clause) {
		print_text(printer, blank);
		print_text(printer, "PARTITION BY ");
		print_items(printer, window->partition_clause,
			    window->n_partition_clause, print_expr);
		blank = " ";
	}
	if (window->n_order_clause) {
		print_text(printer, blank);
		print_text(printer, "ORDER BY ");
		print_items(printer, window->order_clause,
			    window->n_order_clause, print_sort);
	}
	print_frame(printer, window);
	print_text(printer, ")");
}

static int constant_integer(const PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	return constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL
		   ? constant->ival->ival
		   : -1;
}

static void print_xmlroot(struct printer *printer, const PgQuery__XmlExpr *xml)
{
	static const char *const standalone[] = {
	    ", STANDALONE YES", ", STANDALONE NO", ", STANDALONE NO VALUE", ""};
	const PgQuery__AConst *version;
	int choice;

	if (xml->n_args != 3) {
		print_fail(printer, "XMLROOT without its arguments");
		return;
	}
	version = SQL_AS(xml->args[1], A_CONST, a_const);
	choice = constant_integer(xml->args[2]);
	print_text(printer, "XMLROOT(");
	print_expr(printer, xml->args[0]);
	print_text(printer, ", VERSION ");
	if (version && version->isnull)
		print_text(printer, "NO VALUE");
	else
		print_expr(printer, xml->args[1]);
	if (choice < 0 || choice > 3)
		print_fail(printer, "no rule to print STANDALONE");
	else
		print_text(printer, standalone[choice]);
	print_text(printer, ")");
}

static void print_xmlparse(struct printer *printer, const PgQuery__XmlExpr *xml)
{
	const PgQuery__AConst *preserve;

	if (xml->n_args != 2) {
		print_fail(printer, "XMLPARSE without its arguments");
		return;
	}
	print_text(printer,
		   xml->xmloption ==
			   PG_QUERY__XML_OPTION_TYPE__XMLOPTION_DOCUMENT
		       ? "XMLPARSE(DOCUMENT "
		       : "XMLPARSE(CONTENT ");
	print_expr(printer, xml->args[0]);
	preserve = SQL_AS(xml->args[1], A_CONST, a_const);
	if (preserve && preserve->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL &&
	    preserve->boolval->boolval)
		print_text(printer, " PRESERVE WHITESPACE");
	print_text(printer, ")");
}

static void print_named(struct printer *printer, const PgQuery__XmlExpr *xml,
			const char *word)
{
	print_text(printer, word);
	print_name(printer, xml->name);
	if (xml->n_named_args)
		print_list(printer, ", XMLATTRIBUTES", xml->named_args,
			   xml->n_named_args, print_target);
	if (xml->n_args) {
		print_text(printer, ", ");
		print_items(printer, xml->args, xml->n_args, print_expr);
	}
	print_text(printer, ")");
}

void print_xml(struct printer *printer, const PgQuery__XmlExpr *xml)
{
	switch (xml->op) {
	case PG_QUERY__XML_EXPR_OP__IS_XMLCONCAT:
		print_list(printer, "XMLCONCAT", xml->args, xml->n_args,
			   print_expr);
		return;
	case PG_QUERY__XML_EXPR_OP__IS_XMLELEMENT:
		print_named(printer, xml, "XMLELEMENT(NAME ");
		return;
	case PG_QUERY__XML_EXPR_OP__IS_XMLPI:
		print_named(printer, xml, "XMLPI(NAME ");
		return;
	case PG_QUERY__XML_EXPR_OP__IS_XMLFOREST:
		print_list(printer, "XMLFOREST", xml->named_args,
			   xml->n_named_args, print_target);
		return;
	case PG_QUERY__XML_EXPR_OP__IS_XMLPARSE:
		print_xmlparse(printer, xml);
		return;
	case PG_QUERY__XML_EXPR_OP__IS_XMLROOT:
		print_xmlroot(printer, xml);
		return;
	case PG_QUERY__XML_EXPR_OP__IS_DOCUMENT:
		print_operand(printer, xml->n_args ? xml->args[0] : NULL);
		print_text(printer, " IS DOCUMENT");
		return;
	default:
		print_fail(printer, "no rule to print an XML expression");
		return;
	}
}
