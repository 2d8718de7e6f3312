/* The relay's loop: start, turns, the end. */
#include "relay/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/signals.h"
#include "base/log.h"
#include "relay/access.h"
#include "relay/secure.h"

/* Raises the limit of descriptors as far as allowed: each session takes two. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur == limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		LOG_WARN("cannot raise the limit of file descriptors",
			 "limit=%llu", (unsigned long long)limit.rlim_cur);
}

static void relay_status(struct relay *relay)
{
	const struct relay_counters *counters = &relay->counters;
	char capture[512];

	capture_status(&relay->capture, capture, sizeof(capture));
	LOG_INFO("status",
		 "{\"sessions\":%zu,\"accepted\":%llu,\"refused\":%llu,"
		 "\"unreachable\":%llu,\"protocol_errors\":%llu,"
		 "\"denied\":%llu,\"tls_failures\":%llu,"
		 "\"login_failures\":%llu,\"limited\":%llu,"
		 "\"client_bytes\":%llu,\"server_bytes\":%llu%s}",
		 relay->session_count, (unsigned long long)counters->accepted,
		 (unsigned long long)counters->refused,
		 (unsigned long long)counters->unreachable,
		 (unsigned long long)counters->protocol_errors,
		 (unsigned long long)counters->denied,
		 (unsigned long long)counters->tls_failures,
		 (unsigned long long)counters->login_failures,
		 (unsigned long long)counters->limited,
		 (unsigned long long)counters->client_bytes,
		 (unsigned long long)counters->server_bytes, capture);
}

static void relay_end(struct relay *relay)
{
	if (relay->ending)
		return;
	relay->ending = true;
	listeners_close(relay);
	LIST_EACH(&relay->sessions, link)
	session_refuse(LIST_ITEM(link, struct relay_session, link),
		       WIRE_SHUTDOWN,
		       "terminating connection: the proxy shuts down");
	/* Ends sessions whose last message is sent, or whose socket does not
	 * take it. */
	LIST_EACH(&relay->sessions, link)
	session_close(LIST_ITEM(link, struct relay_session, link), "shutdown");
	uv_close((uv_handle_t *)&relay->tick, NULL);
	for (size_t i = 0; i < RELAY_SIGNALS; i++)
		uv_close((uv_handle_t *)&relay->signals[i], NULL);
	uv_close((uv_handle_t *)&relay->check, NULL);
	if (relay->control.data)
		uv_close((uv_handle_t *)&relay->control, NULL);
}

/* No session is left, nor any to be expected: a mirror that has just been
 * started has its last looks to take, too. */
static bool is_drained(const struct relay *relay)
{
	return list_empty(&relay->sessions) &&
	       (relay->looks_seen >= relay->options->look_count ||
		clock_monotonic_us() >= relay->looks_until);
}

static void relay_drain(struct relay *relay)
{
	if (relay->draining)
		return;
	relay->draining = true;
	relay->drain_until = clock_monotonic_us() + relay->options->grace_us;
	relay->looks_until = clock_monotonic_us() + RELAY_LOOKS_US;
	LOG_INFO("draining", "sessions=%zu",
		 relay->session_count - relay->look_count);
	listeners_close_clients(relay);
	LIST_EACH(&relay->sessions, link)
	{
		struct relay_session *session =
		    LIST_ITEM(link, struct relay_session, link);

		if (!session->look && session->state != SESSION_LINGERING &&
		    relay->options->wire->quiet(session->wire))
			session_refuse(session, WIRE_SHUTDOWN,
				       "terminating connection: "
				       "the proxy shuts down");
	}
	if (is_drained(relay))
		relay_end(relay);
}

static void on_signal(uv_signal_t *handle, int number)
{
	struct relay *relay = handle->data;

	if (number == SIGUSR1) {
		relay_status(relay);
	} else if (number == SIGHUP) {
		secure_reload(relay);
	} else if (number == SIGTERM && !relay->draining) {
		relay_drain(relay);
	} else {
		relay->draining = true;
		relay_end(relay);
	}
}

static void on_control(uv_poll_t *poll, int status, int events)
{
	struct relay *relay = poll->data;

	(void)status;
	(void)events;
	uv_poll_stop(poll);
	relay_drain(relay);
}

static void session_expired(struct relay_session *session)
{
	session_deadline(session, 0);
	switch (session->state) {
	case SESSION_STARTING:
	case SESSION_PASSING:
		if (!session->opened && !session->raw)
			session_refuse(session, WIRE_SLOW_LOGIN,
				       "the login took too long");
		break;
	case SESSION_CONNECTING:
	case SESSION_SECURING:
		session_refuse(session, WIRE_UNREACHABLE,
			       "could not connect to the primary in time");
		break;
	case SESSION_LINGERING:
		session_close(session, "lingered");
		break;
	}
}

/* Whether clients may be read, according to the journal. */
static void relay_check_block(struct relay *relay)
{
	bool blocked = capture_full(&relay->capture);

	if (blocked == relay->blocked)
		return;
	relay->blocked = blocked;
	LOG_WARN(blocked ? "journal full: clients wait"
			 : "journal has room: clients continue",
		 "sessions=%zu", relay->session_count);
	LIST_EACH(&relay->sessions, link)
	session_poll(LIST_ITEM(link, struct relay_session, link));
}

static void relay_flush(struct relay *relay)
{
	if (!capture_flush(&relay->capture))
		return;
	relay->flushed_at = uv_now(&relay->loop);
	relay_check_block(relay);
}

