/* tally.c: what a workload saw, by segment, and the rows made of it. */
#include <string.h>

#include "models/workload/workload.h"

#include "sim/scenario/scenario.h"

/* ---- counting ---- */

static WorkloadSegment *current(SimRun *run, Workload *w) {
    return &w->segment[run->segment];
}

/* Whether a window goes on at a time. */
static bool window_at(const WorkloadWindow *w, SimTime t) {
    return w->start <= t && t < w->end;
}

/* What a completion now must exceed to matter to any window that goes on. */
static void update_floors(Workload *w, SimTime now) {
    w->outage_floor = w->longest_floor = SIM_NEVER;
    for (uint32_t i = 0; i < w->n_windows; i++) {
        const WorkloadWindow *window = &w->window[i];
        if (!window_at(window, now)) continue;
        if (window->outage < w->outage_floor) w->outage_floor = window->outage;
        if (window->longest < w->longest_floor) w->longest_floor = window->longest;
    }
}

/* An issuer completed nothing from `from` to `to`. A fault answers for the whole of a gap from its
 * own beginning on, even beyond its end; any other window for the part that lies in it. */
static void note_gap(Workload *w, SimTime from, SimTime to) {
    for (uint32_t i = 0; i < w->n_windows; i++) {
        WorkloadWindow *window = &w->window[i];
        if (from >= window->end || to <= window->start) continue;
        SimTime begin = from > window->start ? from : window->start;
        SimTime end = window->fault || to < window->end ? to : window->end;
        if (end - begin > window->outage) window->outage = end - begin;
    }
    update_floors(w, to);
}

/* An operation took from `from` to `to`: it counts where it ended, and for a fault it met. */
static void note_operation(Workload *w, SimTime from, SimTime to) {
    for (uint32_t i = 0; i < w->n_windows; i++) {
        WorkloadWindow *window = &w->window[i];
        bool met = window->fault && from < window->end && to > window->start;
        if ((met || window_at(window, to)) && to - from > window->longest)
            window->longest = to - from;
    }
    update_floors(w, to);
}

void workload_began(SimRun *run, WorkloadIssuer *issuer) {
    /* what follows a failure belongs to the same gap */
    if (issuer->outstanding == 0 && !issuer->failing) issuer->last_end = run->context.now;
    if (issuer->outstanding++ == 0) issuer->waiting = run->context.now;
    issuer->issued++;
}

void workload_ended(SimRun *run, WorkloadIssuer *issuer, enum WorkloadKind kind, uint32_t bytes,
                    SimTime began, const SimTime *parts, bool failed, bool retried) {
    Workload *w = issuer->workload;
    WorkloadSegment *s = current(run, w);
    SimTime now = run->context.now, latency = now - began;
    if (latency > w->longest_floor || began < w->segment_start) note_operation(w, began, now);
    issuer->outstanding--;
    issuer->waiting = now;
    issuer->completed++;
    s->failed += failed;
    s->retried += retried;
    issuer->failing = failed;
    if (failed) return;
    if (now - issuer->last_end > w->outage_floor || issuer->last_end < w->segment_start)
        note_gap(w, issuer->last_end, now);
    issuer->last_end = now;
    s->bytes[kind] += bytes;
    sim_histogram_add(s->latency[kind], latency);
    if (parts)
        for (uint32_t i = 0; i < STORAGE_PARTS; i++)
            s->part[i] += parts[i];
    sim_series_add(&w->series, now, bytes);
    sim_series_add(&w->series_count, now, 1);
}

void workload_segment(SimRun *run, uint32_t segment) {
    (void)segment;
    Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++) {
        all->items[i].segment_start = run->context.now;
        update_floors(&all->items[i], run->context.now);
    }
}

/* At the end: what is still outstanding has waited at least since the last completion. */
static void note_open(SimRun *run, Workload *w) {
    SimTime now = run->context.now;
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        const WorkloadIssuer *issuer = &w->issuer[i];
        if (issuer->last_end == now || !(issuer->outstanding || issuer->failing)) continue;
        note_gap(w, issuer->last_end, now);
        if (issuer->outstanding)
            note_operation(w, issuer->waiting, now - 1); /* the last window ends now */
    }
}

