#include "cmd/supervisor.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "adapters/adapter.h"
#include "adapters/wire.h"
#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/identity.h"
#include "cmd/pid_file.h"
#include "cmd/processes.h"

enum {
	BACKOFF_FIRST_US = 100 * 1000,
	BACKOFF_MOST_US = 10 * 1000 * 1000,
	/* A process that has run this long begins with the first back-off
	 * again. */
	LIVED_US = 30 * 1000 * 1000,
	/* A relay that fails this soon after the first start never listened. */
	START_US = 5 * 1000 * 1000,
	/* In addition to the grace that a process observes itself. */
	MARGIN_US = 5 * 1000 * 1000,
	FAST_US = 2 * 1000 * 1000,
	CHECK_LIMIT_US = 20 * 1000 * 1000,
};

enum kind { KIND_RELAY, KIND_MIRROR, KIND_CHECK, KIND_SEED };

struct process {
	enum kind kind;
	size_t shadow; /* MIRROR */
	char name[80]; /* "relay", "mirror blue" */
	pid_t pid;     /* 0: it does not run */
	bool wanted;   /* start it (again) at start_at */
	unsigned starts;
	int64_t started_at;
	int64_t start_at;
	int64_t backoff;
	int64_t kill_at; /* 0: not */
	int code;	 /* of its last end; -1: a signal */
};

enum phase {
	PHASE_CHECK, /* the mappings are checked against the databases */
	PHASE_SEED,  /* waiting for the snapshot that the shadows are loaded
		        from */
	PHASE_RUN,
	PHASE_RELAY,   /* the relay is ending */
	PHASE_MIRRORS, /* the mirrors are ending */
};

struct supervisor {
	const struct supervisor_options *options;
	struct process *processes; /* relay, mirrors, check, seed */
	size_t count;
	enum phase phase;
	bool reloading; /* the check is of a reload */
	bool loading;	/* mirrors wait for the seed's end */
	bool fast;
	int result;
	char looks[80];	  /* the folder of the mirrors' way to the relay; "":
			     none */
	sigset_t signals; /* processes waited for */
	sigset_t before;  /* the mask that processes start with */
};

static struct process *relay_of(struct supervisor *supervisor)
{
	return &supervisor->processes[0];
}

static struct process *check_of(struct supervisor *supervisor)
{
	return &supervisor->processes[supervisor->count - 2];
}

static struct process *seed_of(struct supervisor *supervisor)
{
	return &supervisor->processes[supervisor->count - 1];
}

/* Mirrors are the processes from 1 to below this. */
static size_t mirrors_end(const struct supervisor *supervisor)
{
	return supervisor->count - 2;
}

/* In the seed's process: the relay may start. */
static void tell_taken(void)
{
	kill(getppid(), SIGUSR1);
}

/* The name that ps shows: the arguments' memory is overwritten. */
static void set_title(const struct supervisor_options *options,
		      const char *name)
{
	if (options->title_size > 1) {
		memset(options->title, 0, options->title_size);
		snprintf(options->title, options->title_size, "run: %s", name);
	}
	prctl(PR_SET_NAME, name);
}

/* Relay and mirror let them through once they watch them. */
static void hold_signals(sigset_t *set)
{
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
}

static int child_main(struct supervisor *supervisor, struct process *process,
		      pid_t parent)
{
	const struct config *config = supervisor->options->config;
	const char *looks = *supervisor->looks ? supervisor->looks : NULL;

	/* Ctrl-C goes to the supervisor alone, which ends its processes in
	 * order. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		return COMMAND_FAILED;
	/* Until they are watched: they could come at once. */
	signal(SIGHUP, SIG_IGN);
	if (process->kind == KIND_RELAY || process->kind == KIND_MIRROR)
		hold_signals(&supervisor->before);
	set_title(supervisor->options, process->name);
	log_init(config->log_level, process->name);
	sigprocmask(SIG_SETMASK, &supervisor->before, NULL);
	switch (process->kind) {
	case KIND_RELAY:
		return process_relay(config, supervisor->options->mirrors,
				     looks);
	case KIND_MIRROR:
		return process_mirror(config, process->shadow,
				      supervisor->options->check, looks);
	case KIND_CHECK:
		return process_check(config);
	case KIND_SEED:
		return process_seed(config, supervisor->options->truncate,
				    tell_taken);
	}
	return COMMAND_FAILED;
}

