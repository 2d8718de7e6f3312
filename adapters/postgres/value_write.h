/* Values of other engines as texts of this one: see value_ops.write. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_VALUE_WRITE_H
#define PARALLAX_ADAPTERS_POSTGRES_VALUE_WRITE_H

#include "adapters/postgres/value_form.h"
#include "adapters/value.h"

int write_value(struct form *out, const struct value_target *target,
		const uint8_t *form, size_t size);
/* As texts that the server reads as well, but never writes: yes and no, bytes
 * in octal, dates without dashes, NAN. See reduced.h. */
int write_value_reduced(struct form *out, const struct value_target *target,
			const uint8_t *form, size_t size);

#endif
