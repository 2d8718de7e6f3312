/*
 * `compare:` and `private:` of a mapping: what is ignored, compared with a
 * tolerance, or shown in evidence.
 *
 *	compare: {users.updated_at: clock}
 *
 * sets lens_column.clock of updated_at.
 */
#include "lens/compile/tuning.h"

#include <string.h>

#include "lens/compile/find.h"

static void add_tuning(struct compile *compile,
		       const struct mapping_compare *compare,
		       const struct catalog_table *table)
{
	struct lens *lens = compile->lens;
	struct lens_tuning *tuning = &lens->tunings[lens->tuning_count++];

	tuning->table = table;
	if (!table && compare->fingerprint.text)
		tuning->fingerprint =
		    strtoull(compare->fingerprint.text, NULL, 16);
	tuning->ignore = !table && compare->ignore;
	tuning->tolerance = table ? 0 : compare->tolerance;
	tuning->unordered = compare->unordered;
}

void compile_compares(struct compile *compile, const struct mapping *mapping)
{
	const struct catalog *old = compile->lens->old_catalog;

	if (mapping)
		compile->lens->tunings = arena_array(
		    &compile->lens->arena, mapping->compare_count + 1,
		    sizeof(*compile->lens->tunings));
	for (size_t i = 0; mapping && i < mapping->compare_count; i++) {
		const struct mapping_compare *compare = &mapping->compares[i];
		const struct catalog_table *table;
		struct lens_table *entry;
		bool found = !compare->column.text;

		if (!compare->table.text) {
			add_tuning(compile, compare, NULL);
			continue;
		}
		const char *dot = strchr(compare->table.text, '.');
		const char *schema =
		    dot ? arena_copy(&compile->lens->scratch,
				     compare->table.text,
				     (size_t)(dot - compare->table.text))
			: NULL;
		const char *name = dot ? dot + 1 : compare->table.text;

		table = compile_find_table(old, schema, name);
		if (!table) {
			compile_report(
			    compile, SEVERITY_ERROR, compare->table.place,
			    compile_nearest_table(compile, old, name),
			    "the old schema has no table \"%s\"",
			    compare->table.text);
			continue;
		}
		entry = compile_table_of(compile, table);
		if (!compare->column.text && compare->unordered)
			add_tuning(compile, compare, table);
		for (size_t c = 0; c < entry->column_count; c++) {
			struct lens_column *column = &entry->columns[c];

			if (compare->column.text &&
			    strcmp(compare->column.text, column->old->name))
				continue;
			found = true;
			column->clock = column->clock || compare->clock;
			column->ignore = column->ignore || compare->ignore;
			column->shown =
			    column->shown || compare->privacy == PRIVATE_PUBLIC;
			if (compare->tolerance > 0)
				column->tolerance = compare->tolerance;
		}
		if (!found)
			compile_report(
			    compile, SEVERITY_ERROR, compare->column.place,
			    compile_nearest_column(compile, table,
						   compare->column.text),
			    "table \"%s\" of the old schema has no column "
			    "\"%s\"",
			    compare->table.text, compare->column.text);
	}
}
