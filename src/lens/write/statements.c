/* The table through which `rewrite` calls the statements that write. */
#include "lens/write/statements.h"

#include "lens/write/merge.h"
#include "lens/write/update.h"

const struct rewrite_writers write_statements = {
    .insert = write_insert,
    .update = write_update,
    .delete = write_delete,
    .merge = write_merge,
};
