/* The dialects of MySQL and MariaDB, for sql_print. */
#ifndef PARALLAX_ADAPTERS_MYSQL_DIALECT_H
#define PARALLAX_ADAPTERS_MYSQL_DIALECT_H

#include "adapters/mysql/mode.h"
#include "sql/dialect.h"

extern const struct sql_dialect mysql_dialect;	       /* MySQL 8 */
extern const struct sql_dialect mysql_dialect_mariadb; /* MariaDB 10.6 */
/* The same for a session with NO_BACKSLASH_ESCAPES. */
extern const struct sql_dialect mysql_dialect_plain;
extern const struct sql_dialect mysql_dialect_mariadb_plain;

bool mysql_dialect_is_mariadb(const struct sql_dialect *dialect);

#endif
