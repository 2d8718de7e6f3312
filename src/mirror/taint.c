#include "mirror/taint.h"

#include <inttypes.h>

#include "base/memory.h"
#include "mirror/effect.h"
#include "mirror/look.h"
#include "mirror/reach.h"
#include "mirror/taint_grain.h"

#define FACT_TAINTED "mirror.tainted"

enum { GRAINS_MAX = 256 /* of a table; above that they are joined */ };

static size_t table_key(const struct catalog_table *table, char *key)
{
	int size = snprintf(key, TAINT_TABLE_KEY, "%s\t%s", table->schema,
			    table->name);

	return size < TAINT_TABLE_KEY ? (size_t)size : TAINT_TABLE_KEY - 1;
}

struct tainted *taint_find(const struct mirror *mirror,
			   const struct catalog_table *table)
{
	char key[TAINT_TABLE_KEY];

	return mirror->tainted.count
		   ? map_get(&mirror->tainted, key, table_key(table, key))
		   : NULL;
}

static struct tainted *find_or_add(struct mirror *mirror, const char *key,
				   size_t size)
{
	struct tainted *tainted = map_get(&mirror->tainted, key, size);

	if (!tainted) {
		tainted = memory_alloc(sizeof(*tainted));
		map_set(&mirror->tainted, key, size, tainted);
	}
	return tainted;
}

/* --- grains --- */

static bool same_fixed(const struct grain *a, const struct grain *b)
{
	if (a->fixed_count != b->fixed_count)
		return false;
	for (size_t i = 0; i < a->fixed_count; i++)
		if (a->fixed[i].column != b->fixed[i].column ||
		    !digest_equal(a->fixed[i].value, b->fixed[i].value))
			return false;
	return true;
}

static bool same_cause(const struct grain *a, const struct grain *b)
{
	return a->fingerprint == b->fingerprint && a->kind == b->kind &&
	       a->diverged == b->diverged && a->lacking == b->lacking;
}

static bool holds(const struct grain *grain, const struct grain *other)
{
	return (!grain->fixed_count || same_fixed(grain, other)) &&
	       (grain->columns & other->columns) == other->columns &&
	       (grain->rows || !other->rows) && same_cause(grain, other);
}

static void join(struct grain *into, const struct grain *other)
{
	into->columns |= other->columns;
	into->rows |= other->rows;
	into->fixed_count = 0;
	into->look = (struct grain_look){0};
	if (other->seq > into->seq)
		into->seq = other->seq;
	if (!same_cause(into, other)) {
		into->fingerprint = 0;
		into->kind = -1;
		into->diverged = into->lacking = false;
	}
}

/* Joins the grains with the cause of the last one, or all. */
static void join_all(struct tainted *tainted, bool of_cause)
{
	struct grain whole = tainted->grains[tainted->count - 1];
	size_t kept = 0;

	for (size_t i = 0; i < tainted->count; i++) {
		if (!of_cause || same_cause(&tainted->grains[i], &whole))
			join(&whole, &tainted->grains[i]);
		else
			tainted->grains[kept++] = tainted->grains[i];
	}
	tainted->grains[kept++] = whole;
	tainted->count = kept;
}

/* A cause of the same kind again: a look under way says nothing about it. Rows
 * that are known to differ need no other. */
static void renew(struct grain *grain, uint64_t seq)
{
	grain->look = (struct grain_look){.settled = grain->look.settled};
	if (seq > grain->seq)
		grain->seq = seq;
}

static void add_grain(struct tainted *tainted, const struct grain *grain)
{
	for (size_t i = 0; i < tainted->count; i++)
		if (holds(&tainted->grains[i], grain)) {
			renew(&tainted->grains[i], grain->seq);
			return;
		}
	if (tainted->count == tainted->capacity) {
		tainted->capacity = tainted->capacity * 2 + 4;
		tainted->grains =
		    memory_resize(tainted->grains,
				  tainted->capacity * sizeof(*tainted->grains));
	}
	tainted->grains[tainted->count++] = *grain;
	if (tainted->count > GRAINS_MAX)
		join_all(tainted, true);
	if (tainted->count > GRAINS_MAX)
		join_all(tainted, false);
}

