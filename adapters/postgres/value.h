/* Values of PostgreSQL by type: the contract is adapters/value.h. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_VALUE_H
#define PARALLAX_ADAPTERS_POSTGRES_VALUE_H

#include "adapters/value.h"

extern const struct value_ops postgres_values;
/* Reads the same texts, as another engine, and writes others: see reduced.h. */
extern const struct value_ops postgres_values_reduced;

#endif
