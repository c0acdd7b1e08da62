/* scenario.h: a checked, expanded scenario, ready to build a run from.
 *
 *   bytes -> prescan (libyaml events, limits, tree with places) -> --set -> check of shape and
 *   keys -> expand (count:, defaults:, use:, part:) -> effective YAML -> libcyaml (aliases off,
 *   budgeted allocator, every scalar an optional string) -> values by the parameter tables
 *   -> references -> lint of the models
 *
 * Ownership: the scenario owns every string and struct it hands out. It is immutable once
 * loaded; several runs may share it. */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include "sim/core/model.h"
#include "sim/scenario/diagnostics.h"

#define SIM_SCHEMA_VERSION 1

/* A named stretch of simulated time. windows[0] is "all" (warm-up to end), then "healthy"
 * (warm-up to the first fault), each fault by name, "recovered" (last fault's end to the end).
 * Without faults there are only "all" and "healthy". Windows may overlap; segments, cut at every
 * boundary, do not. segment 0 is the warm-up where there is one. */
typedef struct SimWindow {
    const char *name;
    SimTime start, end;
    uint32_t first_segment, end_segment; /* half-open */
} SimWindow;

typedef enum SimOp { SIM_LE, SIM_LT, SIM_GE, SIM_GT, SIM_EQ, SIM_NE } SimOp;

/* One line of `expect:`. "vms.iops >= 80% of healthy": entity "vms", metric "iops", op >=,
 * value 800000 ppm, of "healthy". A plain number has num/den as read (exact decimal) after
 * conversion to the base unit of its suffix: time -> ns, sizes -> bytes, rates -> bit/s,
 * ratios -> 1. "no frame lost" is read as run.lost == 0, "outage under 150 ms" as
 * every workload's outage < 150 ms (entity "*"). */
typedef struct SimExpect {
    const char *text;   /* as written */
    const char *window; /* "all" for a flat list */
    const char *entity;
    const char *metric;
    SimOp op;
    int64_t num, den;
    const char *unit; /* "ns", "bytes", "bps", "ratio" or "" */
    const char *of;   /* window the value is relative to, or NULL */
    uint32_t line, column;
} SimExpect;

struct SimScenario {
    const char *file;
    const char *name;
    const char *description;
    uint64_t seed;
    SimTime warmup, duration;
    SimWindow *windows;
    uint32_t n_windows;
    SimTime *boundaries; /* segment i is [boundaries[i], boundaries[i+1]) */
    uint32_t n_segments;
    SimExpect *expects;
    uint32_t n_expects;
    const char *effective; /* normalised YAML with nothing left to look up; loads to the same */
    struct SimScenarioPrivate *priv;
};

/* A `path=value` override from --set; `text` is as the user typed it. */
typedef struct SimOverride {
    const char *text;
} SimOverride;

/* Reads, checks and expands. Returns NULL where there was an error; everything found is in
 * `out` either way (warnings too). Never exits, never prints. A file that cannot be read is a
 * diagnostic E001. */
SimScenario *sim_scenario_load(const char *file, const SimOverride *sets, uint32_t n_sets,
                               SimDiagnostics *out);
/* The same from memory; `file` is only a label. */
SimScenario *sim_scenario_load_bytes(const char *file, const void *bytes, size_t size,
                                     const SimOverride *sets, uint32_t n_sets, SimDiagnostics *out);
void sim_scenario_free(SimScenario *s);

/* A value that came from the catalog and is in use. Distinct by part and key, in the order of
 * first use. */
typedef struct SimPartValue {
    const char *part; /* "mellanox-sn2410" */
    const char *kind; /* "switch" */
    const char *key;  /* "latency", dotted in groups */
    const char *value;
    const char *source; /* "" where the catalog names none */
} SimPartValue;

const SimPartValue *sim_scenario_part_values(const SimScenario *s, uint32_t *n);

/* The items of a kind: `*n` structs of kind->size bytes, contiguous, in declaration order. */
const void *sim_scenario_items(const SimScenario *s, const char *kind, uint32_t *n);

/* Where a key of an item was written (for lint): `key` may be dotted. Falls back to the item. */
void sim_scenario_place(const SimScenario *s, const SimItem *item, const char *key, uint32_t *line,
                        uint32_t *column);

#endif
