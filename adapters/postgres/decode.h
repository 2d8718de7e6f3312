/*
 * The journal's wire bytes of PostgreSQL's protocol 3.0, decoded. Message
 * forms: https://www.postgresql.org/docs/15/protocol-message-formats.html
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_DECODE_H
#define PARALLAX_ADAPTERS_POSTGRES_DECODE_H

#include "adapters/decode.h"

extern const struct decode_ops postgres_decode;

#endif
