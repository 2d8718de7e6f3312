/* The config's loader, its quantities, and what it prints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "config/config.h"
#include "config/text.h"

#define PRIMARY "primary: {host: a, database: d, user: u}\n"
#define SHADOWS "shadows: [{host: b, database: d, user: u}]\n"

static const struct config_engine engines[] = {
    {"postgres", 5432}, {"other", 77}, {NULL, 0}};
static struct diagnostics diagnostics;

static struct config *parse(const char *text)
{
	struct config *config = NULL;

	diagnostics_init(&diagnostics);
	if (config_parse("/etc/p/c.yaml", text, strlen(text), engines,
			 &diagnostics, &config)) {
		diagnostics_print(&diagnostics, stderr);
		fail_msg("the config was refused");
	}
	return config;
}

static void done(struct config **config)
{
	config_free(config);
	diagnostics_release(&diagnostics);
}

static void test_engines(void **state)
{
	struct config *config =
	    parse("primary: {engine: other, host: a, database: d, user: u}\n"
		  "shadows: [{host: b, database: d, user: u},"
		  " {name: c, host: c, port: 5, database: d, user: u}]\n");

	(void)state;
	assert_string_equal(config->primary.engine, "other");
	assert_int_equal(config->primary.endpoint.port, 77);
	assert_int_equal(config->shadows[0].endpoint.port, 77);
	assert_int_equal(config->shadows[1].endpoint.port, 5);
	done(&config);
	config = parse(PRIMARY SHADOWS);
	assert_string_equal(config->primary.engine, "postgres");
	assert_int_equal(config->primary.endpoint.port, 5432);
	assert_int_equal(config->shadows[0].endpoint.port, 5432);
	done(&config);
	config = NULL;
	diagnostics_init(&diagnostics);
	assert_int_equal(config_parse("c.yaml",
				      "primary: {engine: ora, host: a}\n", 32,
				      engines, &diagnostics, &config),
			 -1);
	assert_null(config);
	diagnostics_release(&diagnostics);
}

static void test_defaults(void **state)
{
	struct config *config = parse(PRIMARY SHADOWS);

	(void)state;
	assert_int_equal(config->listen_count, 1);
	assert_string_equal(config->listen[0].host, "127.0.0.1");
	assert_int_equal(config->listen[0].port, 6432);
	assert_string_equal(config->primary.engine, "postgres");
	assert_int_equal(config->primary.endpoint.port, 5432);
	assert_string_equal(config->shadows[0].name, "shadow");
	assert_string_equal(config->shadows[0].store, "/etc/p/parallax.db");
	assert_null(config->shadows[0].mapping);
	assert_true(config->shadows[0].set_role);
	assert_string_equal(config->journal.directory, "/etc/p/journal");
	assert_true(config->journal.segment_size == 64 * 1024 * 1024);
	assert_int_equal(config->journal.when_full, JOURNAL_SHED);
	assert_true(config->compare.clock_tolerance_us == 2000000);
	assert_int_equal(config->compare.float_ulps, 4);
	assert_int_equal(config->log_level, LOG_INFO_LEVEL);
	assert_true(config->drain_us == 30000000);
	done(&config);
}

static void test_byte_order_mark(void **state)
{
	struct config *config = parse("\xEF\xBB\xBF" PRIMARY SHADOWS);

	(void)state;
	assert_string_equal(config->primary.engine, "postgres");
	done(&config);
}

static void test_everything(void **state)
{
	struct config *config;

	(void)state;
	setenv("PARALLAX_TEST_WORD", "secret", 1);
	config = parse("listen_tcp_to_socket: true\n"
		       "listen: ['0.0.0.0:7000', '[::1]:7001', /run/p:7002, "
		       "localhost]\n"
		       "mapping: m.yaml\n"
		       "store: s/all.db\n"
		       "primary: {host: /tmp, port: 1, database: d, user: u, "
		       "password: 'x${PARALLAX_TEST_WORD}y$${z'}\n"
		       "shadows:\n"
		       "  - {name: blue, host: b, database: d, user: u}\n"
		       "  - {name: green, host: b, database: d, user: u, "
		       "mapping: /m/g.yaml, store: g.db}\n"
		       "journal: {when_full: block, max_size: 1.5 GiB}\n"
		       "log: {level: debug}\n");
	assert_int_equal(config->listen_count, 4);
	assert_string_equal(config->listen[1].host, "::1");
	assert_int_equal(config->listen[1].port, 7001);
	assert_string_equal(config->listen[2].host, "/run/p");
	assert_string_equal(config->listen[3].host, "localhost");
	assert_string_equal(config->primary.endpoint.password, "xsecrety${z");
	assert_string_equal(config->shadows[0].mapping, "/etc/p/m.yaml");
	assert_string_equal(config->shadows[0].store, "/etc/p/s/all-blue.db");
	assert_string_equal(config->shadows[1].mapping, "/m/g.yaml");
	assert_string_equal(config->shadows[1].store, "/etc/p/g.db");
	assert_int_equal(config->journal.when_full, JOURNAL_BLOCK);
	assert_true(config->journal.max_size == 1610612736);
	assert_int_equal(config->log_level, LOG_DEBUG_LEVEL);
	done(&config);
}

static char *print(const struct config *config)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	config_print(config, out);
	fclose(out);
	return text;
}

/* What is printed loads again as the same; but for the secret. */
static void test_print(void **state)
{
	struct config *config =
	    parse("listen: ['[::1]:7001', 'a\"b$${c:1', '/d:e:2']\n"
		  "primary: {host: a, database: \"d\\\"\\t$${\", user: u, "
		  "password: hush}\n"
		  "shadows: [{host: b, database: d, user: u}]\n"
		  "drain: 1500 ms\n");
	char *first = print(config);
	char *second;

	(void)state;
	assert_null(strstr(first, "hush"));
	assert_non_null(strstr(first, "password: \"***\""));
	assert_non_null(strstr(first, "drain: 1500 ms"));
	done(&config);
	config = parse(first);
	second = print(config);
	assert_string_equal(first, second);
	done(&config);
	free(first);
	free(second);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
	    {PRIMARY SHADOWS "journal: {max-size: 1}\n",
	     "c.yaml:3:11: error: unknown key 'max-size' in journal\n"
	     "    hint: did you mean 'max_size'?"},
	    {PRIMARY SHADOWS "jurnal: {}\n",
	     "c.yaml:3:1: error: unknown key 'jurnal' in the config\n"
	     "    hint: did you mean 'journal'?"},
	    {PRIMARY SHADOWS "drain: 30\n",
	     "c.yaml:3:8: error: drain must be a duration with its unit, "
	     "such as 2 s or 500 ms, not '30'"},
	    {PRIMARY SHADOWS "journal: {max_size: many}\n",
	     "journal.max_size must be a size"},
	    {PRIMARY SHADOWS "journal: {max_size: 99999999 TiB}\n",
	     "journal.max_size must be a size"},
	    {PRIMARY SHADOWS "journal: {buffer: 15 MiB}\n",
	     "journal.buffer must be at least 16 MiB"},
	    {PRIMARY SHADOWS "journal: {segment_size: 1}\n",
	     "journal.segment_size must be at least 1 MiB"},
	    {PRIMARY SHADOWS "journal: 1\n",
	     "c.yaml:3:10: error: journal must be a map"},
	    {PRIMARY SHADOWS "journal: {when_full: drop}\n",
	     "journal.when_full must be one of shed|block, not 'drop'"},
	    {PRIMARY SHADOWS "compare: {warnings: 2}\n",
	     "compare.warnings must be true or false, not '2'"},
	    {PRIMARY SHADOWS "listen: [a:b]\n",
	     "'a:b' is not an address to listen on"},
	    {PRIMARY SHADOWS "listen: ['::1']\n",
	     "not an address to listen on"},
	    {PRIMARY SHADOWS "listen: []\n", "listen must be an address"},
	    {PRIMARY SHADOWS "listen: {a: b}\n", "listen must be an address"},
	    {PRIMARY SHADOWS "drain: 1 s\ndrain: 2 s\n",
	     "'drain' appears twice; the first is in line 3"},
	    {PRIMARY, "shadows is missing"},
	    {SHADOWS, "primary is missing"},
	    {"primary: {host: a}\n" SHADOWS,
	     "c.yaml:1:10: error: primary.database is missing"},
	    {"primary: {host: a, database: d, user: u, engine: "
	     "oracle}\n" SHADOWS,
	     "c.yaml:1:50: error: unknown engine 'oracle'"},
	    {PRIMARY "shadows: [{host: b, database: d, engine: oracle}]\n",
	     "c.yaml:2:42: error: unknown engine 'oracle'"},
	    {"primary: {host: a, database: d, user: u, port: 70000}\n" SHADOWS,
	     "primary.port must be a port"},
	    {PRIMARY "shadows: []\n", "there must be 1 to 32 shadows"},
	    {PRIMARY "shadows: [{host: b, database: d, user: u}, "
		     "{host: c, database: d, user: u}]\n",
	     "a second shadow named 'shadow'"},
	    {PRIMARY "shadows: [{name: a/b, host: b, database: d, user: u}]\n",
	     "'a/b' cannot be a shadow's name"},
	    {"primary: {host: a, database: d, user: u, "
	     "password: '${PARALLAX_NO_SUCH}'}\n" SHADOWS,
	     "environment variable PARALLAX_NO_SUCH is not set"},
	    {"primary: {host: a, database: d, user: u, "
	     "password_file: /no/such}\n" SHADOWS,
	     "password_file /no/such: No such file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct config *config = NULL;
		char *printed = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&printed, &size);

		diagnostics_init(&diagnostics);
		assert_int_equal(config_parse("c.yaml", cases[i].text,
					      strlen(cases[i].text), engines,
					      &diagnostics, &config),
				 -1);
		diagnostics_print(&diagnostics, out);
		fclose(out);
		if (!strstr(printed, cases[i].expected))
			fail_msg("wanted %s in:\n%s", cases[i].expected,
				 printed);
		free(printed);
		diagnostics_release(&diagnostics);
	}
}

