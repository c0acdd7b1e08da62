/* sample_result.h: a hand-made result as a four-node rack would give it, for the tests of what
 * reads results. Windows: all, healthy, tor1-dead, recovered. */
#ifndef TESTS_UNIT_SAMPLE_RESULT_H
#define TESTS_UNIT_SAMPLE_RESULT_H

#include <stdio.h>

#include "sim/metrics/result.h"

enum { SAMPLE_WINDOWS = 4 };

static inline void sample_row(SimResult *r, const char *kind, const char *entity,
                              const char *metric, const char *unit, int decimals, int64_t den,
                              const int64_t num[SAMPLE_WINDOWS]) {
    SimValue *value = sim_result_row(r, kind, entity, metric, unit, decimals);
    for (int i = 0; i < SAMPLE_WINDOWS; i++)
        value[i] = num[i] < 0 ? SIM_NULL : (SimValue){num[i], den};
}

#define SAMPLE_ROW(r, kind, entity, metric, unit, decimals, den, ...)                              \
    sample_row(r, kind, entity, metric, unit, decimals, den,                                       \
               (const int64_t[SAMPLE_WINDOWS]){__VA_ARGS__})

/* Latency rows and the distribution of one side, in ticks: about `typical`, with a tail. */
static inline void sample_latency(SimResult *r, const char *entity, const char *side,
                                  int64_t typical, const int64_t count[SAMPLE_WINDOWS]) {
    static const struct {
        const char *name;
        int64_t ppm;
    } points[] = {{"p50", 500000}, {"p90", 900000}, {"p99", 990000}, {"p999", 999000}};
    SimDistribution *d = sim_result_distribution(r, entity, side);
    SimHistogram **window = d->window;
    uint64_t state = (uint64_t)typical;
    for (int w = 0; w < SAMPLE_WINDOWS; w++) {
        if (count[w] == 0) continue;
        window[w] = SIM_NEW(&r->arena, SimHistogram);
        sim_histogram_init(window[w]);
        for (int64_t i = 0; i < count[w]; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            int64_t a = (int64_t)(state >> 33) % 1000, b = (int64_t)(state >> 43) % 1000;
            int64_t ticks = typical * (700 + a * b / 1500) / 1000;
            if (i % 100 == 7) ticks *= w == 2 ? 40 : 3;
            sim_histogram_add(window[w], ticks);
        }
    }
    char metric[64];
    for (size_t p = 0; p < sizeof points / sizeof *points; p++) {
        snprintf(metric, sizeof metric, "%s.%s", side, points[p].name);
        SimValue *value = sim_result_row(r, "workload", entity, metric, "ns", 2);
        for (int w = 0; w < SAMPLE_WINDOWS; w++)
            if (window[w] != NULL)
                value[w] = (SimValue){sim_histogram_percentile(window[w], points[p].ppm), SIM_NS};
    }
    snprintf(metric, sizeof metric, "%s.mean", side);
    SimValue *mean = sim_result_row(r, "workload", entity, metric, "ns", 2);
    snprintf(metric, sizeof metric, "%s.max", side);
    SimValue *max = sim_result_row(r, "workload", entity, metric, "ns", 2);
    snprintf(metric, sizeof metric, "%s.count", side);
    SimValue *counts = sim_result_row(r, "workload", entity, metric, "", 0);
    for (int w = 0; w < SAMPLE_WINDOWS; w++) {
        counts[w] = (SimValue){count[w], 1};
        if (window[w] == NULL) continue;
        mean[w] = (SimValue){window[w]->sum, (int64_t)window[w]->count * SIM_NS};
        max[w] = (SimValue){window[w]->max, SIM_NS};
    }
}