static struct grain grain_of(const struct task *task)
{
	const struct weigh_difference *decides =
	    task->comparison ? weigh_decides(task->comparison->found,
					     task->comparison->found_count)
			     : NULL;

	return (struct grain){
	    .columns = WEIGH_ALL_COLUMNS,
	    .rows = true,
	    .seq = task->exchange ? task->exchange->seq : task->end->seq,
	    .fingerprint = task->plan ? task->plan->fingerprint : 0,
	    .kind = decides ? (int)decides->kind : -1,
	    .diverged = task->verdict == VERDICT_DIVERGED,
	};
}

static void add(struct task *task, const struct catalog_table *table,
		const struct grain *grain)
{
	char key[TAINT_TABLE_KEY];
	size_t size = table_key(table, key);

	add_grain(find_or_add(task->mirror, key, size), grain);
	task->mirror->unpinned_changed = true;
}

static void fix_one(struct grain *grain, const struct weigh_fixed *fixed)
{
	size_t at = grain->fixed_count;

	if (at == TAINT_FIXED)
		return;
	grain->fixed[at] = *fixed;
	grain->fixed[at].text = NULL;
	grain->known[at] =
	    fixed->text && strlen(fixed->text) < sizeof(grain->texts[at]);
	if (grain->known[at])
		snprintf(grain->texts[at], sizeof(grain->texts[at]), "%s",
			 fixed->text);
	grain->fixed_count++;
}

static void fix(struct grain *grain, const struct weigh_place *place,
		const struct catalog_table *table, bool keys)
{
	for (size_t i = 0; i < place->fixed_count; i++)
		if (taint_is_key(table, place->fixed[i].column) == keys)
			fix_one(grain, &place->fixed[i]);
}

/* Both sides have run it, and keep it: what it takes away is there on neither, even
 * if one had more of it. Where another's write overlapped, that may have come
 * before it on one side and after it on the other. */
static bool has_run(const struct task *task)
{
	return task->comparison && !task->shadow_failed &&
	       !task->transaction->undone && task->reason != REASON_OVERLAP &&
	       task->primary.outcome == ANSWER_OK;
}

static void add_place(struct task *task, const struct weigh_place *place)
{
	const struct catalog_table *table =
	    reach_table(task->version->catalogs, place->table);
	struct grain grain = grain_of(task);

	if (!table || (place->exact && has_run(task)))
		return;
	grain.columns = place->columns;
	grain.rows = place->rows;
	/* the primary inserted them, the shadow failed to */
	grain.lacking = place->adds && task->comparison &&
			task->shadow_failed &&
			task->primary.outcome != ANSWER_FAILED;
	/* each of them narrows it, so some are enough; the key's come first */
	fix(&grain, place, table, true);
	fix(&grain, place, table, false);
	add(task, table, &grain);
}

void taint_add(struct task *task)
{
	const struct plan *plan = task->judged_by;
	const struct weigh_scope *scope =
	    task->effect ? effect_scope(task->effect, task) : NULL;
	struct grain whole = grain_of(task);

	for (size_t i = 0; scope && i < scope->place_count; i++)
		add_place(task, &scope->places[i]);
	if (scope && !scope->all_data && scope->place_count)
		return;
	for (size_t i = 0; i < plan->tables_written_count; i++)
		add(task, plan->tables_written[i], &whole);
}

/* --- rows that move --- */

static void forget_fixed(struct grain *grain, uint64_t columns)
{
	size_t kept = 0;

	for (size_t i = 0; i < grain->fixed_count; i++) {
		if (columns & weigh_column(grain->fixed[i].column))
			continue;
		grain->fixed[kept] = grain->fixed[i];
		grain->known[kept] = grain->known[i];
		memmove(grain->texts[kept], grain->texts[i],
			sizeof(grain->texts[i]));
		kept++;
	}
	if (kept != grain->fixed_count)
		grain->look = (struct grain_look){0};
	grain->fixed_count = kept;
}

