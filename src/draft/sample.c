/* Samples of both sides' rows, paired by their keys. */
#include "draft/internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

#include "adapters/sample.h"
#include "base/map.h"

enum {
	SAMPLE_ROWS = 400,
	SAMPLE_BYTES_MAX = 64 * 1024 * 1024, /* of all samples */
	KEY_BYTES = 2048,
};

/* ---- reading ---- */

static void copy_rows(struct draft *draft, struct sample *sample,
		      const struct database_result *result)
{
	size_t count = result->row_count * result->column_count;

	sample->row_count = result->row_count;
	sample->complete = result->row_count < SAMPLE_ROWS;
	sample->values =
	    arena_array(draft->arena, count + 1, sizeof(*sample->values));
	for (size_t i = 0; i < count; i++)
		if (result->rows[i].data)
			sample->values[i] =
			    arena_copy(draft->arena, result->rows[i].data,
				       result->rows[i].size);
}

static size_t bytes_of(const struct database_result *result)
{
	size_t bytes = 0;

	for (size_t i = 0; i < result->row_count * result->column_count; i++)
		bytes += result->rows[i].size + sizeof(char *);
	return bytes;
}

const struct sample *sample_of(struct draft *draft,
			       const struct catalog_table *table, bool old_side)
{
	const struct adapter *adapter = old_side ? draft->input->primary_adapter
						 : draft->input->shadow_adapter;
	struct database *database =
	    old_side ? draft->input->primary_data : draft->input->shadow_data;
	struct database_result result;
	struct sample *sample;
	const char **columns;
	struct error error;

	VECTOR_EACH (const struct sample, found, &draft->samples)
		if (found->old_side == old_side &&
		    !strcmp(found->table, table->name) &&
		    !strcmp(found->schema, table->schema))
			return found->row_count ? found : NULL;
	if (!database || !(table->privileges & PRIVILEGE_SELECT) ||
	    !table->column_count ||
	    (table->kind != RELATION_TABLE &&
	     table->kind != RELATION_PARTITIONED))
		return NULL;
	sample = arena_alloc(draft->arena, sizeof(*sample));
	sample->schema = table->schema;
	sample->table = table->name;
	sample->old_side = old_side;
	sample->column_count = table->column_count;
	columns = arena_array(draft->arena, table->column_count + 1,
			      sizeof(*columns));
	for (size_t i = 0; i < table->column_count; i++)
		columns[i] = table->columns[i].name;
	sample->columns = columns;
	vector_add(draft->arena, &draft->samples, sample);
	if (draft->sample_bytes > SAMPLE_BYTES_MAX)
		return NULL;
	error_init(&error);
	/* Unreadable rows are no evidence, but not a mistake either. */
	if (adapter->sample->rows(database, table, SAMPLE_ROWS, &result,
				  &error))
		return NULL;
	draft->sample_bytes += bytes_of(&result);
	copy_rows(draft, sample, &result);
	adapter->database->release(&result);
	return sample->row_count ? sample : NULL;
}

const char *const *sample_labels(struct draft *draft,
				 const struct catalog_type *type, bool old_side,
				 size_t *count)
{
	const struct adapter *adapter = old_side ? draft->input->primary_adapter
						 : draft->input->shadow_adapter;
	struct database *database =
	    old_side ? draft->input->primary_data : draft->input->shadow_data;
	struct database_result result;
	const char **labels;
	struct error error;

	*count = 0;
	error_init(&error);
	if (!database || !type || type->class != TYPE_ENUM ||
	    adapter->sample->labels(database, type, &result, &error))
		return NULL;
	labels =
	    arena_array(draft->arena, result.row_count + 1, sizeof(*labels));
	for (size_t i = 0; i < result.row_count; i++)
		labels[i] = arena_copy(draft->arena, result.rows[i].data,
				       result.rows[i].size);
	*count = result.row_count;
	adapter->database->release(&result);
	return labels;
}

static int column_of(const struct sample *sample, const char *name)
{
	for (size_t i = 0; i < sample->column_count; i++)
		if (!strcmp(sample->columns[i], name))
			return (int)i;
	return -1;
}

static const char *value_at(const struct sample *sample, size_t row, int column)
{
	return sample->values[row * sample->column_count + (size_t)column];
}

