/* The file of secrets. */
#include "relay/secrets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/parallax-secrets-XXXXXX";

static bool is_valid(const char *secret)
{
	return *secret == 'S';
}

static const struct wire_ops wire = {.secret_is_valid = is_valid};

static int load(const char *text, size_t size, struct secrets **secrets,
		struct error *error)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, size, file), size);
	fclose(file);
	error_init(error);
	return secrets_load(path, &wire, secrets, error);
}

static void test_finds(void **state)
{
	static const char text[] = "# made by hand\n"
				   "\n"
				   "\"bob\" \"S1\"\r\n"
				   "  \"a \"\"b\"\" c\"\t\"S2\"\n"
				   "\"ann\" \"S3\"";
	struct secrets *secrets;
	struct error error;

	(void)state;
	if (load(text, sizeof(text) - 1, &secrets, &error))
		fail_msg("%s", error.message);
	assert_string_equal(secrets_find(secrets, "ann"), "S3");
	assert_string_equal(secrets_find(secrets, "bob"), "S1");
	assert_string_equal(secrets_find(secrets, "a \"b\" c"), "S2");
	assert_null(secrets_find(secrets, "an"));
	assert_null(secrets_find(secrets, ""));
	secrets_free(&secrets);
	assert_null(secrets);
	assert_int_equal(load("", 0, &secrets, &error), 0);
	assert_null(secrets_find(secrets, "ann"));
	secrets_free(&secrets);
}

static void test_refuses(void **state)
{
	static const char *const texts[] = {
	    "ann S1\n",	       "\"ann\"\n",	     "\"ann\" \"S1\n",
	    "\"ann\"\"S1\"\n", "\"ann\" \"S1\" x\n", "\"ann\" \"md5\"\n"};
	struct secrets *secrets = NULL;
	struct error error;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char text[128];

		snprintf(text, sizeof(text), "\"x\" \"S\"\n%s", texts[i]);
		assert_int_equal(load(text, strlen(text), &secrets, &error),
				 -1);
		assert_null(secrets);
		assert_non_null(strstr(error.message, "line 2"));
	}
	assert_int_equal(load("\"x\" \"S\0\"", 8, &secrets, &error), -1);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(load("", 0, &secrets, &error), -1);
	assert_non_null(strstr(error.message, "others can read it"));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(secrets_load("/nonexistent", &wire, &secrets, &error),
			 -1);
	assert_int_equal(secrets_load("/tmp", &wire, &secrets, &error), -1);
}

static int set_up(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_finds),
	    cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests_name("secrets", tests, set_up, tear_down);
}
