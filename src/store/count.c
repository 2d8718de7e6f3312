/*
 * Counting, in memory alone (store/writer.h).
 *
 *	store_count(fingerprint 7, match)	a tally of 7 has one more pending
 *	store_divergence(7, diverged)		its evidence is kept, up to the
 *						cap
 */
#include "base/memory.h"
#include "base/utf8.h"
#include "store/evidence.h"
#include "store/writer.h"

enum { TEXT_LIMIT = 8192, DETAIL_LIMIT = 500 }; /* bytes */

#define OTHER_TEXT "(statements of further shapes)"

struct statement *writer_statement(struct writer *writer, uint64_t fingerprint)
{
	struct statement *statement = writer->last;

	if (statement && statement->fingerprint == fingerprint)
		return statement;
	statement =
	    map_get(&writer->statements, &fingerprint, sizeof(fingerprint));
	if (!statement && writer->statements.count >= STORE_STATEMENTS) {
		fingerprint = STORE_OTHER;
		statement = map_get(&writer->statements, &fingerprint,
				    sizeof(fingerprint));
	}
	if (!statement) {
		statement = memory_alloc(sizeof(*statement));
		statement->fingerprint = fingerprint;
		if (fingerprint == STORE_OTHER) {
			statement->text = memory_string(OTHER_TEXT);
			statement->has_text = true;
		}
		map_set(&writer->statements, &fingerprint, sizeof(fingerprint),
			statement);
	}
	writer->last = statement;
	return statement;
}

struct tally *writer_tally(struct statement *statement, uint64_t part,
			   enum verdict verdict, enum divergence_class class,
			   enum reason reason)
{
	struct tally *tally;

	for (size_t i = 0; i < statement->tally_count; i++) {
		tally = &statement->tallies[i];
		if (tally->part == part && tally->verdict == verdict &&
		    tally->class == class && tally->reason == reason)
			return tally;
	}
	statement->tallies = memory_resize(
	    statement->tallies, (statement->tally_count + 1) * sizeof(*tally));
	tally = &statement->tallies[statement->tally_count++];
	*tally = (struct tally){
	    .part = part, .verdict = verdict, .class = class, .reason = reason};
	return tally;
}

static void latency_add(struct histogram **histogram, int64_t us)
{
	if (us < 0)
		return;
	if (!*histogram)
		*histogram = memory_alloc(sizeof(**histogram));
	histogram_add(*histogram, (uint64_t)us);
}

static void mark_dirty(struct writer *writer, struct statement *statement)
{
	if (statement->dirty)
		return;
	statement->dirty = true;
	statement->next_dirty = writer->dirty;
	writer->dirty = statement;
}

static uint64_t part_of(const struct store *store,
			const struct store_exchange *exchange)
{
	return exchange->part ? exchange->part : store->part;
}

int store_count(struct store *store, const struct store_exchange *exchange,
		struct error *error)
{
	struct writer *writer = store->writer;
	struct statement *statement;
	struct tally *tally;

	(void)error; /* nothing can fail in memory; the contract allows it */
	statement = writer_statement(writer, exchange->fingerprint);
	mark_dirty(writer, statement);
	if (!statement->has_text && exchange->text) {
		statement->text = utf8_clean(exchange->text, TEXT_LIMIT);
		statement->has_text = true;
		if (exchange->kind && !statement->kind)
			statement->kind = utf8_clean(exchange->kind, 64);
	}
	tally =
	    writer_tally(statement, part_of(store, exchange), exchange->verdict,
			 exchange->class, exchange->reason);
	if (!tally->pending++) {
		tally->first_at = exchange->at;
		tally->last_at = exchange->at;
	} else if (exchange->at > tally->last_at) {
		tally->last_at = exchange->at;
	} else if (exchange->at < tally->first_at) {
		tally->first_at = exchange->at;
	}
	if (exchange->detail && !tally->detail)
		tally->detail = utf8_clean(exchange->detail, DETAIL_LIMIT);
	latency_add(&statement->primary, exchange->primary_us);
	latency_add(&statement->shadow, exchange->shadow_us);
	return 0;
}

int store_divergence(struct store *store,
		     const struct store_divergence *divergence,
		     struct error *error)
{
	const struct store_exchange *exchange = &divergence->exchange;
	struct writer *writer = store->writer;
	struct statement *statement =
	    writer_statement(writer, exchange->fingerprint);
	struct tally *tally =
	    writer_tally(statement, part_of(store, exchange), exchange->verdict,
			 exchange->class, exchange->reason);
	struct evidence_item *item;

	if (tally->kept >= writer->cap ||
	    writer->evidence_total >= STORE_EVIDENCE)
		return 0;
	if (writer->redactor.show_values &&
	    !writer_fact(writer, STORE_FACT_SHOW_VALUES) &&
	    store_set(store, STORE_FACT_SHOW_VALUES, "true", error))
		return -1;
	item = memory_alloc(sizeof(*item));
	item->key =
	    (struct tally_key){statement->fingerprint, exchange->verdict,
			       exchange->class, exchange->reason};
	item->part = tally->part;
	item->seq = divergence->seq;
	item->session = divergence->session;
	item->epoch = divergence->epoch;
	item->at = exchange->at;
	item->primary_us = exchange->primary_us;
	item->shadow_us = exchange->shadow_us;
	item->client = utf8_clean(divergence->client, 256);
	item->old_statement = utf8_clean(divergence->old_statement, TEXT_LIMIT);
	item->new_statement = utf8_clean(divergence->new_statement, TEXT_LIMIT);
	item->detail = utf8_clean(exchange->detail, DETAIL_LIMIT);
	if (!item->detail && divergence->comparison)
		item->detail =
		    utf8_clean(divergence->comparison->detail, DETAIL_LIMIT);
	item->json = evidence_encode(&writer->redactor, divergence);
	*writer->evidence_end = item;
	writer->evidence_end = &item->next;
	mark_dirty(writer, statement);
	writer->evidence_total++;
	if (!tally->pending && !tally->pending_kept)
		tally->first_at = tally->last_at = exchange->at;
	tally->kept++;
	tally->pending_kept++;
	return 0;
}