static inline void sample_workloads(SimResult *r) {
    static const int64_t reads[] = {7000, 3500, 1050, 2450}, writes[] = {3000, 1500, 450, 1050},
                         both[] = {10000, 5000, 1500, 3500}, none[] = {0, 0, 0, 0},
                         copies[] = {900, 500, 0, 400};
    sample_latency(r, "vms", "read", 110 * SIM_US, reads);
    sample_latency(r, "vms", "write", 310 * SIM_US, writes);
    sample_latency(r, "vms", "all", 170 * SIM_US, both);
    sample_latency(r, "copy", "read", SIM_US, none);
    sample_latency(r, "copy", "write", 900 * SIM_US, copies);
    sample_latency(r, "copy", "all", 900 * SIM_US, copies);
    SAMPLE_ROW(r, "workload", "vms", "iops", "1/s", 3, 2, 296012, 304001, 201377, 303999);
    SAMPLE_ROW(r, "workload", "vms", "throughput", "bps", 0, 1, 4849860608, 4980752384, 3299360768,
               4980719616);
    SAMPLE_ROW(r, "workload", "vms", "outage", "ns", 2, 100, 3521000012, 41000, 3521000012, 39000);
    SAMPLE_ROW(r, "workload", "vms", "longest", "ns", 2, 100, 3530000000, 98000, 3530000000, 97000);
    SAMPLE_ROW(r, "workload", "vms", "failed", "", 0, 1, 0, 0, 0, 0);
    SAMPLE_ROW(r, "workload", "vms", "retried", "", 0, 1, 128, 0, 128, 0);
    SAMPLE_ROW(r, "workload", "vms", "outstanding", "", 0, 1, 128, 128, 128, 128);
    SAMPLE_ROW(r, "workload", "vms", "part.drive-service", "ns", 2, 100, 8000000, 8000000, 8000000,
               8000000);
    SAMPLE_ROW(r, "workload", "vms", "part.network", "ns", 2, 100, 1500000, 1500000, 1500000,
               1500000);
    SAMPLE_ROW(r, "workload", "copy", "iops", "1/s", 3, 1, 9600, 9765, 0, 9765);
    SAMPLE_ROW(r, "workload", "copy", "throughput", "bps", 0, 1, 5033164800, 5119672320, 0,
               5119672320);
    SAMPLE_ROW(r, "workload", "copy", "outage", "ns", 2, 100, 200000000, 51000, -1, 51000);
    SAMPLE_ROW(r, "workload", "copy", "longest", "ns", 2, 100, 200000000, 120000, -1, 120000);
    SAMPLE_ROW(r, "workload", "copy", "failed", "", 0, 1, 2, 0, 2, 0);
    SAMPLE_ROW(r, "workload", "copy", "retried", "", 0, 1, 6, 0, 6, 0);
    SAMPLE_ROW(r, "workload", "copy", "offered", "1/s", 3, 1, 20000, 20000, 20000, 20000);
}

