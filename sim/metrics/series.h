/* series.h: an amount over time in a bounded number of buckets.
 *
 * The bucket width is fixed at creation from the length of the run, so that memory is bounded
 * and two series of one run share their time axis. */
#ifndef SIM_METRICS_SERIES_H
#define SIM_METRICS_SERIES_H

#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

typedef struct SimSeries {
    SimTime start, width; /* bucket i covers [start + i*width, start + (i+1)*width) */
    uint32_t n;
    int64_t *value; /* sum of the amounts added in the bucket */
} SimSeries;

/* Covers [start, end) in at most `buckets` buckets of a round width (1, 2 or 5 x 10^k ns). */
void sim_series_init(SimSeries *s, SimArena *arena, SimTime start, SimTime end, uint32_t buckets);

/* Adds at time t; times before the start or after the end are ignored. */
static inline void sim_series_add(SimSeries *s, SimTime t, int64_t amount) {
    if (t < s->start) return;
    SimTime i = (t - s->start) / s->width;
    if (i < s->n) s->value[i] += amount;
}

#endif
