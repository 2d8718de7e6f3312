/* Plays of MySQL's packets. */
#ifndef PARALLAX_TESTS_MYSQL_WIRE_PLAY_H
#define PARALLAX_TESTS_MYSQL_WIRE_PLAY_H

#include "unit/adapters/mysql/wire_script.h"
#include "unit/adapters/wire_plays.h"

/* In both forms of a result's end. */
static inline void check_both(play_function *function, const char *expected)
{
	script_wants = SCRIPT_PLAIN;
	check(function, expected);
	script_wants = SCRIPT_PLAIN | HANDSHAKE_DEPRECATE_EOF;
	check(function, expected);
	script_wants = SCRIPT_PLAIN;
}

#endif
