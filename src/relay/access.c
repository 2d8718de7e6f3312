/*
 * Who may log in through the relay: by network, user, database, certificate,
 * and by how often the primary has refused that user's password to that address
 * of late.
 *
 *	10.1.2.3 as app: refused, refused, ... 100 times within a minute
 *	10.1.2.3 as app: refused by the relay, for a minute
 *	10.1.2.4 as app: not concerned
 *
 * The table of failures has a fixed size: who fails as many users forgets only
 * the oldest failures.
 */
#include "relay/access.h"

#include "base/clock.h"
#include "base/log.h"
#include "relay/secure.h"

enum {
	FAILURES_KEPT = 256,
	FAILURE_WINDOW_US = 60 * 1000 * 1000,
	USER_MAX = 64, /* longer names share what is kept of them */
};

struct failure {
	struct address address;
	char user[USER_MAX];
	uint64_t count; /* 0: unused */
	int64_t since;	/* monotonic us */
};

struct access {
	struct network *networks;
	size_t network_count;
	size_t failing; /* of failures, those in use */
	struct failure failures[FAILURES_KEPT];
};

int access_open(struct relay *relay, struct error *error)
{
	const struct relay_list *networks = &relay->options->access.networks;
	struct access *access = calloc(1, sizeof(*access));

	relay->access = access;
	if (access)
		access->networks =
		    calloc(networks->count + 1, sizeof(*access->networks));
	if (!access || !access->networks)
		return error_set(error, ERROR_MEMORY, "out of memory");
	access->network_count = networks->count;
	for (size_t i = 0; i < networks->count; i++)
		if (network_parse(networks->items[i], &access->networks[i]))
			return error_set(error, ERROR_CONFIG,
					 "'%s' is no network",
					 networks->items[i]);
	return 0;
}

void access_close(struct relay *relay)
{
	if (relay->access)
		free(relay->access->networks);
	free(relay->access);
	relay->access = NULL;
}

/* None: all. */
static bool list_admits(const struct relay_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcmp(list->items[i], name))
			return true;
	return !list->count;
}

static bool network_admits(const struct relay_session *session)
{
	const struct access *access = session->relay->access;

	for (size_t i = 0; i < access->network_count; i++)
		if (network_has(&access->networks[i], &session->address))
			return true;
	return !access->network_count || session->local;
}

/* "name=user": `name` may be that user; "name=*": any. */
static bool entry_admits(const char *entry, const char *name, const char *user)
{
	size_t size = strlen(name);

	return !strncmp(entry, name, size) && entry[size] == '=' &&
	       (!strcmp(entry + size + 1, user) ||
		!strcmp(entry + size + 1, "*"));
}

/* A certificate is its user's, unless the entries say of whom else. */
static bool certificate_admits(const struct relay_session *session,
			       const char *user)
{
	const struct relay_list *entries =
	    &session->relay->options->access.certificates;
	char name[256];

	if (session->relay->options->tls.offer != TLS_MUTUAL || session->local)
		return true;
	if (stream_peer_name(&session->client.stream, name, sizeof(name)))
		return false;
	for (size_t i = 0; i < entries->count; i++)
		if (entry_admits(entries->items[i], name, user))
			return true;
	return !strcmp(name, user);
}

static bool failure_is_over(const struct failure *failure)
{
	return failure->count &&
	       clock_monotonic_us() - failure->since > FAILURE_WINDOW_US;
}

/* What is kept of the user's failures from there, or NULL. */
static struct failure *find_failure(const struct relay_session *session,
				    const char *user)
{
	struct access *access = session->relay->access;

	for (size_t i = 0; access->failing && i < FAILURES_KEPT; i++) {
		struct failure *it = &access->failures[i];

		if (!it->count ||
		    memcmp(&it->address, &session->address,
			   sizeof(it->address)) ||
		    strncmp(it->user, user, USER_MAX - 1))
			continue;
		if (!failure_is_over(it))
			return it;
		it->count = 0;
		access->failing--;
	}
	return NULL;
}

static bool rate_admits(const struct relay_session *session, const char *user)
{
	uint64_t most = session->relay->options->access.failures;
	const struct failure *failure =
	    most ? find_failure(session, user) : NULL;

	return !failure || failure->count < most;
}

/* Its text names what the client has given, nothing of what would do. */
static bool refuse(struct relay_session *session, const char *why,
		   const char *name)
{
	char message[400];

	snprintf(message, sizeof(message),
		 "the proxy does not admit %s%s%.200s%s", why,
		 *name ? " \"" : "", name, *name ? "\"" : "");
	session->relay->counters.denied++;
	LOG_WARN("client refused", "session=%llu peer=%s reason=\"%s\"",
		 (unsigned long long)session->number, session->peer, message);
	session_refuse(session, WIRE_DENIED, message);
	return false;
}

bool access_admits(struct relay_session *session, bool cancel)
{
	const struct relay_access *access = &session->relay->options->access;
	const char *database;
	const char *user;

	if (session->look)
		return true;
	if (!network_admits(session))
		return refuse(session, "clients from this address", "");
	if (cancel)
		return true;
	session->relay->options->wire->claims(session->wire, &user, &database);
	if (!list_admits(&access->users, user))
		return refuse(session, "the user", user);
	if (!list_admits(&access->databases, database))
		return refuse(session, "clients of the database", database);
	if (!certificate_admits(session, user))
		return refuse(session, "this certificate for the user", user);
	if (!rate_admits(session, user)) {
		session->relay->counters.limited++;
		return refuse(session, "so many wrong passwords of the user",
			      user);
	}
	return true;
}

/* The place for a new one: an unused one, else the oldest. */
static struct failure *new_failure(struct access *access)
{
	struct failure *oldest = &access->failures[0];

	for (size_t i = 0; i < FAILURES_KEPT; i++) {
		struct failure *it = &access->failures[i];

		if (!it->count) {
			access->failing++;
			return it;
		}
		if (it->since < oldest->since)
			oldest = it;
	}
	return oldest;
}

void access_failed(struct relay_session *session)
{
	struct failure *failure;
	const char *database;
	const char *user;

	session->relay->counters.login_failures++;
	session->relay->options->wire->claims(session->wire, &user, &database);
	LOG_INFO("wrong password", "session=%llu peer=%s",
		 (unsigned long long)session->number, session->peer);
	failure = find_failure(session, user);
	if (!failure) {
		failure = new_failure(session->relay->access);
		failure->address = session->address;
		snprintf(failure->user, sizeof(failure->user), "%s", user);
		failure->count = 0;
		failure->since = clock_monotonic_us();
	}
	failure->count++;
}

void access_succeeded(struct relay_session *session)
{
	struct failure *failure;
	const char *database;
	const char *user;

	if (!session->relay->access->failing)
		return;
	session->relay->options->wire->claims(session->wire, &user, &database);
	failure = find_failure(session, user);
	if (!failure)
		return;
	failure->count = 0;
	session->relay->access->failing--;
}
