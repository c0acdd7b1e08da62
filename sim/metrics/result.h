/* result.h: the frozen result of a run. Sinks read this and nothing else.
 *
 * Every figure is one division of two integers, printed at a fixed number of decimals, so the
 * bytes of result.json depend on nothing but scenario, seed and version. The result is a list
 * of rows; each row is one metric of one entity with one value per window. JSON, CSV, text,
 * expectations and comparisons are all made from the rows.
 *
 * Ownership: everything added is copied into the result's arena, and lives until
 * sim_result_free. */
#ifndef SIM_METRICS_RESULT_H
#define SIM_METRICS_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"
#include "sim/metrics/histogram.h"
#include "sim/metrics/series.h"

/* num / den; den == 0: there is no value (null). den is never negative. */
typedef struct SimValue {
    __int128 num;
    int64_t den;
} SimValue;

#define SIM_NULL ((SimValue){0, 0})

typedef struct SimResultWindow {
    const char *name;
    SimTime start, end;
} SimResultWindow;

/* One metric of one entity. Kinds used: "run", "workload", "class", "resource", "host", "port",
 * "switch", "qp", "fault". Metric names may be dotted ("write.p99", "read.count", "iops",
 * "outage", "throughput", "failed", "retried", "dropped", "utilization"). Units: "ns", "bps",
 * "bytes", "ratio", "1/s", "" (a count). */
typedef struct SimRow {
    const char *kind;
    const char *entity;
    const char *metric;
    const char *unit;
    int decimals;    /* digits after the point when printed */
    SimValue *value; /* n_windows of them, windows[0] is "all" */
} SimRow;

typedef struct SimAuditRow {
    const char *law; /* "frames", "bytes", "buffer", "io", ... */
    const char *entity;
    bool passed;
    const char *detail; /* "offered 10 = delivered 9 + dropped 0 + in flight 1" */
} SimAuditRow;

typedef struct SimResourceRow {
    const char *name;      /* "tor1->node2" */
    const char *kind;      /* "link", "drive", "cores" */
    SimValue *utilization; /* per window, 0..1 */
    SimValue *blocked;     /* per window: share of time it was held up by another */
    const char *blocker;   /* who held it up last, or NULL */
} SimResourceRow;

/* The bottleneck of the window "all" and per window (index as windows). Where nothing is at least
 * 95 % busy the load itself is the limit, and `next` the busiest resource. */
typedef struct SimBottleneck {
    const char *resource; /* NULL: the load itself is the limit */
    const char *limit;    /* a sentence on the load or on what the resource holds up, or NULL */
    SimValue utilization;
    const char *next; /* resource behind it, NULL where none */
    SimValue next_utilization;
    SimValue headroom; /* more load that fits before the busiest is full: 1/u - 1 */
} SimBottleneck;

typedef struct SimFaultRow {
    const char *name, *target;
    SimTime at, until;     /* until SIM_NEVER: to the end */
    SimTime outage;        /* worst issuer's gap of all workloads in the window */
    SimTime longest_stall; /* longest single operation that met the fault or ended in its window */
    SimTime recovery; /* from `at` until 95 % of the healthy rate is back; SIM_NEVER: not seen */
    int64_t failed, retried, lost_frames;
} SimFaultRow;

typedef struct SimAssumptionRow {
    const char *id, *text, *source;
} SimAssumptionRow;

/* A distribution kept whole, for the latency CDF: values in ticks. One per window. */
typedef struct SimDistribution {
    const char *entity, *metric; /* "vms", "write" */
    SimHistogram **window;       /* n_windows pointers, NULL where empty */
} SimDistribution;

typedef struct SimSeriesRow {
    const char *entity, *metric, *unit; /* "vms", "throughput", "bps" */
    /* value shown = amount * scale / width in seconds: rate series have per_second = true */
    bool per_second;
    int64_t scale;
    SimSeries series;
} SimSeriesRow;

/* A count as it was read at each instant of SimResult.sampled, for `run --counters`; it is no part
 * of result.json. */
