/*
 * The facade over TLS: two ends in one process, with a wire between them that
 * carries any number of bytes at a time. The certificates are made by the
 * openssl command.
 */
#include "tls/stream.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/parallax-tls-XXXXXX";
static char paths[8][64];
enum path { CA, CA_KEY, CERT, KEY, OTHER, OTHER_KEY, CLIENT, CLIENT_KEY };

static const char *path(enum path which)
{
	static const char *const names[] = {"ca.crt",  "ca.key",    "a.crt",
					    "a.key",   "other.crt", "other.key",
					    "ann.crt", "ann.key"};

	snprintf(paths[which], sizeof(paths[which]), "%s/%s", folder,
		 names[which]);
	return paths[which];
}

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int run(const char *format, ...)
{
	char command[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	return system(command);
}

#define NEW_KEY                                                                \
	"-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"

static int issue(const char *name, const char *alternative, enum path to,
		 enum path key)
{
	return run(
	    "cd %s && openssl req %s -subj '/CN=%s' -keyout %s -out r.csr"
	    " 2>/dev/null && printf '%s' > e && openssl x509 -req -in "
	    "r.csr -CA ca.crt -CAkey ca.key -set_serial 7 -days 2 "
	    "-extfile e -out %s 2>/dev/null",
	    folder, NEW_KEY, name, path(key), alternative, path(to));
}

static int make_files(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	return run("openssl req -x509 %s -subj /CN=ca -keyout %s -out %s "
		   "2>/dev/null",
		   NEW_KEY, path(CA_KEY), path(CA)) ||
	       run("openssl req -x509 %s -subj /CN=other -keyout %s -out %s "
		   "2>/dev/null",
		   NEW_KEY, path(OTHER_KEY), path(OTHER)) ||
	       issue("a", "subjectAltName=DNS:db.test,IP:10.1.2.3", CERT,
		     KEY) ||
	       issue("ann", "basicConstraints=CA:FALSE", CLIENT, CLIENT_KEY);
}

static int remove_files(void **state)
{
	(void)state;
	return run("rm -rf %s", folder);
}

/* Two connections, and what carries bytes from one to the other. */
struct ends {
	struct stream server;
	struct stream client;
	int server_far;
	int client_far;
	size_t step; /* bytes carried at a time */
	struct tls *server_tls;
	struct tls *client_tls;
	char server_why[256];
	char client_why[256];
};

static void carry(int from, int to, size_t step)
{
	char bytes[65536];
	ssize_t size = recv(from, bytes, step, MSG_PEEK);

	if (size > 0)
		size = send(to, bytes, (size_t)size, MSG_NOSIGNAL);
	if (size > 0)
		assert_int_equal(recv(from, bytes, (size_t)size, 0), size);
}

static void ends_open(struct ends *ends, size_t step,
		      const struct tls_server_files *files,
		      const struct endpoint_tls *settings, const char *host,
		      const char *server_protocol, const char *client_protocol)
{
	struct error error;
	int one[2];
	int two[2];

	memset(ends, 0, sizeof(*ends));
	error_init(&error);
	ends->step = step;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, one), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, two), 0);
	ends->server_far = one[1];
	ends->client_far = two[1];
	stream_init(&ends->server, one[0]);
	stream_init(&ends->client, two[0]);
	if (tls_server_new(files, server_protocol, &ends->server_tls, &error) ||
	    tls_client_new(settings, client_protocol, &ends->client_tls,
			   &error))
		fail_msg("%s", error.message);
	assert_int_equal(stream_secure(&ends->server, ends->server_tls, NULL),
			 0);
	assert_int_equal(stream_secure(&ends->client, ends->client_tls, host),
			 0);
	/* The streams hold what they need: as at a reload. */
	tls_free(&ends->server_tls);
	tls_free(&ends->client_tls);
}

static void ends_close(struct ends *ends)
{
	stream_release(&ends->server);
	stream_release(&ends->client);
	close(ends->server.fd);
	close(ends->client.fd);
	close(ends->server_far);
	close(ends->client_far);
}

static void ends_carry(struct ends *ends)
{
	carry(ends->server_far, ends->client_far, ends->step);
	carry(ends->client_far, ends->server_far, ends->step);
}

/* Until both are there, or one has failed. */
static bool ends_shake(struct ends *ends)
{
	enum stream_progress server = STREAM_WANTS_READ;
	enum stream_progress client = STREAM_WANTS_READ;

	for (int i = 0; i < 100000; i++) {
		if (client != STREAM_READY)
			client =
			    stream_handshake(&ends->client, ends->client_why,
					     sizeof(ends->client_why));
		ends_carry(ends);
		if (server != STREAM_READY)
			server =
			    stream_handshake(&ends->server, ends->server_why,
					     sizeof(ends->server_why));
		ends_carry(ends);
		if (server == STREAM_FAILED || client == STREAM_FAILED)
			return false;
		if (server == STREAM_READY && client == STREAM_READY)
			return true;
	}
	fail_msg("the handshake comes to no end");
	return false;
}

