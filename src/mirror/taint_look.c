/*
 * Which tainted rows the second look asks for, and what its answer settles. For
 * example, of t, whose key is id:
 *
 *	tainted   a of the row with id 7, by 90 (overlap)
 *	          all of the row with id 7 and kind 3, by 95 (overlap)
 *	          all of the row with id 8, by 99: its transaction is still open
 *	asked     the row with id 7, for 90 and 95
 *	equal     both are cleared
 *
 * A taint that comes up while the look is under way is not among those that it
 * was asked for, so the answer does not clear it.
 */
#include "mirror/taint.h"
#include "mirror/taint_grain.h"

enum {
	TRIES_MAX = 5,
	AGAIN_US = 250 * 1000,	/* doubled with each try */
	WHOLE_ROWS_MAX = 10000, /* of a table that is read as a whole */
};

bool taint_is_key(const struct catalog_table *table, int16_t column)
{
	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		for (size_t k = 0;
		     key->kind == KEY_PRIMARY && k < key->column_count; k++)
			if (key->columns[k] == column)
				return true;
	}
	return false;
}

bool taint_covers(const struct weigh_fixed *fixed, size_t fixed_count,
		  const struct grain *grain)
{
	for (size_t i = 0; i < fixed_count; i++) {
		bool same = false;

		for (size_t k = 0; k < grain->fixed_count; k++)
			same |=
			    grain->fixed[k].column == fixed[i].column &&
			    digest_equal(grain->fixed[k].value, fixed[i].value);
		if (!same)
			return false;
	}
	return true;
}

/* Has the transaction of its newest cause ended on both sides? */
static bool has_ended(const struct mirror *mirror, const struct grain *grain)
{
	const struct link *head = &mirror->transactions;

	for (const struct link *it = head->next; it != head; it = it->next) {
		const struct transaction *transaction =
		    LIST_ITEM(it, struct transaction, in_mirror);

		if (transaction->first_seq <= grain->seq &&
		    grain->seq <= transaction->last_seq)
			return false;
	}
	return true;
}

static bool is_open(const struct grain *grain)
{
	return !grain->look.settled && !grain->look.asked &&
	       grain->look.tries < TRIES_MAX;
}

static const struct catalog_table *table_of(const struct mirror *mirror,
					    const char *key, size_t size)
{
	char name[TAINT_TABLE_KEY];
	char *tab;

	snprintf(name, sizeof(name), "%.*s", (int)size, key);
	tab = strchr(name, '\t');
	if (!tab)
		return NULL;
	*tab = '\0';
	return catalog_table(mirror->version->catalogs->old_catalog, name,
			     tab + 1);
}

/* --- asking --- */

static void ask_by(struct taint_question *out, const struct grain *grain,
		   size_t at)
{
	struct weigh_fixed *fixed = &out->fixed[out->fixed_count];

	*fixed = grain->fixed[at];
	memcpy(out->texts[out->fixed_count], grain->texts[at], TAINT_TEXT);
	fixed->text = out->texts[out->fixed_count++];
}

static size_t key_columns(const struct catalog_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < table->column_count; i++)
		count += taint_is_key(table, table->columns[i].number);
	return count;
}

/* By its key, if that is known; otherwise by all that is. False: all rows of a
 * table that has too many of them. */
static bool phrase(const struct catalog_table *table, const struct grain *grain,
		   struct taint_question *out)
{
	size_t keys = 0, whole = key_columns(table);

	for (size_t i = 0; i < grain->fixed_count; i++)
		keys += grain->known[i] &&
			taint_is_key(table, grain->fixed[i].column);
	for (size_t i = 0; i < grain->fixed_count; i++)
		if (grain->known[i] &&
		    (!whole || keys < whole ||
		     taint_is_key(table, grain->fixed[i].column)))
			ask_by(out, grain, i);
	return out->fixed_count || table->row_estimate <= WHOLE_ROWS_MAX;
}

static void mark(const struct mirror *mirror, struct tainted *tainted,
		 struct taint_question *question)
{
	for (size_t i = 0; i < tainted->count; i++) {
		struct grain *grain = &tainted->grains[i];

		if (grain->look.asked || grain->look.settled ||
		    !taint_covers(question->fixed, question->fixed_count,
				  grain) ||
		    !has_ended(mirror, grain))
			continue;
		grain->look.asked = question->number;
		grain->look.tries++;
		if (grain->seq > question->cause)
			question->cause = grain->seq;
	}
}

