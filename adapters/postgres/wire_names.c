/* Prepared statements and portals of a session, by name. */
#include "adapters/postgres/wire_state.h"

/* The server's tables of both have keys of NAMEDATALEN bytes: what is behind
 * is cut off, in mid-character if need be, and names that begin alike are one.
 */
static size_t name_length(const char *name)
{
	return strnlen(name, WIRE_NAME_MAX);
}

static uint64_t names_hash(const char *name)
{
	return XXH3_64bits(name, name_length(name));
}

/*
 * Above max_session texts and parameters are cut (wire_client.c), and what
 * remains are some hundred bytes a name. At this much no name is added.
 */
bool names_full(const struct wire *wire)
{
	return wire->memory / 2 > wire->limits->max_session;
}

static void named_init(struct wire *wire, struct named *named, char *name_at,
		       const char *name, size_t size, size_t charge)
{
	memcpy(name_at, name, size);
	name_at[size] = 0;
	named->name = name_at;
	named->hash = size ? names_hash(name) : 0;
	named->references = 1;
	named->charge = (uint32_t)charge;
	wire->memory += charge;
}

/* types: big-endian, as on the wire. */
struct wire_prepared *prepared_new(struct wire *wire, const char *name,
				   struct bytes text, bool truncated,
				   const uint8_t *types, size_t type_count)
{
	size_t name_size = name_length(name);
	size_t size = sizeof(struct wire_prepared) +
		      type_count * sizeof(uint32_t) + text.size + 1 +
		      name_size + 1;
	struct wire_prepared *prepared = malloc(size);
	uint8_t *at;

	if (!prepared)
		return NULL;
	memset(prepared, 0, sizeof(*prepared));
	at = (uint8_t *)(prepared + 1);
	prepared->types = (uint32_t *)(void *)at;
	prepared->type_count = type_count;
	for (size_t i = 0; i < type_count; i++)
		prepared->types[i] = bytes_get_u32(types + 4 * i);
	at += type_count * sizeof(uint32_t);
	if (text.size)
		memcpy(at, text.data, text.size);
	at[text.size] = 0;
	prepared->text.data = at;
	prepared->text.size = text.size;
	prepared->truncated = truncated;
	prepared->after = wire->moment.seq;
	at += text.size + 1;
	named_init(wire, &prepared->named, (char *)at, name, name_size, size);
	return prepared;
}

struct portal *portal_new(struct wire *wire, const char *name,
			  struct wire_prepared *prepared, struct bytes bind)
{
	size_t name_size = name_length(name);
	size_t size = sizeof(struct portal) + bind.size + name_size + 1;
	struct portal *portal = malloc(size);
	uint8_t *at;

	if (!portal)
		return NULL;
	memset(portal, 0, sizeof(*portal));
	at = (uint8_t *)(portal + 1);
	if (bind.size)
		memcpy(at, bind.data, bind.size);
	portal->bind.data = at;
	portal->bind.size = bind.size;
	portal->prepared = prepared_ref(prepared);
	portal->named.is_portal = true;
	portal->after = wire->moment.seq;
	at += bind.size;
	named_init(wire, &portal->named, (char *)at, name, name_size, size);
	return portal;
}

/* More of it is kept: `more` bytes in the place of `less`. */
static void named_charge(struct wire *wire, struct named *named, size_t more,
			 size_t less)
{
	wire->memory += more;
	wire->memory -= less;
	named->charge += (uint32_t)more;
	named->charge -= (uint32_t)less;
}

static bool memory_exceeded(const struct wire *wire, size_t more)
{
	return wire->memory + more > wire->limits->max_session;
}

int prepared_set_types(struct wire *wire, struct wire_prepared *prepared,
		       const uint8_t *types, size_t count)
{
	uint32_t *own;

	if (prepared->type_count != count) {
		size_t size = count * sizeof(uint32_t);

		if (memory_exceeded(wire, size)) {
			prepared->truncated = true;
			return 0;
		}
		own = malloc(size + 1);
		if (!own)
			return -1;
		named_charge(wire, &prepared->named, size,
			     prepared->types_owned
				 ? prepared->type_count * sizeof(uint32_t)
				 : 0);
		if (prepared->types_owned)
			free(prepared->types);
		prepared->types = own;
		prepared->types_owned = true;
		prepared->type_count = count;
	}
	for (size_t i = 0; i < count; i++)
		prepared->types[i] = bytes_get_u32(types + 4 * i);
	return 0;
}

int prepared_set_columns(struct wire *wire, struct wire_prepared *prepared,
			 struct bytes columns)
{
	uint8_t *copy;

