/*
 * `rewrite:` of a mapping. Patterns are compiled and replacements checked:
 *
 *	rewrite:
 *	- {match: '^select a from t$', replace: 'SELECT b FROM u'}
 *
 * becomes a lens_rule with a compiled pattern and a template without groups.
 */
#include "lens/compile/rule.h"

#include <string.h>

#include "lens/compile/find.h"

static void compile_rule(struct compile *compile,
			 const struct mapping_rule *rule,
			 struct lens_rule *made)
{
	struct lens *lens = compile->lens;
	struct sql_tree tree;
	struct error error;

	error_init(&error);
	made->line = rule->match.place.line;
	made->skip = arena_string(&lens->arena, rule->skip.text);
	if (pattern_new(rule->match.text, &made->pattern, &error)) {
		compile_report(compile, SEVERITY_ERROR, rule->match.place, NULL,
			       "match is not a valid pattern: %s",
			       error.message);
		return;
	}
	if (made->skip)
		return;
	if (pattern_template(made->pattern, rule->replacement.text,
			     &lens->arena, &made->replacement, &error)) {
		compile_report(compile, SEVERITY_ERROR, rule->replacement.place,
			       NULL, "replace: %s", error.message);
		return;
	}
	/* A replacement without groups can be parsed now. */
	if (!made->replacement.plain)
		return;
	if (lens->parser->parse(rule->replacement.text,
				strlen(rule->replacement.text), &lens->scratch,
				&tree, &error))
		compile_report(compile, SEVERITY_ERROR, rule->replacement.place,
			       NULL, "replace is not a valid statement: %s",
			       error.message);
	else if (tree.count != 1)
		compile_report(compile, SEVERITY_ERROR, rule->replacement.place,
			       NULL, "replace must be one statement, not %zu",
			       tree.count);
}

void compile_rules(struct compile *compile, const struct mapping *mapping)
{
	struct lens *lens = compile->lens;

	lens->rules.items = arena_array(&lens->arena, mapping->rule_count + 1,
					sizeof(*lens->rules.items));
	for (size_t i = 0; i < mapping->rule_count; i++)
		compile_rule(compile, &mapping->rules[i],
			     &lens->rules.items[lens->rules.count++]);
}
