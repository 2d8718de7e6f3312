/* The relay between scripted peers of MySQL's protocol, whose server speaks
 * first. */
#include "wire/peers.h"

#include "adapters/mysql/wire.h"
#include "unit/adapters/mysql/handshake_script.h"

static struct peers peers;
static struct buffer out;

static const uint8_t ok[] = {7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0};
static const uint8_t query[] = {9,   0,	  0,   0,   3,	 's', 'e',
				'l', 'e', 'c', 't', ' ', '1'};
static const uint8_t quit[] = {1, 0, 0, 0, 1};

#define WANTS (HANDSHAKE_PROTOCOL_41 | HANDSHAKE_SECURE_CONNECTION)

/* A packet of what `body` has. */
static void put_whole(struct buffer *body, uint8_t sequence)
{
	uint8_t head[PACKET_HEAD];

	buffer_clear(&out);
	packet_put_head(head, body->size, sequence);
	buffer_append(&out, head, sizeof(head));
	buffer_append(&out, body->data, body->size);
	buffer_release(body);
}

static void put_server_greeting(uint64_t capabilities)
{
	struct buffer body;

	buffer_init(&body, 0);
	put_greeting(&body, capabilities);
	put_whole(&body, 0);
}

static void put_client_response(uint64_t capabilities)
{
	struct buffer body;

	buffer_init(&body, 0);
	put_response(&body, capabilities);
	put_whole(&body, 1);
}

/* Sends it byte by byte, then waits for something else at the other end. */
static void send_slowly(int fd)
{
	for (size_t i = 0; i < out.size; i++)
		peer_send(fd, out.data + i, 1);
}

/* Greeted and answered; capabilities that are not followed went no way. */
static struct pair pair_greeted(bool slowly)
{
	struct pair pair = {peer_socket(peers.listen, false), -1};
	uint64_t offers = UINT64_MAX & ~HANDSHAKE_NOT_MARIADB;

	pair.server = peer_accept(&peers); /* no byte of the client's */
	put_server_greeting(offers);
	if (slowly)
		send_slowly(pair.server);
	else
		peer_send(pair.server, out.data, out.size);
	put_server_greeting(offers & handshake_followed);
	peer_expect(pair.client, out.data, out.size);
	put_client_response(WANTS | HANDSHAKE_COMPRESS);
	if (slowly)
		send_slowly(pair.client);
	else
		peer_send(pair.client, out.data, out.size);
	put_client_response(WANTS);
	peer_expect(pair.server, out.data, out.size);
	return pair;
}

static void pass(int from, int to, const void *data, size_t size)
{
	peer_send(from, data, size);
	peer_expect(to, data, size);
}

static int set_up(void **state)
{
	(void)state;
	peers_wire = &mysql_wire;
	peers_start(&peers, true);
	buffer_init(&out, 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_release(&out);
	return peers_stop(&peers);
}

static void test_passes(void **state)
{
	(void)state;
	for (int slowly = 0; slowly < 2; slowly++) {
		struct pair pair = pair_greeted(slowly);

		pass(pair.server, pair.client, ok, sizeof(ok));
		pass(pair.client, pair.server, query, sizeof(query));
		pass(pair.server, pair.client, ok, sizeof(ok));
		pass(pair.client, pair.server, quit, sizeof(quit));
		close(pair.server);
		peer_expect_end(pair.client);
		close(pair.client);
	}
}

/* A client that says goodbye by vanishing is taken leave of. */
static void test_client_vanishes(void **state)
{
	struct pair pair = pair_greeted(false);

	(void)state;
	pass(pair.server, pair.client, ok, sizeof(ok));
	close(pair.client);
	peer_expect(pair.server, quit, sizeof(quit));
	peer_expect_end(pair.server);
	close(pair.server);
}

/* The packet's head, the number 1158, its SQLSTATE. */
static void test_server_vanishes(void **state)
{
	struct pair pair = pair_greeted(false);
	uint8_t said[13];

	(void)state;
	pass(pair.server, pair.client, ok, sizeof(ok));
	pass(pair.client, pair.server, query, sizeof(query));
	close(pair.server);
	assert_int_equal(peer_read(pair.client, said, sizeof(said)),
			 sizeof(said));
	assert_int_equal(said[3], 1);
	assert_memory_equal(said + 4, "\xff\x86\4#08S01", 9);
	close(pair.client);
}

/* What was never offered is not asked of the server. */
static void test_tls_is_refused(void **state)
{
	struct pair pair = {peer_socket(peers.listen, false), -1};
	uint8_t said[13];

	(void)state;
	pair.server = peer_accept(&peers);
	put_server_greeting(WANTS);
	pass(pair.server, pair.client, out.data, out.size);
	put_client_response(WANTS | HANDSHAKE_SSL);
	packet_put_head(out.data, 32, 1);
	peer_send(pair.client, out.data, PACKET_HEAD + 32);
	assert_int_equal(peer_read(pair.client, said, sizeof(said)),
			 sizeof(said));
	assert_int_equal(said[3], 2);
	assert_memory_equal(said + 4, "\xff\x13\4#08S01", 9);
	peer_expect_end(pair.server);
	close(pair.client);
	close(pair.server);
}

/* After a session that is not followed, another one works. */
static void test_hostile_server(void **state)
{
	static const uint8_t nonsense[] = {3, 0, 0, 1, 0xfe, 0xff, 0xff};
	struct pair pair = pair_greeted(false);

	pass(pair.server, pair.client, ok, sizeof(ok));
	pass(pair.server, pair.client, nonsense, sizeof(nonsense));
	pass(pair.client, pair.server, query, sizeof(query));
	close(pair.client);
	close(pair.server);
	test_passes(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_passes),
	    cmocka_unit_test(test_client_vanishes),
	    cmocka_unit_test(test_server_vanishes),
	    cmocka_unit_test(test_tls_is_refused),
	    cmocka_unit_test(test_hostile_server),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
