/* Names of types. */
#include "sql/print_internal.h"

void print_type(struct printer *printer, const PgQuery__TypeName *type)
{
	if (!type || !type->n_names) {
		print_fail(printer, "a type is missing");
		return;
	}
	if (type->setof)
		print_text(printer, "SETOF ");
	if (!printer->dialect->syntax->type_words(printer->out, type))
		print_dotted(printer, type->names, type->n_names);
	if (type->pct_type)
		print_text(printer, "%TYPE");
	print_list(printer, "", type->typmods, type->n_typmods, print_expr);
	for (size_t i = 0; i < type->n_array_bounds; i++) {
		const PgQuery__Integer *bound =
		    SQL_AS(type->array_bounds[i], INTEGER, integer);

		if (bound && bound->ival >= 0)
			buffer_printf(printer->out, "[%d]", bound->ival);
		else
			print_text(printer, "[]");
	}
}

void print_type_node(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, TYPE_NAME))
		print_type(printer, node->type_name);
	else
		print_unknown(printer, node);
}