static const struct tls_server_files *server_files(bool mutual)
{
	static struct tls_server_files files;

	files = (struct tls_server_files){path(CERT), path(KEY),
					  mutual ? path(CA) : NULL};
	return &files;
}

static void test_handshake_at_every_step(void **state)
{
	static const size_t steps[] = {1, 2, 3, 5, 7, 16, 100, 4096, 65536};
	const struct endpoint_tls settings = {TLS_VERIFY_FULL, path(CA),
					      path(CLIENT), path(CLIENT_KEY)};
	struct ends ends;
	char name[64];

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		ends_open(&ends, steps[i], server_files(true), &settings,
			  "db.test", "proto", "proto");
		if (!ends_shake(&ends))
			fail_msg("%s %s", ends.client_why, ends.server_why);
		assert_true(stream_has_protocol(&ends.server));
		assert_int_equal(
		    stream_peer_name(&ends.server, name, sizeof(name)), 0);
		assert_string_equal(name, "ann");
		/* A name that does not fit is none. */
		assert_int_equal(stream_peer_name(&ends.server, name, 3), -1);
		assert_int_equal(
		    stream_peer_name(&ends.client, name, sizeof(name)), 0);
		assert_string_equal(name, "a");
		ends_close(&ends);
	}
}

struct verify_case {
	enum tls_mode mode;
	enum path ca;
	const char *host;
	const char *refusal; /* NULL: it connects */
};