static inline void sample_resources(SimResult *r) {
    static const struct {
        const char *name, *kind, *blocker;
        int64_t use[SAMPLE_WINDOWS], blocked[SAMPLE_WINDOWS]; /* ppm */
    } rows[] = {
        {"node1->tor1", "link", NULL, {412345, 480000, 0, 479000}, {0, 0, 0, 0}},
        {"node1->tor2", "link", "tor2->node3", {521111, 412000, 960000, 411000}, {0, 0, 21000, 0}},
        {"node2->tor2", "link", "tor2->node3", {511000, 411000, 940000, 409000}, {0, 0, 11000, 0}},
        {"tor2->node3", "link", NULL, {590000, 470000, 991000, 471000}, {0, 0, 0, 0}},
        {"node1/nvme", "drive", NULL, {712000, 730000, 510000, 733333}, {0, 0, 0, 0}},
        {"node2/nvme", "drive", NULL, {701000, 721000, 505000, 720000}, {0, 0, 0, 0}},
        {"node10/a-drive-with-a-very-long-name-behind-a-bridge",
         "drive",
         NULL,
         {690000, 1, 2, 3},
         {0, 0, 0, 0}},
        {"node1/cores", "cores", NULL, {223000, 230000, 150000, 230000}, {0, 0, 0, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        SimResourceRow *row = sim_result_resource(r, rows[i].name, rows[i].kind);
        row->blocker = rows[i].blocker;
        for (int w = 0; w < SAMPLE_WINDOWS; w++) {
            row->utilization[w] = (SimValue){rows[i].use[w], 1000000};
            row->blocked[w] = (SimValue){rows[i].blocked[w], 1000000};
        }
    }
}

static inline void sample_series(SimResult *r) {
    static const char *const entity[] = {"vms", "copy"};
    for (int e = 0; e < 2; e++) {
        SimSeriesRow *row = sim_result_series(r, entity[e], "throughput", "bps");
        row->per_second = true;
        row->scale = 8;
        sim_series_init(&row->series, &r->arena, 0, r->duration, 240);
        for (uint32_t i = 0; i < row->series.n; i++) {
            SimTime t = (SimTime)i * row->series.width;
            bool dead = t >= 400 * SIM_MS && t < 550 * SIM_MS;
            int64_t bps = INT64_C(5000000000) + (int64_t)(i * 7919 % 101) * 2000000;
            if (dead) bps = e == 1 ? 0 : t < 435 * SIM_MS ? 0 : bps * 2 / 3;
            sim_series_add(&row->series, t,
                           (int64_t)((__int128)bps * row->series.width / SIM_S / 8));
        }
    }
}

static inline SimResult *sample_result(void) {
    SimResult *r = sim_result_new(SAMPLE_WINDOWS);
    r->scenario = "four-node-rocev2";
    r->description =
        "Are two 25 GbE ports a node enough for 128 outstanding 4 KiB I/Os, 70 % reads, "
        "with three copies, and what happens when the first ToR dies?";
    r->version = "0.1.0";
    r->seed = 1;
    r->fingerprint = 0x00c0ffee12345678u;
    r->ingredients = "tep";
    r->complete = true;
    r->warmup = 50 * SIM_MS;
    r->duration = r->stopped_at = SIM_S;
    r->effective = "name: four-node-rocev2\nseed: 1\n";
    r->windows[0] = (SimResultWindow){"all", 50 * SIM_MS, SIM_S};
    r->windows[1] = (SimResultWindow){"healthy", 50 * SIM_MS, 400 * SIM_MS};
    r->windows[2] = (SimResultWindow){"tor1-dead", 400 * SIM_MS, 550 * SIM_MS};
    r->windows[3] = (SimResultWindow){"recovered", 550 * SIM_MS, SIM_S};
    sample_workloads(r);
    sample_resources(r);
    sample_series(r);
    SAMPLE_ROW(r, "run", "run", "events", "", 0, 1, 12345678, 5000000, 1345678, 6000000);
    SAMPLE_ROW(r, "run", "run", "lost", "", 0, 1, 412, 0, 412, 0);
    SAMPLE_ROW(r, "host", "node1", "cpu.busy", "ratio", 6, 1000000, 223000, 230000, 150000, 230000);
    SAMPLE_ROW(r, "host", "node2", "cpu.busy", "ratio", 6, 1000000, 220000, 229000, 149000, 229000);
    SAMPLE_ROW(r, "port", "tor1/1", "sent", "bytes", 0, 1, 5000000000, 3000000000, 0, 2000000000);
    SimFaultRow *fault = sim_result_fault(r, "tor1-dead", "tor1");
    fault->at = 400 * SIM_MS;
    fault->until = 550 * SIM_MS;
    fault->outage = 3521000012 / 100 * SIM_NS;
    fault->longest_stall = 3530000000;
    fault->recovery = 152 * SIM_MS;
    fault->failed = 2;
    fault->retried = 134;
    fault->lost_frames = 412;
    sim_result_audit(r, "frames", "tor1", true, "offered 10 = delivered 9 + dropped 1");
    sim_result_audit(r, "io", "vms", true, "issued 10000 = done 9872 + in flight 128");
    sim_result_assume(r, "A-drive-service", "A 4 KiB read takes 80 us in the drive",
                      "assumption: a mixed-use NVMe drive");
    sim_result_assume(r, "A-switch-latency", "A ToR forwards in 500 ns", "datasheet of the family");
    sim_result_freeze(r);
    return r;
}

#endif