static void test_quantities(void **state)
{
	uint64_t size;
	int64_t us;

	(void)state;
	assert_int_equal(text_size("64 MiB", &size), 0);
	assert_true(size == 64 << 20);
	assert_int_equal(text_size("1GiB", &size), 0);
	assert_true(size == 1 << 30);
	assert_int_equal(text_size("1.5kB", &size), 0);
	assert_true(size == 1500);
	assert_int_equal(text_size("4096", &size), 0);
	assert_int_equal(text_size("-1", &size), -1);
	assert_int_equal(text_size("1 MiBs", &size), -1);
	assert_int_equal(text_size("18446744073709551616", &size), -1);
	assert_int_equal(text_size("9000000 TiB", &size), -1);
	assert_int_equal(text_duration("500ms", &us), 0);
	assert_true(us == 500000);
	assert_int_equal(text_duration("1.5 h", &us), 0);
	assert_true(us == 5400000000);
	assert_int_equal(text_duration("0", &us), 0);
	assert_int_equal(text_duration("5", &us), -1);
	assert_int_equal(text_duration("", &us), -1);
}

static void test_names(void **state)
{
	static const char *const known[] = {"columns", "rows", "defaults",
					    NULL};
	struct arena arena;
	char *parts[2];

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(text_name_split(&arena, "a.b", parts, 2), 2);
	assert_string_equal(parts[1], "b");
	assert_int_equal(text_name_split(&arena, "\"a.\"\"b\".c", parts, 2), 2);
	assert_string_equal(parts[0], "a.\"b");
	assert_int_equal(text_name_split(&arena, "a.b.c", parts, 2), 0);
	assert_int_equal(text_name_split(&arena, "a.", parts, 2), 0);
	assert_int_equal(text_name_split(&arena, "\"a", parts, 2), 0);
	assert_int_equal(text_name_split(&arena, "", parts, 2), 0);
	assert_string_equal(text_nearest("colunms", known), "columns");
	assert_string_equal(text_nearest("row", known), "rows");
	assert_null(text_nearest("zebra", known));
	arena_release(&arena);
}