static void windows_create(SimRun *run, Workload *w) {
    const SimScenario *scenario = run->config.scenario;
    w->n_windows = scenario->n_windows;
    w->window = SIM_NEW_N(&run->arena, WorkloadWindow, w->n_windows);
    for (uint32_t i = 0; i < w->n_windows; i++) {
        const SimWindow *from = &scenario->windows[i];
        bool fault = i > 0 && strcmp(from->name, "healthy") && strcmp(from->name, "recovered");
        w->window[i] = (WorkloadWindow){.start = from->start, .end = from->end, .fault = fault};
    }
    update_floors(w, 0);
}

void workload_tally_create(SimRun *run, Workload *w) {
    w->segment = SIM_NEW_N(&run->arena, WorkloadSegment, run->config.n_segments);
    for (uint32_t s = 0; s < run->config.n_segments; s++) {
        for (uint32_t k = 0; k < WORKLOAD_ALL; k++) {
            w->segment[s].latency[k] = SIM_NEW(&run->arena, SimHistogram);
            sim_histogram_init(w->segment[s].latency[k]);
        }
    }
    windows_create(run, w);
    sim_series_init(&w->series, &run->arena, 0, run->config.duration, 600);
    sim_series_init(&w->series_count, &run->arena, 0, run->config.duration, 600);
}

/* ---- reporting ---- */

typedef struct WindowTally {
    SimHistogram *latency[WORKLOAD_ALL + 1]; /* reads, writes, both */
    int64_t bytes[WORKLOAD_ALL];
    int64_t failed, retried;
    SimTime outage, longest, length;
    __int128 part[STORAGE_PARTS], slowdown;
} WindowTally;

static void window_merge(SimRun *run, const Workload *w, const SimWindow *window, SimTime stop,
                         WindowTally *t, SimArena *arena) {
    *t = (WindowTally){0};
    for (uint32_t k = 0; k <= WORKLOAD_ALL; k++) {
        t->latency[k] = SIM_NEW(arena, SimHistogram);
        sim_histogram_init(t->latency[k]);
    }
    for (uint32_t s = window->first_segment; s < window->end_segment; s++) {
        const WorkloadSegment *seg = &w->segment[s];
        for (uint32_t k = 0; k < WORKLOAD_ALL; k++) {
            sim_histogram_merge(t->latency[k], seg->latency[k]);
            sim_histogram_merge(t->latency[WORKLOAD_ALL], seg->latency[k]);
            t->bytes[k] += seg->bytes[k];
        }
        t->failed += seg->failed;
        t->retried += seg->retried;
        t->slowdown += seg->slowdown;
        for (uint32_t p = 0; p < STORAGE_PARTS; p++)
            t->part[p] += seg->part[p];
    }
    SimTime end = window->end < stop ? window->end : stop;
    t->length = end > window->start ? end - window->start : 0;
    (void)run;
}

typedef struct WorkloadRows {
    SimResult *result;
    const char *name;
    uint32_t window;
} WorkloadRows;

/* Rows are made at the first window and filled at each. */
static void put(WorkloadRows *r, const char *metric, const char *unit, int decimals, __int128 num,
                int64_t den) {
    SimValue *v;
    if (r->window == 0) {
        v = sim_result_row(r->result, "workload", r->name, metric, unit, decimals);
    } else {
        const SimRow *row = sim_result_find(r->result, r->name, metric);
        SIM_CHECK(row);
        v = row->value;
    }
    v[r->window] = (SimValue){num, den};
}

static void put_ns(WorkloadRows *r, const char *metric, SimTime ticks, bool any) {
    put(r, metric, "ns", 2, ticks, any ? SIM_NS : 0);
}

static void put_latency(WorkloadRows *r, const char *prefix, const SimHistogram *h) {
    static const struct {
        const char *name;
        int64_t ppm;
    } at[] = {{"p50", 500000}, {"p90", 900000}, {"p99", 990000}, {"p999", 999000}};
    SimArena *arena = &r->result->arena;
    bool any = h->count > 0;
    for (uint32_t i = 0; i < sizeof at / sizeof *at; i++)
        put_ns(r, sim_arena_printf(arena, "%s.%s", prefix, at[i].name),
               sim_histogram_percentile(h, at[i].ppm), any);
    put_ns(r, sim_arena_printf(arena, "%s.max", prefix), h->max, any);
    put(r, sim_arena_printf(arena, "%s.mean", prefix), "ns", 2, any ? h->sum : 0,
        (int64_t)h->count * SIM_NS);
    put(r, sim_arena_printf(arena, "%s.count", prefix), "", 0, h->count, 1);
}