static void start(struct supervisor *supervisor, struct process *process)
{
	pid_t parent = getpid();
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		exit(child_main(supervisor, process, parent));
	process->started_at = clock_monotonic_us();
	process->kill_at = 0;
	if (pid < 0) {
		LOG_ERROR("cannot fork", "name=\"%s\" reason=\"%s\"",
			  process->name, strerror(errno));
		process->start_at = process->started_at + BACKOFF_MOST_US;
		return;
	}
	process->pid = pid;
	process->starts++;
	process->wanted = false;
	if (process->kind == KIND_CHECK)
		process->kill_at = process->started_at + CHECK_LIMIT_US;
	else
		LOG_INFO("started", "name=\"%s\" pid=%d", process->name,
			 (int)pid);
}

static void restart_later(struct process *process)
{
	int64_t now = clock_monotonic_us();

	if (!process->backoff || now - process->started_at > LIVED_US)
		process->backoff = BACKOFF_FIRST_US;
	else if (process->backoff < BACKOFF_MOST_US / 2)
		process->backoff *= 2;
	else
		process->backoff = BACKOFF_MOST_US;
	process->wanted = true;
	process->start_at = now + process->backoff;
}

static void stop(struct process *process, int number, int64_t grace)
{
	if (!process->pid)
		return;
	kill(process->pid, number);
	process->kill_at = clock_monotonic_us() + grace;
}

static void stop_mirrors(struct supervisor *supervisor)
{
	int64_t grace = supervisor->options->config->drain_us + MARGIN_US;

	supervisor->phase = PHASE_MIRRORS;
	check_of(supervisor)->wanted = false;
	seed_of(supervisor)->wanted = false;
	stop(seed_of(supervisor), supervisor->fast ? SIGINT : SIGTERM,
	     supervisor->fast ? FAST_US : grace);
	for (size_t i = 1; i < mirrors_end(supervisor); i++) {
		supervisor->processes[i].wanted = false;
		stop(&supervisor->processes[i], SIGTERM,
		     supervisor->fast ? FAST_US : grace);
	}
}

/* The mirrors look at what is still in doubt, and hang up: then the relay can
 * end. */
static void ask_last_looks(struct supervisor *supervisor)
{
	if (!*supervisor->looks)
		return;
	for (size_t i = 1; i < mirrors_end(supervisor); i++)
		if (supervisor->processes[i].pid)
			kill(supervisor->processes[i].pid, SIGUSR1);
}

/* First the relay, so that the journal has an end; then its readers. */
static void begin_end(struct supervisor *supervisor)
{
	struct process *relay = relay_of(supervisor);
	int64_t grace = supervisor->options->config->drain_us + MARGIN_US;

	LOG_INFO("ending", "drain_ms=%lld",
		 (long long)(supervisor->options->config->drain_us / 1000));
	stop(check_of(supervisor), SIGKILL, grace);
	check_of(supervisor)->wanted = false;
	seed_of(supervisor)->wanted = false;
	stop(seed_of(supervisor), SIGTERM, grace);
	relay->wanted = false;
	supervisor->phase = PHASE_RELAY;
	if (relay->pid) {
		stop(relay, SIGTERM, grace);
		ask_last_looks(supervisor);
	} else {
		stop_mirrors(supervisor);
	}
}

/* The second SIGINT: no process is waited for any longer. */
static void end_fast(struct supervisor *supervisor)
{
	supervisor->fast = true;
	stop(relay_of(supervisor), SIGINT, FAST_US);
	stop_mirrors(supervisor);
}

static void on_end_signal(struct supervisor *supervisor, int number)
{
	if (supervisor->phase < PHASE_RELAY)
		begin_end(supervisor);
	else if (number == SIGINT)
		end_fast(supervisor);
}

/* A whole config as text: two that print alike are equal. */
static char *config_text(const struct config *config)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		memory_exhausted(0);
	config_print(config, out);
	fclose(out);
	return text;
}

static void compare_configs(const struct config *in_force,
			    const struct config *config)
{
	char *before = config_text(in_force);
	char *after = config_text(config);

	if (strcmp(before, after))
		LOG_WARN("the config has changed",
			 "file=%s hint=\"only mappings and certificates are "
			 "read again; restart for the rest\"",
			 config->file);
	free(before);
	free(after);
}

/* SIGHUP: the relay reads certificates again. Checks the files, then has a
 * process check the databases. If that succeeds (on_check_end), the mirrors
 * read their mappings again. */
