#include "cmd/command.h"

#include "adapters/adapter.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* LeakSanitizer attaches to its own process to see what is reachable. */
#if defined(__SANITIZE_ADDRESS__)
enum { DUMPABLE = 1 };
#else
enum { DUMPABLE = 0 };
#endif

void command_protect(void)
{
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, DUMPABLE, 0, 0, 0);
}

void command_complain(const char *command, const char *what,
		      const struct error *error)
{
	char text[1200];

	error_print(error, text, sizeof(text));
	fprintf(stderr, "parallax %s: %s%s%s\n", command, what ? what : "",
		what ? ": " : "", text);
}

const struct config_engine *command_engines(void)
{
	enum { ENGINES_MAX = 8 };
	static struct config_engine engines[ENGINES_MAX + 1];
	const struct adapter *const *adapters = adapter_all();

	for (size_t i = 0; i < ENGINES_MAX && adapters[i]; i++)
		engines[i] = (struct config_engine){adapters[i]->name,
						    adapters[i]->default_port};
	return engines;
}

struct config *command_config(const char *path)
{
	struct diagnostics diagnostics;
	struct config *config = NULL;

	diagnostics_init(&diagnostics);
	if (config_load(path, command_engines(), &diagnostics, &config))
		diagnostics_print(&diagnostics, stderr);
	diagnostics_release(&diagnostics);
	return config;
}

const struct config_shadow *command_shadow(const char *command,
					   const struct config *config,
					   const char *name)
{
	for (size_t i = 0; i < config->shadow_count; i++)
		if (!name || !strcmp(config->shadows[i].name, name))
			return &config->shadows[i];
	fprintf(stderr, "parallax %s: %s has no shadow '%s'\n", command,
		config->file, name ? name : "");
	return NULL;
}