/* ---- pairs ---- */

struct pairs {
	const struct sample *old_sample, *new_sample;
	size_t count;
	size_t *old_rows, *new_rows;
};

/* Size of the row's key in out; 0: it has a null, or is too long. */
static size_t key_of(const struct sample *sample, size_t row,
		     const int *columns, size_t count, char *out)
{
	size_t size = 0;

	for (size_t i = 0; i < count; i++) {
		const char *value = value_at(sample, row, columns[i]);
		size_t length = value ? strlen(value) + 1 : 0;

		if (!value || length > KEY_BYTES - size)
			return 0;
		memcpy(out + size, value, length);
		size += length;
	}
	return size;
}

static bool find_columns(const struct sample *sample, const char *const *names,
			 size_t count, int *columns)
{
	for (size_t i = 0; i < count; i++) {
		columns[i] = column_of(sample, names[i]);
		if (columns[i] < 0)
			return false;
	}
	return count > 0;
}

struct pairs *sample_pair(struct draft *draft, const struct sample *old_sample,
			  const struct sample *new_sample,
			  const char *const *old_keys,
			  const char *const *new_keys, size_t key_count)
{
	enum { KEYS_MAX = 16 };
	int old_columns[KEYS_MAX], new_columns[KEYS_MAX];
	char key[KEY_BYTES];
	struct pairs *pairs;
	struct map rows;

	if (!old_sample || !new_sample || key_count > KEYS_MAX ||
	    !find_columns(old_sample, old_keys, key_count, old_columns) ||
	    !find_columns(new_sample, new_keys, key_count, new_columns))
		return NULL;
	pairs = arena_alloc(draft->arena, sizeof(*pairs));
	pairs->old_sample = old_sample;
	pairs->new_sample = new_sample;
	pairs->old_rows = arena_array(draft->arena, old_sample->row_count,
				      sizeof(*pairs->old_rows));
	pairs->new_rows = arena_array(draft->arena, old_sample->row_count,
				      sizeof(*pairs->new_rows));
	map_init(&rows);
	for (size_t i = 0; i < new_sample->row_count; i++) {
		size_t size =
		    key_of(new_sample, i, new_columns, key_count, key);

		if (size)
			map_set(
			    &rows, key, size,
			    &new_sample->values[i * new_sample->column_count]);
	}
	for (size_t i = 0; i < old_sample->row_count; i++) {
		size_t size =
		    key_of(old_sample, i, old_columns, key_count, key);
		const char **found = size ? map_get(&rows, key, size) : NULL;

		if (!found)
			continue;
		pairs->old_rows[pairs->count] = i;
		pairs->new_rows[pairs->count++] =
		    (size_t)(found - new_sample->values) /
		    new_sample->column_count;
	}
	map_release(&rows);
	return pairs->count ? pairs : NULL;
}

size_t pairs_count(const struct pairs *pairs)
{
	return pairs ? pairs->count : 0;
}

/* ---- comparing ---- */

static bool number_of(const char *text, double *number)
{
	char *end;

	if (!text || !*text || isspace((unsigned char)*text))
		return false;
	*number = strtod(text, &end);
	return !*end && isfinite(*number);
}

static bool same_value(const char *a, const char *b)
{
	double x, y;

	if (!a || !b)
		return !a && !b;
	if (!strcmp(a, b))
		return true;
	return number_of(a, &x) && number_of(b, &y) && x == y;
}

static bool enough(size_t agreed, size_t compared)
{
	return agreed * 50 >= compared * 49; /* 98 % */
}

struct columns {
	const struct pairs *pairs;
	int old_column, new_column;
};

static void values_of(const struct columns *columns, size_t index,
		      const char **a, const char **b)
{
	const struct pairs *pairs = columns->pairs;

	*a = value_at(pairs->old_sample, pairs->old_rows[index],
		      columns->old_column);
	*b = value_at(pairs->new_sample, pairs->new_rows[index],
		      columns->new_column);
}

static void compare_equal(const struct columns *columns,
			  struct draft_comparison *comparison)
{
	const char *first = NULL;

