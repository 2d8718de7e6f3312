/* The relay between a client's login and its own, cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "unit/adapters/postgres/scram_twin.h"
#include "unit/adapters/postgres/wire_script.h"

#define SALT "W22ZaJ0SNY7soEsUEjb6gQ=="

static struct buffer out;
static struct twin twin;
static char secret[256];

static const char *find(void *context, const char *user)
{
	(void)context;
	return strcmp(user, "ann") ? NULL : secret;
}

/* Each run's answer goes back to whom it came from. */
struct play {
	struct wire *wire;
	size_t piece;
	enum wire_verb verb;
	bool denied;
	struct buffer client; /* what each side gets */
	struct buffer server;
};

static void play_start(struct play *play, struct script *script, size_t piece)
{
	script_init(script);
	memset(play, 0, sizeof(*play));
	play->wire = script->wire;
	play->piece = piece;
	buffer_init(&play->client, 0);
	buffer_init(&play->server, 0);
	postgres_wire.authenticate(play->wire, find, NULL);
}

static void play_end(struct play *play, struct script *script)
{
	buffer_release(&play->client);
	buffer_release(&play->server);
	script_release(script);
}

static void play_run(struct play *play, bool client, const uint8_t *data,
		     size_t size)
{
	struct wire_moment moment = {1, 0};
	struct buffer *from = client ? &play->client : &play->server;
	struct buffer *to = client ? &play->server : &play->client;

	while (size && play->verb != WIRE_REFUSE) {
		struct wire_step step;

		(client ? postgres_wire.client : postgres_wire.server)(
		    play->wire, moment, data, size, &step);
		buffer_append(to, step.forward.data, step.forward.size);
		buffer_append(step.verb == WIRE_REFUSE ? &play->client : from,
			      step.reply.data, step.reply.size);
		if (step.verb != WIRE_PASS)
			play->verb = step.verb;
		play->denied |= step.denied;
		data += step.consumed;
		size -= step.consumed;
	}
}

/* Gives what was built, and forgets what had been got before. */
static void play_give(struct play *play, bool client)
{
	size_t at = 0;

	buffer_clear(&play->client);
	buffer_clear(&play->server);
	while (at < out.size) {
		size_t size = out.size - at;
		uint8_t *copy;

		if (play->piece && size > play->piece)
			size = play->piece;
		copy = malloc(size);
		memcpy(copy, out.data + at, size);
		play_run(play, client, copy, size);
		free(copy);
		at += size;
	}
	buffer_clear(&out);
}

static void put_first(const char *text)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append(&body, "SCRAM-SHA-256", 14);
	buffer_append_u32(&body, (uint32_t)strlen(text));
	buffer_append_string(&body, text);
	put(&out, 'p', body.data, body.size);
	buffer_release(&body);
}

static void put_request(uint32_t code, const char *text, size_t size)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_u32(&body, code);
	buffer_append(&body, text, size);
	put(&out, 'R', body.data, body.size);
	buffer_release(&body);
}

/* The text of an Authentication message or an answer, as a string. */
static const char *text_of(const struct buffer *got, size_t from)
{
	static char text[2048];

	assert_true(got->size > from && got->size - from < sizeof(text));
	memcpy(text, got->data + from, got->size - from);
	text[got->size - from] = 0;
	return text;
}

static void ask(struct play *play)
{
	put_startup(&out, 196608, "user\0ann\0", 10);
	play_give(play, true);
	assert_int_equal(play->verb, WIRE_ASK);
	assert_int_equal(play->server.size, 0);
	assert_int_equal(play->client.size, 24);
	assert_memory_equal(play->client.data + 9, "SCRAM-SHA-256\0", 15);
}

/* The client's login, by a password. */
static void prove(struct play *play, const struct twin *who, char bound)
{
	char first[1024];
	char final[1024];

	snprintf(first, sizeof(first), "%c,,n=,r=abc", bound);
	put_first(first);
	play_give(play, true);
	snprintf(first, sizeof(first), "%s", text_of(&play->client, 9));
	twin_final(who, bound, "n=,r=abc", first, final, sizeof(final));
	put(&out, 'p', final, strlen(final));
	play_give(play, true);
}

