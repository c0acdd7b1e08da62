/* expect.h: the `expect:` lines of a scenario, checked against a frozen result.
 *
 * Comparisons are exact: a figure, a limit and "80% of healthy" are divisions of integers, and
 * their products are formed in 256 bits.
 *
 * How a metric is found: the metric of that name; or its key in result.json ("outage_ns",
 * "part_software_ns"); or, for "p99" and its like, "all.p99". Resources answer to "utilization"
 * and "blocked".
 *
 * An entity may stand for several: "*" for every workload, "node" for node1, node2 ..., "node1..3"
 * for some, a kind ("port") for all of its kind. Each that has the metric must pass, and the line
 * tells of the worst.
 *
 * What fails a line beside the comparison itself: no sample in the window, an entity, metric or
 * window that does not exist (the nearest names are listed), a limit in another unit. */
#ifndef SIM_REPORT_EXPECT_H
#define SIM_REPORT_EXPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/metrics/result.h"
#include "sim/scenario/scenario.h"

typedef struct SimExpectLine {
    const SimExpect *expect;
    bool passed;
    const char *expected; /* "vms.write.p99 < 2.00 ms (2000000 ns)" */
    const char *got;      /* "1.21 ms (1211436 ns)", or the reason: "no sample", "no metric ..." */
    const char *hint;     /* "rackcast explain write.p99" */
} SimExpectLine;

typedef struct SimExpectReport {
    SimArena arena;
    SimExpectLine *lines; /* in the order of the scenario */
    uint32_t n, failed;
} SimExpectReport;

/* The expectations must outlive the report. Relative limits (`of` not NULL) are num/den times the
 * figure of that window. */
SimExpectReport *sim_expect_evaluate(const SimResult *r, const SimExpect *expects, uint32_t n);
void sim_expect_free(SimExpectReport *report);

#endif
