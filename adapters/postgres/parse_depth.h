/*
 * How deep a statement's tree can be, from its tokens alone, so that a text
 * that would exhaust the stack of the parser or of protobuf-c is never given to
 * them. Private to adapters/postgres/parse*.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_DEPTH_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_DEPTH_H

#include <stddef.h>

/* An upper bound, in protobuf-c messages; never less than the tree's depth. */
size_t parse_depth(const char *text, size_t length);

#endif
