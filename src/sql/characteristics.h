/*
 * What a statement says of a transaction, or of all later ones of its session:
 *
 *	BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY
 *	SET SESSION CHARACTERISTICS AS TRANSACTION NOT DEFERRABLE
 */
#ifndef PARALLAX_SQL_CHARACTERISTICS_H
#define PARALLAX_SQL_CHARACTERISTICS_H

#include <stdbool.h>

enum sql_isolation {
	SQL_ISOLATION_DEFAULT, /* none is given */
	SQL_ISOLATION_READ_UNCOMMITTED,
	SQL_ISOLATION_READ_COMMITTED,
	SQL_ISOLATION_REPEATABLE_READ,
	SQL_ISOLATION_SERIALIZABLE,
};

enum sql_choice { SQL_CHOICE_NONE, SQL_CHOICE_OFF, SQL_CHOICE_ON };

struct sql_characteristics {
	enum sql_isolation isolation;
	enum sql_choice read_only;
	enum sql_choice deferrable;
};

/* The standard's name of a level ("repeatable read"), in any case; DEFAULT:
 * there is no such level. */
enum sql_isolation sql_isolation_of(const char *name);
/* In lower case; "" of DEFAULT. */
const char *sql_isolation_name(enum sql_isolation isolation);

static inline bool sql_characteristics_given(
    const struct sql_characteristics *given)
{
	return given->isolation || given->read_only || given->deferrable;
}

#endif