/* The one that has waited for longest; NULL: none is due. */
static struct grain *find_due(struct mirror *mirror, int64_t now,
			      const struct map_entry **of)
{
	struct grain *best = NULL;

	for (size_t i = 0; i < mirror->tainted.count; i++) {
		struct tainted *tainted = mirror->tainted.entries[i].value;

		for (size_t k = 0; k < tainted->count; k++) {
			struct grain *grain = &tainted->grains[k];

			if (!is_open(grain) || grain->look.next_at > now ||
			    (best && best->look.next_at <= grain->look.next_at))
				continue;
			if (!has_ended(mirror, grain))
				continue;
			best = grain;
			*of = &mirror->tainted.entries[i];
		}
	}
	return best;
}

bool taint_ask(struct mirror *mirror, int64_t now, uint64_t number,
	       struct taint_question *out)
{
	const struct map_entry *of = NULL;
	struct grain *grain;

	while ((grain = find_due(mirror, now, &of))) {
		const struct catalog_table *table =
		    table_of(mirror, of->key, of->key_size);

		*out = (struct taint_question){.number = number};
		snprintf(out->table, sizeof(out->table), "%.*s",
			 (int)of->key_size, (const char *)of->key);
		if (table && phrase(table, grain, out)) {
			mark(mirror, of->value, out);
			return true;
		}
		grain->look.tries = TRIES_MAX;
	}
	return false;
}

/* --- the answer --- */

static struct tainted *asked(const struct mirror *mirror,
			     const struct taint_question *question)
{
	return map_get_string(&mirror->tainted, question->table);
}

static void clear(struct tainted *tainted, uint64_t number)
{
	size_t kept = 0;

	for (size_t i = 0; i < tainted->count; i++)
		if (tainted->grains[i].look.asked != number)
			tainted->grains[kept++] = tainted->grains[i];
	tainted->count = kept;
}

static void note(struct grain *grain, enum taint_answer answer, int64_t now)
{
	grain->look.asked = 0;
	switch (answer) {
	case TAINT_DIFFERS:
		grain->look.settled = true;
		break;
	case TAINT_NEVER:
		grain->look.tries = TRIES_MAX;
		break;
	default:
		grain->look.next_at =
		    now + ((int64_t)AGAIN_US << grain->look.tries);
	}
}

void taint_answered(struct mirror *mirror,
		    const struct taint_question *question,
		    enum taint_answer answer, int64_t now)
{
	struct tainted *tainted = asked(mirror, question);

	if (!tainted)
		return;
	mirror->unpinned_changed = true;
	if (answer == TAINT_EQUAL) {
		clear(tainted, question->number);
		return;
	}
	for (size_t i = 0; i < tainted->count; i++)
		if (tainted->grains[i].look.asked == question->number)
			note(&tainted->grains[i], answer, now);
}

static bool is_apart(const struct taint_question *question,
		     const struct grain *grain)
{
	for (size_t i = 0; i < question->fixed_count; i++)
		for (size_t k = 0; k < grain->fixed_count; k++)
			if (grain->fixed[k].column ==
				question->fixed[i].column &&
			    !digest_equal(grain->fixed[k].value,
					  question->fixed[i].value))
				return true;
	return false;
}

bool taint_is_certain(const struct mirror *mirror,
		      const struct taint_question *question)
{
	const struct tainted *tainted = asked(mirror, question);

	for (size_t i = 0; tainted && i < tainted->count; i++)
		if (!tainted->grains[i].diverged &&
		    !is_apart(question, &tainted->grains[i]))
			return false;
	return tainted && tainted->count;
}

bool taint_is_open(const struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->tainted.count; i++) {
		const struct tainted *tainted =
		    mirror->tainted.entries[i].value;

		for (size_t k = 0; k < tainted->count; k++)
			if (is_open(&tainted->grains[k]))
				return true;
	}
	return false;
}

void taint_ask_again(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->tainted.count; i++) {
		struct tainted *tainted = mirror->tainted.entries[i].value;

		for (size_t k = 0; k < tainted->count; k++) {
			tainted->grains[k].look.tries = 0;
			tainted->grains[k].look.next_at = 0;
		}
	}
}
