/* A relay in a process of its own, and peers that speak bytes to it. */
#ifndef PARALLAX_TESTS_PEERS_H
#define PARALLAX_TESTS_PEERS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "relay/relay.h"
#include "unit/adapters/postgres/wire_script.h"

enum { PEER_WAIT_MS = 10000 };

/* The protocol of the peers that are started next. */
static const struct wire_ops *peers_wire = &postgres_wire;

struct peers {
	char directory[64];
	char listen[80];
	char primary[80];
	char journal[80];
	int primary_fd; /* the scripted server's listening socket */
	pid_t relay;
};

struct pair {
	int client;
	int server;
};

static inline int peer_socket(const char *directory, bool server)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(peers_wire->socket_path(directory, 1, address.sun_path,
						 sizeof(address.sun_path)),
			 0);
	if (server) {
		assert_return_code(
		    bind(fd, (struct sockaddr *)&address, sizeof(address)),
		    errno);
		assert_return_code(listen(fd, 64), errno);
		return fd;
	}
	for (int i = 0; i < 500; i++) {
		if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
			return fd;
		usleep(10000);
	}
	fail_msg("no relay at %s", address.sun_path);
	return -1;
}

static inline void peers_start(struct peers *peers, bool journal)
{
	memset(peers, 0, sizeof(*peers));
	snprintf(peers->directory, sizeof(peers->directory),
		 "/tmp/parallax-wire-XXXXXX");
	assert_non_null(mkdtemp(peers->directory));
	snprintf(peers->listen, sizeof(peers->listen), "%s/l",
		 peers->directory);
	snprintf(peers->primary, sizeof(peers->primary), "%s/p",
		 peers->directory);
	snprintf(peers->journal, sizeof(peers->journal), "%s/j",
		 peers->directory);
	mkdir(peers->listen, 0700);
	mkdir(peers->primary, 0700);
	peers->primary_fd = peer_socket(peers->primary, true);
	peers->relay = fork();
	if (!peers->relay) {
		struct relay_address listen_at = {peers->listen, 1};
		struct journal_options options = {.directory = peers->journal,
						  .engine = peers_wire->engine,
						  .writer = 1,
						  .segment_size = 1 << 22,
						  .max_size = 1 << 26,
						  .sync_us = 1000000};
		struct relay_options relay = {
		    .wire = peers_wire,
		    .listen = &listen_at,
		    .listen_count = 1,
		    .primary = {peers->primary, 1},
		    .connect_timeout_us = 500000,
		    .grace_us = 3000000,
		    .journal = journal ? &options : NULL,
		};
		struct error error;

		close(peers->primary_fd);
		log_threshold = LOG_ERROR_LEVEL;
		error_init(&error);
		_exit(relay_run(&relay, &error) ? 1 : 0);
	}
}

/* Ends the relay in order; gives its exit code. */
static inline int peers_stop(struct peers *peers)
{
	char command[128];
	int status = -1;

	kill(peers->relay, SIGTERM);
	waitpid(peers->relay, &status, 0);
	close(peers->primary_fd);
	snprintf(command, sizeof(command), "rm -rf %s", peers->directory);
	if (system(command))
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void peer_send(int fd, const void *data, size_t size)
{
	const uint8_t *at = data;

	while (size) {
		ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);

		assert_true(sent > 0);
		at += sent;
		size -= (size_t)sent;
	}
}

/* Sends what was built and clears it. */
static inline void peer_give(int fd, struct buffer *built)
{
	peer_send(fd, built->data, built->size);
	buffer_clear(built);
}

/* Reads up to size bytes; fewer at the end of the stream only. */
static inline size_t peer_read(int fd, void *data, size_t size)
{
	size_t got = 0;

	while (got < size) {
		struct pollfd wait = {fd, POLLIN, 0};
		ssize_t count;

		if (poll(&wait, 1, PEER_WAIT_MS) <= 0)
			fail_msg("nothing came within %d ms", PEER_WAIT_MS);
		count = recv(fd, (uint8_t *)data + got, size - got, 0);
		if (count <= 0)
			break;
		got += (size_t)count;
	}
	return got;
}

/* The next bytes are these. */
static inline void peer_expect(int fd, const void *data, size_t size)
{
	uint8_t *got = malloc(size + 1);

	assert_int_equal(peer_read(fd, got, size), size);
	assert_memory_equal(got, data, size);
	free(got);
}

/* The stream ends with an error of this SQLSTATE. */
static inline void peer_expect_error(int fd, const char *sqlstate)
{
	char text[1024];
	char field[16];
	size_t size = peer_read(fd, text, sizeof(text));

	snprintf(field, sizeof(field), "C%s", sqlstate);
	assert_true(size > 5);
	assert_int_equal(text[0], 'E');
	assert_non_null(memmem(text, size, field, strlen(field) + 1));
}

static inline void peer_expect_end(int fd)
{
	char byte;

	assert_int_equal(peer_read(fd, &byte, 1), 0);
}

static inline int peer_accept(struct peers *peers)
{
	struct pollfd wait = {peers->primary_fd, POLLIN, 0};
	int fd;

	if (poll(&wait, 1, PEER_WAIT_MS) <= 0)
		fail_msg("the relay did not connect");
	fd = accept4(peers->primary_fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

/* Through: sent at one end, the same comes out at the other. */
static inline void peer_pass(int from, int to, struct buffer *built)
{
	peer_send(from, built->data, built->size);
	peer_expect(to, built->data, built->size);
	buffer_clear(built);
}

static inline struct pair pair_open(struct peers *peers)
{
	struct buffer out;
	struct pair pair;

	buffer_init(&out, 0);
	pair.client = peer_socket(peers->listen, false);
	put_startup(&out, 196608, "user\0ann\0", 10);
	peer_send(pair.client, out.data, out.size);
	pair.server = peer_accept(peers);
	peer_expect(pair.server, out.data, out.size);
	buffer_clear(&out);
	put(&out, 'R', "\0\0\0\0", 4);
	put(&out, 'S', "TimeZone\0UTC", 13);
	put(&out, 'K', "12345678", 8);
	put_ready(&out, 'I');
	peer_pass(pair.server, pair.client, &out);
	buffer_release(&out);
	return pair;
}

static inline void pair_close(struct pair *pair)
{
	close(pair->client);
	close(pair->server);
}

/* A whole exchange. */
static inline void pair_works(const struct pair *pair)
{
	struct buffer out;

	buffer_init(&out, 0);
	put_text(&out, 'Q', "select 1");
	peer_pass(pair->client, pair->server, &out);
	put_columns(&out, 1);
	PUT_ROW(&out, "1");
	put_done(&out, "SELECT 1");
	put_ready(&out, 'I');
	peer_pass(pair->server, pair->client, &out);
	buffer_release(&out);
}

/* The peak resident memory of the relay, in KiB. */
static inline long peers_peak(const struct peers *peers)
{
	char path[64];
	char line[256];
	long peak = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)peers->relay);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmHWM:", 6))
			peak = strtol(line + 6, NULL, 10);
	fclose(file);
	return peak;
}

#endif
