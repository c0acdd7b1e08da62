/* bottleneck.h: which resource limits the run, and how much more load fits.
 *
 * For each window every resource gets a score: the larger of its utilization and the largest share
 * of time in which it held up another one. (Not their sum: it is mostly in use meanwhile.) Where
 * the one that holds up is itself held up (pauses spread backwards through a fabric), the blame
 * moves on to the root of the chain; in a ring of pauses it stays with the direct one. Equal
 * scores: the higher utilization, then the less held up, then the order of names.
 *
 * The highest score is the bottleneck where it is at least 95 %; else the load itself is the
 * limit and `limit` says how, from rows of kind "workload" of the entity with most I/O:
 *
 *   "outstanding" (count)   closed loop, with "all.mean" and "part.<component>", the mean ns of an
 *                           I/O spent in it: "the load itself: 32 outstanding / 210 us a I/O,
 *                           most of it drive service (80 us)"
 *   "offered" (1/s)         open loop: "the offered rate of 20 000 I/O/s"
 *
 * headroom = 1/u - 1 of the busiest resource, u its score; null where nothing is in use. */
#ifndef SIM_REPORT_BOTTLENECK_H
#define SIM_REPORT_BOTTLENECK_H

#include "sim/metrics/result.h"

/* Fills r->bottlenecks from the rows and resources of a frozen result. Of the load itself
 * `resource` is NULL, `utilization` null, and `next` the busiest resource. Of a resource that is
 * the bottleneck because it holds up others, `limit` says so; else it is NULL. */
void sim_bottleneck(SimResult *r);

#endif
