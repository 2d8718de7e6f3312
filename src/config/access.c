#include "config/access.h"

#include <string.h>

#include "base/network.h"

static void check_networks(struct diagnostics *diagnostics,
			   const struct config_list *networks)
{
	struct network network;

	for (size_t i = 0; i < networks->count; i++)
		if (network_parse(networks->items[i], &network))
			diagnostics_add(diagnostics, SEVERITY_ERROR,
					networks->place,
					"address/bits, with no bits set "
					"behind the mask: 10.0.0.0/8, ::1",
					"access.networks: '%s' is not a "
					"network",
					networks->items[i]);
}

static void check_certificates(struct diagnostics *diagnostics,
			       const struct config *config)
{
	const struct config_list *entries = &config->access.certificates;

	if (entries->count && config->listen_tls.offer != TLS_MUTUAL)
		diagnostics_add(diagnostics, SEVERITY_ERROR, entries->place,
				"listen_tls: mutual, or leave it out",
				"access.certificates: clients are not asked "
				"for certificates");
	for (size_t i = 0; i < entries->count; i++) {
		const char *equals = strrchr(entries->items[i], '=');

		if (!equals || equals == entries->items[i] || !equals[1])
			diagnostics_add(diagnostics, SEVERITY_ERROR,
					entries->place,
					"name=user, or name=* for any user",
					"access.certificates: '%s' does not "
					"say who may log in as whom",
					entries->items[i]);
	}
}

void config_check_access(struct diagnostics *diagnostics,
			 const struct config *config)
{
	check_networks(diagnostics, &config->access.networks);
	check_certificates(diagnostics, config);
}
