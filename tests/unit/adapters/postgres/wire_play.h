/* Plays of PostgreSQL's messages. */
#ifndef PARALLAX_TESTS_POSTGRES_WIRE_PLAY_H
#define PARALLAX_TESTS_POSTGRES_WIRE_PLAY_H

#include "unit/adapters/postgres/wire_script.h"
#include "unit/adapters/wire_plays.h"

#endif
