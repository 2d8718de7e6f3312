#include "cmd/confine.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "adapters/adapter.h"
#include "journal/keys.h"
#include "sandbox/sandbox.h"

static void start(struct sandbox *sandbox, unsigned roles,
		  const struct config *config)
{
	sandbox_init(sandbox, roles);
	sandbox->files = config->sandbox.files;
	sandbox->system_calls = config->sandbox.system_calls;
	sandbox_allow_system(sandbox);
}

static void allow_tls(struct sandbox *sandbox, const struct endpoint_tls *tls)
{
	sandbox_allow_beside(sandbox, tls->ca, SANDBOX_READ);
	sandbox_allow_beside(sandbox, tls->certificate, SANDBOX_READ);
	sandbox_allow_beside(sandbox, tls->key, SANDBOX_READ);
}

static void found_driver_file(void *context, const char *path)
{
	sandbox_allow(context, path, SANDBOX_READ);
}

static void allow_endpoint(struct sandbox *sandbox,
			   const struct endpoint *endpoint, const char *engine)
{
	const struct adapter *adapter = adapter_find(engine);

	if (endpoint->host && *endpoint->host != '/')
		sandbox_allow_connect(sandbox, endpoint->port);
	allow_tls(sandbox, &endpoint->tls);
	adapter->driver_files(found_driver_file, sandbox);
}

/* A file of keys is read again when they are replaced. */
static void allow_keys(struct sandbox *sandbox, const char *source)
{
	if (source && !journal_keys_once(source))
		sandbox_allow_beside(sandbox, source, SANDBOX_READ);
}

static int enter(struct sandbox *sandbox, struct error *error)
{
	struct sandbox_outcome outcome;

	if (sandbox_enter(sandbox, &outcome, error))
		return -1;
	LOG_INFO("confined", "files=%s ports=%s system_calls=%s",
		 outcome.landlock ? "yes" : "no", outcome.ports ? "yes" : "no",
		 outcome.system_calls ? "yes" : "no");
	if (sandbox->files && !outcome.ports)
		LOG_WARN(outcome.landlock ? "the kernel cannot confine ports"
					  : "the kernel cannot confine files",
			 "landlock=%d hint=\"files: Linux 5.13, ports: 6.7, "
			 "with Landlock in the boot option lsm=\"",
			 outcome.landlock);
	if (sandbox->system_calls && !outcome.system_calls)
		LOG_WARN("the kernel cannot confine system calls",
			 "hint=\"it lacks seccomp filters\"");
	return 0;
}

int confine_relay(const struct config *config, const char *looks,
		  struct error *error)
{
	struct sandbox sandbox;

	start(&sandbox, SANDBOX_SERVES, config);
	/* A rule is about a folder that exists. If this fails, the process will
	 * say why. */
	mkdir(config->journal.directory, 0700);
	sandbox_allow(&sandbox, config->journal.directory, SANDBOX_WRITE);
	allow_keys(&sandbox, config->journal.encryption);
	for (size_t i = 0; i < config->listen_count; i++) {
		const struct config_address *listen = &config->listen[i];

		if (*listen->host == '/')
			sandbox_allow(&sandbox, listen->host, SANDBOX_SOCKET);
		else
			sandbox_allow_listen(&sandbox, listen->port);
	}
	if (looks)
		sandbox_allow(&sandbox, looks, SANDBOX_SOCKET);
	sandbox_allow_beside(&sandbox, config->listen_tls.certificate,
			     SANDBOX_READ);
	sandbox_allow_beside(&sandbox, config->listen_tls.key, SANDBOX_READ);
	sandbox_allow_beside(&sandbox, config->listen_tls.ca, SANDBOX_READ);
	sandbox_allow_beside(&sandbox, config->auth_file, SANDBOX_READ);
	allow_endpoint(&sandbox, &config->primary.endpoint,
		       config->primary.engine);
	return enter(&sandbox, error);
}

int confine_mirror(const struct config *config,
		   const struct config_shadow *shadow, struct error *error)
{
	const char *temporary = getenv("TMPDIR");
	struct sandbox sandbox;

	start(&sandbox, SANDBOX_STORES, config);
	sandbox_allow(&sandbox, config->journal.directory, SANDBOX_WRITE);
	allow_keys(&sandbox, config->journal.encryption);
	sandbox_allow_beside(&sandbox, shadow->store, SANDBOX_WRITE);
	sandbox_allow_beside(&sandbox, shadow->mapping, SANDBOX_READ);
	sandbox_allow_beside(&sandbox, shadow->rights_file, SANDBOX_READ);
	/* The store's database sorts there what does not fit in memory. */
	sandbox_allow(&sandbox, temporary && *temporary ? temporary : "/tmp",
		      SANDBOX_WRITE);
	allow_endpoint(&sandbox, &shadow->endpoint, shadow->engine);
	allow_endpoint(&sandbox, &config->primary.endpoint,
		       config->primary.engine);
	return enter(&sandbox, error);
}
