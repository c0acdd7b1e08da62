/* json.h: result.json, the canonical form of a result, and the way back.
 *
 * Layout: see jsontree.h (members sorted, elements of arrays one a line). Members:
 *
 *   schema version scenario description seed fingerprint ingredients complete
 *   warmup_ns duration_ns stopped_at_ns
 *   windows[]      name, start_ns, end_ns; the first is "all"
 *   run            rows of kind "run", with windows
 *   workloads[] classes[] ports[] switches[] hosts[] and any other kind: one element an entity:
 *                  name, metrics, windows: {"healthy": {the same metrics}, ...} ("all" is the
 *                  element itself)
 *   resources[]    name, kind, utilization, blocked, blocker, rows of kind "resource", windows
 *   bottleneck     resource, limit, utilization, next, next_utilization, headroom, windows
 *   faults[]       name, target, at_ns, until_ns, outage_ns, longest_stall_ns, recovery_ns
 *                  (null: not seen, or to the end), failed, retried, lost_frames, and rows of
 *                  kind "fault"
 *   audit[]        law, entity, passed, detail
 *   assumptions[]  id, text, source
 *   metrics[]      the data dictionary: kind, metric, unit, decimals and `key`, the path of the
 *                  metric within its element; with it a reader gets every row back
 *
 * Key of a metric: the metric with '.' written '_', and "_ns", "_bps" or "_bytes" after it where
 * that is the unit: "outage_ns", "part_software_ns", "iops". Of workloads, "read.X", "write.X" and
 * "all.X" in ns, and their count, go to latency_ns.read.X and so on. Two metrics of a kind must
 * not fall on the same key. A window whose name an earlier one has is called "name#index".
 *
 * Times are whole nanoseconds (rounded); 0/0 is null. `fingerprint` is a hex string "0x...";
 * `seed` is a number, or from 2^63 up a decimal string. Nothing here comes from a wall clock. */
#ifndef SIM_REPORT_JSON_H
#define SIM_REPORT_JSON_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/metrics/result.h"

#define SIM_RESULT_SCHEMA 1

/* The effective scenario, where it was saved, lies beside result.json under this name. */
#define SIM_RESULT_EFFECTIVE "effective.yaml"

/* Writes a frozen result. False where the stream failed. */
bool sim_json_write(const SimResult *r, FILE *out);

/* Path of a metric within its element. g_free. */
char *sim_json_key(const char *kind, const char *metric, const char *unit);

/* Reads a result.json back, frozen: rows, resources, bottlenecks, windows, faults, audit and
 * assumptions; no distributions and no series. `effective` is filled from the file beside it
 * where there is one. Reals carry 15 digits. NULL and a sentence in `error` (domain
 * G_FILE_ERROR) where the file cannot be read or is not a result of this schema. Free with
 * sim_result_free. */
SimResult *sim_json_read(const char *path, GError **error);

#endif
