/* The relay between scripted peers. */
#include "wire/peers.h"

static struct peers peers;
static struct pair bystander; /* must never notice anything */
static struct buffer out;

static int set_up(void **state)
{
	(void)state;
	peers_start(&peers, true);
	bystander = pair_open(&peers);
	buffer_init(&out, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pair_works(&bystander);
	pair_close(&bystander);
	buffer_release(&out);
	return peers_stop(&peers);
}

static void test_passes(void **state)
{
	struct pair pair = pair_open(&peers);

	(void)state;
	pair_works(&pair);
	put_parse(&out, "s", "select $1", 1);
	put_bind(&out, "", "s", 5);
	put_named(&out, 'D', 'P', "");
	put_execute(&out, "", 10);
	put_empty(&out, "S");
	for (size_t i = 0; i < out.size; i++) { /* byte by byte */
		peer_send(pair.client, out.data + i, 1);
		peer_expect(pair.server, out.data + i, 1);
	}
	buffer_clear(&out);
	put_empty(&out, "12");
	put_columns(&out, 1);
	PUT_ROW(&out, "x");
	put_empty(&out, "s");
	put_ready(&out, 'I');
	for (size_t i = 0; i < out.size; i++) {
		peer_send(pair.server, out.data + i, 1);
		peer_expect(pair.client, out.data + i, 1);
	}
	buffer_clear(&out);
	/* Asynchronous messages pass at any time. */
	put(&out, 'A', "\0\0\0\1x\0y\0", 8);
	put_problem(&out, 'N', "NOTICE", "00000", "hello");
	put(&out, 'S', "TimeZone\0CET", 13);
	peer_pass(pair.server, pair.client, &out);
	put_empty(&out, "X");
	peer_pass(pair.client, pair.server, &out);
	close(pair.server);
	peer_expect_end(pair.client);
	close(pair.client);
}

static void test_declines_tls(void **state)
{
	int client = peer_socket(peers.listen, false);
	int server;

	(void)state;
	put_startup(&out, 80877103, "", 0);
	peer_give(client, &out);
	peer_expect(client, "N", 1);
	put_startup(&out, 80877104, "", 0);
	peer_give(client, &out);
	peer_expect(client, "N", 1);
	put_startup(&out, 196608, "user\0ann\0", 10);
	peer_send(client, out.data, out.size);
	server = peer_accept(&peers);
	peer_expect(server, out.data, out.size);
	close(client);
	peer_expect_end(server);
	close(server);
}

static void test_cancels(void **state)
{
	int client = peer_socket(peers.listen, false);
	int server;

	(void)state;
	put_startup(&out, 80877102, "12345678", 8);
	peer_send(client, out.data, out.size);
	server = peer_accept(&peers);
	peer_expect(server, out.data, out.size);
	close(server); /* done: now the client knows */
	peer_expect_end(client);
	close(client);
}

/* Protocol 3.2: keys have up to 256 bytes, and so have requests to cancel. */
static void test_long_keys(void **state)
{
	static const uint32_t sizes[] = {4, 5, 32, 255, 256};
	uint8_t key[4 + 256];

	(void)state;
	memset(key, 'k', sizeof(key));
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct pair pair = {peer_socket(peers.listen, false), -1};
		int client;

		put_startup(&out, 196610, "user\0ann\0", 10);
		peer_send(pair.client, out.data, out.size);
		pair.server = peer_accept(&peers);
		peer_expect(pair.server, out.data, out.size);
		buffer_clear(&out);
		put(&out, 'R', "\0\0\0\0", 4);
		put(&out, 'K', key, 4 + sizes[i]);
		put_ready(&out, 'I');
		peer_pass(pair.server, pair.client, &out);
		pair_works(&pair);
		pair_close(&pair);

		client = peer_socket(peers.listen, false);
		put_startup(&out, 80877102, (const char *)key, 4 + sizes[i]);
		peer_send(client, out.data, out.size);
		pair.server = peer_accept(&peers);
		peer_expect(pair.server, out.data, out.size);
		buffer_clear(&out);
		close(pair.server);
		peer_expect_end(client);
		close(client);
	}
}

/* From its login on; until then it is followed. */
static void test_replication_is_raw(void **state)
{
	int client = peer_socket(peers.listen, false);
	int server;

	(void)state;
	put_startup(&out, 196608, "user\0ann\0replication\0database\0", 31);
	peer_send(client, out.data, out.size);
	server = peer_accept(&peers);
	peer_expect(server, out.data, out.size);
	buffer_clear(&out);
	put(&out, 'R', "\0\0\0\0", 4);
	put_ready(&out, 'I');
	peer_pass(server, client, &out);
	buffer_append_string(&out, "\x01 anything at all \xff");
	peer_pass(server, client, &out);
	buffer_append_string(&out, "\x02 both ways");
	peer_pass(client, server, &out);
	close(client);
	close(server);
}

struct bytes_case {
	const char *bytes;
	size_t size;
};
#define CASE(text)                                                             \
	{                                                                      \
		text, sizeof(text) - 1                                         \
	}