static void on_tick(uv_timer_t *timer)
{
	struct relay *relay = timer->data;
	int64_t now = clock_monotonic_us();

	relay_flush(relay);
	capture_tick(&relay->capture);
	relay_check_block(relay);
	LIST_EACH(&relay->timed, link)
	{
		struct relay_session *session =
		    LIST_ITEM(link, struct relay_session, timed);

		if (session->deadline <= now)
			session_expired(session);
		else if (session->retry)
			primary_retry(session);
	}
	if (relay->accept_again && relay->accept_again <= now &&
	    !relay->draining) {
		relay->accept_again = 0;
		listeners_pause(relay, false);
	}
	if (relay->draining && (is_drained(relay) || now >= relay->drain_until))
		relay_end(relay);
}

/*
 * Once per turn, after all of its events. A busy loop has a turn for every few
 * statements, and waking the journal's thread costs far more than the bytes that
 * it writes: every 5 ms, it took 7 % of the relay's CPU on a virtual machine. So
 * a record goes to the thread at once after a pause; those that come soon after
 * it wait for the tick, unless they are many. (A timer of its own would cost
 * more than it saves: it makes every wait set the clock's hardware.)
 */
static void on_check(uv_check_t *check)
{
	struct relay *relay = check->data;
	size_t pending = capture_pending(&relay->capture);

	if (pending &&
	    (pending >= RELAY_FLUSH_SIZE ||
	     uv_now(&relay->loop) - relay->flushed_at >= RELAY_FLUSH_MS))
		relay_flush(relay);
}

static int relay_handles(struct relay *relay, struct error *error)
{
	static const int numbers[RELAY_SIGNALS] = {SIGTERM, SIGINT, SIGUSR1,
						   SIGHUP};

	uv_timer_init(&relay->loop, &relay->tick);
	uv_check_init(&relay->loop, &relay->check);
	relay->tick.data = relay->check.data = relay;
	for (size_t i = 0; i < RELAY_SIGNALS; i++) {
		uv_signal_init(&relay->loop, &relay->signals[i]);
		relay->signals[i].data = relay;
		if (uv_signal_start(&relay->signals[i], on_signal, numbers[i]))
			return error_set(error, ERROR_INTERNAL,
					 "cannot watch signal %d", numbers[i]);
	}
	/* The supervisor may have sent them already. */
	signals_mask(SIG_UNBLOCK, numbers, RELAY_SIGNALS);
	uv_timer_start(&relay->tick, on_tick, RELAY_TICK_MS, RELAY_TICK_MS);
	uv_check_start(&relay->check, on_check);
	if (relay->options->control > 0) {
		if (uv_poll_init(&relay->loop, &relay->control,
				 relay->options->control))
			return error_set(error, ERROR_IO,
					 "cannot watch the control socket");
		relay->control.data = relay;
		uv_poll_start(&relay->control, UV_READABLE, on_control);
	}
	return 0;
}

static void set_default(int64_t *value, int64_t fallback)
{
	if (!*value)
		*value = fallback;
}

static void relay_defaults(struct relay *relay, struct relay_options *options)
{
	relay->options = options;
	if (!options->backlog)
		options->backlog = 1024;
	set_default(&options->connect_timeout_us, 10 * 1000000);
	set_default(&options->login_timeout_us, 60 * 1000000);
	set_default(&options->grace_us, 10 * 1000000);
	relay->limits = options->limits;
	if (!relay->limits.max_statement)
		relay->limits.max_statement = 1024 * 1024;
	if (!relay->limits.max_result)
		relay->limits.max_result = 1024 * 1024;
	/* What must fit in one record of the journal. */
	if (relay->limits.max_statement > RELAY_STATEMENT_MAX)
		relay->limits.max_statement = RELAY_STATEMENT_MAX;
	if (!relay->limits.max_session)
		relay->limits.max_session = 16 * 1024 * 1024;
}

int relay_run(const struct relay_options *given, struct error *error)
{
	struct relay_options options = *given;
	struct relay *relay = calloc(1, sizeof(*relay));
	int result = -1;

	if (!relay)
		return error_set(error, ERROR_MEMORY, "out of memory");
	relay->magic = RELAY_MAGIC;
	relay_defaults(relay, &options);
	list_init(&relay->sessions);
	list_init(&relay->timed);
	raise_limits();
	signal(SIGPIPE, SIG_IGN);
	relay->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (uv_loop_init(&relay->loop)) {
		error_set(error, ERROR_INTERNAL, "no event loop");
		goto out_relay;
	}
	if (secure_open(relay, error) || access_open(relay, error))
		goto out_loop;
	if (capture_open(&relay->capture, options.wire, options.journal, error))
		goto out_loop;
	if (!relay_handles(relay, error) && !listeners_open(relay, error)) {
		uv_run(&relay->loop, UV_RUN_DEFAULT);
		result = 0;
	} else {
		relay->draining = true;
		relay_end(relay);
		uv_run(&relay->loop, UV_RUN_DEFAULT);
	}
	if (capture_close(&relay->capture, result ? NULL : error))
		result = -1;
out_loop:
	secure_close(relay);
	access_close(relay);
	uv_loop_close(&relay->loop);
out_relay:
	if (relay->spare_fd >= 0)
		close(relay->spare_fd);
	free(relay->listeners);
	free(relay);
	return result;
}
