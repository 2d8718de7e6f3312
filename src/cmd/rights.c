/* parallax rights CONFIG: logins on the shadows for clients' roles. */
#include <errno.h>
#include <unistd.h>

#include "adapters/rights.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "config/rights.h"

static const char help[] =
    "usage: parallax rights [options] CONFIG\n"
    "\n"
    "Makes a login on the shadow for each role that may log in to the\n"
    "primary, with the rights of that role and no others, and the mirror's\n"
    "own account. Their passwords go to the config's rights_file. Prints a\n"
    "script for an administrator of the shadow, or runs it. Run it again\n"
    "when roles were added. Exits with 0 when all is done, 1 if not, 3 for a\n"
    "wrong command line.\n"
    "\n"
    "  --admin DSN    run the script as an administrator of the shadow:\n"
    "                 \"user=admin\"\n"
    "  --own-cluster  the shadow's cluster has no other use: roles log in\n"
    "                 there as themselves, with new passwords\n"
    "  --print        print the script and run nothing (the default)\n"
    "  --shadow NAME  only this shadow of the config (all)\n"
    "  --help         show the options\n";

struct arguments {
	const char *config;
	const char *shadow;
	const char *admin;
	bool own_cluster;
	bool print;
};

struct rights_work {
	const struct config *config;
	const struct arguments *arguments;
	struct arena *arena;
	struct rights_client *clients;
	size_t client_count;
};

static const struct rights_ops *ops_of(const struct config_shadow *shadow)
{
	return adapter_find(shadow->engine)->rights;
}

static int complain(const char *what, const struct error *error)
{
	command_complain("rights", what, error);
	return COMMAND_FAILED;
}

/* The file as it is, or an empty one. */
static int read_file(const char *path, struct rights **rights,
		     struct error *error)
{
	if (!access(path, F_OK) || errno != ENOENT)
		return rights_read(path, rights, error);
	*rights = rights_new();
	return 0;
}

/* Each client's role gets its login and a password. */
static int name_logins(const struct rights_work *work,
		       const struct config_shadow *shadow,
		       struct rights *rights, struct error *error)
{
	for (size_t i = 0; i < work->client_count; i++) {
		struct rights_client *client = &work->clients[i];

		client->login =
		    work->arguments->own_cluster && !client->beyond
			? client->role
			: ops_of(shadow)->login(work->arena, client->role);
		if (rights_make_password(rights, client->login, error))
			return -1;
		client->password = rights_password(rights, client->login);
		/* printing alone changes no rights */
		if (work->arguments->admin ||
		    !rights_login(rights, shadow->name, client->role))
			rights_set_login(rights, shadow->name, client->role,
					 client->login);
		client->login =
		    ops_of(shadow)->login(work->arena, client->role);
	}
	return 0;
}

static int run_script(const struct rights_work *work,
		      const struct config_shadow *shadow, const char *script,
		      struct rights *rights, struct error *error)
{
	struct rights_outcome *outcomes;
	size_t count;

	if (ops_of(shadow)->run(work->arguments->admin, &shadow->endpoint,
				script, work->arena, &outcomes, &count, error))
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct rights_outcome *outcome = &outcomes[i];
		const char *before =
		    rights_login(rights, shadow->name, outcome->role);

		if (!outcome->login) {
			printf("%s: role \"%s\" does not exist: its statements "
			       "are skipped; create it and run this again\n",
			       shadow->name, outcome->role);
			continue;
		}
		printf("%s: role \"%s\" by login \"%s\"%s\n", shadow->name,
		       outcome->role, outcome->login,
		       outcome->stood_in ? ", a plain owner of the database"
					 : "");
		if (before && strcmp(before, outcome->login) != 0)
			rights_set_password(rights, outcome->login,
					    rights_password(rights, before));
		rights_set_login(rights, shadow->name, outcome->role,
				 outcome->login);
	}
	return rights_write(rights, shadow->rights_file, error);
}

static int set_up(const struct rights_work *work,
		  const struct config_shadow *shadow)
{
	struct endpoint account = shadow->endpoint;
	struct rights_setup setup = {
	    .primary = &work->config->primary.endpoint,
	    .shadow = &account,
	    .own_cluster = work->arguments->own_cluster,
	    .clients = work->clients,
	    .count = work->client_count,
	};
	struct rights *rights = NULL;
	struct buffer script;
	struct error error;
	int result = COMMAND_OK;

	error_init(&error);
	buffer_init(&script, 0);
	if (read_file(shadow->rights_file, &rights, &error) ||
	    name_logins(work, shadow, rights, &error)) {
		result = complain(shadow->name, &error);
		goto out;
	}
	if (account.password)
		rights_set_password(rights, account.user, account.password);
	if (rights_make_password(rights, account.user, &error)) {
		result = complain(shadow->name, &error);
		goto out;
	}
	setup.password = rights_password(rights, account.user);
	/* before they take effect, so that they cannot be lost */
	if (ops_of(shadow)->script(&setup, &script, &error) ||
	    rights_write(rights, shadow->rights_file, &error)) {
		result = complain(shadow->name, &error);
		goto out;
	}
	if (!work->arguments->admin)
		printf("-- shadow %s, database %s\n%s", shadow->name,
		       shadow->endpoint.database, buffer_string(&script));
	else if (run_script(work, shadow, buffer_string(&script), rights,
			    &error))
		result = complain(shadow->name, &error);
out:
	buffer_release(&script);
	rights_free(&rights);
	return result;
}

static int rights(const struct config *config,
		  const struct arguments *arguments)
{
	const struct config_shadow *only = NULL;
	struct arena arena;
	struct rights_work work = {
	    .config = config,
	    .arguments = arguments,
	    .arena = &arena,
	};
	struct error error;
	int result = COMMAND_OK;

	if (arguments->shadow &&
	    !(only = command_shadow("rights", config, arguments->shadow)))
		return COMMAND_USAGE;
	error_init(&error);
	arena_init(&arena, 0);
	if (adapter_find(config->primary.engine)
		->rights->clients(&config->primary.endpoint, &arena,
				  &work.clients, &work.client_count, &error))
		result = complain("primary", &error);
	for (size_t i = 0; !result && i < config->shadow_count; i++)
		if (!only || only == &config->shadows[i])
			result = set_up(&work, &config->shadows[i]);
	arena_release(&arena);
	return result;
}

static int run_rights(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"admin", .text = &arguments.admin},
	    {"own-cluster", .flag = &arguments.own_cluster},
	    {"print", .flag = &arguments.print},
	    {"shadow", .text = &arguments.shadow},
	    {"CONFIG", .operand = &arguments.config},
	    {0}};
	struct config *config;
	int result = COMMAND_FAILED;

	if (!arguments_read(argc, argv, help, table, &result))
		return result;
	if (arguments.print && arguments.admin)
		return arguments_wrong("rights", "--print excludes --admin");
	config = command_config(arguments.config);
	if (config) {
		log_init(config->log_level, "rights");
		result = rights(config, &arguments);
		config_free(&config);
	}
	return result;
}

const struct command command_rights = {
    "rights", "make logins on the shadows for clients' roles", run_rights};
