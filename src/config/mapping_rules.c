/* `rewrite:`: each rule's pattern, and what its replacement takes of it. */
#include "base/pattern.h"
#include "config/mapping_load.h"

void mapping_check_rule(struct mapping_loader *loader,
			const struct mapping_rule *rule,
			const struct node *match, const struct node *replace)
{
	struct pattern *pattern = NULL;
	struct pattern_template made;
	struct error error;

	error_init(&error);
	if (!rule->match.text)
		return;
	if (pattern_new(rule->match.text, &pattern, &error)) {
		DOCUMENT_ERROR(
		    &loader->document, match, "patterns are those of PCRE2",
		    "match is not a valid pattern: %s", error.message);
		return;
	}
	if (rule->replacement.text &&
	    pattern_template(pattern, rule->replacement.text,
			     loader->document.arena, &made, &error))
		DOCUMENT_ERROR(
		    &loader->document, replace,
		    "\\1 and ${name} are the pattern's groups, $1 is the "
		    "statement's parameter, \\\\ a backslash",
		    "replace: %s", error.message);
	pattern_free(&pattern);
}
