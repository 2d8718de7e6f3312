#include "cmd/processes.h"

#include "base/memory.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/confine.h"
#include "journal/keys.h"
#include "relay/relay.h"
#include "sandbox/memory.h"

static int end(int result, const struct error *error)
{
	char text[1200];

	if (!result)
		return COMMAND_OK;
	error_print(error, text, sizeof(text));
	LOG_ERROR("failed", "reason=\"%s\"", text);
	return COMMAND_FAILED;
}

/* Of the journal; each process has its own copy. */
static struct journal_keys *journal_keys;

int processes_take_keys(const struct config *config, struct error *error)
{
	if (!config->journal.encryption || journal_keys)
		return 0;
	return journal_keys_load(&journal_keys, config->journal.encryption,
				 error);
}

static struct relay_list list_of(const struct config_list *list)
{
	return (struct relay_list){list->items, list->count};
}

int process_relay(const struct config *config, bool has_mirrors,
		  const char *looks)
{
	const struct adapter *adapter = adapter_find(config->primary.engine);
	struct relay_address *listen =
	    memory_alloc(config->listen_count * sizeof(*listen));
	const char **names =
	    memory_alloc((config->shadow_count + 1) * sizeof(*names));
	struct journal_options journal = {
	    .directory = config->journal.directory,
	    .engine = config->primary.engine,
	    .writer = 1,
	    .segment_size = config->journal.segment_size,
	    .buffer = config->journal.buffer,
	    .max_size = config->journal.max_size,
	    .block_when_full = config->journal.when_full == JOURNAL_BLOCK,
	    .sync_us = config->journal.sync_us,
	    .keep_us = config->journal.keep_us,
	    .keys = journal_keys,
	};
	struct relay_options options = {
	    .wire = adapter->wire,
	    .listen = listen,
	    .listen_count = config->listen_count,
	    .look = {looks, adapter->default_port},
	    .look_count = looks ? config->shadow_count : 0,
	    .primary = {config->primary.endpoint.host,
			config->primary.endpoint.port},
	    .client_tcp = {config->listen_tcp.keepalive_us,
			   config->listen_tcp.user_timeout_us},
	    .primary_tcp = {config->primary.tcp.keepalive_us,
			    config->primary.tcp.user_timeout_us},
	    .tls = {.offer = config->listen_tls.offer,
		    .files = {config->listen_tls.certificate,
			      config->listen_tls.key, config->listen_tls.ca},
		    .primary = config->primary.endpoint.tls},
	    .access = {.networks = list_of(&config->access.networks),
		       .users = list_of(&config->access.users),
		       .databases = list_of(&config->access.databases),
		       .certificates = list_of(&config->access.certificates),
		       .failures = config->access.failures},
	    .auth = {config->auth_file},
	    .limits = {.max_statement = config->capture.max_statement,
		       .max_result = config->capture.max_result},
	    .journal = &journal,
	    .grace_us = config->drain_us,
	    .control = -1,
	};
	struct error error;
	int result;

	error_init(&error);
	for (size_t i = 0; i < config->listen_count; i++) {
		listen[i].host = config->listen[i].host;
		listen[i].port = config->listen[i].port;
	}
	for (size_t i = 0; has_mirrors && i < config->shadow_count; i++)
		names[i] = config->shadows[i].name;
	if (has_mirrors)
		journal.mirrors = names;
	result =
	    confine_relay(config, looks, &error) || relay_run(&options, &error)
		? -1
		: 0;
	free(listen);
	free(names);
	return end(result, &error);
}

struct mirror_options mirror_options_of(const struct config *config,
					const struct config_shadow *shadow)
{
	return (struct mirror_options){
	    .name = shadow->name,
	    .primary_adapter = adapter_find(config->primary.engine),
	    .shadow_adapter = adapter_find(shadow->engine),
	    .journal = config->journal.directory,
	    .journal_keys = journal_keys,
	    .store = shadow->store,
	    .shadow = shadow->endpoint,
	    .primary = config->primary.endpoint,
	    .mapping = shadow->mapping,
	    .compare = {.clock_tolerance_us =
			    config->compare.clock_tolerance_us,
			.float_ulps = config->compare.float_ulps,
			.warnings = config->compare.warnings,
			.evidence_rows = (size_t)config->compare.evidence_rows},
	    .evidence = {.show_values = config->compare.show_values,
			 .evidence_per_fingerprint =
			     (size_t)config->compare.evidence_per_fingerprint},
	    .set_role = shadow->set_role,
	    .unsafe_rights = shadow->unsafe_rights,
	    .rights_file = shadow->rights_file,
	    .sync_us = config->journal.sync_us,
	    .memory = config->mirror_memory,
	    .statement_timeout_us = config->compare.statement_timeout_us,
	};
}

/*
 * mirror.memory is what the mirror itself observes, by waiting. A single
 * statement can take more (a deep tree, a wide answer). Twice that, and what the
 * libraries need, is the end: the process dies, and the next one steps over a
 * statement that did it twice. The relay must not be the one to go.
 */
static void bound_memory(const struct config *config)
{
	enum { LIBRARIES = 128 * 1024 * 1024 };

	if (config->mirror_memory)
		sandbox_limit_memory(2 * config->mirror_memory + LIBRARIES);
	sandbox_go_first();
}

/* The account that reads the primary's catalog, by way of the relay. */
static struct endpoint look_endpoint(const struct config *config,
				     const char *looks)
{
	struct endpoint endpoint = config->primary.endpoint;

	endpoint.host = looks;
	endpoint.port = adapter_find(config->primary.engine)->default_port;
	endpoint.tls = (struct endpoint_tls){.mode = TLS_DISABLE};
	return endpoint;
}

int process_mirror(const struct config *config, size_t index, bool checked,
		   const char *looks)
{
	struct mirror_options options =
	    mirror_options_of(config, &config->shadows[index]);
	struct error error;

	options.follow = true;
	options.checked = checked;
	options.look = look_endpoint(config, looks);
	options.drain_us = config->drain_us;
	options.register_position = true;
	error_init(&error);
	bound_memory(config);
	if (confine_mirror(config, &config->shadows[index], &error))
		return end(-1, &error);
	return end(mirror_run(&options, &error), &error);
}

int process_check(const struct config *config)
{
	struct diagnostics diagnostics;
	struct checking checking;
	int result;

	diagnostics_init(&diagnostics);
	checking_init(&checking, config, &diagnostics);
	checking.unreachable = SEVERITY_WARNING;
	checking.safety = true;
	result = checking_mappings(&checking);
	if (!result)
		result = checking_databases(&checking);
	diagnostics_print(&diagnostics, stderr);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	return result ? COMMAND_FAILED : COMMAND_OK;
}
