/* Networks, and which addresses are in them. */
#include "base/network.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/un.h>

#include <cmocka.h>

static struct address address(const char *text)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};
	struct sockaddr_in four = {.sin_family = AF_INET};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return address_of((struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return address_of((struct sockaddr *)&six);
}

static bool has(const char *text, const char *member)
{
	struct address one = address(member);
	struct network network;

	assert_int_equal(network_parse(text, &network), 0);
	return network_has(&network, &one);
}

static void test_members(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "10.255.1.2"));
	assert_false(has("10.0.0.0/8", "11.0.0.0"));
	assert_true(has("192.168.4.0/23", "192.168.5.9"));
	assert_false(has("192.168.4.0/23", "192.168.6.0"));
	assert_true(has("10.1.2.3", "10.1.2.3"));
	assert_false(has("10.1.2.3", "10.1.2.2"));
	assert_true(has("0.0.0.0/0", "200.1.2.3"));
	assert_false(has("0.0.0.0/0", "2001:db8::1"));
	assert_true(has("::/0", "200.1.2.3"));
	assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(has("::1", "::1"));
	/* A socket for both speaks of IPv4 so. */
	assert_true(has("10.0.0.0/8", "::ffff:10.1.2.3"));
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {"",
					    "10",
					    "10.0.0.0/33",
					    "10.0.0.0/",
					    "10.0.0.0/-1",
					    "10.0.0.1/8",
					    "::1/129",
					    "::1/64",
					    "host.name",
					    "10.0.0.0/8 ",
					    "10.0.0.0/08x"};
	struct network network;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(network_parse(texts[i], &network), -1);
}

static void test_no_address(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	struct address none = address_of((struct sockaddr *)&local);
	struct network network;

	(void)state;
	assert_int_equal(network_parse("0.0.0.0/0", &network), 0);
	assert_false(network_has(&network, &none));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_malformed),
	    cmocka_unit_test(test_no_address),
	};

	return cmocka_run_group_tests_name("network", tests, NULL, NULL);
}
