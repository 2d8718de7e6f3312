/* A client's COPY data. See adapters/copy.h. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_COPY_INPUT_H
#define PARALLAX_ADAPTERS_POSTGRES_COPY_INPUT_H

#include "adapters/copy.h"

enum copy_form { COPY_TEXT, COPY_CSV, COPY_BINARY };

/* How a statement's data are written. */
struct copy_options {
	enum copy_form form;
	char delimiter;
	char quote;  /* CSV */
	char escape; /* CSV */
	bool header; /* the first line names the columns */
	char null[256];
};

/* copy_options.c: -1 with ERROR_LIMIT: an option cannot be followed. */
int postgres_copy_options(const PgQuery__CopyStmt *statement,
			  struct copy_options *out, struct error *error);

extern const struct copy_ops postgres_copy;

#endif
