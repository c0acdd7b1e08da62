/* series.c: see series.h. */
#include "sim/metrics/series.h"

#include "sim/base/assert.h"

/* 1, 2, 5, 10, 20, 50 ... ns. */
static SimTime wider(SimTime width) {
    if (width > INT64_MAX / 5) return INT64_MAX;
    SimTime lead = width;
    while (lead % 10 == 0)
        lead /= 10;
    return lead == 2 ? width / 2 * 5 : width * 2;
}

void sim_series_init(SimSeries *s, SimArena *arena, SimTime start, SimTime end, uint32_t buckets) {
    SIM_CHECK(buckets > 0);
    *s = (SimSeries){.start = start, .width = SIM_NS};
    SimTime length = end > start ? end - start : 0;
    while (length / s->width + (length % s->width != 0) > buckets)
        s->width = wider(s->width);
    s->n = (uint32_t)(length / s->width + (length % s->width != 0));
    s->value = SIM_NEW_N(arena, int64_t, s->n);
}
