/*
 * Prepared statements: their texts, and what the server keeps beside them
 * between two commands, since an EXECUTE alone does not say it:
 *
 *	PREPARE "insert into t values (?, ?)"	answer: statement 7
 *	SEND_LONG_DATA 7, parameter 1, "..."
 *	EXECUTE 7, types bound: LONG, BLOB	values: 5
 *	EXECUTE 7, types as before		values: 6, "..."
 */
#include "adapters/mysql/wire_state.h"

struct wire_prepared *mysql_prepared_new(struct wire *wire, struct bytes text,
					 bool truncated)
{
	struct wire_prepared *prepared;
	size_t charge;

	if (wire->memory + text.size > wire->limits->max_session &&
	    text.size > WIRE_TRUNCATED) {
		text.size = WIRE_TRUNCATED;
		truncated = true;
	}
	charge = sizeof(*prepared) + text.size;
	prepared = calloc(1, charge);
	if (!prepared)
		return NULL;
	prepared->references = 1;
	prepared->charge = charge;
	wire->memory += charge;
	prepared->truncated = truncated;
	prepared->after = wire->moment.seq;
	if (text.size)
		memcpy(prepared + 1, text.data, text.size);
	prepared->text.data = (const uint8_t *)(prepared + 1);
	prepared->text.size = text.size;
	return prepared;
}

struct wire_prepared *mysql_prepared_ref(struct wire_prepared *prepared)
{
	if (prepared)
		prepared->references++;
	return prepared;
}

void mysql_prepared_unref(struct wire *wire, struct wire_prepared *prepared)
{
	if (!prepared || --prepared->references)
		return;
	wire->memory -= prepared->charge;
	buffer_release(&prepared->unread);
	buffer_release(&prepared->long_data);
	buffer_release(&prepared->columns);
	free(prepared->types);
	free(prepared);
}

static struct wire_prepared **bucket_of(const struct wire *wire, uint32_t id)
{
	return &wire->buckets[id & (wire->bucket_count - 1)];
}

/* Doubles the buckets when they are as many as the statements. */
static int buckets_grow(struct wire *wire)
{
	struct wire_prepared **old = wire->buckets;
	size_t old_count = wire->bucket_count;
	size_t count = old_count ? old_count * 2 : 8;
	struct wire_prepared **buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return -1;
	wire->buckets = buckets;
	wire->bucket_count = count;
	for (size_t i = 0; i < old_count; i++) {
		while (old[i]) {
			struct wire_prepared *it = old[i];

			old[i] = it->next;
			it->next = *bucket_of(wire, it->id);
			*bucket_of(wire, it->id) = it;
		}
	}
	free(old);
	return 0;
}

int mysql_prepared_install(struct wire *wire, struct wire_prepared *prepared,
			   uint32_t id, uint16_t parameter_count)
{
	struct bytes unread = {prepared->unread.data, prepared->unread.size};

	mysql_prepared_remove(wire, id);
	prepared->id = id;
	prepared->known = true;
	prepared->parameter_count = parameter_count;
	if (unread.size)
		mysql_prepared_bind(wire, prepared, unread, false);
	mysql_prepared_drop(wire, prepared, &prepared->unread);
	if (wire->prepared_count == WIRE_PREPARED_MAX) {
		wire->forgot = true;
		return 0;
	}
	if (wire->prepared_count == wire->bucket_count && buckets_grow(wire))
		return -1;
	prepared->installed = true;
	prepared->next = *bucket_of(wire, id);
	*bucket_of(wire, id) = mysql_prepared_ref(prepared);
	wire->prepared_count++;
	return 0;
}

struct wire_prepared *mysql_prepared_get(const struct wire *wire, uint32_t id)
{
	struct wire_prepared *it;

	if (id == WIRE_LAST_PREPARED)
		return wire->last_prepared;
	if (!wire->bucket_count)
		return NULL;
	it = *bucket_of(wire, id);
	while (it && it->id != id)
		it = it->next;
	return it;
}

