/* The files of TLS, of secrets and keys: what is wrong with them is told before a client finds it. */
#include "cmd/checking_tls.h"

#include "adapters/adapter.h"
#include "journal/keys.h"
#include "relay/secrets.h"
#include "tls/tls.h"

static void add(struct diagnostics *diagnostics, struct place place,
		const struct error *error)
{
	diagnostics_add(diagnostics, SEVERITY_ERROR, place,
			*error->hint ? error->hint : NULL, "%s",
			error->message);
}

static void check_endpoint(struct diagnostics *diagnostics, struct place place,
			   const struct endpoint *endpoint)
{
	struct tls *tls = NULL;
	struct error error;

	error_init(&error);
	if (endpoint->tls.mode == TLS_DISABLE)
		return;
	if (tls_client_new(&endpoint->tls, NULL, &tls, &error))
		add(diagnostics, place, &error);
	tls_free(&tls);
}

static void check_listen(struct diagnostics *diagnostics,
			 const struct config *config)
{
	const struct tls_server_files files = {config->listen_tls.certificate,
					       config->listen_tls.key,
					       config->listen_tls.ca};
	struct tls *tls = NULL;
	struct error error;

	error_init(&error);
	if (config->listen_tls.offer == TLS_OFF)
		return;
	if (tls_server_new(&files, NULL, &tls, &error))
		add(diagnostics, config->listen[0].place, &error);
	tls_free(&tls);
}

static void check_secrets(struct diagnostics *diagnostics,
			  const struct config *config)
{
	struct secrets *secrets = NULL;
	struct error error;

	error_init(&error);
	if (config->auth_file &&
	    secrets_load(config->auth_file,
			 adapter_find(config->primary.engine)->wire, &secrets,
			 &error))
		add(diagnostics, config->listen[0].place, &error);
	secrets_free(&secrets);
}

/* But for a descriptor, which can be read only once. */
static void check_keys(struct diagnostics *diagnostics,
		       const struct config *config)
{
	const char *source = config->journal.encryption;
	struct journal_keys *keys = NULL;
	struct error error;

	error_init(&error);
	if (source && !journal_keys_once(source) &&
	    journal_keys_load(&keys, source, &error))
		add(diagnostics, config->listen[0].place, &error);
	journal_keys_free(&keys);
}

int checking_tls(const struct config *config, struct diagnostics *diagnostics)
{
	size_t errors_before = diagnostics->error_count;

	check_listen(diagnostics, config);
	check_secrets(diagnostics, config);
	check_keys(diagnostics, config);
	check_endpoint(diagnostics, config->primary.place,
		       &config->primary.endpoint);
	for (size_t i = 0; i < config->shadow_count; i++)
		check_endpoint(diagnostics, config->shadows[i].place,
			       &config->shadows[i].endpoint);
	return diagnostics->error_count == errors_before ? 0 : -1;
}
