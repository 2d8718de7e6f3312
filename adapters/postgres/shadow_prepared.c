/*
 * Statements that come again in a session are planned once, as on the primary:
 *
 *	SELECT a FROM t WHERE id = $1	first: Parse and Bind without a name
 *	the same text and types		second: Parse parallax_1, then Bind
 *	again				Bind of parallax_1
 *
 * The second time and not the first: a text into which values were put, such as
 * the clock's, never comes again. What the client prepares anew is prepared anew
 * here, so that a cached plan whose type of result has changed fails on both sides.
 * If it fails on the shadow alone, the mirror runs it again, without a name.
 * The table is direct-mapped; what was prepared keeps its place, so that a session
 * prepares PREPARED_PLACES at most.
 */
#include "adapters/postgres/shadow_state.h"

#include <xxhash.h>

#include "base/memory.h"

static struct digest digest_of(const struct shadow_command *command)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(
	    command->text, strlen(command->text), command->repeats);

	if (command->parameter_types && command->parameter_count) {
		XXH128_hash_t types =
		    XXH3_128bits(command->parameter_types,
				 command->parameter_count *
				     sizeof(*command->parameter_types));

		hash.low64 ^= types.low64 * 3;
		hash.high64 ^= types.high64 * 3;
	}
	return (struct digest){hash.low64,
			       hash.high64 + command->parameter_count};
}

struct shadow_prepared *shadow_prepared(struct shadow *shadow,
					const struct shadow_command *command)
{
	struct digest digest;
	struct shadow_prepared *place;

	if (!command->repeats)
		return NULL;
	if (!shadow->prepared)
		shadow->prepared =
		    memory_alloc(PREPARED_PLACES * sizeof(*shadow->prepared));
	digest = digest_of(command);
	place = &shadow->prepared[digest.low % PREPARED_PLACES];
	if (digest_equal(place->digest, digest))
		return place;
	if (!place->number)
		*place = (struct shadow_prepared){.digest = digest};
	return NULL;
}

void shadow_prepared_name(const struct shadow_prepared *place, char *name,
			  size_t size)
{
	snprintf(name, size, "parallax_%u", place->number);
}

bool shadow_prepared_failed(struct shadow *shadow, const char *sqlstate)
{
	static const char *const gone[] = {
	    "0A000", /* a cached plan must not change its result's type */
	    "26000", /* the statement was deallocated behind our back */
	};

	for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
		if (!strcmp(sqlstate, gone[i])) {
			shadow_prepared_forget(shadow);
			return true;
		}
	return false;
}

void shadow_prepared_followed(struct shadow *shadow, const char *tag)
{
	if (!strcmp(tag, "DISCARD ALL") || !strcmp(tag, "DEALLOCATE ALL"))
		shadow_prepared_forget(shadow);
}

/* The numbers go on: what is still there on the server is not met again. */
void shadow_prepared_forget(struct shadow *shadow)
{
	if (shadow->prepared)
		memset(shadow->prepared, 0,
		       PREPARED_PLACES * sizeof(*shadow->prepared));
}
