/*
 * A latency histogram: log-linear, 16 steps to each power of two, so a quantile
 * is at most 1/16 too high. It covers 1 us to more than an hour. Two histograms
 * can be added.
 */
#ifndef PARALLAX_BASE_HISTOGRAM_H
#define PARALLAX_BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { HISTOGRAM_BUCKETS = 16 * 33 };

struct histogram {
	uint64_t count;
	uint64_t sum; /* us */
	uint64_t max; /* us */
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *histogram, uint64_t us);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The value at quantile q (0..1), in us; 0 when empty. */
uint64_t histogram_quantile(const struct histogram *histogram, double q);

/* A compact byte form (little-endian pairs of index and count), for a store. */
size_t histogram_encode(
    const struct histogram *histogram, uint8_t *out,
    size_t size); /* 0: does not fit; 24 + 6 * buckets used */
int histogram_decode(struct histogram *histogram, const uint8_t *in,
		     size_t size); /* -1: malformed */

#endif
