#include "sim/core/meter.h"

#include <string.h>

typedef struct CountMeter {
    const char *kind, *entity, *metric, *unit;
    const int64_t *value, *more; /* its value: *value and the sum of n_more at strides from more */
    uint32_t n_more;
    size_t stride;
    bool hidden;      /* no row of the result: only sampled */
    int64_t *copy;    /* n_segments + 1 */
    int64_t *samples; /* room_samples, NULL where the run does not sample */
} CountMeter;

typedef struct ResourceMeter {
    SimResource *resource;
    __int128 *busy; /* n_segments + 1 each */
    int64_t *blocked;
} ResourceMeter;

typedef struct LevelMeter {
    const char *kind, *entity, *metric, *unit;
    SimLevel *level;
    __int128 *area, *square; /* n_segments + 1 each */
    int64_t *peak;           /* of the segment that ends at the boundary */
} LevelMeter;

struct SimMeters {
    SIM_RESULT_LIST(CountMeter) counts;
    SIM_RESULT_LIST(LevelMeter) levels;
    SIM_RESULT_LIST(ResourceMeter) resources;
    SimTime *sampled;
    uint32_t n_samples, room_samples;
};

void sim_resource_init(SimResource *r, const char *name, const char *kind, int64_t units) {
    *r = (SimResource){.name = name, .kind = kind, .units = units, .blocked_since = SIM_NEVER};
}

void sim_resource_watch(SimResource *r, const SimTime *busy, const SimTime *busy_until) {
    r->busy = busy;
    r->busy_until = busy_until;
}

void sim_resource_block(SimResource *r, SimTime now, const char *blocker) {
    r->blocker = blocker;
    if (r->blocked_since == SIM_NEVER) r->blocked_since = now;
}

void sim_resource_unblock(SimResource *r, SimTime now) {
    if (r->blocked_since == SIM_NEVER) return;
    r->blocked += now - r->blocked_since;
    r->blocked_since = SIM_NEVER;
}

void sim_meters_create(SimRun *run) {
    run->meters = SIM_NEW(&run->arena, struct SimMeters);
    if (!run->config.sample_every) return;
    /* at the beginning, at every interval, at the end */
    SimTime n = run->config.duration / run->config.sample_every + 2;
    SIM_CHECK(n <= UINT32_MAX);
    run->meters->room_samples = (uint32_t)n;
    run->meters->sampled = SIM_NEW_N(&run->arena, SimTime, n);
}

void sim_meter_resource(SimRun *run, SimResource *resource) {
    uint32_t n = run->config.n_segments + 1;
    ResourceMeter *m = SIM_PUSH(&run->arena, &run->meters->resources);
    m->resource = resource;
    m->busy = SIM_NEW_N(&run->arena, __int128, n);
    m->blocked = SIM_NEW_N(&run->arena, int64_t, n);
}

static CountMeter *count_add(SimRun *run, const char *kind, const char *entity, const char *metric,
                             const char *unit, const int64_t *value) {
    CountMeter *m = SIM_PUSH(&run->arena, &run->meters->counts);
    *m = (CountMeter){.kind = kind,
                      .entity = entity,
                      .metric = metric,
                      .unit = unit,
                      .value = value,
                      .copy = SIM_NEW_N(&run->arena, int64_t, run->config.n_segments + 1)};
    uint32_t n = run->meters->room_samples;
    if (n) m->samples = SIM_NEW_N(&run->arena, int64_t, n);
    return m;
}

void sim_meter_count(SimRun *run, const char *kind, const char *entity, const char *metric,
                     const char *unit, const int64_t *value) {
    count_add(run, kind, entity, metric, unit, value);
}

void sim_meter_sum(SimRun *run, const char *kind, const char *entity, const char *metric,
                   const char *unit, const int64_t *value, const int64_t *more, uint32_t n_more,
                   size_t stride) {
    CountMeter *m = count_add(run, kind, entity, metric, unit, value);
    m->more = more;
    m->n_more = n_more;
    m->stride = stride;
}

