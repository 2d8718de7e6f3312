/* A session's connection to the shadow, on the event loop. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"
#include "mirror/progress.h"

enum {
	RETRY_FIRST_US = 50 * 1000,
	RETRY_MOST_US = 2 * 1000 * 1000,
	CONNECT_US = 8 * 1000 * 1000,
	KEEPER_LOCK_TIMEOUT_US = 200 * 1000,
	RIGHTS_AGAIN_US = 5 * 1000 * 1000,
};

static void watch(struct session *session);
static void give_way(struct session *session, const char *problem);

static void poll_closed(uv_handle_t *handle)
{
	free(handle);
}

static void unwatch(struct session *session)
{
	if (!session->poll)
		return;
	uv_poll_stop(session->poll);
	uv_close((uv_handle_t *)session->poll, poll_closed);
	session->poll = NULL;
	session->polled = -1;
	session->polled_events = 0;
}

/* Permanent: the settings or the role's rights are refused. Logged once. */
static void refused(struct session *session, bool rights, const char *problem)
{
	struct mirror *mirror = session->mirror;

	if (!rights) {
		watch_refused(mirror, mirror->ops->code(session->shadow));
	} else if (!map_get_string(&mirror->roles_refused, session->role)) {
		map_set_string(&mirror->roles_refused, session->role, mirror);
		LOG_WARN("the shadow refuses a role: its statements are "
			 "skipped",
			 "role=%s problem=\"%s\"", session->role, problem);
	}
	connection_close(session);
	apply_refused(session, rights ? REASON_RIGHTS : REASON_SESSION_STATE);
}

static void lost(struct session *session)
{
	struct mirror *mirror = session->mirror;

	enum shadow_refusal refusal = mirror->ops->refusal(session->shadow);

	if (refusal != SHADOW_NOT_REFUSED && session != mirror->monitor &&
	    session != mirror->keeper) {
		refused(session, refusal == SHADOW_REFUSED_RIGHTS,
			mirror->ops->problem(session->shadow));
		return;
	}
	give_way(session, mirror->ops->problem(session->shadow));
}

static void give_way(struct session *session, const char *problem)
{
	struct mirror *mirror = session->mirror;

	if (!mirror->shadow_down)
		LOG_WARN("a connection to the shadow is lost; trying again",
			 "shadow=%s problem=\"%s\"", mirror->options->name,
			 problem);
	mirror->shadow_down = true;
	connection_close(session);
	session->retry_at = clock_monotonic_us() +
			    (session->failures > 5 ? RETRY_MOST_US
						   : (int64_t)RETRY_FIRST_US
							 << session->failures);
	session->failures++;
	session->waiting = true;
	if (session == mirror->monitor) {
		mirror->monitor_asked = false;
		return;
	}
	if (session == mirror->keeper) {
		keeper_lost(mirror);
		return;
	}
	apply_lost(session);
}

static void logged_in(struct session *session)
{
	struct mirror *mirror = session->mirror;

	session->failures = 0;
	if (mirror->shadow_down)
		LOG_INFO("the shadow answers again", "shadow=%s",
			 mirror->options->name);
	mirror->shadow_down = false;
}

static void advance(struct session *session)
{
	struct mirror *mirror = session->mirror;
	enum shadow_state before = mirror->ops->state(session->shadow);
	bool connecting = before == SHADOW_CONNECTING;
	bool guarded = session->running != NULL;
	enum shadow_state state;

	/* while connecting, the driver may close and open descriptors */
	if (connecting)
		unwatch(session);
	if (guarded)
		progress_guard(mirror, session, session->running->item.seq);
	state = mirror->ops->advance(session->shadow);
	if (guarded)
		progress_unguard(mirror);
	if (state == SHADOW_LOST) {
		lost(session);
		return;
	}
	watch(session);
	if (state != SHADOW_IDLE || before == SHADOW_IDLE)
		return;
	if (connecting)
		logged_in(session);
	if (session == mirror->monitor)
		stall_ready(session);
	else if (session == mirror->keeper)
		keeper_ready(mirror);
	else
		apply_ready(session);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct session *session = poll->data;
	struct mirror *mirror = session->mirror;

	(void)events;
	/* the loop has stopped watching it: there may be data before the error
	 */
	if (status < 0)
		session->polled_events = 0;
	advance(session);
	mirror_turn(mirror);
}

