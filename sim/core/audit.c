#include "sim/core/audit.h"

#include <inttypes.h>
#include <stdio.h>

#include "sim/base/assert.h"

void sim_audit_balance(SimAudit *audit, const char *law, const char *entity, int64_t offered,
                       const char *const *names, const int64_t *parts, uint32_t n) {
    char text[512];
    int64_t sum = 0;
    size_t used = (size_t)snprintf(text, sizeof text, "offered %" PRId64 " =", offered);
    for (uint32_t i = 0; i < n; i++) {
        sum += parts[i];
        SIM_CHECK(used < sizeof text);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s %s %" PRId64, i ? " +" : "",
                                 names[i], parts[i]);
    }
    sim_result_audit(audit->result, law, entity, sum == offered, "%s", text);
}
