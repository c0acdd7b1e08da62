/* codes.h: the stable codes of the loader's own diagnostics. Models add theirs (E300 and up). */
#ifndef SIM_SCENARIO_CODES_H
#define SIM_SCENARIO_CODES_H

#include "sim/core/model.h"

/* Ends with code == NULL. */
extern const SimDiagnosticDoc sim_scenario_codes[];

/* Among the loader's and all models'; NULL if unknown. */
const SimDiagnosticDoc *sim_code_find(const char *code);

#endif
