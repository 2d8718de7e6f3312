#include "adapters/adapter.h"

#include "adapters/postgres/postgres.h"

static const struct adapter *const adapters[] = {
    &adapter_postgres,
    NULL,
};

const struct adapter *adapter_find(const char *name)
{
	for (size_t i = 0; adapters[i]; i++)
		if (!strcmp(adapters[i]->name, name))
			return adapters[i];
	return NULL;
}

const struct adapter *const *adapter_all(void)
{
	return adapters;
}