static void expect_error(const char *text, const char *wanted)
{
	struct config *config = NULL;
	bool found = false;

	diagnostics_init(&diagnostics);
	if (!config_parse("c.yaml", text, strlen(text), engines, &diagnostics,
			  &config))
		fail_msg("accepted: %s", text);
	for (size_t i = 0; i < diagnostics.count; i++)
		found |= strstr(diagnostics.items[i].message, wanted) != NULL;
	if (!found)
		fail_msg("'%s' is not said of %s", wanted, text);
	diagnostics_release(&diagnostics);
}

#define PRIMARY_TLS(more)                                                      \
	"primary: {host: a, database: d, user: u, " more "}\n" SHADOWS
#define SHADOW_TLS(more)                                                       \
	PRIMARY "shadows: [{host: b, database: d, user: u, " more "}]\n"
#define LISTEN_TLS(more) PRIMARY SHADOWS more
#define LISTEN_FILES	 "listen_tls_certificate: c.pem\nlisten_tls_key: /k.pem\n"

static void test_tls(void **state)
{
	struct config *config = parse(PRIMARY SHADOWS);

	(void)state;
	assert_int_equal(config->listen_tls.offer, TLS_OFF);
	assert_int_equal(config->primary.endpoint.tls.mode, TLS_PREFER);
	assert_int_equal(config->shadows[0].endpoint.tls.mode, TLS_PREFER);
	done(&config);
	config =
	    parse("listen_tls: mutual\nlisten_tls_ca: ca.pem\n" LISTEN_FILES
		      PRIMARY_TLS("tls: verify-full, tls_ca: a.pem"));
	assert_int_equal(config->listen_tls.offer, TLS_MUTUAL);
	assert_string_equal(config->listen_tls.certificate, "/etc/p/c.pem");
	assert_string_equal(config->listen_tls.key, "/k.pem");
	assert_string_equal(config->listen_tls.ca, "/etc/p/ca.pem");
	assert_int_equal(config->primary.endpoint.tls.mode, TLS_VERIFY_FULL);
	assert_string_equal(config->primary.endpoint.tls.ca, "/etc/p/a.pem");
	done(&config);
	config = parse(SHADOW_TLS("tls: require, tls_certificate: c, "
				  "tls_key: k, options: x=sslmode"));
	assert_int_equal(config->shadows[0].endpoint.tls.mode, TLS_REQUIRE);
	done(&config);
}

