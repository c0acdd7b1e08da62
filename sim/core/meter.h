/* meter.h: what is counted during a run, cut into windows.
 *
 * A model counts in plain integers of its own; it registers each with the run, which copies it
 * at every boundary of segments. The value of a window is the difference of two copies, so
 * counting costs one addition and windows cost nothing. Where the run is asked to, it also reads
 * them all at a fixed interval (`run --counters`), in the sampling phase, which no fingerprint
 * sees. */
#ifndef SIM_CORE_METER_H
#define SIM_CORE_METER_H

#include "sim/core/run.h"
#include "sim/metrics/result.h"

/* Time-weighted: area is the integral of level over time up to `since`. */
typedef struct SimGauge {
    int64_t level;
    SimTime since;
    __int128 area; /* level x ticks */
    int64_t peak;
} SimGauge;

static inline void sim_gauge_set(SimGauge *g, SimTime now, int64_t level) {
    g->area += (__int128)g->level * (now - g->since);
    g->since = now;
    g->level = level;
    if (level > g->peak) g->peak = level;
}

/* The same of which one also wants to know how much it varies: a queue. */
typedef struct SimLevel {
    int64_t level, peak; /* peak: since the last boundary of segments */
    SimTime since;
    __int128 area, square; /* of the level and of its square, x ticks */
} SimLevel;

static inline void sim_level_add(SimLevel *l, SimTime now, int64_t more) {
    SimTime passed = now - l->since;
    __int128 area = (__int128)l->level * passed;
    l->area += area;
    l->square += area * l->level;
    l->since = now;
    l->level += more;
    if (l->level > l->peak) l->peak = l->level;
}

/* A resource that serves: its capacity is `units` servers; the only source of utilisation.
 *
 * A single server that always knows when it will be free counts whole services in `*busy` and
 * keeps `*busy_until`; what lies beyond a boundary is taken off there. Several servers use the
 * gauge `serving`. Both may be used; they add up. `blocked` is the time it had work and was
 * held up by another, `blocker` who held it up last. */
typedef struct SimResource {
    const char *name, *kind;
    int64_t units;
    const SimTime *busy, *busy_until; /* where the owner keeps them; NULL: it does not */
    SimGauge serving;
    SimTime blocked, blocked_since; /* blocked_since: SIM_NEVER where not blocked */
    const char *blocker;
} SimResource;

void sim_resource_init(SimResource *r, const char *name, const char *kind, int64_t units);
void sim_resource_watch(SimResource *r, const SimTime *busy, const SimTime *busy_until);
void sim_resource_block(SimResource *r, SimTime now, const char *blocker);
void sim_resource_unblock(SimResource *r, SimTime now);

/* Registered while creating or wiring. Strings and values must live as long as the run. */
void sim_meter_resource(SimRun *run, SimResource *resource);
/* A row whose value is the difference over the window, in `unit`. */
void sim_meter_count(SimRun *run, const char *kind, const char *entity, const char *metric,
                     const char *unit, const int64_t *value);

/* The same for a sum: *value and `n_more` further ones from `more` on, `stride` bytes apart. */
void sim_meter_sum(SimRun *run, const char *kind, const char *entity, const char *metric,
                   const char *unit, const int64_t *value, const int64_t *more, uint32_t n_more,
                   size_t stride);
/* Rows <metric>_mean and <metric>_peak, and <metric>_variation, the standard deviation over time as
 * a part of the mean. */
void sim_meter_level(SimRun *run, const char *kind, const char *entity, const char *metric,
                     const char *unit, SimLevel *level);
/* A count that `run --counters` shows and the result does not hold. */
void sim_meter_counter(SimRun *run, const char *kind, const char *entity, const char *metric,
                       const char *unit, const int64_t *value);

/* Called by run.c. */
void sim_meters_create(SimRun *run);
void sim_meters_seal(SimRun *run);
void sim_meters_copy(SimRun *run, uint32_t boundary);
void sim_meters_report(SimRun *run, SimResult *result);
/* Reads every count at this instant; only where config.sample_every is set. */
void sim_meters_sample(SimRun *run);
/* Fills SimResult.counts; reads once more at the end of the run. */
void sim_meters_report_samples(SimRun *run, SimResult *result);

#endif
