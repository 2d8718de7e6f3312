/*
 * A shop: a schema whose tables lie in the new one in most of the ways that a mapping can
 * say. users: renamed, in two parts, a column recoded, one split, one computed, one
 * dropped, one looked up. orders: in two tables. cats: some rows of one. homes: absorbed
 * by users. tags: as it was. old_users: a view that the new schema has not.
 */
#ifndef TESTS_UNIT_LENS_SHOP_H
#define TESTS_UNIT_LENS_SHOP_H

#include "unit/lens/support.h"

static const char shop_old[] =
    "mood{sad ok happy}"
    "users(id int4 key, email text notnull, name text, active bool, price "
    "numeric:10.2, flags int4, bio text, theme text, land text, at timestamptz)"
    "orders(id int4 key, user_id int4, state text, total int4)"
    "cats(id int4 key, name text)"
    "homes(user_id int4 key, street text)"
    "tags(id int4 key, label text, user_id int4)"
    "old_users(id int4, email text){view SELECT users.id, users.email FROM "
    "public.users WHERE users.active}";
static const char shop_new[] =
    "mood{sad ok happy}"
    "accounts(id int4 key, mail text notnull, first text, last text, state "
    "text, cents int8, land_id int4, street text, at timestamptz)"
    "settings(user_id int4 key, theme text)"
    "profiles(user_id int4 key, bio text)"
    "lands(id int4 serial key, name text unique)"
    "open(id int4 key, user_id int4, state text, total int4)"
    "done(id int4 key, user_id int4, state text, total int4)"
    "pets(id int4 key, kind text, name text)"
    "tags(id int4 key, label text, user_id int4)";
static const char shop_mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows:\n"
    "      - accounts\n"
    "      - {table: settings, join: {user_id: id}}\n"
    "      - {table: profiles, join: {user_id: id}, when: bio IS NOT NULL}\n"
    "    columns:\n"
    "      email: mail\n"
    "      name:\n"
    "        read: \"first || ' ' || last\"\n"
    "        write: {first: \"split_part(name, ' ', 1)\", last: \"substr(name, "
    "length(split_part(name, ' ', 1)) + 2)\"}\n"
    "      active: {column: state, values: {true: 'on', false: 'off'}}\n"
    "      price: {column: cents, read: \"cents / 100.0\", write: \"(price * "
    "100)::int8\"}\n"
    "      flags: dropped\n"
    "      theme: settings.theme\n"
    "      bio: profiles.bio\n"
    "      land: {lookup: {table: lands, value: name, key: id, column: "
    "land_id, create: true}}\n"
    "  orders:\n"
    "    rows: {any_of: [{table: open, when: \"state = 'new'\"}, done]}\n"
    "  cats:\n"
    "    rows: {table: pets, where: \"kind = 'cat'\", set: {kind: \"'cat'\"}}\n"
    "  homes:\n"
    "    rows: {table: accounts, key: {user_id: id}, absorbed: true}\n";

static inline int start_shop(void **state)
{
	(void)state;
	return start_lens(shop_old, shop_new, shop_mapping);
}

#endif
