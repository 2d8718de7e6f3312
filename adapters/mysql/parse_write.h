/* The parts of writes. Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_WRITE_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_WRITE_H

#include "adapters/mysql/reader.h"

/* a = 1, t.b = DEFAULT: ResTargets. Qualifiers are kept only if asked for, for
 * a write of several tables. */
void mysql_assignments(struct mysql_reader *reader, struct mysql_list *list,
		       bool qualified);

#endif
