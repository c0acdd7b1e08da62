/* rack.h: scenarios written in a test, run, and looked at. */
#ifndef TESTS_PROPERTY_RACK_H
#define TESTS_PROPERTY_RACK_H

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "sim/app/session.h"
#include "sim/core/run.h"
#include "sim/metrics/result.h"
#include "sim/scenario/scenario.h"

/* What a test asks for; unused functions cost nothing. */
#define RACK_MAY_BE_UNUSED __attribute__((unused))

static SimScenario *rack_load(const char *yaml) {
    SimDiagnostics *found = sim_diagnostics_new("test");
    SimScenario *s = sim_scenario_load_bytes("test", yaml, strlen(yaml), NULL, 0, found);
    if (!s) {
        sim_diagnostics_print(found, stderr, false);
        ck_abort_msg("not a scenario");
    }
    sim_diagnostics_free(found);
    return s;
}

RACK_MAY_BE_UNUSED static SimRun *rack_begin(const SimScenario *s, uint64_t permute) {
    SimSessionOptions options = {.permute = permute};
    return sim_session_begin(s, &options);
}

/* Every audit must pass. */
RACK_MAY_BE_UNUSED static void rack_check_audits(const SimResult *r) {
    ck_assert_uint_gt(r->audit.n, 0);
    for (uint32_t i = 0; i < r->audit.n; i++) {
        const SimAuditRow *row = &r->audit.items[i];
        if (row->passed) continue;
        ck_abort_msg("audit %s of %s: %s", row->law, row->entity, row->detail);
    }
}

/* Runs to the end; audits are checked. The result outlives the scenario. */
RACK_MAY_BE_UNUSED static SimResult *rack_run(const char *yaml) {
    SimScenario *s = rack_load(yaml);
    SimRun *run = rack_begin(s, 0);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    SimResult *r = sim_session_end(run, s);
    rack_check_audits(r);
    sim_scenario_free(s);
    return r;
}

/* A figure of the window "all". */
RACK_MAY_BE_UNUSED static double rack_value(const SimResult *r, const char *entity,
                                            const char *metric) {
    const SimRow *row = sim_result_find(r, entity, metric);
    if (!row) ck_abort_msg("no row %s.%s", entity, metric);
    return row->value[0].den ? (double)row->value[0].num / (double)row->value[0].den : 0;
}

/* Sum of a metric over all entities of a kind. */
RACK_MAY_BE_UNUSED static double rack_sum(const SimResult *r, const char *kind,
                                          const char *metric) {
    double sum = 0;
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, kind) == 0 && strcmp(row->metric, metric) == 0)
            sum += (double)row->value[0].num / (double)row->value[0].den;
    }
    return sum;
}

#endif
