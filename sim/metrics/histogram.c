/* histogram.c: index = shift * 64 + (value >> shift), where shift leaves the top 7 bits.
 *
 * With shift 0 the quotient runs 0..127; with every later shift it runs 64..127, so the ranges
 * 64 * shift + 64 .. 64 * shift + 127 follow each other without a gap. */
#include "sim/metrics/histogram.h"

#include <string.h>

#include "sim/base/assert.h"

#define HALF (1u << (SIM_HISTOGRAM_SUB_BITS - 1)) /* buckets a power of two */

void sim_histogram_init(SimHistogram *h) {
    memset(h, 0, sizeof *h);
    h->min = INT64_MAX;
    h->max = -1;
}

uint32_t sim_histogram_index(int64_t value) {
    uint64_t v = (uint64_t)value;
    if (v < 2 * HALF) return (uint32_t)v;
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(v) - (SIM_HISTOGRAM_SUB_BITS - 1);
    return shift * HALF + (uint32_t)(v >> shift);
}

static uint32_t shift_of(uint32_t index) {
    return index < 2 * HALF ? 0 : index / HALF - 1;
}

int64_t sim_histogram_low(uint32_t index) {
    uint32_t shift = shift_of(index);
    return (int64_t)((uint64_t)(index - shift * HALF) << shift);
}

int64_t sim_histogram_high(uint32_t index) {
    uint32_t shift = shift_of(index);
    return (int64_t)(((uint64_t)(index - shift * HALF + 1) << shift) - 1);
}

void sim_histogram_add(SimHistogram *h, int64_t value) {
    SIM_CHECK(value >= 0);
    h->bucket[sim_histogram_index(value)]++;
    h->count++;
    h->sum += value;
    if (value < h->min) h->min = value;
    if (value > h->max) h->max = value;
}

void sim_histogram_merge(SimHistogram *into, const SimHistogram *from) {
    for (uint32_t i = 0; i < SIM_HISTOGRAM_BUCKETS; i++)
        into->bucket[i] += from->bucket[i];
    into->count += from->count;
    into->sum += from->sum;
    if (from->min < into->min) into->min = from->min;
    if (from->max > into->max) into->max = from->max;
}

int64_t sim_histogram_percentile(const SimHistogram *h, int64_t ppm) {
    if (h->count == 0) return -1;
    unsigned __int128 share = (unsigned __int128)(ppm < 0 ? 0 : ppm) * h->count;
    unsigned __int128 rank = (share + 999999) / 1000000;
    if (rank < 1) rank = 1;
    if (rank > h->count) rank = h->count;

    uint64_t seen = 0;
    uint32_t i = sim_histogram_index(h->min), last = sim_histogram_index(h->max);
    for (; i < last; i++) {
        seen += h->bucket[i];
        if (seen >= rank) break;
    }
    int64_t low = sim_histogram_low(i);
    int64_t middle = low + (sim_histogram_high(i) - low) / 2;
    if (middle < h->min) return h->min;
    return middle > h->max ? h->max : middle;
}