void taint_follow(struct task *task)
{
	const struct plan *plan = task->judged_by;
	const struct weigh_scope *scope;
	bool touched = false;

	if (!task->mirror->tainted.count || !task->effect)
		return;
	for (size_t i = 0; i < plan->tables_written_count && !touched; i++)
		touched =
		    taint_find(task->mirror, plan->tables_written[i]) != NULL;
	if (!touched)
		return;
	scope = effect_scope(task->effect, task);
	for (size_t i = 0; i < scope->place_count; i++) {
		const struct catalog_table *table = reach_table(
		    task->version->catalogs, scope->places[i].table);
		struct tainted *tainted =
		    table ? taint_find(task->mirror, table) : NULL;

		/* a new or deleted row moves no other */
		if (!tainted || scope->places[i].rows)
			continue;
		for (size_t k = 0; k < tainted->count; k++)
			forget_fixed(&tainted->grains[k],
				     scope->places[i].columns);
	}
}

/* --- as a candidate --- */

static bool is_error(enum difference_kind kind)
{
	return kind <= DIFFERENCE_FAILURE;
}

/* The same statement failing in the same way is not excused by its own first
 * failure. */
static bool is_repeat(const struct task *task, const struct grain *grain,
		      const struct weigh_difference *difference)
{
	return grain->diverged && grain->fingerprint &&
	       grain->fingerprint == task->plan->fingerprint &&
	       grain->kind == (int)difference->kind &&
	       is_error(difference->kind);
}

static void weigh_grain(const struct task *task,
			const struct catalog_table *table,
			const struct grain *grain,
			struct weigh_difference *difference)
{
	const struct weigh_place place = {
	    .table = catalogs_number(task->version->catalogs, table),
	    .columns = grain->columns,
	    .rows = grain->rows,
	    .adds = grain->lacking,
	    .fixed = grain->fixed,
	    .fixed_count = grain->fixed_count,
	};
	const struct weigh_scope scope = {.places = &place, .place_count = 1};
	const struct weigh_candidate candidate = {REASON_TAINTED, &scope};

	weigh_candidate(difference, 1, &candidate);
}

static void weigh_tainted(struct task *task, const struct catalog_table *table,
			  const struct tainted *tainted)
{
	struct comparison *comparison = task->comparison;

	for (size_t k = 0; k < tainted->count; k++)
		for (size_t i = 0; i < comparison->found_count; i++)
			if (!is_repeat(task, &tainted->grains[k],
				       &comparison->found[i]))
				weigh_grain(task, table, &tainted->grains[k],
					    &comparison->found[i]);
}

void taint_weigh(struct task *task)
{
	const struct catalog *catalog = task->version->catalogs->old_catalog;

	if (!task->mirror->tainted.count ||
	    (task->look && look_is_certain(task)))
		return;
	/* tables linked by foreign keys, and those behind a view, count as well
	 */
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct tainted *tainted =
		    taint_find(task->mirror, &catalog->tables[i]);

		if (tainted)
			weigh_tainted(task, &catalog->tables[i], tainted);
	}
}

bool taint_is_root(const struct task *task,
		   const struct weigh_difference *difference)
{
	struct weigh_difference copy = *difference;

	for (size_t i = 0; i < task->plan->tables_read_count; i++) {
		const struct catalog_table *table = task->plan->tables_read[i];
		const struct tainted *tainted = taint_find(task->mirror, table);

		for (size_t k = 0; tainted && k < tainted->count; k++)
			if (tainted->grains[k].diverged)
				weigh_grain(task, table, &tainted->grains[k],
					    &copy);
	}
	return copy.covered != REASON_NONE;
}

/* --- in the store --- */

