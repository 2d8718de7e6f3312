/* Shared by the files of src/compare only. */
#ifndef PARALLAX_COMPARE_INTERNAL_H
#define PARALLAX_COMPARE_INTERNAL_H

#include "compare/compare.h"

/* One output column, with its rules. */
struct compare_column {
	const char *name; /* never NULL */
	const struct answer_column *primary;
	const struct answer_column *shadow;
	const struct promise_column *promise; /* NULL: nothing is known */
	struct value_rules rules;
	bool ignore;
	bool retyped;	  /* the types' names differ */
	bool relaxed;	  /* compares within a tolerance, or is open: not used
			   to find a row */
	bool by_text;	  /* of kinds that do not compare: found by its text */
	bool same_form;	  /* equal values have equal bytes on both sides */
	enum reason open; /* a difference in it decides nothing, for this
			     reason */
};

struct compare_state {
	struct compare_side sides[2]; /* the primary's, the shadow's */
	bool one_engine; /* else neither bytes nor codes tell anything */
	const struct promise *promise;
	const struct answer *primary;
	const struct catalog *old_catalog;
	const struct answer *shadow;
	const struct catalog *new_catalog;
	const struct compare_rules *rules;
	struct arena *arena;
	struct comparison *out;
	struct compare_column *columns;
	size_t column_count;
	bool limited; /* unless ORDER_TOTAL, it is open which of the rows
		         came */
	bool prefix;  /* the primary was stopped by a row limit, the shadow
		         was not: its answer begins with, or contains, the
		         primary's */
};

/* A column's value, from the primary or the shadow. */
static inline struct value_side compare_value(
    const struct compare_state *state, bool shadow,
    const struct compare_column *column, struct value value)
{
	const struct compare_side *side = &state->sides[shadow];
	const struct answer_column *shown =
	    shadow ? column->shadow : column->primary;

	return (struct value_side){side->values, side->catalog, shown->type,
				   shown->format, value};
}

/* Fills state->columns and compares their names and types; false: decided. */
bool compare_columns(struct compare_state *state);

/* Whether equal bytes mean equal values, in every column. */
bool compare_bytes_alike(const struct compare_state *state);
/* Whether both answers (with rows) have digests. */
bool compare_has_digests(const struct compare_state *state);

/* Decides. Both answers are complete. */
void compare_rows(struct compare_state *state);
/* Decides by counts and digests: one of the answers exceeded its cap. */
void compare_capped(struct compare_state *state);

/* How two rows compare. */
enum row_result {
	ROW_EQUAL,
	ROW_OPEN, /* differ only where nothing is decided */
	ROW_DIFFERENT,
};
/* differs (column_count, or NULL) receives each unequal column; reason (or
 * NULL) why a row is open. */
enum row_result compare_row(const struct compare_state *state, size_t primary,
			    size_t shadow, bool *differs, enum reason *reason);
/* Two cells; *open: why a difference or doubt decides nothing. */
enum row_result compare_cells(const struct compare_state *state, size_t primary,
			      size_t shadow, size_t column, enum reason *open);

static inline const struct value *compare_cell_primary(
    const struct compare_state *state, size_t row, size_t cell)
{
	return &state->primary->rows[row * state->column_count + cell];
}

static inline const struct value *compare_cell_shadow(
    const struct compare_state *state, size_t row, size_t cell)
{
	return &state->shadow->rows[row * state->column_count + cell];
}

/* match.c: which row of one answer corresponds to which of the other. */
enum { MATCH_NONE = -1 };
struct compare_match {
	int64_t *shadow_of;  /* by primary row: its partner or MATCH_NONE */
	int64_t *primary_of; /* by shadow row */
	size_t missing;	     /* primary rows without a partner */
	size_t extra;
	size_t open;	    /* pairs that are ROW_OPEN */
	enum reason reason; /* of one of these */
};
/* Pairs rows that are not ROW_DIFFERENT, as many as can be. */
void match_rows(const struct compare_state *state, struct compare_match *match);
/* Pairs the remaining rows: those that are likely the same row, changed. */
void match_leftovers(const struct compare_state *state,
		     struct compare_match *match);

/* Whether this column holds other values over all rows of both sides. Also
 * false where that is unknown. */
bool match_column_differs(const struct compare_state *state, size_t column);

/* evidence.c */
#define COMPARE_BECAUSE(reason) (UINT32_C(1) << (reason))
/* Nothing can be compared: why. */
void compare_undecided(struct compare_state *state, enum reason reason,
		       const char *detail);
/* Records a difference. open: COMPARE_BECAUSE of what may explain it, as far as
 * the comparison knows; the promise about the whole statement is added. */
struct weigh_difference *compare_found(struct compare_state *state,
				       enum difference_kind kind,
				       enum divergence_class class,
				       uint32_t open, const char *detail);
/* CELL: in these output columns (copied). */
void compare_found_cells(struct compare_state *state, const bool *columns,
			 uint32_t open, const char *detail);
/* Keeps a difference, if there is room, and counts it. MATCH_NONE: no such row.
 */
void evidence_add(struct compare_state *state, enum divergence_class class,
		  int64_t primary_row, int64_t shadow_row);
/* "column a differs", "columns a, b and 3 more differ" */
const char *evidence_columns(const struct compare_state *state,
			     const bool *differs, const char *verb_one,
			     const char *verb_many);

#endif