/* What could not be obeyed. */
static void test_tls_refused(void **state)
{
	(void)state;
	expect_error(LISTEN_TLS("listen_tls: allow\n"),
		     "listen_tls needs a certificate");
	expect_error(LISTEN_TLS("listen_tls: mutual\n" LISTEN_FILES),
		     "nothing to verify clients by");
	expect_error(
	    LISTEN_TLS("listen_tls: require\nlisten_tls_ca: c\n" LISTEN_FILES),
	    "clients are not asked for certificates");
	expect_error(LISTEN_TLS(LISTEN_FILES), "clients are offered no TLS");
	expect_error(LISTEN_TLS("listen_tls: maybe\n"),
		     "one of off|allow|require|mutual");
	expect_error(PRIMARY_TLS("tls: verify-full"),
		     "primary.tls has nothing to verify");
	expect_error(SHADOW_TLS("tls: verify-ca"),
		     "shadows.tls has nothing to verify");
	expect_error(
	    PRIMARY_TLS("tls: require, tls_ca: c"),
	    "primary.tls_ca: the server's certificate is not verified");
	expect_error(PRIMARY_TLS("tls_key: k"), "go together");
	expect_error(SHADOW_TLS("tls: disable, tls_key: k, tls_certificate: c"),
		     "there is no TLS that it could be shown in");
	expect_error("primary: {host: /s, database: d, user: u, tls: require}\n"
		     "listen: /l:1\n" SHADOWS,
		     "there is no TLS on a unix socket");
	expect_error(PRIMARY_TLS("options: sslmode=require"),
		     "primary.options sets TLS");
	expect_error(SHADOW_TLS("options: 'a=b sslrootcert = x'"),
		     "shadows.options sets TLS");
}

static void test_access(void **state)
{
	struct config *config =
	    parse(PRIMARY SHADOWS "access: {networks: [10.0.0.0/8, '::1'], "
				  "users: app, failures: 3}\n");

	(void)state;
	assert_int_equal(config->access.networks.count, 2);
	assert_string_equal(config->access.networks.items[1], "::1");
	assert_int_equal(config->access.users.count, 1);
	assert_string_equal(config->access.users.items[0], "app");
	assert_int_equal(config->access.databases.count, 0);
	assert_int_equal(config->access.failures, 3);
	done(&config);
	expect_error(PRIMARY SHADOWS "access: {networks: 10.0.0.1/8}\n",
		     "'10.0.0.1/8' is not a network");
	/* Nobody, or everybody? */
	expect_error(PRIMARY SHADOWS "access: {users: []}\n",
		     "access.users must be");
	expect_error(PRIMARY SHADOWS "access: {users: ~}\n",
		     "access.users must be");
	expect_error(PRIMARY SHADOWS "access: {certificates: 'a=b'}\n",
		     "clients are not asked for certificates");
	expect_error(PRIMARY SHADOWS
		     "listen_tls: mutual\nlisten_tls_ca: c\n" LISTEN_FILES
		     "access: {certificates: [a=b, nobody, '=c', 'd=']}\n",
		     "'nobody' does not say");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_engines),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_byte_order_mark),
	    cmocka_unit_test(test_everything),
	    cmocka_unit_test(test_print),
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_quantities),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_tls),
	    cmocka_unit_test(test_tls_refused),
	    cmocka_unit_test(test_access),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
