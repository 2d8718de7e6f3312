/* SCRAM's two sides, against a twin that knows the password. */
#include "adapters/postgres/scram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/adapters/postgres/scram_twin.h"

#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="

static void start(struct scram *scram, const char *password)
{
	struct twin twin;
	char text[256];

	memset(scram, 0, sizeof(*scram));
	twin_init(&twin, password, SALT, 4096);
	twin_secret(&twin, SALT, 4096, text, sizeof(text));
	assert_int_equal(scram_secret_parse(text, &scram->secret), 0);
	assert_int_equal(scram->secret.iterations, 4096);
	assert_string_equal(scram->secret.salt, SALT);
}

/* RFC 7677, 3: the twin is right. */
static void test_twin(void **state)
{
	static const char bare[] = "n=user,r=rOprNGfwEbeRWgbNEkqO";
	static const char first[] =
	    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	    "s=" SALT ",i=4096";
	struct twin twin;
	char out[512];

	(void)state;
	twin_init(&twin, "pencil", SALT, 4096);
	twin_final(&twin, 'n', bare, first, out, sizeof(out));
	assert_string_equal(
	    out, "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		 "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
}

/* A client logs in, and with what it has shown we do at a server. */
static void test_through(void **state)
{
	struct scram scram;
	struct twin twin;
	char bound = 'n';

	(void)state;
	for (int i = 0; i < 2; i++, bound = 'y') {
		char first[SCRAM_MESSAGE_MAX];
		char out[SCRAM_MESSAGE_MAX];
		char text[SCRAM_MESSAGE_MAX];
		char all[3 * SCRAM_MESSAGE_MAX];

		start(&scram, "pencil");
		twin_init(&twin, "pencil", SALT, 4096);
		twin_print(text, sizeof(text), "%c,,n=,r=abc", bound);
		assert_int_equal(
		    scram_server_first(&scram, text, strlen(text), first),
		    SCRAM_OK);
		assert_memory_equal(first, "r=abc", 5);
		twin_final(&twin, bound, "n=,r=abc", first, text, sizeof(text));
		assert_int_equal(
		    scram_server_final(&scram, text, strlen(text), out),
		    SCRAM_OK);
		twin_print(all, sizeof(all), "n=,r=abc,%s,%.*s", first,
			   (int)(strstr(text, ",p=") - text), text);
		twin_signature(&twin, all, text);
		assert_string_equal(out + 2, text);
		assert_memory_equal(scram.client_key, twin.client_key, 32);

		assert_int_equal(scram_client_first(&scram, out), SCRAM_OK);
		assert_memory_equal(out, "n,,n=,r=", 8);
		twin_print(first, sizeof(first), "r=%sxyz,s=%s,i=4096", out + 8,
			   SALT);
		twin_print(all, sizeof(all), "%s", out + 3);
		twin_final(&twin, 'n', all, first, text, sizeof(text));
		assert_int_equal(
		    scram_client_final(&scram, first, strlen(first), out),
		    SCRAM_OK);
		assert_string_equal(out, text);
		twin_print(all + strlen(all), 2048, ",%s,%.*s", first,
			   (int)(strstr(text, ",p=") - text), text);
		memcpy(text, "v=", 2);
		twin_signature(&twin, all, text + 2);
		assert_int_equal(scram_client_check(&scram, text, strlen(text)),
				 SCRAM_OK);
		text[5] = text[5] == 'A' ? 'B' : 'A';
		assert_int_equal(scram_client_check(&scram, text, strlen(text)),
				 SCRAM_WRONG);
	}
}

static void test_wrong_password(void **state)
{
	char first[SCRAM_MESSAGE_MAX];
	char text[SCRAM_MESSAGE_MAX];
	char out[SCRAM_MESSAGE_MAX];
	struct scram scram;
	struct twin twin;

	(void)state;
	start(&scram, "pencil");
	twin_init(&twin, "pencils", SALT, 4096);
	assert_int_equal(scram_server_first(&scram, "n,,n=,r=abc", 11, first),
			 SCRAM_OK);
	twin_final(&twin, 'n', "n=,r=abc", first, text, sizeof(text));
	assert_int_equal(scram_server_final(&scram, text, strlen(text), out),
			 SCRAM_WRONG);
}

static void test_malformed_first(void **state)
{
	static const char *const texts[] = {"n",
					    "n,,",
					    "n,,n=",
					    "n,,n=,r=",
					    "x,,n=,r=abc",
					    "p=tls-unique,,n=,r=abc",
					    "n,a=b,n=,r=abc",
					    "n,,m=,n=,r=a",
					    "n,,n=a,x=b"};
	struct scram scram;
	char out[SCRAM_MESSAGE_MAX];
	char text[2000] = "n,,n=,r=";

	(void)state;
	start(&scram, "pencil");
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(
		    scram_server_first(&scram, texts[i], strlen(texts[i]), out),
		    SCRAM_MALFORMED);
	assert_int_equal(scram_server_first(&scram, "n,,n=,r=a\0b", 11, out),
			 SCRAM_MALFORMED);
	/* Of any length: taken or refused, never past a buffer. */
	for (size_t size = 9; size < sizeof(text); size++) {
		memset(text + 8, 'a', size - 8);
		assert_int_equal(scram_server_first(&scram, text, size, out),
				 size - 8 < SCRAM_NONCE_MAX - 24
				     ? SCRAM_OK
				     : SCRAM_MALFORMED);
	}
}

/* Each byte of a right answer, changed or cut off. */
static void test_malformed_final(void **state)
{
	char first[SCRAM_MESSAGE_MAX];
	char text[SCRAM_MESSAGE_MAX];
	char out[SCRAM_MESSAGE_MAX];
	struct scram scram;
	struct twin twin;

	(void)state;
	start(&scram, "pencil");
	twin_init(&twin, "pencil", SALT, 4096);
	scram_server_first(&scram, "n,,n=,r=abc", 11, first);
	twin_final(&twin, 'n', "n=,r=abc", first, text, sizeof(text));
	for (size_t i = 0; i < strlen(text); i++) {
		char old = text[i];

		assert_int_not_equal(scram_server_final(&scram, text, i, out),
				     SCRAM_OK);
		text[i] = old == 'Q' ? 'R' : 'Q';
		/* The last letter of base64 has bits to spare. */
		if (i + 2 < strlen(text))
			assert_int_not_equal(
			    scram_server_final(&scram, text, strlen(text), out),
			    SCRAM_OK);
		text[i] = old;
	}
	assert_int_equal(scram_server_final(&scram, text, strlen(text), out),
			 SCRAM_OK);
}

static void test_other_servers(void **state)
{
	struct scram scram;
	char out[SCRAM_MESSAGE_MAX];
	char text[SCRAM_MESSAGE_MAX + 64];

	(void)state;
	start(&scram, "pencil");
	scram_client_first(&scram, out);
	assert_int_equal(scram_client_final(&scram, "r=else,s=a,i=1", 14, out),
			 SCRAM_MALFORMED);
	twin_print(text, sizeof(text), "r=%s,s=%s,i=4096", scram.nonce, SALT);
	assert_int_equal(scram_client_final(&scram, text, strlen(text), out),
			 SCRAM_MALFORMED);
	twin_print(text, sizeof(text), "r=%sx,s=%s,i=4097", scram.nonce, SALT);
	assert_int_equal(scram_client_final(&scram, text, strlen(text), out),
			 SCRAM_OTHER);
	twin_print(text, sizeof(text), "r=%sx,s=abcd,i=4096", scram.nonce);
	assert_int_equal(scram_client_final(&scram, text, strlen(text), out),
			 SCRAM_OTHER);
}

static void test_secrets(void **state)
{
	static const char *const texts[] = {
	    "",
	    "md5abc",
	    "SCRAM-SHA-256$",
	    "SCRAM-SHA-256$4096",
	    "SCRAM-SHA-256$0:a$b:c",
	    "SCRAM-SHA-256$99999999999:YQ==$"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	    "SCRAM-SHA-256$4096:YQ==$"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
	    "SCRAM-SHA-256$4096:YQ==$"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=x",
	    "SCRAM-SHA-256$4096:YQ==$"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA:"
	    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
	};
	struct scram_secret secret;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(scram_secret_parse(texts[i], &secret), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_twin),
	    cmocka_unit_test(test_through),
	    cmocka_unit_test(test_wrong_password),
	    cmocka_unit_test(test_malformed_first),
	    cmocka_unit_test(test_malformed_final),
	    cmocka_unit_test(test_other_servers),
	    cmocka_unit_test(test_secrets),
	};

	return cmocka_run_group_tests_name("scram", tests, NULL, NULL);
}
