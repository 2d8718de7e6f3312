/*
 * Intervals. The engine holds two equal when they span the same time with
 * months of 30 days and days of 24 hours; so does the form. Texts of
 * IntervalStyle postgres, postgres_verbose and iso_8601 are read.
 */
#include "adapters/postgres/value_form.h"

struct span {
	__int128 months; /* twelve to a year */
	__int128 days;
	__int128 us;
};

static void form_span(struct form *form, const struct span *span)
{
	__int128 whole =
	    (span->months * 30 + span->days) * 86400000000LL + span->us;
	unsigned __int128 biased =
	    (unsigned __int128)whole ^ (unsigned __int128)1 << 127;

	form_byte(form, FORM_INTERVAL);
	form_u64(form, (uint64_t)(biased >> 64));
	form_u64(form, (uint64_t)biased);
}

int form_interval_binary(struct form *form, const uint8_t *data, size_t size)
{
	struct span span;

	if (size != 16)
		return -1;
	span.us = (int64_t)bytes_get_u64(data);
	span.days = (int32_t)bytes_get_u32(data + 8);
	span.months = (int32_t)bytes_get_u32(data + 12);
	form_span(form, &span);
	return 0;
}

/* A signed number with up to six digits after the point. */
struct amount {
	bool negative;
	int64_t whole;
	int64_t micro;
};

/* Appends the next digit to the number. */
static bool take_digit(struct reading *in, int64_t *number)
{
	if (!in->left || *in->at < '0' || *in->at > '9')
		return false;
	*number = *number * 10 + (*in->at++ - '0');
	in->left--;
	return true;
}

static int read_amount(struct reading *in, struct amount *amount)
{
	int digits = 0;
	int places = 0;

	memset(amount, 0, sizeof(*amount));
	amount->negative = reading_skip(in, '-');
	if (!amount->negative)
		reading_skip(in, '+');
	while (take_digit(in, &amount->whole))
		if (++digits > 15)
			return -1;
	if (reading_skip(in, '.'))
		while (take_digit(in, &amount->micro))
			if (++places > 6)
				return -1;
	if (!digits)
		return -1;
	for (; places < 6; places++)
		amount->micro *= 10;
	return 0;
}

static __int128 amount_us(const struct amount *amount, int64_t seconds)
{
	__int128 us =
	    ((__int128)amount->whole * 1000000 + amount->micro) * seconds;

	return amount->negative ? -us : us;
}

static int add_unit(struct span *span, const struct amount *amount,
		    const char *unit, size_t length)
{
	static const struct {
		const char *name;
		int months, days, seconds;
	} units[] = {
	    {"year", 12, 0, 0},	  {"mon", 1, 0, 0},  {"day", 0, 1, 0},
	    {"hour", 0, 0, 3600}, {"min", 0, 0, 60}, {"sec", 0, 0, 1},
	};
	int64_t whole = amount->negative ? -amount->whole : amount->whole;

	if (length && unit[length - 1] == 's')
		length--;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (length != strlen(units[i].name) ||
		    memcmp(unit, units[i].name, length))
			continue;
		if (units[i].seconds) {
			span->us += amount_us(amount, units[i].seconds);
			return 0;
		}
		if (amount->micro)
			return -1;
		span->months += (__int128)whole * units[i].months;
		span->days += (__int128)whole * units[i].days;
		return 0;
	}
	return -1;
}

/* The rest of [-]HH:MM[:SS[.f]] after its hours. */
static int read_clock(struct reading *in, const struct amount *hours,
		      struct span *span)
{
	struct amount minutes;
	struct amount seconds = {0};

	if (hours->micro || read_amount(in, &minutes) || minutes.micro ||
	    minutes.whole > 59)
		return -1;
	if (reading_skip(in, ':') &&
	    (read_amount(in, &seconds) || seconds.whole > 59))
		return -1;
	minutes.negative = seconds.negative = hours->negative;
	span->us += amount_us(hours, 3600) + amount_us(&minutes, 60) +
		    amount_us(&seconds, 1);
	return 0;
}

/* P1Y2M3DT4H5M6.7S */
static int read_iso(struct reading *in, struct span *span)
{
	bool time = false;
	bool some = false;

	while (in->left) {
		struct amount amount;
		int failed;

		if (!time && reading_skip(in, 'T')) {
			time = true;
			continue;
		}
		if (read_amount(in, &amount))
			return -1;
		some = true;
		if (reading_skip(in, 'Y') && !time)
			failed = add_unit(span, &amount, "year", 4);
		else if (reading_skip(in, 'M'))
			failed =
			    add_unit(span, &amount, time ? "min" : "mon", 3);
		else if (reading_skip(in, 'D') && !time)
			failed = add_unit(span, &amount, "day", 3);
		else if (reading_skip(in, 'H') && time)
			failed = add_unit(span, &amount, "hour", 4);
		else if (reading_skip(in, 'S') && time)
			failed = add_unit(span, &amount, "sec", 3);
		else
			failed = -1;
		if (failed)
			return -1;
	}
	return some ? 0 : -1;
}

/* "1 year 2 mons -3 days +04:05:06.7", "@ 1 year 2 mons 3 days ago" */
static int read_words(struct reading *in, struct span *span)
{
	bool verbose = reading_skip(in, '@');
	bool some = false;

	if (verbose && !reading_skip(in, ' '))
		return -1;
	while (in->left) {
		struct amount amount;
		const char *unit;

		if (some && !reading_skip(in, ' '))
			return -1;
		if (verbose && some && in->left == 3 &&
		    !memcmp(in->at, "ago", 3)) {
			span->months = -span->months;
			span->days = -span->days;
			span->us = -span->us;
			return 0;
		}
		if (read_amount(in, &amount))
			return -1;
		if (verbose && !in->left && !amount.whole)
			return some ? -1 : 0; /* "@ 0" */
		some = true;
		if (reading_skip(in, ':')) {
			if (read_clock(in, &amount, span))
				return -1;
			continue;
		}
		if (!reading_skip(in, ' '))
			return -1;
		unit = (const char *)in->at;
		while (in->left && *in->at >= 'a' && *in->at <= 'z') {
			in->at++;
			in->left--;
		}
		if (add_unit(span, &amount, unit,
			     (size_t)((const char *)in->at - unit)))
			return -1;
	}
	return some ? 0 : -1;
}

int form_interval_text(struct form *form, const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	struct span span = {0};

	if (reading_skip(&in, 'P') ? read_iso(&in, &span)
				   : read_words(&in, &span))
		return -1;
	form_span(form, &span);
	return 0;
}
