/*
 * Values by type, and whether two values of two servers mean the same. Each
 * engine's adapter turns its own into one canonical form; value.c compares two
 * of them.
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

/* What a comparison must know of a type beyond the form of its values. */
struct value_kind {
	enum type_class class; /* of a domain: its base's */
	bool single;	       /* FLOAT: of single precision */
};

struct form; /* adapters/form.h */

/* Where a value of another engine goes. */
struct value_target {
	const struct value_ops *ops;
	const struct catalog *catalog;
	uint32_t type; /* 0: not known */
};

/* One engine's values. All functions are pure and thread-safe. */
struct value_ops {
	/* Appends the canonical form of a value (not NULL) in wire format
	 * `format` to a form that is begun for its catalog. -1: it is no value
	 * of the type. */
	int (*form)(struct form *form, uint32_t type, uint8_t format,
		    const uint8_t *data, size_t size);
	void (*kind)(const struct catalog *catalog, uint32_t type,
		     struct value_kind *out);
	/* As text, for evidence (binary forms decoded), in the arena; NULL of
	 * NULL. */
	const char *(*text)(const struct catalog *catalog, uint32_t type,
			    uint8_t format, struct value in,
			    struct arena *arena);
	/* Appends to `out` the text that this engine reads as the value of a
	 * form. Only value_cross asks, for what each engine writes in its own
	 * way: never for texts, finite numbers and JSON. -1: the engine, or the
	 * type, has no such value. */
	int (*write)(struct form *out, const struct value_target *target,
		     const uint8_t *form, size_t size);
};

/* A value with all that it takes to understand it: the engine that gave it, and
 * its type in that server's catalog. */
struct value_side {
	const struct value_ops *ops;
	const struct catalog *catalog;
	uint32_t type;
	uint8_t format;
	struct value value;
};

/*
 * Compares two values, of two engines perhaps. NULL equals NULL only. Types may
 * differ where their classes can be compared (int4 with int8, integer with
 * numeric, varchar with text, json with jsonb, enum or domain with its base or
 * text); text and binary forms decode to the same value. UNDECIDED: one of them
 * cannot be decoded.
 */
enum value_result value_compare(const struct value_side *a,
				const struct value_side *b,
				const struct value_rules *rules);

/*
 * The canonical form as a value, such that values that compare equal (without
 * tolerance) have equal bytes: for multisets and sorting. The bytes live in the
 * arena. UNDECIDED when it cannot be decoded (then *out is the raw value).
 */
enum value_result value_canonical(const struct value_side *side,
				  struct arena *arena, struct value *out);

/* Can it be read, so that its text is known? Not, if it is malformed, or in a
 * binary form that the adapter has no decoder for. */
bool value_is_readable(const struct value_side *side);

/*
 * The value as a text for the target's engine, in the arena or borrowed. A text
 * that means the same there passes as it is, with its blanks and its scale; any
 * other is written from the canonical form. A text of an unknown type passes
 * too. -1: it cannot be read, or the target's engine has no text for it.
 */
int value_cross(const struct value_side *from,
		const struct value_target *target, struct arena *arena,
		struct value *out);

/* As value_ops has it. */
const char *value_text(const struct value_side *side, struct arena *arena);

#endif
