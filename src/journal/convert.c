#include "journal/convert.h"

static struct exchange_setting *settings_copy(
    struct exchange_pool *pool, size_t count,
    Parallax__Journal__Setting *const *from)
{
	struct exchange_setting *to;

	if (!count)
		return NULL;
	to = exchange_pool_alloc(pool, count * sizeof(*to));
	for (size_t i = 0; i < count; i++) {
		to[i].name = exchange_pool_string(pool, from[i]->name);
		to[i].value = exchange_pool_string(pool, from[i]->value);
	}
	return to;
}

struct exchange_session *convert_session(
    const struct exchange_session_id *id,
    const Parallax__Journal__SessionOpen *in, bool known)
{
	struct exchange_pool *pool;
	struct exchange_session *out = exchange_session_new(&pool);

	out->id = *id;
	out->at = in->at;
	out->role = exchange_pool_string(pool, in->role);
	out->database = exchange_pool_string(pool, in->database);
	out->client = exchange_pool_string(pool, in->client);
	out->startup = settings_copy(pool, in->n_startup, in->startup);
	out->startup_count = in->n_startup;
	out->reported = settings_copy(pool, in->n_reported, in->reported);
	out->reported_count = in->n_reported;
	out->resumed = in->resumed;
	out->known = known;
	out->look = in->look;
	out->transaction_status = in->resumed && in->transaction_status[0]
				      ? in->transaction_status[0]
				      : 'I';
	out->transaction = in->transaction;
	return out;
}

void convert_end(struct exchange_own *own, const Parallax__Journal__End *in)
{
	struct exchange *out = &own->seen;

	out->seq = in->seq;
	out->outcome = (enum exchange_outcome)in->outcome;
	out->tag = exchange_pool_string(&own->pool, in->tag);
	if (in->problem)
		out->problem =
		    exchange_problems_copy(&own->pool, 1, &in->problem);
	out->warnings =
	    exchange_problems_copy(&own->pool, in->n_warnings, in->warnings);
	out->warning_kept = in->n_warnings;
	out->warning_count = in->warning_count;
	out->row_count = in->row_count;
	out->rows_capped |= in->rows_capped;
	if (in->ordered && in->unordered) {
		out->has_digests = true;
		out->ordered.low = in->ordered->low;
		out->ordered.high = in->ordered->high;
		out->unordered.low = in->unordered->low;
		out->unordered.high = in->unordered->high;
	}
	out->column_digest_count = in->n_column_digests / 2;
	if (out->column_digest_count)
		out->column_digests = exchange_pool_alloc(
		    &own->pool,
		    out->column_digest_count * sizeof(*out->column_digests));
	for (size_t i = 0; i < out->column_digest_count; i++) {
		out->column_digests[i].low = in->column_digests[2 * i];
		out->column_digests[i].high = in->column_digests[2 * i + 1];
	}
	if (in->columns.len && !out->columns.size) {
		out->columns.data = (const uint8_t *)exchange_pool_copy(
		    &own->pool, in->columns.data, in->columns.len);
		out->columns.size = in->columns.len;
	}
	out->first_byte_at = in->first_byte_at;
	out->first = in->first_byte_at ? in->first : in->seq;
	out->insert_id = in->insert_id;
	out->matched_rows = in->matched_rows;
	out->changed_rows = in->changed_rows;
	out->completed_at = in->completed_at;
	out->in_flight = in->in_flight;
	out->copy_in = in->copy_in;
	out->copy_out = in->copy_out;
	out->rows.data = own->rows.data;
	out->rows.size = own->rows.size;
}

struct exchange_gap *convert_gap(const Parallax__Journal__Record *record)
{
	const Parallax__Journal__Gap *in = record->gap;
	struct exchange_pool *pool;
	struct exchange_gap *out = exchange_gap_new(&pool);

	out->writer = record->writer;
	out->epoch = record->epoch;
	out->kind = EXCHANGE_GAP_RECORDED;
	out->reason = exchange_pool_string(pool, in->reason);
	out->clean = in->clean;
	out->records = in->records;
	out->exchanges = in->exchanges;
	out->first_seq = in->first_seq;
	out->last_seq = in->last_seq;
	out->session_count = in->n_sessions;
	if (in->n_sessions) {
		out->sessions = exchange_pool_alloc(
		    pool, in->n_sessions * sizeof(*out->sessions));
		memcpy(out->sessions, in->sessions,
		       in->n_sessions * sizeof(*out->sessions));
	}
	return out;
}

struct exchange_transaction_end *convert_transaction_end(
    const struct exchange_session_id *id,
    const Parallax__Journal__Record *record)
{
	const Parallax__Journal__TransactionEnd *in = record->transaction_end;
	struct exchange_pool *pool;
	struct exchange_transaction_end *out =
	    exchange_transaction_end_new(&pool);

	out->id = *id;
	out->message = record->message;
	out->transaction = in->transaction;
	out->seq = in->seq;
	out->after = in->after;
	out->first = in->first;
	out->outcome = (enum exchange_transaction_outcome)in->outcome;
	if (in->problem)
		out->problem = exchange_problems_copy(pool, 1, &in->problem);
	out->at = in->at;
	out->statements = in->statements;
	out->in_flight = in->in_flight;
	return out;
}
