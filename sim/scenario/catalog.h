/* catalog.h: the parts that `part:` names, from the YAML files of the models.
 *
 *   parts:
 *     - name: mellanox-sn2410
 *       kind: switch                     # matches SimKind.part or SimParam.part
 *       doc: one sentence
 *       values: {ports: 48, rate: 25Gbps}
 *       sources: {rate: "...", "*": "..."}  # by key, dotted in groups; "*" for the rest
 *       facts: {year: 2016}              # optional: shown, not used
 *
 * The values obey the tables of the kinds that take such a part. A catalog that does not is a
 * bug of ours: the diagnostics go to stderr and the program stops with code 70. */
#ifndef SIM_SCENARIO_CATALOG_H
#define SIM_SCENARIO_CATALOG_H

#include "sim/core/model.h"
#include "sim/scenario/tree.h"

typedef struct SimPart {
    const char *name, *kind, *doc;
    SimNode *values;        /* mapping */
    const SimNode *sources; /* mapping or NULL */
    const SimNode *facts;   /* mapping or NULL */
} SimPart;

typedef struct SimCatalog {
    SimPart *items;
    uint32_t n, room;
} SimCatalog;

void sim_catalog_load(SimCatalog *catalog, SimArena *arena);
/* kind NULL: any. */
const SimPart *sim_catalog_find(const SimCatalog *catalog, const char *kind, const char *name);
/* Where the value of a dotted key comes from; "" where nothing is said. */
const char *sim_part_source(const SimPart *part, const char *key);

#endif
