/* Dates, times of day and instants, as DateStyle ISO writes them or in binary.
 */
#include "adapters/postgres/value_form.h"

static const int64_t second_us = 1000000;
static const int64_t day_us = 86400000000;

static bool skip_word(struct reading *in, const char *word)
{
	size_t size = strlen(word);

	if (in->left < size || memcmp(in->at, word, size))
		return false;
	in->at += size;
	in->left -= size;
	return true;
}

/* minimum to maximum digits. */
static int read_digits(struct reading *in, size_t minimum, size_t maximum,
		       int64_t *value)
{
	size_t count = 0;

	*value = 0;
	while (in->left && count < maximum && *in->at >= '0' &&
	       *in->at <= '9') {
		*value = *value * 10 + (*in->at - '0');
		in->at++;
		in->left--;
		count++;
	}
	return count < minimum ? -1 : 0;
}

/* Days since 2000-01-01 in the proleptic Gregorian calendar, whose year 0 is
 * 1 BC. Years are shifted to begin in March, so that a leap day ends one. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t of_era = shifted - era * 400;
	int64_t of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 730425;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
	int64_t shifted = days + 730425;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t years =
	    (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * years + years / 4 - years / 100);
	int64_t month_from_march = (5 * of_year + 2) / 153;

	*day = of_year - (153 * month_from_march + 2) / 5 + 1;
	*month = month_from_march + (month_from_march < 10 ? 3 : -9);
	*year = years + era * 400 + (*month <= 2);
}

static int read_date(struct reading *in, int64_t *year, int64_t *month,
		     int64_t *day)
{
	if (read_digits(in, 4, 7, year) || !reading_skip(in, '-') ||
	    read_digits(in, 2, 2, month) || !reading_skip(in, '-') ||
	    read_digits(in, 2, 2, day))
		return -1;
	return *month < 1 || *month > 12 || *day < 1 || *day > 31 ? -1 : 0;
}

/* HH:MM:SS[.ffffff] */
static int read_time(struct reading *in, int64_t *us)
{
	int64_t hour, minute, second;
	int64_t fraction = 0;

	if (read_digits(in, 2, 2, &hour) || !reading_skip(in, ':') ||
	    read_digits(in, 2, 2, &minute) || !reading_skip(in, ':') ||
	    read_digits(in, 2, 2, &second))
		return -1;
	if (hour > 24 || minute > 59 || second > 60)
		return -1;
	if (reading_skip(in, '.')) {
		size_t left = in->left;

		if (read_digits(in, 1, 6, &fraction))
			return -1;
		for (size_t digits = left - in->left; digits < 6; digits++)
			fraction *= 10;
	}
	*us = ((hour * 60 + minute) * 60 + second) * second_us + fraction;
	return 0;
}

/* +HH[:MM[:SS]]: seconds east of Greenwich. */
static int read_zone(struct reading *in, int64_t *seconds)
{
	int64_t hour, minute = 0, second = 0;
	bool west = in->left && *in->at == '-';

	if (!reading_skip(in, '+') && !reading_skip(in, '-'))
		return -1;
	if (read_digits(in, 2, 2, &hour))
		return -1;
	if (reading_skip(in, ':') && read_digits(in, 2, 2, &minute))
		return -1;
	if (reading_skip(in, ':') && read_digits(in, 2, 2, &second))
		return -1;
	*seconds = (hour * 60 + minute) * 60 + second;
	if (west)
		*seconds = -*seconds;
	return 0;
}

static void form_moment_as(struct form *form, enum form_tag tag, int64_t days,
			   int64_t us)
{
	form_byte(form, (uint8_t)tag);
	form_u64(form, (uint64_t)days ^ 1ULL << 63);
	form_u64(form, (uint64_t)us);
}

/* us may be of any day. */
static void form_moment_at(struct form *form, enum form_tag tag, int64_t days,
			   int64_t us)
{
	days += us / day_us;
	us %= day_us;
	if (us < 0) {
		us += day_us;
		days--;
	}
	form_moment_as(form, tag, days, us);
}

static int form_infinity(struct form *form, enum form_tag tag,
			 const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	bool minus = reading_skip(&in, '-');

	if (!skip_word(&in, "infinity") || in.left)
		return -1;
	form_moment_as(form, tag, minus ? INT64_MIN : INT64_MAX, 0);
	return 0;
}

