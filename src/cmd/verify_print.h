/* The output of `parallax verify`, and its way into the store. */
#ifndef PARALLAX_CMD_VERIFY_PRINT_H
#define PARALLAX_CMD_VERIFY_PRINT_H

#include "verify/verify.h"
#include "base/redact.h"

/* The store's key (made if need be), or one of this run if store is NULL. */
int verify_print_redactor(const char *store, bool show_values,
			  struct redactor *redactor, struct error *error);
/* One line to stderr. */
void verify_print_progress(const struct verify *verify, int64_t us);
/* The result to stdout; at most `show` rows of a table. */
void verify_print(const struct verify *verify, const struct redactor *redactor,
		  uint64_t show, int64_t us);
int verify_print_store(const struct verify *verify, const char *store,
		       const struct redactor *redactor, struct error *error);

#endif
