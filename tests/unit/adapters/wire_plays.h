/*
 * Plays: exchanges as functions that build messages, played whole and cut.
 * Included behind an engine's wire_script.h.
 */
#ifndef PARALLAX_TESTS_WIRE_PLAYS_H
#define PARALLAX_TESTS_WIRE_PLAYS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "unit/adapters/wire_tell.h"

typedef void play_function(struct script *script, struct buffer *out);

/* Shorthand for the plays: give what was built. */
#define CLIENT() script_give(script, true, out)
#define SERVER() script_give(script, false, out)

static inline void play(play_function *function, struct script *script,
			size_t piece, size_t first)
{
	struct buffer out;

	buffer_init(&out, 0);
	script_init(script);
	script_login(script);
	buffer_clear(&script->told);
	buffer_clear(&script->to_client);
	buffer_clear(&script->to_server);
	script->piece = piece;
	script->first = first;
	function(script, &out);
	buffer_release(&out);
}

/* Plays it whole, byte by byte, and cut once at each offset: the same. */
static inline void check(play_function *function, const char *expected)
{
	struct script whole;
	struct script cut;

	play(function, &whole, 0, 0);
	script_close(&whole);
	if (expected)
		assert_string_equal(buffer_string(&whole.told), expected);
	for (size_t at = 0; at < 400; at++) {
		play(function, &cut, at ? 0 : 1, at);
		script_close(&cut);
		assert_string_equal(buffer_string(&cut.told),
				    buffer_string(&whole.told));
		assert_int_equal(cut.bind_total, whole.bind_total);
		assert_int_equal(cut.digests.size, whole.digests.size);
		assert_memory_equal(cut.digests.data, whole.digests.data,
				    whole.digests.size);
		assert_int_equal(cut.to_client.size, whole.to_client.size);
		assert_memory_equal(cut.to_client.data, whole.to_client.data,
				    whole.to_client.size);
		assert_int_equal(cut.to_server.size, whole.to_server.size);
		assert_memory_equal(cut.to_server.data, whole.to_server.data,
				    whole.to_server.size);
		script_release(&cut);
	}
	script_release(&whole);
}

#endif
