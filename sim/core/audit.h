/* audit.h: the laws of conservation every run is held to at its end. */
#ifndef SIM_CORE_AUDIT_H
#define SIM_CORE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/metrics/result.h"

typedef struct SimAudit {
    SimResult *result;
} SimAudit;

/* offered == the sum of the n named parts. `what` is "frames", "I/O"... The row says both sides. */
void sim_audit_balance(SimAudit *audit, const char *law, const char *entity, int64_t offered,
                       const char *const *names, const int64_t *parts, uint32_t n);

#endif
