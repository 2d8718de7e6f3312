/* What the files of the mapping's loader share. */
#ifndef PARALLAX_CONFIG_MAPPING_LOAD_H
#define PARALLAX_CONFIG_MAPPING_LOAD_H

#include "config/document.h"
#include "config/mapping.h"

struct mapping_loader {
	struct document document;
	struct mapping *mapping;
};

/* The scalar's text and place; absent after an error. `what` names it. */
struct mapping_text mapping_scalar(struct mapping_loader *loader,
				   const struct node *node, const char *what);
/* An SQL expression: null reads as NULL, nothing at all is an error. */
struct mapping_text mapping_expression(struct mapping_loader *loader,
				       const struct node *node,
				       const char *what);
/* A key of a map. */
struct mapping_text mapping_key(const struct node *key);
/* A column's name; a dotted one is an error. */
struct mapping_text mapping_name(struct mapping_loader *loader,
				 const struct node *node, const char *what);
/* A new column: "name", or "part.name"; absent after an error. */
struct mapping_text mapping_part_name(struct mapping_loader *loader,
				      const struct node *node, const char *what,
				      struct mapping_text *part);
/* "schema.name" or "name" into its parts; false after an error. */
bool mapping_qualified(struct mapping_loader *loader, const struct node *node,
		       const char *what, struct mapping_text *schema,
		       struct mapping_text *name);
/* name: expression, for each key of a map. */
const struct mapping_assignment *mapping_assignments(
    struct mapping_loader *loader, const struct node *node, const char *what,
    size_t *count);

/* Each loads one part of the file. */
void mapping_load_tables(struct mapping_loader *loader,
			 const struct node *node);
void mapping_load_columns(struct mapping_loader *loader,
			  const struct node *node, struct mapping_table *table);
/* rows: NULL node: left out. */
void mapping_load_rows(struct mapping_loader *loader, const struct node *node,
		       struct mapping_table *table);
void mapping_load_compare(struct mapping_loader *loader,
			  const struct node *compare,
			  const struct node *privacy); /* each may be NULL */

void mapping_load_accept(struct mapping_loader *loader,
			 const struct node *node); /* may be NULL */

/* Checks the rule's pattern, and that its replacement fits it; reports
 * mistakes. */
void mapping_check_rule(struct mapping_loader *loader,
			const struct mapping_rule *rule,
			const struct node *match, const struct node *replace);

#endif
