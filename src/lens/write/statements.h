/* The statements that write, as the rewrite of a query calls them. */
#ifndef PARALLAX_LENS_WRITE_STATEMENTS_H
#define PARALLAX_LENS_WRITE_STATEMENTS_H

#include "lens/rewrite/rewrite.h"

extern const struct rewrite_writers write_statements;

#endif
