#include "adapters/postgres/bookkeeping.h"

#include <inttypes.h>
#include <string.h>

#include "adapters/postgres/postgres.h"
#include "base/memory.h"

/* Any client's transaction leaves its number there, whatever its role is. */
static const char *const preparation[] = {
    "CREATE SCHEMA IF NOT EXISTS parallax",
    ("CREATE TABLE IF NOT EXISTS parallax.transactions "
     "(token bigint PRIMARY KEY)"),
    "GRANT USAGE ON SCHEMA parallax TO PUBLIC",
    "GRANT SELECT, INSERT ON parallax.transactions TO PUBLIC",
};

/* 60 bits that no other transaction has. */
static const char new_token[] =
    "INSERT INTO parallax.transactions (token) SELECT ('x' || "
    "substr(md5(gen_random_uuid()::text), 1, 15))::bit(60)::bigint "
    "RETURNING token";
/* One that runs still holds its row: that is waited for, and not for long. */
static const char claim[] =
    "INSERT INTO parallax.transactions (token) SELECT $1::bigint "
    "WHERE set_config('lock_timeout', '500ms', true) IS NOT NULL "
    "ON CONFLICT DO NOTHING";

int bookkeeping_prepare(const struct endpoint *shadow, struct error *error)
{
	struct database *database = NULL;
	int result = postgres_database.open(shadow, "parallax:bookkeeping",
					    &database, error);

	for (size_t i = 0;
	     !result && i < sizeof(preparation) / sizeof(*preparation); i++)
		result = postgres_database.query(database, preparation[i], NULL,
						 NULL, error);
	postgres_database.close(&database);
	return result;
}

void bookkeeping_token(struct shadow_command *out)
{
	postgres_ask(out, new_token, NULL, NULL, POSTGRES_ONE_VALUE);
}

void bookkeeping_fate(uint64_t token, struct arena *arena,
		      struct shadow_command *out)
{
	postgres_ask(out, claim, arena_printf(arena, "%" PRIu64, token), arena,
		     POSTGRES_ONE_VALUE);
}

static enum transaction_fate fate_of(int64_t inserted)
{
	return inserted ? TRANSACTION_ABORTED : TRANSACTION_COMMITTED;
}

enum transaction_fate bookkeeping_read_fate(const struct answer *answer)
{
	if (answer->outcome == ANSWER_OK && answer->affected >= 0)
		return fate_of(answer->affected);
	return answer->outcome == ANSWER_FAILED &&
		       error_class_is_load(answer->problem.class)
		   ? TRANSACTION_RUNNING
		   : TRANSACTION_FORGOTTEN;
}

void bookkeeping_list_prepared(const char *prefix, struct arena *arena,
			       struct shadow_command *out)
{
	postgres_list_prepared("0", prefix, arena, out);
}

int bookkeeping_seed_token(struct database *shadow, char **token,
			   struct error *error)
{
	struct database_result result;

	if (postgres_database.query(shadow, new_token, NULL, &result, error))
		return -1;
	*token = memory_string((const char *)result.rows[0].data);
	postgres_database.release(&result);
	return 0;
}

int bookkeeping_seed_fate(struct database *shadow, const char *token,
			  enum transaction_fate *fate, struct error *error)
{
	const struct value value = {(const uint8_t *)token,
				    (uint32_t)strlen(token)};
	const struct database_parameters parameters = {.values = &value,
						       .count = 1};
	struct database_result result;

	if (!postgres_database.query(shadow, claim, &parameters, &result,
				     error)) {
		*fate = fate_of(result.affected);
		postgres_database.release(&result);
		return 0;
	}
	if (!error_class_is_load(
		postgres_errors.class(error->native, error->message)))
		return -1;
	error_init(error);
	*fate = TRANSACTION_RUNNING;
	return 0;
}