/* schema, table, columns, rows, seq, fingerprint, kind, diverged (and 2, if a
 * look has settled it, and 4, if the shadow lacks the rows), and
 * "column:high:low" each; one grain a line. */
static void write_grain(struct buffer *text, const char *key, size_t size,
			const struct grain *grain)
{
	buffer_append(text, key, size);
	buffer_printf(
	    text, "\t%" PRIx64 "\t%d\t%" PRIu64 "\t%" PRIx64 "\t%d\t%d\t",
	    grain->columns, grain->rows, grain->seq, grain->fingerprint,
	    grain->kind,
	    grain->diverged | grain->look.settled << 1 | grain->lacking << 2);
	for (size_t i = 0; i < grain->fixed_count; i++)
		buffer_printf(
		    text, "%d:%" PRIx64 ":%" PRIx64 ",", grain->fixed[i].column,
		    grain->fixed[i].value.high, grain->fixed[i].value.low);
	buffer_append_byte(text, '\n');
}

int taint_save(struct mirror *mirror, struct error *error)
{
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	for (size_t i = 0; i < mirror->tainted.count; i++) {
		const struct tainted *tainted =
		    mirror->tainted.entries[i].value;

		for (size_t k = 0; k < tainted->count; k++)
			write_grain(&text, mirror->tainted.entries[i].key,
				    mirror->tainted.entries[i].key_size,
				    &tainted->grains[k]);
	}
	result =
	    store_set_sealed(mirror->store, FACT_TAINTED,
			     text.size ? buffer_string(&text) : NULL, error);
	buffer_release(&text);
	return result;
}

static void read_fixed(const char *text, struct grain *grain)
{
	char *next;

	while (grain->fixed_count < TAINT_FIXED && *text && *text != '\n') {
		struct weigh_fixed *fixed = &grain->fixed[grain->fixed_count];

		fixed->column = (int16_t)strtol(text, &next, 10);
		if (*next != ':')
			return;
		fixed->value.high = strtoull(next + 1, &next, 16);
		if (*next != ':')
			return;
		fixed->value.low = strtoull(next + 1, &next, 16);
		if (*next != ',')
			return;
		grain->fixed_count++;
		text = next + 1;
	}
}

/* What the text does not say means all of the table. */
static void read_grain(const char *text, struct grain *grain)
{
	char *next;
	long certain;

	*grain = (struct grain){
	    .columns = WEIGH_ALL_COLUMNS, .rows = true, .kind = -1};
	if (*text != '\t')
		return;
	grain->columns = strtoull(text + 1, &next, 16);
	grain->rows = strtol(next, &next, 10) != 0;
	grain->seq = strtoull(next, &next, 10);
	grain->fingerprint = strtoull(next, &next, 16);
	grain->kind = (int)strtol(next, &next, 10);
	certain = strtol(next, &next, 10);
	grain->diverged = certain & 1;
	grain->look.settled = certain & 2;
	grain->lacking = certain & 4;
	if (*next == '\t')
		read_fixed(next + 1, grain);
}

int taint_load(struct mirror *mirror, struct error *error)
{
	char *text = NULL, *line, *next;

	if (store_get_sealed(mirror->store, FACT_TAINTED, &text, error))
		return -1;
	for (line = text; line && *line; line = next) {
		char *tab = strchr(line, '\t'), *end = strchr(line, '\n');
		struct grain grain;
		size_t size;

		if (!tab || !end || tab > end)
			break;
		next = end + 1;
		size = (size_t)(tab - line) + 1 + strcspn(tab + 1, "\t\n");
		read_grain(line + size, &grain);
		add_grain(find_or_add(mirror, line, size), &grain);
	}
	free(text);
	return 0;
}

void taint_release(struct mirror *mirror)
{
	for (size_t i = 0; i < mirror->tainted.count; i++) {
		struct tainted *tainted = mirror->tainted.entries[i].value;

		free(tainted->grains);
		free(tainted);
	}
	map_release(&mirror->tainted);
}
