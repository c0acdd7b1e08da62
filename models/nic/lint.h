/* lint.h: what is wrong or unwise about hosts and their ways, for `check`; private to models/nic.
 *
 * What RDMA needs of switches and cables is looked at by voice: an endpoint that is fit for RDMA,
 * its priority, RoCE mode and frame size; alike endpoints are one voice. A voice is heard by every
 * switch that its cable leads to, over whatever other switches. */
#ifndef MODELS_NIC_LINT_H
#define MODELS_NIC_LINT_H

#include "models/nic/cabling.h"

extern const SimDiagnosticDoc nic_diagnostics[];

void nic_lint(const SimScenario *scenario, SimDiagnostics *out);
/* lint_cycles.c: W205, where the ways of lossless frames close a ring. */
void nic_lint_cycles(const SimScenario *scenario, const NicCabling *cabling, SimArena *arena,
                     SimDiagnostics *out);
/* lint_ways.c: what switches and cables do to the voices. */
void nic_lint_ways(const SimScenario *scenario, const NicCabling *cabling, SimArena *arena,
                   SimDiagnostics *out);

#endif
