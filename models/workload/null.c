/* null.c: nothing but events, to measure the engine alone. Each timer fires and arms itself again
 * after a random (uniform) time: the hold model of event lists. */
#include "models/workload/null.h"

#include <stdio.h>

#include "sim/base/hash.h"
#include "sim/core/run.h"
#include "sim/scenario/scenario.h"

typedef struct NullParams {
    SimItem item;
    int64_t timers;
    SimTime mean;
} NullParams;

#define AT(field) offsetof(NullParams, field)
static const SimParam null_params[] = {{.key = "timers",
                                        .type = SIM_COUNT,
                                        .required = true,
                                        .min = "1",
                                        .max = "10000000",
                                        .offset = AT(timers),
                                        .doc = "Events pending at any time."},
                                       {.key = "mean",
                                        .type = SIM_TIME,
                                        .def = "1us",
                                        .min = "1ns",
                                        .max = "1h",
                                        .offset = AT(mean),
                                        .doc = "Mean time between two firings of a timer."},
                                       {0}};
#undef AT

/* Each timer takes about 200 bytes while a run is built. */
#define TIMERS_MOST 20000000

static const SimDiagnosticDoc diagnostics[] = {
    {"E701", "too many timers", "All sections together may have 20,000,000 timers."}, {0}};

static const SimKind null_kinds[] = {{.section = "nulls",
                                      .kind = "null",
                                      .params = null_params,
                                      .size = sizeof(NullParams),
                                      .limit = 100,
                                      .doc = "Timers that do nothing: the engine alone."},
                                     {0}};

static void null_lint(const SimScenario *scenario, SimDiagnostics *out) {
    uint32_t n, line, column;
    const NullParams *p = sim_scenario_items(scenario, "null", &n);
    int64_t total = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool before = total <= TIMERS_MOST;
        total += p[i].timers;
        if (!before || total <= TIMERS_MOST) continue;
        sim_scenario_place(scenario, &p[i].item, "timers", &line, &column);
        sim_diagnostics_add(out, "E701", line, column, p[i].item.name, "at most 20000000 in all",
                            NULL, "too many timers");
    }
}

typedef struct NullSet {
    SimTime twice_mean;
    uint64_t state; /* of a plain mixing generator: the engine is measured, not Philox */
} NullSet;

typedef struct NullTimer {
    SimTimer timer;
    NullSet *set;
} NullTimer;

static SimTime null_gap(NullSet *set) {
    set->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t u = sim_hash_mix(set->state);
    return 1 + (SimTime)((unsigned __int128)u * (uint64_t)set->twice_mean >> 64);
}

static void null_fire(SimRun *run, void *owner) {
    NullTimer *t = owner;
    sim_timer_set(run, &t->timer, run->context.now + null_gap(t->set));
}

typedef struct NullState {
    NullTimer *timers;
    int64_t n;
} NullState;

static void null_create(SimRun *run, const SimScenario *scenario) {
    uint32_t n;
    const NullParams *p = sim_scenario_items(scenario, "null", &n);
    int64_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += p[i].timers;
    NullState *state = SIM_NEW(&run->arena, NullState);
    sim_run_set_state(run, &null_model, state);
    state->timers = SIM_NEW_N(&run->arena, NullTimer, (size_t)total);
    for (uint32_t i = 0; i < n; i++) {
        NullSet *set = SIM_NEW(&run->arena, NullSet);
        *set = (NullSet){2 * p[i].mean, run->config.seed};
        SimDomain domain = sim_domain_add(run, p[i].item.name);
        for (int64_t k = 0; k < p[i].timers; k++) {
            NullTimer *t = &state->timers[state->n++];
            t->set = set;
            char label[32];
            snprintf(label, sizeof label, "%lld", (long long)k);
            sim_timer_add(run, domain, SIM_PHASE_TIMER, label, &t->timer, null_fire, t);
        }
    }
}

static void null_start(SimRun *run) {
    NullState *state = sim_run_state(run, &null_model);
    for (int64_t i = 0; i < state->n; i++)
        sim_timer_set(run, &state->timers[i].timer, null_gap(state->timers[i].set));
}

const SimModel null_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "null",
    .doc = "Timers that do nothing, to measure the engine alone.",
    .kinds = null_kinds,
    .diagnostics = diagnostics,
    .lint = null_lint,
    .create = null_create,
    .start = null_start,
};