static void put_parts(WorkloadRows *r, const WindowTally *t) {
    static const char *const name[] = {"part.software", "part.network", "part.drive-wait",
                                       "part.drive-service"};
    int64_t n = (int64_t)t->latency[WORKLOAD_ALL]->count;
    for (uint32_t i = 0; i < STORAGE_PARTS; i++)
        put(r, name[i], "ns", 2, t->part[i], n * SIM_NS);
}

static void put_window(WorkloadRows *r, const Workload *w, const WindowTally *t) {
    int64_t bytes = t->bytes[WORKLOAD_READS] + t->bytes[WORKLOAD_WRITES];
    uint64_t n = t->latency[WORKLOAD_ALL]->count;
    put(r, "iops", "1/s", 3, (__int128)n * SIM_S, t->length);
    put(r, "throughput", "bps", 0, (__int128)bytes * 8 * SIM_S, t->length);
    put(r, "bytes", "bytes", 0, bytes, 1);
    put_latency(r, "read", t->latency[WORKLOAD_READS]);
    put_latency(r, "write", t->latency[WORKLOAD_WRITES]);
    put_latency(r, "all", t->latency[WORKLOAD_ALL]);
    put_ns(r, "outage", t->outage, true);
    put_ns(r, "longest", t->longest, true);
    put(r, "failed", "", 0, t->failed, 1);
    put(r, "retried", "", 0, t->retried, 1);
    if (w->params->flows) {
        put(r, "slowdown", "", 3, t->slowdown, (int64_t)n * 1000000);
        return;
    }
    const WorkloadDiskspd *d = w->params->diskspd;
    if (d) put_parts(r, t);
    if (d && d->iops == SIM_ABSENT && d->think > 0) put_ns(r, "think", d->think, true);
    if (d && d->iops != SIM_ABSENT)
        put(r, "offered", "1/s", 0, (__int128)d->iops * w->n_issuers, 1);
    else if (!w->params->heartbeat)
        put(r, "outstanding", "", 0,
            (__int128)(d ? d->outstanding : w->params->rdma->outstanding) * w->n_issuers, 1);
}

static void report_distribution(SimResult *result, const Workload *w, uint32_t kind,
                                const char *metric, SimHistogram **window) {
    SimDistribution *d = sim_result_distribution(result, w->name, metric);
    for (uint32_t i = 0; i < result->n_windows; i++)
        d->window[i] = window[i * (WORKLOAD_ALL + 1) + kind];
}

/* The result outlives the run: it gets a series of its own. */
static void put_series(SimResult *result, const char *name, const char *metric, const char *unit,
                       int64_t scale, const SimSeries *series) {
    SimSeriesRow *row = sim_result_series(result, name, metric, unit);
    row->per_second = true;
    row->scale = scale;
    row->series = *series;
    row->series.value = SIM_NEW_N(&result->arena, int64_t, series->n);
    memcpy(row->series.value, series->value, series->n * sizeof *series->value);
}

static void report_series(SimRun *run, SimResult *result, const Workload *w) {
    if (!run->config.series) return;
    put_series(result, w->name, "throughput", "bps", 8, &w->series);
    put_series(result, w->name, "iops", "1/s", 1, &w->series_count);
}

static void report_workload(SimRun *run, SimResult *result, Workload *w) {
    const SimScenario *scenario = run->config.scenario;
    SimHistogram **latency =
        SIM_NEW_N(&result->arena, SimHistogram *, scenario->n_windows * (WORKLOAD_ALL + 1));
    note_open(run, w);
    for (uint32_t i = 0; i < scenario->n_windows; i++) {
        WindowTally t;
        window_merge(run, w, &scenario->windows[i], run->context.now, &t, &result->arena);
        t.outage = w->window[i].outage;
        t.longest = w->window[i].longest;
        WorkloadRows rows = {result, w->name, i};
        put_window(&rows, w, &t);
        for (uint32_t k = 0; k <= WORKLOAD_ALL; k++)
            latency[i * (WORKLOAD_ALL + 1) + k] = t.latency[k]->count ? t.latency[k] : NULL;
    }
    report_distribution(result, w, WORKLOAD_READS, "read", latency);
    report_distribution(result, w, WORKLOAD_WRITES, "write", latency);
    report_distribution(result, w, WORKLOAD_ALL, "all", latency);
    report_series(run, result, w);
}

void workload_report(SimRun *run, SimResult *result) {
    Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++)
        report_workload(run, result, &all->items[i]);
}