	for (size_t i = 0; i < columns->pairs->count; i++) {
		const char *a, *b;

		values_of(columns, i, &a, &b);
		if (!a && !b)
			continue;
		comparison->compared++;
		comparison->agreed += same_value(a, b);
		if (a && first && strcmp(a, first))
			comparison->varied = true;
		if (a && !first)
			first = a;
	}
	if (comparison->compared &&
	    enough(comparison->agreed, comparison->compared))
		comparison->relation = RELATION_EQUAL;
}

static bool same_or_null(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Whether old and new values correspond one to one. */
static void compare_recoded(const struct columns *columns,
			    struct draft_comparison *comparison)
{
	enum {
		VALUES = sizeof(comparison->old_values) /
			 sizeof(*comparison->old_values)
	};
	size_t count = 0, agreed = 0;

	for (size_t i = 0; i < columns->pairs->count; i++) {
		const char *a, *b;
		size_t at = 0;
		bool taken = false;

		values_of(columns, i, &a, &b);
		if (!a && !b)
			continue;
		while (at < count &&
		       !same_or_null(comparison->old_values[at], a))
			at++;
		if (at < count) {
			agreed += same_or_null(comparison->new_values[at], b);
			continue;
		}
		for (size_t k = 0; k < count; k++)
			taken |= same_or_null(comparison->new_values[k], b);
		if (taken)
			continue; /* counts against it */
		if (count == VALUES)
			return;
		comparison->old_values[count] = a;
		comparison->new_values[count++] = b;
		agreed++;
	}
	/* Values that each occur only once prove nothing. */
	if (count < 2 || 3 * comparison->compared < 4 * count ||
	    !enough(agreed, comparison->compared))
		return;
	comparison->agreed = agreed;
	comparison->value_count = count;
	comparison->relation = RELATION_RECODED;
}

static long factor_of(double from, double to)
{
	double ratio = from != 0 ? to / from : 0;
	double rounded = round(ratio);

	if (rounded < 2 || rounded > 1e9 ||
	    fabs(ratio - rounded) > 0.01 * rounded)
		return 0;
	return (long)rounded;
}

static void compare_scaled(const struct columns *columns,
			   struct draft_comparison *comparison)
{
	size_t agreed = 0, telling = 0;
	double before = 0;
	long factor = 0;

	for (size_t i = 0; i < columns->pairs->count; i++) {
		const char *a, *b;
		double x, y;

		values_of(columns, i, &a, &b);
		if (!a && !b)
			continue;
		if (!number_of(a, &x) || !number_of(b, &y))
			return;
		if (x == 0 || y == 0) {
			agreed += x == 0 && y == 0;
			continue;
		}
		if (!factor) {
			factor = factor_of(x, y);
			if (!factor)
				factor = -factor_of(y, x);
			if (!factor)
				return;
		}
		if (factor > 0 ? fabs(y - x * (double)factor) <= 0.5
			       : fabs(x + y * (double)factor) <= 0.5) {
			agreed++;
			telling += x != before;
			before = x;
		}
	}
	if (telling < 2 || !enough(agreed, comparison->compared))
		return;
	comparison->agreed = agreed;
	comparison->factor = factor;
	comparison->relation = RELATION_SCALED;
}

static void compare_lowered(const struct columns *columns,
			    struct draft_comparison *comparison)
{
	size_t agreed = 0;

	for (size_t i = 0; i < columns->pairs->count; i++) {
		const char *a, *b;

		values_of(columns, i, &a, &b);
		if (a && b)
			agreed += !strcasecmp(a, b);
	}
	if (comparison->compared > 2 && comparison->agreed < agreed &&
	    enough(agreed, comparison->compared)) {
		comparison->agreed = agreed;
		comparison->relation = RELATION_LOWERED;
	}
}

void pairs_compare(struct draft *draft, const struct pairs *pairs,
		   const char *old_column, const char *new_column,
		   struct draft_comparison *comparison)
{
	struct columns columns = {pairs, -1, -1};

	(void)draft;
	memset(comparison, 0, sizeof(*comparison));
	if (!pairs)
		return;
	columns.old_column = column_of(pairs->old_sample, old_column);
	columns.new_column = column_of(pairs->new_sample, new_column);
	if (columns.old_column < 0 || columns.new_column < 0)
		return;
	compare_equal(&columns, comparison);
	if (comparison->relation == RELATION_NONE && comparison->compared)
		compare_scaled(&columns, comparison);
	if (comparison->relation == RELATION_NONE && comparison->compared)
		compare_recoded(&columns, comparison);
	if (comparison->relation == RELATION_NONE && comparison->compared)
		compare_lowered(&columns, comparison);
}

/* ---- joined and cut ---- */

/* Whether whole = left separator right, at the first separator or the last. */
static bool is_joined(const char *whole, const char *left, const char *right,
		      const char *separator)
{
	size_t left_size = strlen(left);
	size_t size = strlen(separator);

	return !strncmp(whole, left, left_size) &&
	       !strncmp(whole + left_size, separator, size) &&
	       !strcmp(whole + left_size + size, right);
}

struct joining {
	const struct sample *whole_sample, *parts_sample;
	const size_t *whole_rows, *parts_rows;
	size_t count;
	int whole, left, right;
};

static bool all_joined(const struct joining *joining, const char *separator,
		       size_t *compared, bool *last)
{
	size_t agreed = 0, before = 0, behind = 0, seen = 0;

	for (size_t i = 0; i < joining->count; i++) {
		const char *whole =
		    value_at(joining->whole_sample, joining->whole_rows[i],
			     joining->whole);
		const char *left =
		    value_at(joining->parts_sample, joining->parts_rows[i],
			     joining->left);
		const char *right =
		    value_at(joining->parts_sample, joining->parts_rows[i],
			     joining->right);

		if (!whole || strlen(whole) >= SAMPLE_VALUE_MAX)
			continue;
		seen++;
		if (!left || !right ||
		    !is_joined(whole, left, right, separator))
			continue;
		agreed++;
		before += strstr(left, separator) != NULL;
		behind += strstr(right, separator) != NULL;
	}
	*compared = agreed;
	*last = before > 0;
	return agreed >= 2 && enough(agreed, seen) && !(before && behind);
}

const char *pairs_joined(const struct pairs *pairs, bool split, const char *a,
			 const char *b, const char *c, size_t *compared,
			 bool *last)
{
	static const char *const separators[] = {" ", ", ", ",", "-", "/", "@",
						 ":", ".",  "_", "|", ";"};
	struct joining joining = {0};

	if (!pairs)
		return NULL;
	joining.whole_sample = split ? pairs->old_sample : pairs->new_sample;
	joining.parts_sample = split ? pairs->new_sample : pairs->old_sample;
	joining.whole_rows = split ? pairs->old_rows : pairs->new_rows;
	joining.parts_rows = split ? pairs->new_rows : pairs->old_rows;
	joining.count = pairs->count;
	joining.whole = column_of(joining.whole_sample, a);
	joining.left = column_of(joining.parts_sample, b);
	joining.right = column_of(joining.parts_sample, c);
	if (joining.whole < 0 || joining.left < 0 || joining.right < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(separators) / sizeof(*separators); i++)
		if (all_joined(&joining, separators[i], compared, last))
			return separators[i];
	return NULL;
}

/* ---- without pairs ---- */

double sample_overlap(const struct sample *old_sample, const char *old_column,
		      const struct sample *new_sample, const char *new_column)
{
	int a, b;
	size_t found = 0, seen = 0;
	struct map values;

	if (!old_sample || !new_sample)
		return -1;
	a = column_of(old_sample, old_column);
	b = column_of(new_sample, new_column);
	if (a < 0 || b < 0)
		return -1;
	map_init(&values);
	for (size_t i = 0; i < new_sample->row_count; i++) {
		const char *value = value_at(new_sample, i, b);

		if (value)
			map_set_string(&values, value, &values);
	}
	for (size_t i = 0; i < old_sample->row_count; i++) {
		const char *value = value_at(old_sample, i, a);

		seen += value != NULL;
		found += value && map_get_string(&values, value);
	}
	map_release(&values);
	return seen ? (double)found / (double)seen : -1;
}

const char *sample_constant(const struct sample *sample, const char *column,
			    size_t *rows)
{
	int at = column_of(sample, column);
	const char *first;

	if (at < 0 || sample->row_count < 2)
		return NULL;
	first = value_at(sample, 0, at);
	for (size_t i = 1; first && i < sample->row_count; i++) {
		const char *value = value_at(sample, i, at);

		if (!value || strcmp(value, first))
			return NULL;
	}
	*rows = sample->row_count;
	return first;
}