static void log_in(struct play *play, struct script *script, size_t piece)
{
	play_start(play, script, piece);
	ask(play);
	prove(play, &twin, piece & 1 ? 'y' : 'n');
	assert_int_equal(play->verb, WIRE_OPEN);
	assert_int_equal(play->server.size, 18); /* the startup packet */
	assert_memory_equal(play->client.data + 9, "v=", 2);
}

/* The server's part, up to its last word, which is signed by `who`. */
static void answer_server(struct play *play, const struct twin *who)
{
	char bare[1024];
	char first[2048];
	char final[2048];
	char all[8192];

	put_request(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0", 34);
	play_give(play, false);
	assert_int_equal(play->client.size, 0);
	snprintf(bare, sizeof(bare), "%s",
		 text_of(&play->server, 5 + 14 + 4 + 3));
	snprintf(first, sizeof(first), "%sxyz,s=%s,i=4096", bare + 3, SALT);
	put_request(11, first, strlen(first));
	play_give(play, false);
	twin_final(&twin, 'n', bare, first, final, sizeof(final));
	assert_string_equal(text_of(&play->server, 5), final);
	assert_int_equal(play->client.size, 0);
	snprintf(all, sizeof(all), "%s,%s,%.*s", bare, first,
		 (int)(strstr(final, ",p=") - final), final);
	memcpy(final, "v=", 2);
	twin_signature(who, all, final + 2);
	put_request(12, final, strlen(final));
	put_request(0, "", 0);
	put(&out, 'S', "TimeZone\0UTC", 13);
	put_ready(&out, 'I');
	play_give(play, false);
}

static void test_both_logins(void **state)
{
	(void)state;
	for (size_t piece = 0; piece < 60; piece++) {
		struct script script;
		struct play play;

		log_in(&play, &script, piece);
		answer_server(&play, &twin);
		/* AuthenticationOk and what follows is the client's. */
		assert_int_equal(play.client.size, 9 + 18 + 6);
		assert_memory_equal(play.client.data, "R\0\0\0\10\0\0\0\0", 9);
		assert_int_equal(play.server.size, 0);
		assert_true(postgres_wire.ready_for_client(play.wire));
		put_text(&out, 'Q', "select 1");
		play_give(&play, true);
		assert_int_equal(play.server.size, 14);
		play_end(&play, &script);
	}
}

/* It takes the proof, but cannot show that it knows the password. */
static void test_a_server_that_lies(void **state)
{
	struct twin other;

	(void)state;
	twin_init(&other, "pencils", SALT, 4096);
	for (size_t piece = 0; piece < 60; piece++) {
		struct script script;
		struct play play;

		log_in(&play, &script, piece);
		answer_server(&play, &other);
		assert_int_equal(play.verb, WIRE_REFUSE);
		assert_int_equal(play.client.data[0], 'E');
		play_end(&play, &script);
	}
}

static void test_wrong_password(void **state)
{
	struct script script;
	struct twin other;
	struct play play;

	(void)state;
	twin_init(&other, "pencils", SALT, 4096);
	play_start(&play, &script, 0);
	ask(&play);
	prove(&play, &other, 'n');
	assert_int_equal(play.verb, WIRE_REFUSE);
	assert_true(play.denied);
	assert_int_equal(play.server.size, 0);
	assert_true(postgres_wire.wrong_password(play.wire));
	assert_non_null(
	    memmem(play.client.data, play.client.size, "C28P01", 7));
	play_end(&play, &script);
}

/* Of whom no secret is kept, the server asks itself. */
static void test_others_pass(void **state)
{
	struct script script;
	struct play play;

	(void)state;
	play_start(&play, &script, 0);
	put_startup(&out, 196608, "user\0bob\0", 10);
	play_give(&play, true);
	assert_int_equal(play.verb, WIRE_OPEN);
	assert_int_equal(play.server.size, 18);
	put_request(5, "salt", 4);
	play_give(&play, false);
	assert_int_equal(play.client.size, 13);
	play_end(&play, &script);
}

static void expect_no_login(uint32_t code, const char *text, size_t size,
			    const char *why)
{
	for (size_t piece = 0; piece < 20; piece++) {
		struct script script;
		struct play play;

		log_in(&play, &script, piece);
		put_request(code, text, size);
		put_request(0, "", 0); /* which must not let it in */
		play_give(&play, false);
		assert_int_equal(play.verb, WIRE_REFUSE);
		assert_int_equal(play.client.data[0], 'E');
		assert_non_null(memmem(play.client.data, play.client.size, why,
				       strlen(why)));
		play_end(&play, &script);
	}
}

static void test_servers_that_ask_otherwise(void **state)
{
	(void)state;
	expect_no_login(3, "", 0, "in a way that auth.file cannot answer");
	expect_no_login(5, "salt", 4, "in a way that auth.file cannot answer");
	expect_no_login(10, "OAUTH\0", 7, "does not ask for SCRAM-SHA-256");
	expect_no_login(10, "SCRAM-SHA-256", 13,
			"does not ask for SCRAM-SHA-256");
	expect_no_login(11, "r=x", 3, "has another secret");
	expect_no_login(12, "v=", 2, "does not know this user's password");
}

/* Whose frames cannot be followed: nothing of it is taken for a login. */
static void test_servers_that_break_frames(void **state)
{
	static const char *const heads[] = {"D\0\0\0\0\0", "R\0\0\0\4",
					    "R\0\1\0\0"};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t piece = 0; piece < 7; piece++) {
			struct script script;
			struct play play;

			log_in(&play, &script, piece);
			buffer_append(&out, heads[i], 5);
			put_request(0, "", 0);
			play_give(&play, false);
			assert_int_equal(play.verb, WIRE_REFUSE);
			assert_int_equal(play.client.data[0], 'E');
			play_end(&play, &script);
		}
}

