/* The progress of a seed. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "seed/internal.h"

enum {
	LINE_US = 250 * 1000,	     /* of a live line */
	LINES_US = 10 * 1000 * 1000, /* of plain ones */
	LINE_WIDTH = 100,
};

static void clear_line(struct seed *seed)
{
	if (seed->line_shown)
		fputs("\r\033[K", stdout);
	seed->line_shown = false;
}

static void tell(struct seed *seed, const char *text)
{
	switch (seed->options->form) {
	case SEED_TERMINAL:
	case SEED_LINES:
		clear_line(seed);
		printf("%s: %s\n", seed->options->shadow_name, text);
		fflush(stdout);
		break;
	case SEED_LOG:
		LOG_INFO("seed", "shadow=%s says=\"%s\"",
			 seed->options->shadow_name, text);
		break;
	}
}

void seed_say(struct seed *seed, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	pthread_mutex_lock(&seed->mutex);
	tell(seed, text);
	pthread_mutex_unlock(&seed->mutex);
}

static void print_duration(char *out, size_t size, double seconds)
{
	long long whole = (long long)(seconds + 0.5);

	if (whole >= 3600)
		snprintf(out, size, "%lld h %02lld min", whole / 3600,
			 whole / 60 % 60);
	else if (whole >= 60)
		snprintf(out, size, "%lld min %02lld s", whole / 60,
			 whole % 60);
	else
		snprintf(out, size, "%lld s", whole);
}

struct sums {
	uint64_t rows;
	double expected; /* of all tables, as far as is known by now */
	double ahead;	 /* rows still to come */
	size_t done;
	size_t at_work;
	const char *name; /* of one at work */
};

static void add_up(const struct seed *seed, struct sums *sums)
{
	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < seed->table_count; i++) {
		const struct seed_table *table = &seed->tables[i];
		double rows = (double)table->rows;

		if (table->loaded || table->done) {
			sums->done++;
			sums->rows += table->rows;
			continue;
		}
		sums->rows += table->rows;
		if (table->expected > rows)
			sums->ahead += table->expected - rows;
		if (!table->began)
			continue;
		sums->at_work++;
		sums->name = table->name;
	}
}

/* The mutex is held. */
static void show(struct seed *seed, int64_t now)
{
	double seconds = (double)(now - seed->began) / 1e6;
	char left[64] = "unknown", at[128] = "", text[400];
	struct sums sums;
	double rate;

	add_up(seed, &sums);
	rate = seconds > 0 ? (double)sums.rows / seconds : 0;
	if (rate > 0)
		print_duration(left, sizeof(left), sums.ahead / rate);
	if (sums.at_work == 1)
		snprintf(at, sizeof(at), ", at %s", sums.name);
	else if (sums.at_work)
		snprintf(at, sizeof(at), ", at %s and %zu more", sums.name,
			 sums.at_work - 1);
	snprintf(text, sizeof(text),
		 "%zu of %zu tables, %" PRIu64 " rows, %.0f rows/s, about %s "
		 "left%s",
		 sums.done, seed->table_count, sums.rows, rate, left, at);
	if (seed->options->form != SEED_TERMINAL) {
		tell(seed, text);
		return;
	}
	printf("\r\033[K%.*s", LINE_WIDTH, text);
	fflush(stdout);
	seed->line_shown = true;
}

void seed_show_progress(struct seed *seed)
{
	int64_t now = clock_monotonic_us();
	int64_t every =
	    seed->options->form == SEED_TERMINAL ? LINE_US : LINES_US;

	if (now - seed->shown_at < every)
		return;
	seed->shown_at = now;
	pthread_mutex_lock(&seed->mutex);
	show(seed, now);
	pthread_mutex_unlock(&seed->mutex);
}

void seed_show_table(struct seed *seed, const struct seed_table *table)
{
	double seconds = (double)(clock_monotonic_us() - table->began) / 1e6;
	uint64_t rows = table->rows;

	seed_say(seed, "%s: %" PRIu64 " row%s in %.1f s (%.0f rows/s)%s",
		 table->name, rows, rows == 1 ? "" : "s", seconds,
		 seconds > 0 ? (double)rows / seconds : 0.0,
		 table->staged ? ", through the mapping" : "");
}

void seed_show_end(struct seed *seed)
{
	double seconds = (double)(clock_monotonic_us() - seed->began) / 1e6;
	char keys[80] = "foreign keys held while loading";
	struct sums sums;

	add_up(seed, &sums);
	if (seed->partial && seed->unguarded)
		snprintf(keys, sizeof(keys), "foreign keys not checked");
	else if (seed->unguarded)
		snprintf(keys, sizeof(keys), "%zu foreign key%s hold%s",
			 seed->keys_checked, seed->keys_checked == 1 ? "" : "s",
			 seed->keys_checked == 1 ? "s" : "");
	seed_say(
	    seed,
	    "loaded %zu table%s, %" PRIu64 " rows in %.1f s (%.0f rows/s); "
	    "%zu sequence%s set; %s",
	    sums.done, sums.done == 1 ? "" : "s", sums.rows, seconds,
	    seconds > 0 ? (double)sums.rows / seconds : 0.0,
	    seed->sequences_set, seed->sequences_set == 1 ? "" : "s", keys);
}
