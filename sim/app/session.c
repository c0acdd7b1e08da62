#include "sim/app/session.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sim/app/interrupt.h"
#include "sim/app/options.h"
#include "sim/app/progress.h"
#include "sim/app/verbs.h"
#include "sim/report/bottleneck.h"

/* Events between two looks at the clock and at Ctrl-C: a few milliseconds. */
enum { BATCH_EVENTS = 50000 };

bool sim_session_readable(const char *file) {
    struct stat about;
    FILE *in = fopen(file, "rb");
    if (!in) {
        fprintf(stderr, "rackcast: cannot read %s: %s\n", file, g_strerror(errno));
        return false;
    }
    bool folder = fstat(fileno(in), &about) == 0 && S_ISDIR(about.st_mode);
    fclose(in);
    if (folder) fprintf(stderr, "rackcast: cannot read %s: it is a folder\n", file);
    return !folder;
}

char **sim_session_sets(char **sets, const char *seed) {
    GStrvBuilder *builder = g_strv_builder_new();
    if (sets) g_strv_builder_addv(builder, (const char **)sets);
    if (seed) {
        char *text = g_strdup_printf("seed=%s", seed);
        g_strv_builder_add(builder, text);
        g_free(text);
    }
    char **all = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return all;
}

/* As the loader wants them; g_free. */
static SimOverride *overrides_of(char **sets, uint32_t *n) {
    *n = sets ? g_strv_length(sets) : 0;
    SimOverride *overrides = g_new0(SimOverride, *n + 1);
    for (uint32_t i = 0; i < *n; i++)
        overrides[i].text = sets[i];
    return overrides;
}

SimScenario *sim_session_load_into(const char *file, char **sets, SimDiagnostics *found) {
    uint32_t n;
    SimOverride *overrides = overrides_of(sets, &n);
    SimScenario *scenario = sim_scenario_load(file, overrides, n, found);
    g_free(overrides);
    return scenario;
}

SimScenario *sim_session_load_text(const char *file, const char *text, char **sets,
                                   SimDiagnostics *found) {
    uint32_t n;
    SimOverride *overrides = overrides_of(sets, &n);
    SimScenario *scenario = sim_scenario_load_bytes(file, text, strlen(text), overrides, n, found);
    g_free(overrides);
    return scenario;
}

SimScenario *sim_session_load(const char *file, char **sets, int *code) {
    if (!sim_session_readable(file)) {
        *code = SIM_EXIT_FILE;
        return NULL;
    }
    SimDiagnostics *found = sim_diagnostics_new(file);
    SimScenario *scenario = sim_session_load_into(file, sets, found);
    sim_diagnostics_print(found, stderr, sim_options_colour(stderr));
    if (!scenario) *code = SIM_EXIT_INVALID;
    sim_diagnostics_free(found);
    return scenario;
}

SimRun *sim_session_begin(const SimScenario *scenario, const SimSessionOptions *options) {
    SimRunConfig config = {
        .scenario = scenario,
        .seed = scenario->seed,
        .permute = options->permute,
        .warmup = scenario->warmup,
        .duration = scenario->duration,
        .boundaries = scenario->boundaries,
        .n_segments = scenario->n_segments,
        .ingredients = options->ingredients,
        .series = options->series,
        .sample_every = options->sample_every,
        .trace = options->trace,
        .replay = options->replay,
    };
    return sim_run_new(&config);
}

static void describe(SimResult *r, const SimScenario *scenario) {
    r->scenario = sim_arena_strdup(&r->arena, scenario->name);
    if (scenario->description) r->description = sim_arena_strdup(&r->arena, scenario->description);
    r->version = RACKCAST_VERSION;
    r->warmup = scenario->warmup;
    r->duration = scenario->duration;
    r->effective = sim_arena_strdup(&r->arena, scenario->effective);
    for (uint32_t w = 0; w < scenario->n_windows; w++)
        r->windows[w] = (SimResultWindow){sim_arena_strdup(&r->arena, scenario->windows[w].name),
                                          scenario->windows[w].start, scenario->windows[w].end};
}

/* Whether the scenario has an item of any kind of a model. */
static bool in_use(const SimModel *model, const SimScenario *scenario) {
    for (const SimKind *kind = model->kinds; kind && kind->section; kind++) {
        uint32_t n;
        sim_scenario_items(scenario, kind->kind, &n);
        if (n) return true;
    }
    return false;
}

static void assume(SimResult *result, const SimScenario *scenario) {
    for (uint32_t i = 0; sim_models[i]; i++) {
        const SimAssumption *a =
            in_use(sim_models[i], scenario) ? sim_models[i]->assumptions : NULL;
        for (; a && a->id; a++)
            sim_result_assume(result, a->id, a->text, a->source);
    }
}

SimResult *sim_session_end(SimRun *run, const SimScenario *scenario) {
    SimResult *result = sim_result_new(scenario->n_windows);
    describe(result, scenario);
    sim_run_report(run, result);
    assume(result, scenario);
    sim_result_freeze(result);
    sim_bottleneck(result);
    sim_run_free(run);
    return result;
}

static int64_t peak_bytes(void) {
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? (int64_t)usage.ru_maxrss * 1024 : 0;
}

SimResult *sim_session_run(const SimScenario *scenario, const SimSessionOptions *options,
                           SimSessionFacts *facts) {
    SimSessionFacts own;
    if (!facts) facts = &own;
    *facts = (SimSessionFacts){.started_s = g_get_real_time() / G_USEC_PER_SEC};
    int64_t began = g_get_monotonic_time();
    if (options->interruptible) sim_interrupt_hold();
    SimProgress progress;
    sim_progress_begin(&progress, scenario->name, scenario->duration, options->progress);
    SimRun *run = sim_session_begin(scenario, options);
    int64_t built = g_get_monotonic_time();
    while (sim_run_advance(run, BATCH_EVENTS)) {
        sim_progress_step(&progress, sim_run_now(run), sim_run_events(run));
        if (options->interruptible && sim_interrupt_seen()) {
            facts->interrupted = true;
            break;
        }
    }
    sim_progress_end(&progress);
    if (options->interruptible) sim_interrupt_release();
    facts->events = sim_run_events(run);
    int64_t ended = g_get_monotonic_time();
    facts->wall_us = ended - began;
    facts->run_us = ended - built;
    facts->peak_bytes = peak_bytes();
    return sim_session_end(run, scenario);
}

int sim_session_audits(const SimResult *result) {
    int failed = 0;
    for (uint32_t i = 0; i < result->audit.n; i++) {
        const SimAuditRow *row = &result->audit.items[i];
        if (row->passed) continue;
        failed++;
        fprintf(stderr, "rackcast: audit failed: %s of %s: %s\n", row->law, row->entity,
                row->detail);
    }
    if (failed) fputs("rackcast: this is a bug; the figures are not to be trusted\n", stderr);
    return failed;
}