/* A server that trusts the relay has asked for nothing. */
static void test_a_server_that_trusts(void **state)
{
	struct script script;
	struct play play;

	(void)state;
	log_in(&play, &script, 0);
	put_request(0, "", 0);
	play_give(&play, false);
	assert_int_equal(play.client.size, 9);
	play_end(&play, &script);
	/* But it does not break off in the middle. */
	log_in(&play, &script, 0);
	put_request(10, "SCRAM-SHA-256\0", 15);
	put_request(0, "", 0);
	play_give(&play, false);
	assert_int_equal(play.verb, WIRE_REFUSE);
	play_end(&play, &script);
}

static void test_clients_that_answer_otherwise(void **state)
{
	static const char *const answers[] = {
	    "Q\0\0\0\5", "p\0\0\0\3", "p\0\0\0\4", "p\0\1\0\0", "p\0\0\0\5x"};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		for (size_t piece = 0; piece < 7; piece++) {
			struct script script;
			struct play play;

			play_start(&play, &script, piece);
			ask(&play);
			buffer_append(&out, answers[i], i == 4 ? 6 : 5);
			play_give(&play, true);
			assert_int_equal(play.verb, WIRE_REFUSE);
			assert_int_equal(play.server.size, 0);
			assert_false(play.denied);
			play_end(&play, &script);
		}
}

static int set_up(void **state)
{
	(void)state;
	twin_init(&twin, "pencil", SALT, 4096);
	twin_secret(&twin, SALT, 4096, secret, sizeof(secret));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buffer_release(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_both_logins),
	    cmocka_unit_test(test_a_server_that_lies),
	    cmocka_unit_test(test_wrong_password),
	    cmocka_unit_test(test_others_pass),
	    cmocka_unit_test(test_servers_that_ask_otherwise),
	    cmocka_unit_test(test_servers_that_break_frames),
	    cmocka_unit_test(test_a_server_that_trusts),
	    cmocka_unit_test(test_clients_that_answer_otherwise),
	};

	return cmocka_run_group_tests_name("wire_auth", tests, set_up,
					   tear_down);
}
