#include "adapters/adapter.h"

#include "adapters/postgres/postgres.h"

#include <stdlib.h>
#include <string.h>

static const struct adapter *const adapters[] = {
    &adapter_postgres,
    NULL,
};

/* Set by the tests alone: what a lesser engine would get is proved on this one.
 */
static bool wants_steps(void)
{
	const char *lowering = getenv("PARALLAX_TEST_LOWERING");

	return lowering && !strcmp(lowering, "steps");
}

const struct adapter *adapter_find(const char *name)
{
	if (wants_steps() && !strcmp(name, adapter_postgres_in_steps.name))
		return &adapter_postgres_in_steps;
	for (size_t i = 0; adapters[i]; i++)
		if (!strcmp(adapters[i]->name, name))
			return adapters[i];
	return NULL;
}

const struct adapter *const *adapter_all(void)
{
	return adapters;
}
