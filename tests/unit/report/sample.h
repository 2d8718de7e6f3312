/* A store with something of everything, hostile texts included; no clock. */
#ifndef PARALLAX_TESTS_REPORT_SAMPLE_H
#define PARALLAX_TESTS_REPORT_SAMPLE_H

#include "store/store.h"

#define SAMPLE_AT INT64_C(1767322800000000) /* 2026-01-02 03:00:00 UTC */

static int sample_count(struct store *store, struct store_exchange one,
			unsigned times, struct error *error)
{
	for (unsigned i = 0; i < times; i++) {
		struct store_exchange each = one;

		each.at += (int64_t)i * 1000000;
		if (each.primary_us >= 0)
			each.primary_us += (int64_t)(i % 10) * 40;
		if (each.shadow_us >= 0)
			each.shadow_us += (int64_t)(i % 10) * 60;
		if (store_count(store, &each, error))
			return -1;
	}
	return 0;
}

static int sample_divergences(struct store *store, struct error *error)
{
	static const char *const columns[] = {"id", "email", "status",
					      "<b>note</b>"};
	static const char *primary[] = {"17", "ann@example.org", "active", "x"};
	static const char *shadow[] = {"17", "ann@example.org", "disabled",
				       NULL};
	static const bool differs[] = {false, false, true, true};
	static const struct difference differences[] = {
	    {DIVERGENCE_ROWS_VALUE, 0, primary, shadow, differs},
	    {DIVERGENCE_ROWS_MISSING, 4, primary, NULL, NULL},
	};
	static const struct comparison comparison = {
	    .verdict = VERDICT_DIVERGED,
	    .class = DIVERGENCE_ROWS_VALUE,
	    .detail = "2 of 4 columns differ in at least one row",
	    .differences = differences,
	    .difference_count = 2,
	    .difference_total = 12,
	    .column_names = columns,
	    .column_count = 4};
	static const struct answer_column answer_columns[] = {
	    {.name = "id"},
	    {.name = "email"},
	    {.name = "status"},
	    {.name = "<b>note</b>"}};
	static const struct answer rows = {.outcome = ANSWER_OK,
					   .tag = "SELECT 20",
					   .affected = 20,
					   .row_count = 20,
					   .has_columns = true,
					   .columns = answer_columns,
					   .column_count = 4};
	static const struct answer inserted = {
	    .outcome = ANSWER_OK, .tag = "INSERT 0 1", .affected = 1};
	static const struct answer failed = {
	    .outcome = ANSWER_FAILED,
	    .tag = "",
	    .affected = -1,
	    .problem = {.severity = "ERROR",
			.code = "22P02",
			.class = ERROR_CLASS_VALUE,
			.message =
			    "invalid input value for enum status: \"gone\"",
			.values = {.known = true,
				   .count = 1,
				   .parts = {{.from = 38, .to = 42}}},
			.constraint = ""}};
	struct store_divergence one = {
	    .exchange = {.fingerprint = UINT64_C(0xa1b2c3d4e5f60718),
			 .text = "SELECT id, email, status, note FROM users "
				 "WHERE status = $1 ORDER BY id",
			 .kind = "select",
			 .verdict = VERDICT_DIVERGED,
			 .class = DIVERGENCE_ROWS_VALUE,
			 .at = SAMPLE_AT + 5000000,
			 .primary_us = 420,
			 .shadow_us = 2300},
	    .seq = 1234,
	    .session = 3,
	    .epoch = 1,
	    .client = "127.0.0.1:50112",
	    .old_statement = "SELECT id, email, status, note FROM users WHERE "
			     "status = $1 ORDER BY id",
	    .new_statement =
		"SELECT accounts.id, accounts.email_address AS email, "
		"accounts.state AS status, accounts.note\n  FROM accounts "
		"WHERE accounts.state = $1 ORDER BY accounts.id",
	    .comparison = &comparison,
	    .primary = &rows,
	    .shadow = &rows};

	if (sample_count(store, one.exchange, 41, error) ||
	    store_divergence(store, &one, error))
		return -1;
	one.exchange.fingerprint = 0x1badULL;
	one.exchange.text = "INSERT INTO \"</script><script>alert(1)</script>\""
			    " VALUES ($1, '\"&') /* \x1b[31m */";
	one.exchange.kind = "insert";
	one.exchange.class = DIVERGENCE_ERROR_SHADOW;
	one.old_statement = one.exchange.text;
	one.new_statement = one.exchange.text;
	one.client = "<img src=x onerror=alert(2)>";
	one.comparison = NULL;
	one.primary = &inserted;
	one.shadow = &failed;
	one.exchange.detail = "the shadow's enum lacks a value";
	return sample_count(store, one.exchange, 3, error) ||
		       store_divergence(store, &one, error)
		   ? -1
		   : 0;
}

/* Fills an open batch. */
static int sample_fill(struct store *store, struct error *error)
{
	struct store_exchange one = {
	    .fingerprint = 0x51,
	    .text = "SELECT balance FROM accounts WHERE id = $1",
	    .kind = "select",
	    .at = SAMPLE_AT,
	    .primary_us = 300,
	    .shadow_us = 350};

	if (sample_count(store, one, 12000, error))
		return -1;
	one.fingerprint = 0x52;
	one.text = "UPDATE orders SET total_cents = $1 WHERE id = $2";
	one.kind = "update";
	one.shadow_us = 900;
	if (sample_count(store, one, 800, error))
		return -1;
	one.verdict = VERDICT_INCONCLUSIVE;
	one.reason = REASON_OVERLAP;
	if (sample_count(store, one, 7, error))
		return -1;
	one.fingerprint = 0x53;
	one.text = "SELECT users FROM users WHERE ctid = $1";
	one.kind = "select";
	one.verdict = VERDICT_UNTRANSLATABLE;
	one.reason = REASON_UNSUPPORTED;
	one.detail = "system column ctid of a mapped table";
	one.shadow_us = -1;
	if (sample_count(store, one, 5, error))
		return -1;
	one.fingerprint = 0x54;
	one.text = "VACUUM users";
	one.kind = "maintenance";
	one.verdict = VERDICT_SKIPPED;
	one.reason = REASON_MAINTENANCE;
	one.detail = NULL;
	return sample_count(store, one, 1, error) ||
		       sample_divergences(store, error) ||
		       store_set(store, STORE_FACT_SHADOW, "candidate",
				 error) ||
		       store_set(store, STORE_FACT_MAPPING, "shop.yaml",
				 error) ||
		       store_set(store, STORE_FACT_SEEN, "12858", error) ||
		       store_set(store, STORE_FACT_GAPS, "1", error) ||
		       store_set(store, STORE_FACT_GAP_EXCHANGES, "40",
				 error) ||
		       store_set(store, "gap:1", "relay restarted at 03:10",
				 error) ||
		       store_set(store, "warning:writers",
				 "a writer went past the relay: "
				 "<script>x</script>",
				 error)
		   ? -1
		   : 0;
}

/* Makes the store at path. */
static int sample_store(const char *path, struct error *error)
{
	struct store *store;
	int result;

	if (store_open(path, &store, error))
		return -1;
	result = store_begin(store, error) || sample_fill(store, error) ||
			 store_commit(store, error)
		     ? -1
		     : 0;
	store_close(&store);
	return result;
}

#endif