static void test_verifies(void **state)
{
	static const struct verify_case cases[] = {
	    {TLS_PREFER, CA, "elsewhere", NULL},
	    {TLS_REQUIRE, OTHER, "elsewhere", NULL},
	    {TLS_VERIFY_CA, CA, "elsewhere", NULL},
	    {TLS_VERIFY_CA, OTHER, "db.test", "unable to get local issuer"},
	    {TLS_VERIFY_FULL, CA, "db.test", NULL},
	    {TLS_VERIFY_FULL, CA, "10.1.2.3", NULL},
	    {TLS_VERIFY_FULL, CA, "10.1.2.4", "IP address mismatch"},
	    {TLS_VERIFY_FULL, CA, "b.test", "hostname mismatch"},
	    {TLS_VERIFY_FULL, CA, "a", "hostname mismatch"},
	    {TLS_VERIFY_FULL, OTHER, "db.test", "unable to get local issuer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct verify_case *it = &cases[i];
		const struct endpoint_tls settings = {it->mode, path(it->ca),
						      NULL, NULL};
		struct ends ends;
		bool shaken;

		ends_open(&ends, 65536, server_files(false), &settings,
			  it->host, NULL, NULL);
		shaken = ends_shake(&ends);
		if (shaken != !it->refusal)
			fail_msg("%zu: %s", i, ends.client_why);
		if (it->refusal && !strstr(ends.client_why, it->refusal))
			fail_msg("%zu: %s", i, ends.client_why);
		ends_close(&ends);
	}
}

/* Without a certificate of its own, or with a stranger's. In TLS 1.3 the client
 * is done before the server has seen it: the server's word counts. */
static void test_mutual_refuses(void **state)
{
	const struct endpoint_tls cases[] = {
	    {TLS_REQUIRE, NULL, NULL, NULL},
	    {TLS_REQUIRE, NULL, path(OTHER), path(OTHER_KEY)},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ends ends;

		ends_open(&ends, 65536, server_files(true), &cases[i],
			  "db.test", NULL, NULL);
		assert_false(ends_shake(&ends));
		assert_string_not_equal(ends.server_why, "");
		ends_close(&ends);
	}
}

static void test_protocol_names(void **state)
{
	const struct endpoint_tls settings = {TLS_REQUIRE, NULL, NULL, NULL};
	struct ends ends;

	(void)state;
	ends_open(&ends, 65536, server_files(false), &settings, "db.test",
		  "proto", NULL);
	assert_true(ends_shake(&ends));
	assert_false(stream_has_protocol(&ends.server));
	ends_close(&ends);
	ends_open(&ends, 65536, server_files(false), &settings, "db.test",
		  "proto", "http/1.1");
	assert_false(ends_shake(&ends));
	ends_close(&ends);
}

static void test_garbage_is_refused(void **state)
{
	const struct endpoint_tls settings = {TLS_REQUIRE, NULL, NULL, NULL};
	const char *const cases[] = {
	    "Q\0\0\0\x0dselect 1", "GET / HTTP/1.1\r\n\r\n",
	    "\x16\x03\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct ends ends;
		char why[256];

		ends_open(&ends, 65536, server_files(false), &settings,
			  "db.test", NULL, NULL);
		assert_int_equal(send(ends.server_far, cases[i], 14, 0), 14);
		assert_int_equal(
		    stream_handshake(&ends.server, why, sizeof(why)),
		    STREAM_FAILED);
		assert_string_not_equal(why, "");
		ends_close(&ends);
	}
}

static uint8_t pattern(size_t at)
{
	return (uint8_t)(at * 7 + at / 251);
}

/*
 * More than the sockets hold, one way, while the reader is slow: what is not
 * taken is offered again from another place; what was read leaves nothing
 * behind that poll would not see.
 */
static void test_carries_much(void **state)
{
	enum { TOTAL = 3 * 1000 * 1000 };
	const struct endpoint_tls settings = {TLS_REQUIRE, NULL, NULL, NULL};
	uint8_t *sent = malloc(TOTAL);
	uint8_t *got = malloc(TOTAL + 65536);
	size_t out = 0;
	size_t in = 0;
	struct ends ends;

	(void)state;
	for (size_t i = 0; i < TOTAL; i++)
		sent[i] = pattern(i);
	ends_open(&ends, 5000, server_files(false), &settings, "db.test", NULL,
		  NULL);
	assert_true(ends_shake(&ends));
	while (in < TOTAL) {
		uint8_t *moved = malloc(TOTAL - out);
		ssize_t size;

		memcpy(moved, sent + out, TOTAL - out);
		size = out < TOTAL
			   ? stream_write(&ends.client, moved, TOTAL - out)
			   : 0;
		free(moved);
		if (size < 0)
			assert_int_equal(errno, EAGAIN);
		else
			out += (size_t)size;
		for (int i = 0; i < 20; i++)
			ends_carry(&ends);
		size = stream_read(&ends.server, got + in, 65536);
		if (size < 0)
			assert_int_equal(errno, EAGAIN);
		else
			in += (size_t)size;
	}
	assert_memory_equal(sent, got, TOTAL);
	/* The end, said and seen; what comes back is still read. */
	stream_shutdown(&ends.client);
	ends.step = 65536;
	ends_carry(&ends);
	assert_int_equal(stream_read(&ends.server, got, 65536), 0);
	assert_int_equal(stream_write(&ends.server, "bye", 3), 3);
	ends_carry(&ends);
	assert_int_equal(stream_read(&ends.client, got, 65536), 3);
	ends_close(&ends);
	free(sent);
	free(got);
}

static void test_raw(void **state)
{
	struct stream stream;
	char bytes[8];
	int pair[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	stream_init(&stream, pair[0]);
	assert_false(stream_is_secure(&stream));
	assert_int_equal(stream_read(&stream, bytes, sizeof(bytes)), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(stream_write(&stream, "abc", 3), 3);
	assert_int_equal(recv(pair[1], bytes, sizeof(bytes), 0), 3);
	stream_shutdown(&stream);
	assert_int_equal(recv(pair[1], bytes, sizeof(bytes), 0), 0);
	assert_int_equal(send(pair[1], "de", 2, 0), 2);
	assert_int_equal(stream_read(&stream, bytes, sizeof(bytes)), 2);
	stream_release(&stream);
	close(pair[0]);
	close(pair[1]);
}

static void expect_refused(const char *certificate, const char *key,
			   const char *ca, const char *message)
{
	struct tls_server_files files = {certificate, key, ca};
	struct tls *tls = NULL;
	struct error error;

	error_init(&error);
	assert_int_equal(tls_server_new(&files, NULL, &tls, &error), -1);
	assert_null(tls);
	if (!strstr(error.message, message))
		fail_msg("'%s' is not in '%s'", message, error.message);
}

static void test_files_are_refused(void **state)
{
	char locked[80];

	(void)state;
	snprintf(locked, sizeof(locked), "%s/locked.key", folder);
	assert_int_equal(
	    run("openssl ec -in %s -aes128 -passout pass:x -out %s "
		"2>/dev/null && chmod 600 %s",
		path(KEY), locked, locked),
	    0);
	expect_refused("/nonexistent", path(KEY), NULL,
		       "TLS certificate /nonexistent: No such file");
	expect_refused(path(CERT), "/nonexistent", NULL,
		       "TLS key /nonexistent: No such file");
	expect_refused(path(CERT), path(OTHER_KEY), NULL, "mismatch");
	expect_refused(path(CERT), locked, NULL, "TLS key");
	expect_refused(path(CERT), path(KEY), path(KEY), "TLS CA");
	assert_int_equal(chmod(path(KEY), 0644), 0);
	expect_refused(path(CERT), path(KEY), NULL, "others can read it");
	assert_int_equal(chmod(path(KEY), 0600), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_raw),
	    cmocka_unit_test(test_handshake_at_every_step),
	    cmocka_unit_test(test_verifies),
	    cmocka_unit_test(test_mutual_refuses),
	    cmocka_unit_test(test_protocol_names),
	    cmocka_unit_test(test_garbage_is_refused),
	    cmocka_unit_test(test_carries_much),
	    cmocka_unit_test(test_files_are_refused),
	};

	return cmocka_run_group_tests_name("stream", tests, make_files,
					   remove_files);
}
