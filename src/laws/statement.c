/* The statements over the old schema that the proof is made of. */
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"
#include "sql/print.h"

enum { PARAMETERS_MAX = 60000 }; /* of one statement, by the protocol */

static const struct sql_syntax_ops *syntax_of(const struct proof *proof)
{
	return proof->laws->shadow_adapter->parser->dialect->syntax;
}

static void add_name(const struct proof *proof, struct buffer *out,
		     const char *name)
{
	sql_print_name(proof->laws->shadow_adapter->parser->dialect, out, name);
}

static void add_table(const struct proof *proof, struct buffer *out,
		      const struct catalog_table *table)
{
	add_name(proof, out, table->schema);
	buffer_append_byte(out, '.');
	add_name(proof, out, table->name);
}

static const char *kept(struct proof *proof, struct buffer *text)
{
	const char *copy = arena_string(&proof->arena, buffer_string(text));

	buffer_release(text);
	return copy;
}

const char *statement_insert(struct proof *proof,
			     const struct catalog_table *table,
			     const size_t *columns, size_t column_count,
			     size_t rows)
{
	const struct sql_syntax_ops *syntax = syntax_of(proof);
	struct buffer text;
	int number = 1;

	buffer_init(&text, 0);
	buffer_append_string(&text, "INSERT INTO ");
	add_table(proof, &text, table);
	for (size_t i = 0; i < column_count; i++) {
		buffer_append_string(&text, i ? ", " : " (");
		add_name(proof, &text, table->columns[columns[i]].name);
	}
	buffer_append_byte(&text, ')');
	syntax->overriding(&text,
			   PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE);
	buffer_append_string(&text, " VALUES ");
	for (size_t r = 0; r < rows; r++) {
		buffer_append_string(&text, r ? ", " : "");
		for (size_t i = 0; i < column_count; i++) {
			buffer_append_string(&text, i ? ", " : "(");
			syntax->parameter(&text, number++);
		}
		buffer_append_byte(&text, ')');
	}
	return kept(proof, &text);
}

static void add_key(const struct proof *proof, struct buffer *out, int number)
{
	const struct catalog_table *old = proof->about.old;

	for (size_t i = 0; i < proof->key->column_count; i++) {
		buffer_append_string(out, i ? " AND " : " WHERE ");
		add_name(
		    proof, out,
		    catalog_column_number(old, proof->key->columns[i])->name);
		buffer_append_string(out, " = ");
		syntax_of(proof)->parameter(out, number++);
	}
}

const char *statement_select(struct proof *proof, bool by_key)
{
	const struct catalog_table *old = proof->about.old;
	const struct proof_ops *ops = proof->laws->shadow_adapter->proof;
	struct buffer text;

	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT ");
	for (size_t i = 0; i < old->column_count; i++) {
		buffer_append_string(&text, i ? ", " : "");
		add_name(proof, &text, old->columns[i].name);
		ops->cast(proof->laws->primary_catalog, old->columns[i].type,
			  &text);
	}
	buffer_append_string(&text, " FROM ");
	add_table(proof, &text, old);
	if (by_key)
		add_key(proof, &text, 1);
	return kept(proof, &text);
}

const char *statement_update(struct proof *proof, size_t column, bool by_key)
{
	const struct catalog_table *old = proof->about.old;
	struct buffer text;

	buffer_init(&text, 0);
	buffer_append_string(&text, "UPDATE ");
	add_table(proof, &text, old);
	buffer_append_string(&text, " SET ");
	add_name(proof, &text, old->columns[column].name);
	buffer_append_string(&text, " = $1");
	if (by_key)
		add_key(proof, &text, 2);
	return kept(proof, &text);
}

void key_values(const struct proof *proof, const struct value *row,
		struct value *values, uint32_t *types)
{
	const struct catalog_table *old = proof->about.old;

	for (size_t i = 0; i < proof->key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(old, proof->key->columns[i]);

		values[i] = row[column - old->columns];
		types[i] = column->type;
	}
}

static const char *all_columns(struct proof *proof)
{
	const struct catalog_table *old = proof->about.old;
	struct buffer text;

	buffer_init(&text, 0);
	for (size_t i = 0; i < old->column_count; i++) {
		buffer_append_string(&text, i ? ", " : "");
		add_name(proof, &text, old->columns[i].name);
	}
	return kept(proof, &text);
}

/* A key that says which row it is: no part of it can be NULL. */
static const struct catalog_key *find_key(const struct catalog_table *old)
{
	for (size_t i = 0; i < old->key_count; i++) {
		const struct catalog_key *key = &old->keys[i];
		bool whole = key->kind != KEY_FOREIGN && !key->partial;

		for (size_t c = 0; whole && c < key->column_count; c++) {
			const struct catalog_column *column =
			    catalog_column_number(old, key->columns[c]);

			whole = column && column->not_null;
		}
		if (whole)
			return key;
	}
	return NULL;
}

void statements_make(struct proof *proof)
{
	const struct catalog_table *old = proof->about.old;

	proof->given = arena_array(&proof->arena, old->column_count + 1,
				   sizeof(*proof->given));
	proof->compared =
	    arena_array(&proof->arena, old->column_count + 1, sizeof(bool));
	proof->null_seen =
	    arena_array(&proof->arena, old->column_count + 1, sizeof(bool));
	proof->given_count = 0;
	for (size_t i = 0; i < old->column_count; i++) {
		const struct lens_about_column *column =
		    &proof->about.columns[i];

		proof->compared[i] = !column->dropped && !column->ignore;
		if (column->writable &&
		    column->old->generated != GENERATED_STORED)
			proof->given[proof->given_count++] = i;
	}
	proof->key = find_key(old);
	proof->columns = all_columns(proof);
	proof->select = statement_select(proof, false);
	if (proof->key)
		proof->select_key = statement_select(proof, true);
	proof->batch = LAWS_BATCH;
	while (proof->batch > 1 &&
	       proof->batch * proof->given_count > PARAMETERS_MAX)
		proof->batch /= 2;
	proof->insert =
	    statement_insert(proof, old, proof->given, proof->given_count, 1);
	proof->insert_batch = statement_insert(
	    proof, old, proof->given, proof->given_count, proof->batch);
}
