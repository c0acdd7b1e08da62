/* csv.h: metrics.csv, every row and every resource of a result, one value a line.
 *
 *   run,window,entity,metric,unit,value
 *
 * `run` is the name of the scenario; an absent value (null) is an empty field; fields are quoted
 * as RFC 4180 says where they need it; lines end with a line feed. */
#ifndef SIM_REPORT_CSV_H
#define SIM_REPORT_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/metrics/result.h"

/* False where the stream failed. */
bool sim_csv_write(const SimResult *r, FILE *out);

#endif