static void reload(struct supervisor *supervisor)
{
	const struct config *in_force = supervisor->options->config;
	struct process *check = check_of(supervisor);
	struct diagnostics diagnostics;
	struct config *config = NULL;

	if (supervisor->phase != PHASE_RUN)
		return;
	if (relay_of(supervisor)->pid)
		kill(relay_of(supervisor)->pid, SIGHUP);
	if (supervisor->loading) {
		LOG_ERROR("reload refused",
			  "hint=\"the shadows are being loaded through the "
			  "mapping in force\"");
		return;
	}
	diagnostics_init(&diagnostics);
	if (config_load(in_force->file, command_engines(), &diagnostics,
			&config)) {
		diagnostics_print(&diagnostics, stderr);
		LOG_ERROR("reload refused", "file=%s errors=%zu",
			  in_force->file, diagnostics.error_count);
	} else {
		compare_configs(in_force, config);
		supervisor->reloading = true;
		check->wanted = true;
		check->start_at = 0;
		/* A check under way may have read the old file. */
		if (check->pid)
			kill(check->pid, SIGKILL);
	}
	config_free(&config);
	diagnostics_release(&diagnostics);
}

static void begin_mirrors(struct supervisor *supervisor)
{
	supervisor->loading = false;
	for (size_t i = 1; i < mirrors_end(supervisor); i++)
		supervisor->processes[i].wanted = supervisor->options->mirrors;
}

/* Starts what was checked; with a seed, once its snapshot exists. */
static void begin_run(struct supervisor *supervisor)
{
	if (supervisor->options->seed) {
		supervisor->phase = PHASE_SEED;
		supervisor->loading = true;
		seed_of(supervisor)->wanted = true;
		return;
	}
	supervisor->phase = PHASE_RUN;
	relay_of(supervisor)->wanted = true;
	begin_mirrors(supervisor);
}

/* The snapshot exists: from now on the clients' work is mirrored. */
static void on_taken(struct supervisor *supervisor)
{
	if (supervisor->phase != PHASE_SEED)
		return;
	supervisor->phase = PHASE_RUN;
	relay_of(supervisor)->wanted = true;
}

/*
 * A seed that fails before clients are let in ends everything: only the user
 * can remove the cause. Later, clients must not suffer from it and are still
 * served.
 */
static void on_seed_end(struct supervisor *supervisor,
			const struct process *seed)
{
	if (supervisor->phase == PHASE_SEED && !seed->code)
		on_taken(supervisor); /* its signal must still be handled */
	if (seed->code)
		supervisor->result = COMMAND_FAILED;
	if (supervisor->phase == PHASE_SEED) {
		stop_mirrors(supervisor);
	} else if (supervisor->phase == PHASE_RUN) {
		if (!seed->code)
			begin_mirrors(supervisor);
		else
			LOG_ERROR("nothing is mirrored: the shadows are not "
				  "loaded",
				  "hint=\"clients are still served; stop it "
				  "and start again with --seed --truncate\"");
	}
}

static void on_check_end(struct supervisor *supervisor,
			 const struct process *check)
{
	if (check->wanted)
		return; /* it was ended to start again */
	if (supervisor->phase == PHASE_CHECK) {
		if (check->code == COMMAND_FAILED) {
			supervisor->result = COMMAND_FAILED;
			stop_mirrors(supervisor);
			return;
		}
		if (check->code)
			LOG_WARN("the databases did not answer in time",
				 "hint=\"continuing; mirrors check the mapping "
				 "once they answer\"");
		begin_run(supervisor);
	} else if (supervisor->reloading && supervisor->phase == PHASE_RUN) {
		supervisor->reloading = false;
		if (check->code == COMMAND_FAILED) {
			LOG_ERROR("reload refused",
				  "hint=\"the old mapping stays in force\"");
			return;
		}
		for (size_t i = 1; i < mirrors_end(supervisor); i++)
			if (supervisor->processes[i].pid)
				kill(supervisor->processes[i].pid, SIGHUP);
		LOG_INFO("reloaded", "mirrors=%zu",
			 mirrors_end(supervisor) - 1);
	}
}

/* While running, a process that ends is started again. But if the relay could
 * not start even the first time, only the user can remove the cause. */
static void on_unexpected_end(struct supervisor *supervisor,
			      struct process *process)
{
	bool never_began =
	    process->kind == KIND_RELAY && process->starts == 1 &&
	    process->code > 0 &&
	    clock_monotonic_us() - process->started_at < START_US;

