/* gnuplot.h: pictures of a result: data files, self-contained scripts, and SVG.
 *
 *   latency-cdf.dat .gp .svg   share of I/Os done within a time, log time axis, the 99th
 *                              percentile marked; a colour for each side of each workload, a dash
 *                              for each window
 *   throughput.dat .gp .svg    each workload over time, warm-up and faults shaded
 *   utilization.dat .gp .svg   the busiest resources as bars, with the time they were held up
 *
 * A script reads its data by relative name: run `gnuplot latency-cdf.gp` in the folder to draw
 * again. Colours are those of Okabe and Ito, which colour-blind readers can tell apart. A picture
 * with nothing to show is not made, and one left by an earlier run is removed. */
#ifndef SIM_REPORT_GNUPLOT_H
#define SIM_REPORT_GNUPLOT_H

#include <glib.h>
#include <stdbool.h>

#include "sim/metrics/result.h"

/* Writes data and scripts into `folder` (which exists) and draws with `program` ("gnuplot"; NULL:
 * do not draw). False and a sentence in `error` only where a file cannot be written. A missing or
 * failing program is no loss of results: `*warning` then is a sentence (g_free), else NULL. */
bool sim_gnuplot_write(const SimResult *r, const char *folder, const char *program, char **warning,
                       GError **error);

#endif
