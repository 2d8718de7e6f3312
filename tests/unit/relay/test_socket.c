/* What is asked of the kernel for a TCP connection. */
#include "relay/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static int option_of(int fd, int level, int option)
{
	socklen_t size = sizeof(int);
	int value = -1;

	assert_int_equal(getsockopt(fd, level, option, &value, &size), 0);
	return value;
}

struct expected {
	struct relay_tcp tcp;
	int keepalive, idle, interval, timeout_ms;
};

static void test_options(void **state)
{
	static const struct expected cases[] = {
	    {{60 * 1000000LL, 0}, 1, 60, 10, 0},
	    {{3 * 1000000LL, 20 * 1000000LL}, 1, 3, 1, 20000},
	    {{1, 1}, 1, 1, 1, 1},
	    {{INT64_MAX, INT64_MAX}, 1, 32767, 5461, INT32_MAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		assert_int_equal(socket_prepare(fd, &cases[i].tcp), 0);
		assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE),
				 cases[i].keepalive);
		assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPIDLE),
				 cases[i].idle);
		assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPINTVL),
				 cases[i].interval);
		assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_KEEPCNT), 6);
		assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT),
				 cases[i].timeout_ms);
		assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
		close(fd);
	}
}

static void test_none(void **state)
{
	static const struct relay_tcp none;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	(void)state;
	assert_int_equal(socket_prepare(fd, &none), 0);
	assert_int_equal(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	assert_int_equal(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
	close(fd);
	assert_int_equal(socket_prepare(-1, NULL), 0); /* a unix socket */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_options),
	    cmocka_unit_test(test_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