	if (never_began) {
		supervisor->result = COMMAND_FAILED;
		stop_mirrors(supervisor);
		return;
	}
	restart_later(process);
	LOG_WARN("ended; it is started again", "name=\"%s\" in_ms=%lld",
		 process->name, (long long)(process->backoff / 1000));
}

static void on_end(struct supervisor *supervisor, struct process *process,
		   int status)
{
	int64_t lived = clock_monotonic_us() - process->started_at;

	process->pid = 0;
	process->kill_at = 0;
	process->code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	if (process->kind == KIND_CHECK) {
		on_check_end(supervisor, process);
		return;
	}
	LOG_INFO("process ended", "name=\"%s\" %s=%d lived_ms=%lld",
		 process->name, WIFEXITED(status) ? "code" : "signal",
		 WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
		 (long long)(lived / 1000));
	if (process->kind == KIND_SEED) {
		on_seed_end(supervisor, process);
		return;
	}
	if (supervisor->phase == PHASE_RUN) {
		on_unexpected_end(supervisor, process);
		return;
	}
	if (process->code)
		supervisor->result = COMMAND_FAILED;
	if (supervisor->phase == PHASE_RELAY && process->kind == KIND_RELAY)
		stop_mirrors(supervisor);
}

static void reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < supervisor->count; i++)
			if (supervisor->processes[i].pid == pid)
				on_end(supervisor, &supervisor->processes[i],
				       status);
}

/* Starts and kills whatever is due; returns the time of the next, 0: none. */
static int64_t do_due(struct supervisor *supervisor)
{
	int64_t now = clock_monotonic_us();
	int64_t next = 0;

	for (size_t i = 0; i < supervisor->count; i++) {
		struct process *process = &supervisor->processes[i];
		int64_t due;

		if (process->wanted && !process->pid &&
		    process->start_at <= now)
			start(supervisor, process);
		if (process->pid && process->kill_at &&
		    process->kill_at <= now) {
			if (process->kind != KIND_CHECK)
				LOG_WARN("killed: it did not end in time",
					 "name=\"%s\"", process->name);
			kill(process->pid, SIGKILL);
			process->kill_at = now + MARGIN_US;
		}
		due = process->pid	? process->kill_at
		      : process->wanted ? process->start_at
					: 0;
		if (due && (!next || due < next))
			next = due;
	}
	return next;
}

static bool is_over(const struct supervisor *supervisor)
{
	if (supervisor->phase != PHASE_MIRRORS)
		return false;
	for (size_t i = 0; i < supervisor->count; i++)
		if (supervisor->processes[i].pid)
			return false;
	return true;
}

static void loop(struct supervisor *supervisor)
{
	while (!is_over(supervisor)) {
		int64_t next = do_due(supervisor);
		int64_t wait = 3600 * (int64_t)1000000;
		struct timespec timeout;
		siginfo_t info;
		int number;

		if (next)
			wait = next - clock_monotonic_us();
		if (wait < 0)
			wait = 0;
		timeout.tv_sec = wait / 1000000;
		timeout.tv_nsec = wait % 1000000 * 1000 + 999;
		number = sigtimedwait(&supervisor->signals, &info, &timeout);
		if (number == SIGCHLD)
			reap(supervisor);
		else if (number == SIGTERM || number == SIGINT)
			on_end_signal(supervisor, number);
		else if (number == SIGHUP)
			reload(supervisor);
		else if (number == SIGUSR1 &&
			 info.si_pid == seed_of(supervisor)->pid)
			on_taken(supervisor);
	}
}

static void add_process(struct supervisor *supervisor, enum kind kind,
			size_t shadow)
{
	const struct config *config = supervisor->options->config;
	struct process *process = &supervisor->processes[supervisor->count++];

	process->kind = kind;
	process->shadow = shadow;
	if (kind == KIND_MIRROR)
		snprintf(process->name, sizeof(process->name), "mirror-%s",
			 config->shadows[shadow].name);
	else
		snprintf(process->name, sizeof(process->name), "%s",
			 kind == KIND_RELAY   ? "relay"
			 : kind == KIND_CHECK ? "check"
					      : "seed");
}

/* Files are private to their owner, and memory is not dumped. */
static int confine(const struct config *config)
{
	struct rlimit none = {0, 0};

	umask(077);
	setrlimit(RLIMIT_CORE, &none);
	/* A log whose reader has exited must not end us; nor must a client's
	 * socket. */
	signal(SIGPIPE, SIG_IGN);
	if (mkdir(config->journal.directory, 0700) && errno != EEXIST) {
		LOG_ERROR("cannot make the journal's folder",
			  "directory=%s reason=\"%s\"",
			  config->journal.directory, strerror(errno));
		return -1;
	}
	return 0;
}

