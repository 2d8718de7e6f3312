/* The SQL front end of MySQL and MariaDB. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_H

#include "adapters/mysql/mode.h"
#include "sql/parser.h"

/* See parser.parse; the text is read as the mode's server read it. The error's
 * code is 1064, or 54000 and 54001 past a limit. */
int mysql_parse(const struct mysql_mode *mode, const char *text, size_t length,
		struct arena *arena, struct sql_tree *tree,
		struct error *error);

#endif
