/* Peers that stop in the middle of a handshake: each waits for its own time limit
 * only, and nobody else waits at all. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/clock.h"
#include "wire/peers.h"

enum {
	LOGIN_US = 900 * 1000,
	CONNECT_US = 600 * 1000,
	/* A limit is looked at by a tick of 25 ms; the machine may be busy. */
	LATE_US = 4 * 1000 * 1000,
};

static char folder[] = "/tmp/parallax-handshake-XXXXXX";
static char certificate[64], key[64];
static uint16_t listen_port;
static int primary_fd;
static uint16_t primary_port;
static pid_t relay_pid;
static struct buffer out;

static int tcp_socket(uint16_t *port, bool listens)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_return_code(bind(fd, (struct sockaddr *)&address, size), errno);
	if (listens)
		assert_return_code(listen(fd, 16), errno);
	assert_return_code(getsockname(fd, (struct sockaddr *)&address, &size),
			   errno);
	*port = ntohs(address.sin_port);
	return fd;
}

static int dial(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(listen_port),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};

	for (int i = 0; i < 500; i++) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		close(fd);
		usleep(10000);
	}
	fail_msg("no relay");
	return -1;
}

static int answer_dial(void)
{
	struct pollfd wait = {primary_fd, POLLIN, 0};

	if (poll(&wait, 1, PEER_WAIT_MS) <= 0)
		fail_msg("the relay did not connect");
	return accept4(primary_fd, NULL, NULL, SOCK_CLOEXEC);
}

static void run_relay(void)
{
	struct relay_address listen_at = {"127.0.0.1", listen_port};
	struct relay_options relay = {
	    .wire = &postgres_wire,
	    .listen = &listen_at,
	    .listen_count = 1,
	    .primary = {"127.0.0.1", primary_port},
	    .tls = {.offer = TLS_ALLOW,
		    .files = {certificate, key, NULL},
		    .primary = {.mode = TLS_REQUIRE}},
	    .login_timeout_us = LOGIN_US,
	    .connect_timeout_us = CONNECT_US,
	    .grace_us = 1000000,
	};
	struct error error;

	close(primary_fd);
	log_threshold = LOG_ERROR_LEVEL;
	error_init(&error);
	_exit(relay_run(&relay, &error) ? 1 : 0);
}

static int set_up(void **state)
{
	char command[512];

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(certificate, sizeof(certificate), "%s/crt", folder);
	snprintf(key, sizeof(key), "%s/key", folder);
	snprintf(command, sizeof(command),
		 "openssl req -x509 -newkey ec -pkeyopt "
		 "ec_paramgen_curve:P-256 -nodes -subj /CN=relay -days 2 "
		 "-keyout %s -out %s 2>/dev/null && chmod 600 %s",
		 key, certificate, key);
	assert_int_equal(system(command), 0);
	close(tcp_socket(&listen_port, false));
	primary_fd = tcp_socket(&primary_port, true);
	buffer_init(&out, 0);
	relay_pid = fork();
	if (!relay_pid)
		run_relay();
	close(dial());
	return 0;
}

static int tear_down(void **state)
{
	char command[128];
	int status = -1;

	(void)state;
	buffer_release(&out);
	kill(relay_pid, SIGTERM);
	waitpid(relay_pid, &status, 0);
	close(primary_fd);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) || !WIFEXITED(status) || WEXITSTATUS(status);
}

/* The session ends, not before `limit` and not long after. */
static void expect_end_after(int fd, int64_t began, int64_t limit)
{
	char text[1024];
	int64_t took;

	while (peer_read(fd, text, sizeof(text)) == sizeof(text))
		continue;
	took = clock_monotonic_us() - began;
	assert_in_range(took, limit - 100000, limit + LATE_US);
	close(fd);
}

static void ask_for_tls(int fd)
{
	put_startup(&out, 80877103, "", 0);
	peer_give(fd, &out);
}

static void test_client_says_nothing(void **state)
{
	int64_t began = clock_monotonic_us();

	(void)state;
	expect_end_after(dial(), began, LOGIN_US);
}

static void test_client_begins_no_handshake(void **state)
{
	int64_t began = clock_monotonic_us();
	int client = dial();

	(void)state;
	ask_for_tls(client);
	peer_expect(client, "S", 1);
	expect_end_after(client, began, LOGIN_US);
}

/* A byte now and then does not extend it. */
static void test_client_is_slow(void **state)
{
	static const char hello[] = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03";
	int64_t began = clock_monotonic_us();
	int client = dial();

	(void)state;
	ask_for_tls(client);
	peer_expect(client, "S", 1);
	for (size_t i = 0; i < sizeof(hello) - 1; i++) {
		peer_send(client, hello + i, 1);
		usleep(50000);
	}
	expect_end_after(client, began, LOGIN_US);
}

/* The limit holds from the first byte of the login on: the client waits no
 * longer than it takes to connect to the primary. */
static void expect_unreachable(const char *answer)
{
	int64_t began = clock_monotonic_us();
	int client = dial();
	int server;

	put_startup(&out, 196608, "user\0ann\0", 10);
	peer_give(client, &out);
	server = answer_dial();
	put_startup(&out, 80877103, "", 0);
	peer_expect(server, out.data, out.size);
	buffer_clear(&out);
	peer_send(server, answer, strlen(answer));
	peer_expect_error(client, "08001");
	assert_in_range(clock_monotonic_us() - began, CONNECT_US - 100000,
			CONNECT_US + LATE_US);
	close(client);
	close(server);
}

static void test_primary_does_not_answer(void **state)
{
	(void)state;
	expect_unreachable("");
}

static void test_primary_begins_no_handshake(void **state)
{
	(void)state;
	expect_unreachable("S");
}

static void test_primary_is_slow(void **state)
{
	(void)state;
	expect_unreachable("S\x16\x03\x03");
}

/* While others are stuck, one that wants no TLS is answered at once. */
static void test_nobody_waits(void **state)
{
	int stuck[8];
	struct pollfd ended;
	int client;
	int server;

	(void)state;
	for (int i = 0; i < 8; i++) {
		stuck[i] = dial();
		ask_for_tls(stuck[i]);
		peer_expect(stuck[i], "S", 1);
	}
	client = dial();
	put_startup(&out, 196608, "user\0ann\0", 10);
	peer_give(client, &out);
	server = answer_dial();
	close(server);
	ended = (struct pollfd){client, POLLIN, 0};
	assert_int_equal(poll(&ended, 1, PEER_WAIT_MS), 1);
	peer_expect_error(client, "08001");
	close(client);
	for (int i = 0; i < 8; i++)
		close(stuck[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_client_says_nothing),
	    cmocka_unit_test(test_client_begins_no_handshake),
	    cmocka_unit_test(test_client_is_slow),
	    cmocka_unit_test(test_primary_does_not_answer),
	    cmocka_unit_test(test_primary_begins_no_handshake),
	    cmocka_unit_test(test_primary_is_slow),
	    cmocka_unit_test(test_nobody_waits),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
