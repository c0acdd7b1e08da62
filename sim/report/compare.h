/* compare.h: two results side by side.
 *
 * First how the inputs differ: the header fields, and the lines of the effective scenarios where
 * both are known. Then every metric of every entity and window that differs, largest relative
 * change first. Figures are compared as they are printed in result.json (rounded at the decimals
 * of their row), so that a result compares equal with the same result read back.
 *
 * The relative change is |b - a| / |a|, in parts per million, rounded up; from 0 to something,
 * from a figure to null and a metric that only one result has are beyond any threshold. */
#ifndef SIM_REPORT_COMPARE_H
#define SIM_REPORT_COMPARE_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/metrics/result.h"
#include "sim/report/text.h"

#define SIM_CHANGE_BEYOND INT64_MAX

typedef struct SimChange {
    const char *kind, *entity, *metric, *window, *unit;
    int decimals;
    bool in_a, in_b; /* whether the result has the metric at all */
    SimValue a, b;
    SimValue difference; /* b - a; null where one is */
    SimValue ratio;      /* b / a; null where one is or a is 0 */
    int64_t ppm;         /* relative change, or SIM_CHANGE_BEYOND */
} SimChange;

typedef struct SimComparison {
    SimArena arena;
    const char *name_a, *name_b;
    int64_t threshold;   /* ppm; negative: none was given */
    const char **inputs; /* "seed: 1 -> 2", "- 14: rate: 25Gbps", "+ 14: rate: 10Gbps" */
    uint32_t n_inputs;
    SimChange *changes; /* only what differs */
    uint32_t n_changes;
    uint32_t equal;  /* figures that do not differ */
    uint32_t beyond; /* changes above the threshold; 0 where there is none */
} SimComparison;

/* The results must outlive the comparison. `name_a` and `name_b` say which is which in print. */
SimComparison *sim_compare(const SimResult *a, const SimResult *b, const char *name_a,
                           const char *name_b, int64_t threshold_ppm);
void sim_compare_free(SimComparison *c);

/* Whether any metric differs by more than the threshold: the exit code of the verb. */
bool sim_compare_exceeds(const SimComparison *c);

/* At most 80 columns; false where the stream failed. Of `options` only colour and utf8 matter. */
bool sim_compare_text(const SimComparison *c, const SimTextOptions *options, FILE *out);
/* {"a", "b", "beyond", "equal", "inputs": [...], "metrics": [one a line], "threshold_ppm"} */
bool sim_compare_json(const SimComparison *c, FILE *out);

#endif
