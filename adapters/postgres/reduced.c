#include "adapters/postgres/reduced.h"

#include "adapters/postgres/bookkeeping.h"
#include "adapters/postgres/record.h"

const struct adapter adapter_postgres_printed = {
    POSTGRES_RECORD("postgres-printed", postgres_parser_printed,
		    postgres_shadow, postgres_session, postgres_seed,
		    postgres_checksum, postgres_values),
};

const struct adapter adapter_postgres_steps = {
    POSTGRES_RECORD("postgres-steps", postgres_parser_steps, postgres_shadow,
		    postgres_session, postgres_seed, postgres_checksum,
		    postgres_values),
};

const struct adapter adapter_postgres_reduced = {
    POSTGRES_RECORD("postgres-reduced", postgres_parser_reduced,
		    postgres_shadow_reduced, postgres_session_reduced,
		    postgres_seed_reduced, postgres_checksum_reduced,
		    postgres_values_reduced),
    .prepare_shadow = bookkeeping_prepare,
};