void sim_meter_counter(SimRun *run, const char *kind, const char *entity, const char *metric,
                       const char *unit, const int64_t *value) {
    if (run->meters->room_samples) count_add(run, kind, entity, metric, unit, value)->hidden = true;
}

void sim_meter_level(SimRun *run, const char *kind, const char *entity, const char *metric,
                     const char *unit, SimLevel *level) {
    uint32_t n = run->config.n_segments + 1;
    *SIM_PUSH(&run->arena, &run->meters->levels) =
        (LevelMeter){.kind = kind,
                     .entity = entity,
                     .metric = metric,
                     .unit = unit,
                     .level = level,
                     .area = SIM_NEW_N(&run->arena, __int128, n),
                     .square = SIM_NEW_N(&run->arena, __int128, n),
                     .peak = SIM_NEW_N(&run->arena, int64_t, n)};
}

static int64_t count_value(const CountMeter *m) {
    int64_t value = *m->value;
    for (uint32_t i = 0; i < m->n_more; i++)
        value += *(const int64_t *)((const char *)m->more + i * m->stride);
    return value;
}

static __int128 resource_busy(const SimResource *r, SimTime now) {
    SimTime busy = 0;
    if (r->busy) busy = *r->busy - (*r->busy_until > now ? *r->busy_until - now : 0);
    return (__int128)busy + r->serving.area + (__int128)r->serving.level * (now - r->serving.since);
}

void sim_meters_copy(SimRun *run, uint32_t boundary) {
    SimTime now = run->context.now;
    for (uint32_t i = 0; i < run->meters->counts.n; i++) {
        CountMeter *m = &run->meters->counts.items[i];
        m->copy[boundary] = count_value(m);
    }
    for (uint32_t i = 0; i < run->meters->levels.n; i++) {
        LevelMeter *m = &run->meters->levels.items[i];
        sim_level_add(m->level, now, 0);
        m->area[boundary] = m->level->area;
        m->square[boundary] = m->level->square;
        m->peak[boundary] = m->level->peak;
        m->level->peak = m->level->level;
    }
    for (uint32_t i = 0; i < run->meters->resources.n; i++) {
        ResourceMeter *m = &run->meters->resources.items[i];
        SimResource *r = m->resource;
        m->busy[boundary] = resource_busy(r, now);
        m->blocked[boundary] =
            r->blocked + (r->blocked_since != SIM_NEVER ? now - r->blocked_since : 0);
    }
}

/* The boundaries that enclose a window, by its times. */
static void window_bounds(const SimRun *run, const SimResultWindow *w, uint32_t *first,
                          uint32_t *end) {
    const SimTime *boundary = run->config.boundaries;
    uint32_t n = run->config.n_segments;
    *first = 0;
    while (*first < n && boundary[*first] < w->start)
        ++*first;
    *end = *first;
    while (*end < n && boundary[*end] < w->end)
        ++*end;
}

static void report_resource(SimRun *run, SimResult *result, const ResourceMeter *m) {
    SimResource *r = m->resource;
    SimResourceRow *row = sim_result_resource(result, r->name, r->kind);
    row->blocker = r->blocker ? sim_arena_strdup(&result->arena, r->blocker) : NULL;
    for (uint32_t w = 0; w < result->n_windows; w++) {
        uint32_t a, b;
        window_bounds(run, &result->windows[w], &a, &b);
        SimTime end = run->config.boundaries[b];
        if (end > run->context.now) end = run->context.now;
        SimTime length = end - run->config.boundaries[a];
        if (length <= 0) continue;
        row->utilization[w] = (SimValue){(m->busy[b] - m->busy[a]) / r->units, length};
        row->blocked[w] = (SimValue){m->blocked[b] - m->blocked[a], length};
    }
}

static int64_t square_root(int64_t square) {
    int64_t root = 0;
    for (int64_t bit = INT64_C(1) << 31; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= square) root += bit;
    return root;
}

