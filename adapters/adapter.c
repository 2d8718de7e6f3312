#include "adapters/adapter.h"

#include "adapters/postgres/postgres.h"
#ifdef PARALLAX_DEVELOPER
#include "adapters/postgres/reduced.h"
#endif

#include <string.h>

static const struct adapter *const adapters[] = {
    &adapter_postgres,
#ifdef PARALLAX_DEVELOPER
    &adapter_postgres_printed,
    &adapter_postgres_steps,
    &adapter_postgres_reduced,
#endif
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

int adapter_catalog(const struct adapter *adapter,
		    const struct endpoint *endpoint, struct catalog **catalog,
		    struct error *error)
{
	struct catalog_reader *reader = NULL;
	int result = adapter->catalog_read(&reader, endpoint, catalog, error);

	adapter->catalog_reader_free(&reader);
	return result;
}
