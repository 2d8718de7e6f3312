#include "report/format.h"

#include <inttypes.h>
#include <time.h>

#include "base/utf8.h"

#define ELLIPSIS "\xe2\x80\xa6"

const char *format_count(char *out, uint64_t count)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *at = out;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*at++ = ',';
		*at++ = digits[i];
	}
	*at = 0;
	return out;
}

/* Never shows 0 for something, nor 100 for less than all. */
const char *format_share(char *out, uint64_t part, uint64_t whole)
{
	double share = whole ? 100.0 * (double)part / (double)whole : 0;

	if (part && share < 0.01)
		snprintf(out, FORMAT_SIZE, "<0.01 %%");
	else if (part < whole && share > 99.99)
		snprintf(out, FORMAT_SIZE, ">99.99 %%");
	else
		snprintf(out, FORMAT_SIZE, "%.2f %%", share);
	return out;
}

const char *format_us(char *out, uint64_t us)
{
	if (us < 1000)
		snprintf(out, FORMAT_SIZE, "%" PRIu64 " us", us);
	else if (us < 1000000)
		snprintf(out, FORMAT_SIZE, us < 10000 ? "%.2f ms" : "%.1f ms",
			 (double)us / 1e3);
	else
		snprintf(out, FORMAT_SIZE, "%.2f s", (double)us / 1e6);
	return out;
}

static void broken_time(int64_t unix_us, struct tm *parts)
{
	time_t seconds = (time_t)(unix_us / 1000000);

	memset(parts, 0, sizeof(*parts));
	gmtime_r(&seconds, parts);
}

const char *format_time(char *out, int64_t unix_us)
{
	struct tm parts;

	broken_time(unix_us, &parts);
	strftime(out, FORMAT_SIZE, "%Y-%m-%d %H:%M:%S UTC", &parts);
	return out;
}

const char *format_iso(char *out, int64_t unix_us)
{
	struct tm parts;
	char seconds[FORMAT_SIZE - 12];

	broken_time(unix_us, &parts);
	strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
	snprintf(out, FORMAT_SIZE, "%s.%06dZ", seconds,
		 (int)(unix_us % 1000000));
	return out;
}

const char *format_fingerprint(char *out, uint64_t fingerprint)
{
	snprintf(out, FORMAT_SIZE, "%016" PRIx64, fingerprint);
	return out;
}

size_t format_line(struct buffer *out, const char *text, size_t columns)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t size = strlen(text);
	size_t written = 0;
	size_t last = 0; /* where the last character that fits begins */
	bool blank = false;

	for (size_t at = 0; at < size;) {
		uint32_t code = 0xfffd;
		size_t length = utf8_sequence(in + at, size - at, &code);
		bool space = length == 1 && (code == ' ' || code == '\n' ||
					     code == '\t' || code == '\r');

		if (space && (blank || !written)) {
			at++;
			continue;
		}
		if (columns && written == columns) {
			out->size = last;
			buffer_append_string(out, ELLIPSIS);
			return written;
		}
		last = out->size;
		blank = space;
		if (space)
			buffer_append_byte(out, ' ');
		else if (!length || utf8_is_control(code))
			buffer_append_string(out, "\xef\xbf\xbd");
		else
			buffer_append(out, in + at, length);
		written++;
		at += length ? length : 1;
	}
	if (blank && written) {
		out->size--;
		written--;
	}
	return written;
}

void format_html(struct buffer *out, const char *text)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t size = strlen(text);

	for (size_t at = 0; at < size;) {
		uint32_t code = 0;
		size_t length = utf8_sequence(in + at, size - at, &code);

		if (!length ||
		    (utf8_is_control(code) && code != '\n' && code != '\t'))
			buffer_append_string(out, "&#xfffd;");
		else if (code == '<')
			buffer_append_string(out, "&lt;");
		else if (code == '>')
			buffer_append_string(out, "&gt;");
		else if (code == '&')
			buffer_append_string(out, "&amp;");
		else if (code == '"')
			buffer_append_string(out, "&quot;");
		else if (code == '\'')
			buffer_append_string(out, "&#39;");
		else
			buffer_append(out, in + at, length);
		at += length ? length : 1;
	}
}