/* What is wrong the server says: all passes, and when the server closes without
 * a word, we do. */
static void test_wrong_client(void **state)
{
	static const struct bytes_case cases[] = {
	    CASE("Q\x7f\xff\xff\xff"), CASE("Q\0\0\0\1"), CASE("p\0\0\0\5x"),
	    CASE("\1\0\0\0\4"),	       CASE("H\0\1\0\0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair pair = pair_open(&peers);

		peer_send(pair.client, cases[i].bytes, cases[i].size);
		peer_expect(pair.server, cases[i].bytes, cases[i].size);
		put_error(&out, "08P01");
		peer_pass(pair.server, pair.client, &out);
		close(pair.server);
		peer_expect_end(pair.client);
		close(pair.client);
		pair_works(&bystander);
	}
}

/* No server needs to be asked: it would close without a word. */
static void test_wrong_startup(void **state)
{
	static const struct bytes_case cases[] = {
	    CASE("\x7f\xff\xff\xff"),
	    CASE("\0\0\0\7"),
	    CASE("GET / HTTP/1.1\r\n\r\n"),
	    CASE("X\0\0\0\4"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int client = peer_socket(peers.listen, false);

		peer_send(client, cases[i].bytes, cases[i].size);
		peer_expect_end(client);
		close(client);
		pair_works(&bystander);
	}
}

/* It passes, and so does all that comes after it, both ways. */
static void test_wrong_server(void **state)
{
	static const struct bytes_case cases[] = {
	    CASE("D\x7f\xff\xff\xff"), CASE("Z\0\0\0\5I"),
	    CASE("1\0\0\0\4"),	       CASE("R\0\0\0\x08\0\0\0\0"),
	    CASE("\xff\0\0\0\4"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair pair = pair_open(&peers);

		peer_send(pair.server, cases[i].bytes, cases[i].size);
		peer_expect(pair.client, cases[i].bytes, cases[i].size);
		buffer_append_string(&out, "\xff whatever");
		peer_pass(pair.server, pair.client, &out);
		buffer_append_string(&out, "\xff this, too");
		peer_pass(pair.client, pair.server, &out);
		pair_close(&pair);
		pair_works(&bystander);
	}
}

static void test_client_vanishes(void **state)
{
	static const char half[] = "Q\0\0\1\0select";
	struct pair pair = pair_open(&peers);

	(void)state;
	peer_send(pair.client, half, sizeof(half) - 1);
	peer_expect(pair.server, half, sizeof(half) - 1);
	close(pair.client);
	peer_expect_end(pair.server); /* no goodbye within a message */
	close(pair.server);

	pair = pair_open(&peers);
	put_text(&out, 'Q', "select 1");
	peer_pass(pair.client, pair.server, &out);
	close(pair.client);
	peer_expect_end(pair.server); /* nor before an answer: it may be COPY */
	close(pair.server);

	pair = pair_open(&peers);
	close(pair.client);
	peer_expect(pair.server, "X\0\0\0\4", 5);
	peer_expect_end(pair.server);
	close(pair.server);
}

/* It closes with an answer unread: its connection is reset under us, but what
 * it sent before still arrives. */
static void test_client_resets(void **state)
{
	struct pair pair = pair_open(&peers);

	(void)state;
	put_text(&out, 'Q', "select 1");
	peer_pass(pair.client, pair.server, &out);
	put_done(&out, "SELECT 0");
	put_ready(&out, 'I');
	peer_give(pair.server, &out);
	usleep(100000);
	put_text(&out, 'Q', "commit");
	peer_send(pair.client, out.data, out.size);
	close(pair.client);
	peer_expect(pair.server, out.data, out.size);
	peer_expect_end(pair.server);
	close(pair.server);
}

static void test_server_vanishes(void **state)
{
	struct pair pair = pair_open(&peers);
	struct buffer row;

	(void)state;
	put_text(&out, 'Q', "select 1");
	peer_pass(pair.client, pair.server, &out);
	put_columns(&out, 1);
	PUT_ROW(&out, "a long row of which only some comes");
	out.size -= 10;
	peer_send(pair.server, out.data, out.size);
	close(pair.server);
	peer_expect(pair.client, out.data, out.size);
	peer_expect_end(pair.client); /* no error can be said in a row */
	close(pair.client);
	buffer_clear(&out);

	pair = pair_open(&peers); /* between messages, one can */
	close(pair.server);
	peer_expect_error(pair.client, "08006");
	close(pair.client);

	pair = pair_open(&peers); /* the server's own last word is enough */
	buffer_init(&row, 0);
	put_problem(&out, 'E', "FATAL", "57P01", "going down");
	peer_send(pair.server, out.data, out.size);
	close(pair.server);
	peer_expect(pair.client, out.data, out.size);
	peer_expect_end(pair.client);
	close(pair.client);
	buffer_release(&row);
}

static void test_unreachable(void **state)
{
	int client;

	(void)state;
	close(peers.primary_fd);
	client = peer_socket(peers.listen, false);
	put_startup(&out, 196608, "user\0ann\0", 10);
	peer_give(client, &out);
	peer_expect_error(client, "08001");
	close(client);
	peers.primary_fd = open("/dev/null", O_RDONLY);
}

static void *discard(size_t size)
{
	uint8_t *data = malloc(size);

	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)('a' + i % 26);
	return data;
}

/* A child writes while we read, so that nothing needs to fit in a socket. */
static void pass_long(int from, int to, const uint8_t *data, size_t size)
{
	pid_t writer = fork();
	int status;

	if (!writer) {
		peer_send(from, data, size);
		_exit(0);
	}
	peer_expect(to, data, size);
	waitpid(writer, &status, 0);
	assert_int_equal(status, 0);
}

static void test_large(void **state)
{
	enum { SIZE = 40 * 1024 * 1024 };
	struct pair pair = pair_open(&peers);
	uint8_t *data = discard(SIZE);

	(void)state;
	data[0] = 'Q';
	bytes_put_u32(data + 1, SIZE - 1);
	data[SIZE - 1] = 0;
	pass_long(pair.client, pair.server, data, SIZE);
	put_columns(&out, 1);
	peer_pass(pair.server, pair.client, &out);
	data[0] = 'D';
	bytes_put_u16(data + 5, 1);
	bytes_put_u32(data + 7, SIZE - 11);
	pass_long(pair.server, pair.client, data, SIZE);
	put_done(&out, "SELECT 1");
	put_ready(&out, 'I');
	peer_pass(pair.server, pair.client, &out);
	pair_works(&pair);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peers_peak(&peers), 1, 32 * 1024);
#endif
	free(data);
	pair_close(&pair);
}

/* A side that does not read stops the other one, not the relay. */
static void test_back_pressure(void **state)
{
	struct pair pair = pair_open(&peers);
	size_t sent = 0;

	(void)state;
	put_text(&out, 'Q', "select");
	peer_pass(pair.client, pair.server, &out);
	put_columns(&out, 1);
	peer_pass(pair.server, pair.client, &out);
	for (int i = 0; i < 100; i++)
		PUT_ROW(&out, "a row");
	fcntl(pair.server, F_SETFL, O_NONBLOCK);
	for (int quiet = 0; quiet < 20;) {
		ssize_t size = send(pair.server, out.data + sent % out.size,
				    out.size - sent % out.size, MSG_NOSIGNAL);

		if (size > 0) {
			sent += (size_t)size;
			quiet = 0;
			assert_in_range(sent, 1, 16 * 1024 * 1024);
		} else {
			quiet++;
			usleep(10000);
		}
	}
	pair_works(&bystander);
	while (sent) { /* all of it is there */
		uint8_t some[65536];
		size_t take = sent < sizeof(some) ? sent : sizeof(some);

		assert_int_equal(peer_read(pair.client, some, take), take);
		sent -= take;
	}
	buffer_clear(&out);
	pair_close(&pair);
}

static void test_many(void **state)
{
	enum { COUNT = 300 };
	struct pair pairs[COUNT];
	long before = peers_peak(&peers);

	(void)state;
	for (int i = 0; i < COUNT; i++)
		pairs[i] = pair_open(&peers);
	for (int i = 0; i < COUNT; i++)
		pair_works(&pairs[i]);
#ifndef __SANITIZE_ADDRESS__
	assert_in_range(peers_peak(&peers) - before, 0, COUNT * 16);
#else
	(void)before;
#endif
	for (int i = 0; i < COUNT; i++)
		pair_close(&pairs[i]);
}

/* SIGTERM: the idle are told, what is in flight may finish. */
static void test_drains(void **state)
{
	struct pair idle = pair_open(&peers);
	struct pair busy = pair_open(&peers);

	(void)state;
	put_text(&out, 'Q', "select 1");
	peer_pass(busy.client, busy.server, &out);
	kill(peers.relay, SIGTERM);
	peer_expect_error(idle.client, "57P01");
	peer_expect_end(idle.server);
	put_done(&out, "SELECT 0");
	put_ready(&out, 'I');
	peer_pass(busy.server, busy.client, &out);
	peer_expect_error(busy.client, "57P01");
	pair_close(&idle);
	pair_close(&busy);
}

static int tear_down_drained(void **state)
{
	(void)state;
	pair_close(&bystander);
	buffer_release(&out);
	return peers_stop(&peers);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_passes),
	    TEST(test_declines_tls),
	    TEST(test_cancels),
	    TEST(test_long_keys),
	    TEST(test_replication_is_raw),
	    TEST(test_wrong_client),
	    TEST(test_wrong_startup),
	    TEST(test_wrong_server),
	    TEST(test_client_vanishes),
	    TEST(test_client_resets),
	    TEST(test_server_vanishes),
	    TEST(test_unreachable),
	    TEST(test_large),
	    TEST(test_back_pressure),
	    TEST(test_many),
	    cmocka_unit_test_setup_teardown(test_drains, set_up,
					    tear_down_drained),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