int form_date_text(struct form *form, const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	int64_t year, month, day;

	if (!form_infinity(form, FORM_DATE, data, size))
		return 0;
	if (read_date(&in, &year, &month, &day))
		return -1;
	if (skip_word(&in, " BC"))
		year = 1 - year;
	if (in.left)
		return -1;
	form_moment_as(form, FORM_DATE, days_of(year, month, day), 0);
	return 0;
}

int form_date_binary(struct form *form, const uint8_t *data, size_t size)
{
	int64_t days;

	if (size != 4)
		return -1;
	days = (int32_t)bytes_get_u32(data);
	if (days == INT32_MAX)
		days = INT64_MAX;
	else if (days == INT32_MIN)
		days = INT64_MIN;
	form_moment_as(form, FORM_DATE, days, 0);
	return 0;
}

int form_timestamp_text(struct form *form, bool zoned, const uint8_t *data,
			size_t size)
{
	enum form_tag tag = zoned ? FORM_INSTANT : FORM_DATE;
	struct reading in = {data, size};
	int64_t year, month, day, us;
	int64_t zone = 0;

	if (!form_infinity(form, tag, data, size))
		return 0;
	if (read_date(&in, &year, &month, &day) ||
	    (!reading_skip(&in, ' ') && !reading_skip(&in, 'T')) ||
	    read_time(&in, &us) || (zoned && read_zone(&in, &zone)))
		return -1;
	if (skip_word(&in, " BC"))
		year = 1 - year;
	if (in.left)
		return -1;
	form_moment_at(form, tag, days_of(year, month, day),
		       us - zone * second_us);
	return 0;
}

int form_timestamp_binary(struct form *form, bool zoned, const uint8_t *data,
			  size_t size)
{
	enum form_tag tag = zoned ? FORM_INSTANT : FORM_DATE;
	int64_t us;

	if (size != 8)
		return -1;
	us = (int64_t)bytes_get_u64(data);
	if (us == INT64_MAX || us == INT64_MIN)
		form_moment_as(form, tag, us, 0);
	else
		form_moment_at(form, tag, 0, us);
	return 0;
}

/* A timetz is its instant and its zone: the engine tells 12:00+00 from
 * 13:00+01. */
static void form_time(struct form *form, bool zoned, int64_t us, int64_t zone)
{
	form_byte(form, zoned ? FORM_TIME_ZONED : FORM_TIME);
	form_u64(form, (uint64_t)(us - zone * second_us) ^ 1ULL << 63);
	if (zoned)
		form_u64(form, (uint64_t)-zone ^ 1ULL << 63);
}

int form_time_text(struct form *form, bool zoned, const uint8_t *data,
		   size_t size)
{
	struct reading in = {data, size};
	int64_t us;
	int64_t zone = 0;

	if (read_time(&in, &us) || (zoned && read_zone(&in, &zone)) || in.left)
		return -1;
	form_time(form, zoned, us, zone);
	return 0;
}

int form_time_binary(struct form *form, bool zoned, const uint8_t *data,
		     size_t size)
{
	int64_t us;

	if (size != (zoned ? 12 : 8))
		return -1;
	us = (int64_t)bytes_get_u64(data);
	if (us < 0 || us > day_us)
		return -1;
	/* The wire counts seconds west of Greenwich. */
	form_time(form, zoned, us,
		  zoned ? -(int64_t)(int32_t)bytes_get_u32(data + 8) : 0);
	return 0;
}

bool form_is_before_christ(int64_t days)
{
	return days < days_of(1, 1, 1);
}

void form_print_date(int64_t days, struct form *out)
{
	int64_t year, month, day;

	date_of(days, &year, &month, &day);
	if (year <= 0)
		year = 1 - year;
	form_printf(out, "%04lld-%02lld-%02lld", (long long)year,
		    (long long)month, (long long)day);
}

void form_print_time(int64_t us, struct form *out)
{
	long long seconds = us / second_us;
	int fraction = (int)(us % second_us);
	int digits = 6;

	form_printf(out, "%02lld:%02lld:%02lld", seconds / 3600,
		    seconds / 60 % 60, seconds % 60);
	if (!fraction)
		return;
	while (fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	form_printf(out, ".%0*d", digits, fraction);
}
