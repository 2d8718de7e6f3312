/* Types of CAST, as parse_type.c has them in the tree. */
#include "adapters/mysql/syntax.h"

static const char *attribute(const PgQuery__Node *node)
{
	return sql_string_value(node);
}

void mysql_print_type(struct printer *printer, const PgQuery__TypeName *type)
{
	size_t numbers = 0;
	const char *name = type && type->n_names == 1
			       ? sql_string_value(type->names[0])
			       : NULL;

	if (!name) {
		print_fail(printer, "a type is missing");
		return;
	}
	print_text(printer, name);
	while (numbers < type->n_typmods && !attribute(type->typmods[numbers]))
		numbers++;
	print_list(printer, "", type->typmods, numbers, print_expr);
	for (size_t i = numbers; i < type->n_typmods; i++) {
		const char *text = attribute(type->typmods[i]);

		if (!text) {
			print_unknown(printer, type->typmods[i]);
			return;
		}
		buffer_printf(printer->out, " %s", text);
	}
}