	if (columns.size == prepared->columns.size &&
	    (!columns.size ||
	     !memcmp(columns.data, prepared->columns.data, columns.size)))
		return 0;
	if (memory_exceeded(wire, columns.size)) {
		prepared->truncated = true;
		columns.size = 0;
	}
	copy = malloc(columns.size + 1);
	if (!copy)
		return -1;
	if (columns.size)
		memcpy(copy, columns.data, columns.size);
	named_charge(wire, &prepared->named, columns.size,
		     prepared->columns.size);
	free((void *)(uintptr_t)prepared->columns.data);
	prepared->columns.data = copy;
	prepared->columns.size = columns.size;
	return 0;
}

struct named *named_ref(struct named *named)
{
	if (named)
		named->references++;
	return named;
}

struct wire_prepared *prepared_ref(struct wire_prepared *prepared)
{
	if (prepared)
		prepared->named.references++;
	return prepared;
}

struct portal *portal_ref(struct portal *portal)
{
	if (portal)
		portal->named.references++;
	return portal;
}

void named_unref(struct wire *wire, struct named *named)
{
	if (!named || --named->references)
		return;
	wire->memory -= named->charge;
	if (named->is_portal) {
		struct portal *portal = (struct portal *)(void *)named;

		/* Announced for an Execute that never came. */
		if (portal->early && !portal->executed)
			wire_end_message(wire, portal->message, 0, WIRE_SKIPPED,
					 NULL);
		if (portal->prepared)
			named_unref(wire, &portal->prepared->named);
	} else {
		struct wire_prepared *prepared =
		    (struct wire_prepared *)(void *)named;

		if (prepared->types_owned)
			free(prepared->types);
		free((void *)(uintptr_t)prepared->columns.data);
	}
	free(named);
}

static struct named **names_slot(const struct names *names, const char *name,
				 uint64_t hash)
{
	struct named **slot = &names->buckets[hash & (names->bucket_count - 1)];

	while (*slot && ((*slot)->hash != hash ||
			 strncmp((*slot)->name, name, WIRE_NAME_MAX)))
		slot = &(*slot)->next;
	return slot;
}

struct named *names_get(const struct names *names, const char *name)
{
	if (!name[0])
		return names->unnamed;
	if (!names->bucket_count)
		return NULL;
	return *names_slot(names, name, names_hash(name));
}

static int names_grow(struct names *names)
{
	size_t count = names->bucket_count ? names->bucket_count * 2 : 8;
	struct named **buckets = calloc(count, sizeof(struct named *));

	if (!buckets)
		return -1;
	for (size_t i = 0; i < names->bucket_count; i++)
		for (struct named *it = names->buckets[i], *next; it;
		     it = next) {
			struct named **to = &buckets[it->hash & (count - 1)];

			next = it->next;
			it->next = *to;
			*to = it;
		}
	free(names->buckets);
	names->buckets = buckets;
	names->bucket_count = count;
	return 0;
}

int names_put(struct names *names, struct named *named,
	      struct named **displaced)
{
	struct named **slot;

	*displaced = NULL;
	if (!named->name[0]) {
		*displaced = names->unnamed;
		names->unnamed = named_ref(named);
	} else {
		if (names->count >= names->bucket_count && names_grow(names))
			return -1;
		slot = names_slot(names, named->name, named->hash);
		*displaced = *slot;
		named->next = *slot ? (*slot)->next : NULL;
		*slot = named_ref(named);
		names->count += !*displaced;
	}
	if (*displaced)
		(*displaced)->installed = false;
	named->installed = true;
	return 0;
}

struct named *names_remove(struct names *names, const char *name)
{
	struct named **slot = NULL;
	struct named *named;

	if (!name[0])
		slot = &names->unnamed;
	else if (names->bucket_count)
		slot = names_slot(names, name, names_hash(name));
	named = slot ? *slot : NULL;
	if (!named)
		return NULL;
	if (name[0]) {
		*slot = named->next;
		names->count--;
	} else {
		*slot = NULL;
	}
	named->installed = false;
	return named;
}

void names_clear(struct wire *wire, struct names *names)
{
	struct named *unnamed = names->unnamed;

	names->unnamed = NULL;
	if (unnamed)
		unnamed->installed = false;
	named_unref(wire, unnamed);
	if (!names->count)
		return;
	for (size_t i = 0; i < names->bucket_count; i++) {
		while (names->buckets[i]) {
			struct named *named = names->buckets[i];

			names->buckets[i] = named->next;
			named->installed = false;
			named_unref(wire, named);
		}
	}
	names->count = 0;
}

void names_release(struct wire *wire, struct names *names)
{
	names_clear(wire, names);
	free(names->buckets);
	memset(names, 0, sizeof(*names));
}