void mysql_prepared_remove(struct wire *wire, uint32_t id)
{
	struct wire_prepared **at;
	struct wire_prepared *found;

	if (!wire->bucket_count)
		return;
	at = bucket_of(wire, id);
	while (*at && (*at)->id != id)
		at = &(*at)->next;
	found = *at;
	if (!found)
		return;
	*at = found->next;
	found->installed = false;
	wire->prepared_count--;
	mysql_prepared_unref(wire, found);
}

void mysql_prepared_clear(struct wire *wire)
{
	for (size_t i = 0; i < wire->bucket_count; i++)
		while (wire->buckets[i])
			mysql_prepared_remove(wire, wire->buckets[i]->id);
	free(wire->buckets);
	wire->buckets = NULL;
	wire->bucket_count = 0;
	mysql_prepared_unref(wire, wire->last_prepared);
	wire->last_prepared = NULL;
	wire->forgot = false;
}

bool mysql_prepared_keep(struct wire *wire, struct wire_prepared *prepared,
			 struct buffer *buffer, const void *data, size_t size)
{
	size_t limit = wire->limits->max_session;

	if (wire->memory > limit || size > limit - wire->memory)
		return false;
	buffer_append(buffer, data, size);
	if (buffer->failed)
		return false;
	prepared->charge += size;
	wire->memory += size;
	return true;
}

void mysql_prepared_drop(struct wire *wire, struct wire_prepared *prepared,
			 struct buffer *buffer)
{
	prepared->charge -= buffer->size;
	wire->memory -= buffer->size;
	buffer_release(buffer);
}

/* The parameters' types, from `cursor` on; named: each has a name. */
static void take_types(struct wire *wire, struct wire_prepared *prepared,
		       struct packet_cursor *cursor, size_t count, bool named)
{
	uint32_t *types = malloc(count * sizeof(*types));
	uint64_t type;
	struct bytes name;

	for (size_t i = 0; types && i < count; i++) {
		if (packet_take_integer(cursor, 2, &type) ||
		    (named && packet_take_string(cursor, &name))) {
			free(types);
			return;
		}
		types[i] = (uint32_t)type;
	}
	if (!types)
		return;
	if (!prepared->types) {
		prepared->charge += count * sizeof(*types);
		wire->memory += count * sizeof(*types);
	}
	free(prepared->types);
	prepared->types = types;
}

/*
 * MySQL's source documentation, COM_STMT_EXECUTE: flags (1), iterations (4),
 * with query attributes the count, a bitmap of NULLs, whether types are bound
 * (1), the types. MariaDB's COM_STMT_BULK_EXECUTE: flags (2), the types.
 */
void mysql_prepared_bind(struct wire *wire, struct wire_prepared *prepared,
			 struct bytes parameters, bool bulk)
{
	struct packet_cursor cursor =
	    packet_cursor_of(parameters.data, parameters.size);
	bool named = !bulk && wire->capabilities & HANDSHAKE_QUERY_ATTRIBUTES;
	uint64_t count = prepared->parameter_count;
	uint64_t flags;
	uint64_t bound;
	struct bytes skipped;

	if (!prepared->known) {
		mysql_prepared_drop(wire, prepared, &prepared->unread);
		if (!bulk)
			mysql_prepared_keep(wire, prepared, &prepared->unread,
					    parameters.data, parameters.size);
		return;
	}
	if (packet_take_integer(&cursor, bulk ? 2 : 1, &flags))
		return;
	if (bulk) {
		if (flags & 128 && count)
			take_types(wire, prepared, &cursor, count, false);
		return;
	}
	if (packet_take_bytes(&cursor, 4, &skipped))
		return;
	/* Attributes stand behind the parameters: more types than these. */
	if (named && (count || flags & 8) &&
	    packet_take_length(&cursor, &count))
		return;
	if (!prepared->parameter_count || count < prepared->parameter_count ||
	    count > WIRE_COLUMNS_MAX ||
	    packet_take_bytes(&cursor, ((size_t)count + 7) / 8, &skipped) ||
	    packet_take_integer(&cursor, 1, &bound) || bound != 1)
		return;
	take_types(wire, prepared, &cursor, prepared->parameter_count, named);
}
