/* The table through which `rewrite` calls the statements that write. */
#ifndef PARALLAX_LENS_WRITE_STATEMENTS_H
#define PARALLAX_LENS_WRITE_STATEMENTS_H

#include "lens/rewrite/rewrite.h"

extern const struct rewrite_writers write_statements;

#endif
