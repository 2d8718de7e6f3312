/*
 * Enums that become a type of another class. The engine's functions for enums
 * do not take that type, so statements that call them are untranslatable
 * (rewrite/replaced.c).
 *
 *	mapping.yaml:5:7: note: "people.mood" is an enum and becomes text: ...
 */
#include "lens/plan/advice_type.h"

static bool is_replaced(const struct lens *lens,
			const struct lens_column *column)
{
	const struct catalog_type *old =
	    catalog_type(lens->old_catalog, column->old->type);
	const struct catalog_type *new =
	    column->stored
		? catalog_type(lens->new_catalog, column->stored->type)
		: NULL;

	return old && old->class == TYPE_ENUM && new &&new->class != TYPE_ENUM;
}

/* Whether a column before this one has the type, so that it was reported
 * there. */
static bool is_told(const struct lens *lens, size_t table, size_t column)
{
	uint32_t type = lens->tables[table].columns[column].old->type;

	for (size_t t = 0; t <= table; t++) {
		const struct lens_table *before = &lens->tables[t];
		size_t count = t < table ? before->column_count : column;

		for (size_t c = 0; before->mapped && c < count; c++)
			if (before->columns[c].old->type == type &&
			    is_replaced(lens, &before->columns[c]))
				return true;
	}
	return false;
}

void plan_advise_types(const struct lens *lens, struct diagnostics *diagnostics)
{
	const char *functions = lens_old_dialect(lens)->names->enum_functions();

	for (size_t t = 0; functions && t < lens->table_count; t++) {
		const struct lens_table *table = &lens->tables[t];

		for (size_t c = 0; table->mapped && c < table->column_count;
		     c++) {
			const struct lens_column *column = &table->columns[c];

			if (!is_replaced(lens, column) || is_told(lens, t, c))
				continue;
			diagnostics_add(
			    diagnostics, SEVERITY_NOTE, column->location, NULL,
			    "\"%s.%s\" is an enum and becomes %s: statements "
			    "that call functions of enums (such as %s) on "
			    "values of its type are untranslatable",
			    table->old->name, column->old->name,
			    column->stored->type_sql, functions);
		}
	}
}
