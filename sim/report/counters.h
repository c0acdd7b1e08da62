/* counters.h: what a run counted, under the names an operator would look for.
 *
 *   model's count          tables of the models          column
 *   port, "node1/1->tor1/3", --SimCounterDoc-->  \\NODE1\mlx5 ethtool(1 [tor1 3])\rx_prio3_pause
 *   "rx_prio3_pause"
 *
 * The machine is what stands before the '/' in the entity's name; the instance the port's number or
 * the vNIC's name, and, in brackets, who is at the other end of the cable, as a careful operator
 * writes into the description of a port. Counts of a whole run are of the machine "cluster".
 *
 * Counters of a priority are shown where any port of the rack used that priority. Totals count from
 * the beginning of the run; names that end in "/sec" are the difference of two readings divided by
 * the time between them (none in the first reading), "%" the share of that time. */
#ifndef SIM_REPORT_COUNTERS_H
#define SIM_REPORT_COUNTERS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/core/model.h"
#include "sim/metrics/result.h"

/* Readings that a file of counters over time has at least. */
#define SIM_COUNTERS_READINGS 20

/* An interval of 1, 2 or 5 times a power of ten that gives at least SIM_COUNTERS_READINGS. */
SimTime sim_counters_interval(SimTime duration);

/* For people, by machine and object, 80 columns: everything that is not zero, and the zeros that
 * tell something. Figures of the whole run; rates are its mean. False where the stream failed. */
bool sim_counters_text(const SimResult *r, FILE *out);
/* All of them at every reading, as Performance Monitor exports them (pdh.h). */
bool sim_counters_csv(const SimResult *r, FILE *out);

/* The table's entry for a column, or NULL; letters may differ in case. Where no object has this
 * name but a counter's name stands in one table only and has an underscore, that is taken: other
 * programs export the counters of ethtool under objects of their own. `priority` receives the
 * digit at '#', or -1; `instance` is looked at for it too ("2 Priority 3"). */
const SimCounterDoc *sim_counters_find(const char *object, const char *instance, const char *name,
                                       int *priority);

#endif