static int take_keys(const struct config *config)
{
	struct error error = {0};
	char text[1200];

	if (!processes_take_keys(config, &error))
		return 0;
	error_print(&error, text, sizeof(text));
	LOG_ERROR("cannot read the journal's key", "reason=\"%s\"", text);
	return -1;
}

/* A mirror would try for ever to write such a store, and the journal would keep
 * everything for it. */
static int check_store(const char *path)
{
	struct error error = {0};
	char text[1200];

	if (!store_prepare(path, &error))
		return 0;
	error_print(&error, text, sizeof(text));
	LOG_ERROR("cannot write the store", "reason=\"%s\"", text);
	return -1;
}

static int check_stores(const struct supervisor_options *options)
{
	const struct config *config = options->config;
	int result = 0;

	for (size_t i = 0; options->mirrors && i < config->shadow_count; i++)
		result |= check_store(config->shadows[i].store);
	return result;
}

static int failed(const struct error *error)
{
	char text[1200];

	error_print(error, text, sizeof(text));
	LOG_ERROR("cannot start", "reason=\"%s\"", text);
	return COMMAND_FAILED;
}

/*
 * The folder of the socket by which mirrors reach the relay: nobody else can
 * enter it, so who comes in there is one of ours. Without one there are no
 * looks.
 */
static void make_looks(struct supervisor *supervisor)
{
	const char *base = getenv("TMPDIR");
	const struct supervisor_options *options = supervisor->options;
	int size;

	if (!options->mirrors || !options->config->mirror_looks)
		return;
	size = snprintf(supervisor->looks, sizeof(supervisor->looks),
			"%s/parallax-XXXXXX",
			base && *base == '/' ? base : "/tmp");
	if (size < 0 || (size_t)size >= sizeof(supervisor->looks) ||
	    !mkdtemp(supervisor->looks)) {
		LOG_WARN("no second looks: no folder for their socket",
			 "folder=%s reason=\"%s\" hint=\"set TMPDIR to a short "
			 "path that can be written\"",
			 base ? base : "/tmp", strerror(errno));
		supervisor->looks[0] = '\0';
	}
}

/* The relay removes its socket, unless it was killed. */
static void remove_looks(struct supervisor *supervisor)
{
	const struct config *config = supervisor->options->config;
	const struct adapter *adapter = adapter_find(config->primary.engine);
	char path[108];

	if (!*supervisor->looks)
		return;
	if (!adapter->wire->socket_path(
		supervisor->looks, adapter->default_port, path, sizeof(path)))
		unlink(path);
	rmdir(supervisor->looks);
}

int supervisor_run(const struct supervisor_options *options)
{
	const struct config *config = options->config;
	struct supervisor supervisor = {.options = options};
	struct pid_file pid_file;
	struct error error;

	error_init(&error);
	if (identity_take(config, &error))
		return failed(&error);
	if (confine(config) || take_keys(config) || check_stores(options))
		return COMMAND_FAILED;
	if (pid_file_write(&pid_file, config->pid_file, &error))
		return failed(&error);
	supervisor.processes = memory_alloc((config->shadow_count + 3) *
					    sizeof(*supervisor.processes));
	add_process(&supervisor, KIND_RELAY, 0);
	for (size_t i = 0; i < config->shadow_count; i++)
		add_process(&supervisor, KIND_MIRROR, i);
	add_process(&supervisor, KIND_CHECK, 0);
	add_process(&supervisor, KIND_SEED, 0);
	make_looks(&supervisor);
	sigemptyset(&supervisor.signals);
	sigaddset(&supervisor.signals, SIGCHLD);
	sigaddset(&supervisor.signals, SIGTERM);
	sigaddset(&supervisor.signals, SIGINT);
	sigaddset(&supervisor.signals, SIGHUP);
	sigaddset(&supervisor.signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &supervisor.signals, &supervisor.before);
	if (options->check) {
		supervisor.phase = PHASE_CHECK;
		check_of(&supervisor)->wanted = true;
	} else {
		begin_run(&supervisor);
	}
	loop(&supervisor);
	sigprocmask(SIG_SETMASK, &supervisor.before, NULL);
	pid_file_remove(&pid_file);
	remove_looks(&supervisor);
	LOG_INFO("ended", "code=%d", supervisor.result);
	free(supervisor.processes);
	return supervisor.result;
}
