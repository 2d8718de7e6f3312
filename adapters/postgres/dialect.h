/* PostgreSQL's dialect in its parts. Private. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_DIALECT_H
#define PARALLAX_ADAPTERS_POSTGRES_DIALECT_H

#include "sql/dialect.h"

extern const struct sql_name_ops postgres_names;
extern const struct sql_generated_ops postgres_generated;
extern const struct sql_inverse_ops postgres_inverse;

#endif
