/*
 * The record, with what differs in the engines that the tests make of it
 * (reduced.h).
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_RECORD_H
#define PARALLAX_ADAPTERS_POSTGRES_RECORD_H

#include "adapters/postgres/copy_input.h"
#include "adapters/postgres/decode.h"
#include "adapters/postgres/parse.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/value.h"
#include "adapters/postgres/wire.h"

#define POSTGRES_RECORD(its_name, its_parser, its_shadow, its_session,         \
			its_seed, its_checksum, its_values)                    \
	.name = (its_name), .default_port = 5432,                              \
	.catalog_read = postgres_catalog_read,                                 \
	.catalog_mark = postgres_catalog_mark, .identity = postgres_identity,  \
	.catalog_reread = postgres_catalog_reread,                             \
	.catalog_reader_free = postgres_catalog_reader_free,                   \
	.driver_files = postgres_driver_files, .values = &(its_values),        \
	.decode = &postgres_decode, .errors = &postgres_errors,                \
	.wire = &postgres_wire, .shadow = &(its_shadow),                       \
	.session = &(its_session), .database = &postgres_database,             \
	.proof = &postgres_proof, .copy = &postgres_copy, .seed = &(its_seed), \
	.rules = &postgres_rules, .checksum = &(its_checksum),                 \
	.settings = &postgres_settings, .sample = &postgres_sample,            \
	.rights = &postgres_rights, .parser = &(its_parser)

#endif
