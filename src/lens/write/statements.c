/* The statements that write, as the rewrite of a query calls them. */
#include "lens/write/statements.h"

#include "lens/write/merge.h"
#include "lens/write/update.h"

const struct rewrite_writers write_statements = {
    .insert = write_insert,
    .update = write_update,
    .delete = write_delete,
    .merge = write_merge,
};
