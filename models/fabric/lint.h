/* lint.h: what is wrong or unwise about classes and switches by themselves, for `check`; private to
 * models/fabric. */
#ifndef MODELS_FABRIC_LINT_H
#define MODELS_FABRIC_LINT_H

#include "sim/core/model.h"

extern const SimDiagnosticDoc fabric_diagnostics[];

void fabric_lint(const SimScenario *scenario, SimDiagnostics *out);

#endif