static SimValue *level_row(SimResult *result, const LevelMeter *m, const char *what,
                           const char *unit, int decimals) {
    return sim_result_row(result, m->kind, m->entity,
                          sim_arena_printf(&result->arena, "%s_%s", m->metric, what), unit,
                          decimals);
}

static void report_level(SimRun *run, SimResult *result, const LevelMeter *m) {
    SimValue *mean = level_row(result, m, "mean", m->unit, 1);
    SimValue *peak = level_row(result, m, "peak", m->unit, 0);
    SimValue *variation = level_row(result, m, "variation", "ratio", 3);
    for (uint32_t w = 0; w < result->n_windows; w++) {
        uint32_t a, b;
        window_bounds(run, &result->windows[w], &a, &b);
        SimTime end = run->config.boundaries[b];
        if (end > run->context.now) end = run->context.now;
        SimTime length = end - run->config.boundaries[a];
        if (length <= 0) continue;
        __int128 area = m->area[b] - m->area[a], square = m->square[b] - m->square[a];
        int64_t most = 0;
        for (uint32_t i = a + 1; i <= b; i++)
            if (m->peak[i] > most) most = m->peak[i];
        mean[w] = (SimValue){area, length};
        peak[w] = (SimValue){most, 1};
        int64_t whole = (int64_t)(area / length), mean_square = (int64_t)(square / length);
        int64_t spread = mean_square - whole * whole;
        variation[w] = (SimValue){square_root(spread > 0 ? spread : 0), whole};
    }
}

void sim_meters_report(SimRun *run, SimResult *result) {
    for (uint32_t i = 0; i < run->meters->counts.n; i++) {
        const CountMeter *m = &run->meters->counts.items[i];
        if (m->hidden) continue;
        SimValue *v = sim_result_row(result, m->kind, m->entity, m->metric, m->unit, 0);
        for (uint32_t w = 0; w < result->n_windows; w++) {
            uint32_t a, b;
            window_bounds(run, &result->windows[w], &a, &b);
            v[w] = (SimValue){m->copy[b] - m->copy[a], 1};
        }
    }
    for (uint32_t i = 0; i < run->meters->levels.n; i++)
        report_level(run, result, &run->meters->levels.items[i]);
    for (uint32_t i = 0; i < run->meters->resources.n; i++)
        report_resource(run, result, &run->meters->resources.items[i]);
}

void sim_meters_sample(SimRun *run) {
    struct SimMeters *meters = run->meters;
    SIM_CHECK(meters->n_samples < meters->room_samples);
    uint32_t at = meters->n_samples++;
    meters->sampled[at] = run->context.now;
    for (uint32_t i = 0; i < meters->counts.n; i++)
        meters->counts.items[i].samples[at] = count_value(&meters->counts.items[i]);
}

void sim_meters_report_samples(SimRun *run, SimResult *result) {
    struct SimMeters *meters = run->meters;
    if (!meters->room_samples) return;
    if (meters->sampled[meters->n_samples - 1] < run->context.now) sim_meters_sample(run);
    uint32_t n = meters->n_samples;
    result->n_samples = n;
    result->sampled = SIM_NEW_N(&result->arena, SimTime, n);
    memcpy(result->sampled, meters->sampled, n * sizeof *meters->sampled);
    for (uint32_t i = 0; i < meters->counts.n; i++) {
        const CountMeter *m = &meters->counts.items[i];
        SimCountRow *row = SIM_PUSH(&result->arena, &result->counts);
        row->kind = sim_arena_strdup(&result->arena, m->kind);
        row->entity = sim_arena_strdup(&result->arena, m->entity);
        row->metric = sim_arena_strdup(&result->arena, m->metric);
        row->unit = sim_arena_strdup(&result->arena, m->unit);
        row->value = SIM_NEW_N(&result->arena, int64_t, n);
        memcpy(row->value, m->samples, n * sizeof *m->samples);
    }
}
