/*
 * Values by type: do two values of two servers mean the same? Implemented by
 * each engine's adapter (adapters/postgres/value.c), used by src/compare.
 */
#ifndef PARALLAX_ADAPTERS_VALUE_H
#define PARALLAX_ADAPTERS_VALUE_H

#include "adapters/answer.h"
#include "adapters/catalog.h"

struct value_rules {
	int64_t clock_tolerance_us; /* used where `clock` is set */
	bool clock;		    /* the column is fed by a clock */
	double tolerance;	    /* absolute, for numbers; 0: none */
	unsigned float_ulps;
};

enum value_result { VALUE_EQUAL, VALUE_DIFFERENT, VALUE_UNDECIDED };

/* One engine's values. All functions are pure and thread-safe. */
struct value_ops {
	/*
	 * Compares a (of type a_type, in wire format a_format, of a_catalog)
	 * with b. NULL equals NULL only. Types may differ where their classes
	 * can be compared (int4 with int8, integer with numeric, varchar with
	 * text, json with jsonb, enum or domain with its base or text); text
	 * and binary forms decode to the same value. UNDECIDED: one of them
	 * cannot be decoded.
	 */
	enum value_result (*compare)(
	    const struct catalog *a_catalog, uint32_t a_type, uint8_t a_format,
	    struct value a, const struct catalog *b_catalog, uint32_t b_type,
	    uint8_t b_format, struct value b, const struct value_rules *rules);

	/*
	 * A canonical byte form, such that values that compare equal (without
	 * tolerance) have equal forms: for multisets and sorting. The bytes
	 * live in the arena. UNDECIDED when it cannot be decoded (then *out is
	 * the raw value).
	 */
	enum value_result (*canonical)(const struct catalog *catalog,
				       uint32_t type, uint8_t format,
				       struct value in, struct arena *arena,
				       struct value *out);

	/* As text, for evidence (binary forms decoded), in the arena. */
	const char *(*text)(const struct catalog *catalog, uint32_t type,
			    uint8_t format, struct value in,
			    struct arena *arena);
};

#endif