typedef struct SimCountRow {
    const char *kind, *entity, *metric, *unit;
    int64_t *value; /* n_samples */
} SimCountRow;

#define SIM_RESULT_LIST(T)                                                                         \
    struct {                                                                                       \
        T *items;                                                                                  \
        uint32_t n, room;                                                                          \
    }

typedef struct SimResult {
    SimArena arena;
    const char *scenario, *description, *version;
    uint64_t seed, fingerprint;
    const char *ingredients; /* letters of the fingerprint, "tep" */
    bool complete;           /* false: interrupted, or a limit was reached */
    SimTime warmup, duration, stopped_at;
    SimResultWindow *windows;
    uint32_t n_windows;
    SIM_RESULT_LIST(SimRow) rows;
    SIM_RESULT_LIST(SimAuditRow) audit;
    SIM_RESULT_LIST(SimResourceRow) resources;
    SIM_RESULT_LIST(SimFaultRow) faults;
    SIM_RESULT_LIST(SimAssumptionRow) assumptions;
    SIM_RESULT_LIST(SimDistribution) distributions;
    SIM_RESULT_LIST(SimSeriesRow) series;
    SIM_RESULT_LIST(SimCountRow) counts; /* empty unless the run read its counts */
    SimTime *sampled;                    /* n_samples, ascending */
    uint32_t n_samples;
    SimBottleneck *bottlenecks; /* n_windows */
    const char *effective;      /* the effective scenario, YAML */
} SimResult;

SimResult *sim_result_new(uint32_t n_windows);
void sim_result_free(SimResult *r);

/* Adds a row with all values null and returns its values (n_windows) to fill. Adding the same
 * (kind, entity, metric) twice is a programmer's error, noticed by sim_result_freeze. The values
 * stay where they are; a returned row of another list is valid until the next one is added. */
SimValue *sim_result_row(SimResult *r, const char *kind, const char *entity, const char *metric,
                         const char *unit, int decimals);
SimResourceRow *sim_result_resource(SimResult *r, const char *name, const char *kind);
void sim_result_audit(SimResult *r, const char *law, const char *entity, bool passed,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));
SimFaultRow *sim_result_fault(SimResult *r, const char *name, const char *target);
void sim_result_assume(SimResult *r, const char *id, const char *text, const char *source);
SimDistribution *sim_result_distribution(SimResult *r, const char *entity, const char *metric);
SimSeriesRow *sim_result_series(SimResult *r, const char *entity, const char *metric,
                                const char *unit);

/* Sorts rows (kind, entity, metric: plain byte order, numbers inside names by value), audits,
 * resources and assumptions; drops doubled assumptions. Call once when all is added. */
void sim_result_freeze(SimResult *r);

const SimRow *sim_result_find(const SimResult *r, const char *entity, const char *metric);

/* Order of names: plain byte order, but runs of digits by their number (node2 before node10);
 * names that differ only in leading zeros fall back to byte order. */
int sim_name_compare(const char *a, const char *b);

/* Digits after the point that a figure may be printed with. */
#define SIM_VALUE_DECIMALS 18
/* Room for any printed value and its end. */
#define SIM_VALUE_TEXT (1 + 39 + 1 + SIM_VALUE_DECIMALS + 1)

/* "12345.678": the value rounded at `decimals` digits (0..SIM_VALUE_DECIMALS) by integer
 * division, halves away from zero; never "-0"; "null" where there is none. Writes at most `size`
 * bytes, the end included, and returns the length of the whole text. */
int sim_value_print(SimValue v, int decimals, char *buffer, int size);
/* The same rounding as an integer, v * 10^decimals; false where null or beyond 128 bits. */
bool sim_value_scale(SimValue v, int decimals, __int128 *scaled);
/* -1, 0, 1, exactly; null compares as not equal to anything and below everything (so two nulls
 * give -1: no order to sort by). */
int sim_value_compare(SimValue a, SimValue b);

#endif
