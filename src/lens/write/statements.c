/* The statements that write, as the rewrite of a query calls them. */
#include "lens/write/statements.h"

#include "lens/write/merge.h"
#include "lens/write/update.h"

const struct rewrite_writers write_statements = {
    .insert = rewrite_insert,
    .update = rewrite_update,
    .delete = rewrite_delete,
    .merge = rewrite_merge,
};
