/* explain.h: what the tables say, for people and for editors. Everything is made from
 * sim_models[], so it cannot disagree with the loader. */
#ifndef SIM_SCENARIO_EXPLAIN_H
#define SIM_SCENARIO_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* Explains a diagnostic code (E104), a key ("hosts.nic.rate", "hosts" or any key by itself), a
 * metric ("workload.write.p99" or "write.p99"), a counter ("rx_prio3_pause"), a part or an
 * assumption; all that match. False
 * where nothing does: then `out` has a sentence with the nearest names. Within 80 columns. */
bool sim_explain(const char *what, FILE *out);

/* JSON Schema (draft-07) of a scenario. Keys that defaults, templates or parts may supply are
 * not required by it; the loader asks for them. */
void sim_schema_write(FILE *out);

/* A table of the parts: all, those of a kind ("switch"), or one by its name with every value
 * and its source. NULL: all. False where nothing has this name. */
bool sim_parts_write(FILE *out, const char *which);

#endif
