/* text.h: the forecast for people, 80 columns at most.
 *
 * Title and question first, then the answer (what limits, how far the next limit is, what each
 * fault cost), then a table for each workload by window, the busiest resources, faults,
 * expectations, warnings, assumptions, and the fingerprint. Figures have three digits; the
 * exact ones are in result.json. Long names lose their middle. */
#ifndef SIM_REPORT_TEXT_H
#define SIM_REPORT_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/metrics/result.h"
#include "sim/report/expect.h"

typedef struct SimTextOptions {
    bool colour;                    /* ANSI escapes */
    bool utf8;                      /* else ASCII only, whatever the scenario's own words are */
    const SimExpectReport *expects; /* may be NULL */
    const char *const *warnings;    /* sentences; may be NULL */
    uint32_t n_warnings;
} SimTextOptions;

#define SIM_TEXT_WIDTH 80

/* Prints a frozen result whose bottlenecks are filled. False where the stream failed. */
bool sim_text_write(const SimResult *r, const SimTextOptions *options, FILE *out);

/* The expectations alone, for `rackcast test`. */
bool sim_text_expects(const SimExpectReport *report, const SimTextOptions *options, FILE *out);

#endif