static void watch(struct session *session)
{
	struct mirror *mirror = session->mirror;
	int fd = mirror->ops->descriptor(session->shadow);
	unsigned wants = mirror->ops->wants(session->shadow);
	int events = (wants & SHADOW_READ ? UV_READABLE : 0) |
		     (wants & SHADOW_WRITE ? UV_WRITABLE : 0);

	if (session->poll && session->polled == fd &&
	    session->polled_events == (unsigned)events)
		return;
	if (session->poll && session->polled != fd)
		unwatch(session);
	if (!session->poll) {
		session->poll = memory_alloc(sizeof(*session->poll));
		session->poll->data = session;
		if (fd < 0 || uv_poll_init(&mirror->loop, session->poll, fd)) {
			free(session->poll);
			session->poll = NULL;
			return;
		}
		session->polled = fd;
	}
	session->polled_events = (unsigned)events;
	uv_poll_start(session->poll, events, on_poll);
}

/* Roles may have been added since the file was read. */
static void read_rights_again(struct mirror *mirror)
{
	struct rights *rights = NULL;
	int64_t now = clock_monotonic_us();
	struct error error;

	if (now - mirror->rights_at < RIGHTS_AGAIN_US)
		return;
	mirror->rights_at = now;
	if (rights_read(mirror->options->rights_file, &rights, &error))
		return;
	rights_free(&mirror->rights);
	mirror->rights = rights;
}

/* The login for the client's role. False: there is none. */
static bool find_login(struct session *session, struct shadow_login *login,
		       struct endpoint *endpoint, char *role, size_t size)
{
	struct mirror *mirror = session->mirror;
	const char *name = mirror->options->name;

	snprintf(role, size, "%.*s",
		 (int)mirror->options->shadow_adapter->rights->name_bytes,
		 session->role);
	*endpoint = mirror->options->shadow;
	endpoint->user = rights_login(mirror->rights, name, role);
	if (!endpoint->user) {
		read_rights_again(mirror);
		endpoint->user = rights_login(mirror->rights, name, role);
	}
	if (!endpoint->user)
		return false;
	endpoint->password = rights_password(mirror->rights, endpoint->user);
	login->endpoint = endpoint;
	login->role = role;
	login->identity = SHADOW_CLIENT;
	return true;
}

void connection_open(struct session *session)
{
	struct mirror *mirror = session->mirror;
	bool own = session == mirror->monitor || session == mirror->keeper ||
		   session->own_look;
	struct shadow_login login = {
	    .endpoint = &mirror->options->shadow,
	    .identity = own || !mirror->options->set_role ? SHADOW_ACCOUNT
							  : SHADOW_ASSUMED,
	    .role = session->role,
	    .settings = session->settings,
	    .setting_count = session->setting_count,
	    .statement_timeout_us = mirror->options->statement_timeout_us,
	    .lock_timeout_us =
		session == mirror->keeper ? KEEPER_LOCK_TIMEOUT_US : 0,
	};
	char label[64], role[256];
	struct endpoint endpoint;
	struct error error;

	if (!own && mirror->rights &&
	    !find_login(session, &login, &endpoint, role, sizeof(role))) {
		refused(session, true,
			"it has no login there: run parallax rights");
		return;
	}
	snprintf(label, sizeof(label), "parallax:%.32s:%" PRIu64,
		 mirror->options->name, session->id.session);
	login.label = label;
	session->waiting = false;
	session->ready = false;
	session->connect_at = clock_monotonic_us();
	session->block_open = session->rollback_first = false;
	if (mirror->ops->open(&login, &session->shadow, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	mirror->connections++;
	if (mirror->ops->state(session->shadow) == SHADOW_LOST)
		lost(session);
	else
		watch(session);
}

void connection_close(struct session *session)
{
	if (!session->shadow)
		return;
	unwatch(session);
	session->mirror->ops->close(&session->shadow);
	session->mirror->connections--;
	session->ready = session->block_open = false;
	session->rollback_first = false;
}

void connection_submit(struct session *session, enum apply_phase phase)
{
	struct mirror *mirror = session->mirror;

	session->phase = phase;
	if (mirror->ops->submit(session->shadow, session->commands,
				session->command_count))
		lost(session);
	else
		watch(session);
}

/* A login that does not finish. */
static bool hung(struct session *session, int64_t now)
{
	if (!session || !session->shadow || session->waiting ||
	    now - session->connect_at < CONNECT_US ||
	    session->mirror->ops->state(session->shadow) != SHADOW_CONNECTING)
		return false;
	give_way(session, "it does not answer");
	return true;
}

void connection_retries(struct mirror *mirror)
{
	int64_t now = clock_monotonic_us();

	keeper_retry(mirror);
	hung(mirror->monitor, now);
	hung(mirror->keeper, now);
	LIST_EACH(&mirror->busy, it)
	{
		struct session *session =
		    LIST_ITEM(it, struct session, in_busy);

		if (hung(session, now))
			continue;
		if (!session->waiting || now < session->retry_at)
			continue;
		session->waiting = false;
		session->phase = APPLY_IDLE;
		if (session->shadow)
			apply_ready(session);
		else
			connection_open(session);
	}
}
