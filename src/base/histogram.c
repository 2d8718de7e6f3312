#include "base/histogram.h"

static size_t histogram_index(uint64_t us)
{
	unsigned shift;
	size_t index;

	if (us < 16)
		return (size_t)us;
	shift = 59u - (unsigned)__builtin_clzll(us);
	index = (size_t)(shift + 1) * 16 + (size_t)((us >> shift) & 15);
	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

/* The highest value that falls into the bucket. */
static uint64_t histogram_top(size_t index)
{
	unsigned shift;

	if (index < 16)
		return index;
	shift = (unsigned)(index / 16 - 1);
	return ((uint64_t)(16 + index % 16 + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, uint64_t us)
{
	histogram->count++;
	histogram->sum += us;
	if (us > histogram->max)
		histogram->max = us;
	histogram->buckets[histogram_index(us)]++;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
	into->count += from->count;
	into->sum += from->sum;
	if (from->max > into->max)
		into->max = from->max;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
}

uint64_t histogram_quantile(const struct histogram *histogram, double q)
{
	uint64_t wanted;
	uint64_t seen = 0;

	if (!histogram->count)
		return 0;
	wanted = (uint64_t)(q * (double)histogram->count + 0.5);
	if (wanted < 1)
		wanted = 1;
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->buckets[i];
		if (seen >= wanted) {
			uint64_t top = histogram_top(i);

			return top < histogram->max ? top : histogram->max;
		}
	}
	return histogram->max;
}

static void put_little(uint8_t *out, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_little(const uint8_t *in, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)in[i] << (8 * i);
	return value;
}

size_t histogram_encode(const struct histogram *histogram, uint8_t *out,
			size_t size)
{
	size_t used = 24;

	if (size < used)
		return 0;
	put_little(out, histogram->count, 8);
	put_little(out + 8, histogram->sum, 8);
	put_little(out + 16, histogram->max, 8);
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
		if (!histogram->buckets[i])
			continue;
		if (size - used < 6)
			return 0;
		put_little(out + used, i, 2);
		put_little(out + used + 2, histogram->buckets[i], 4);
		used += 6;
	}
	return used;
}

int histogram_decode(struct histogram *histogram, const uint8_t *in,
		     size_t size)
{
	memset(histogram, 0, sizeof(*histogram));
	if (size < 24 || (size - 24) % 6)
		return -1;
	histogram->count = get_little(in, 8);
	histogram->sum = get_little(in + 8, 8);
	histogram->max = get_little(in + 16, 8);
	for (size_t used = 24; used < size; used += 6) {
		uint64_t index = get_little(in + used, 2);

		if (index >= HISTOGRAM_BUCKETS)
			return -1;
		histogram->buckets[index] =
		    (uint32_t)get_little(in + used + 2, 4);
	}
	return 0;
}
