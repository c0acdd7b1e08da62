/* histogram.h: log-linear histogram of non-negative integers, exact to merge.
 *
 * A value keeps its top 7 bits: buckets are at most 1/64 of the value wide, so a percentile
 * read from the middle of its bucket is within 0.8 % (<= 1 % is promised). Counts are
 * integers; merging two histograms is addition, in any order, to the same bytes. Sum, minimum
 * and maximum are exact.
 *
 *   value 0..127        one bucket a value
 *   value 128..255      shift 1 ...   64 buckets per power of two  (see histogram.c) */
#ifndef SIM_METRICS_HISTOGRAM_H
#define SIM_METRICS_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_HISTOGRAM_SUB_BITS 7
#define SIM_HISTOGRAM_BUCKETS ((64 - SIM_HISTOGRAM_SUB_BITS + 1) << (SIM_HISTOGRAM_SUB_BITS - 1))

typedef struct SimHistogram {
    uint64_t count;
    int64_t min, max; /* INT64_MAX, -1 where empty */
    __int128 sum;
    uint64_t bucket[SIM_HISTOGRAM_BUCKETS + (1 << (SIM_HISTOGRAM_SUB_BITS - 1))];
} SimHistogram;

void sim_histogram_init(SimHistogram *h);

/* Index of the bucket of a value >= 0; the low and high (inclusive) value of a bucket. */
uint32_t sim_histogram_index(int64_t value);
int64_t sim_histogram_low(uint32_t index);
int64_t sim_histogram_high(uint32_t index);

/* Adds one value (>= 0). Constant time, no allocation. */
void sim_histogram_add(SimHistogram *h, int64_t value);

void sim_histogram_merge(SimHistogram *into, const SimHistogram *from);

/* Nearest-rank percentile, `ppm` in parts per million (999000 = p99.9): the middle of the
 * bucket that holds the value of rank ceil(ppm * count / 1e6), clamped to [min, max]; -1 where
 * empty. */
int64_t sim_histogram_percentile(const SimHistogram *h, int64_t ppm);

#endif
