/* verify.c: the same scenario, run in ways that must not matter. */
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/json.h"

enum { INTERLEAVE_EVENTS = 997, PERMUTATIONS = 3, NAME_COLUMNS = 34 };

/* Everything of the added host has this in its name, and nothing else may. */
#define STRANGER "unrelated"

typedef struct Verify {
    const char *file;
    char **sets;
    const SimScenario *scenario;
    char *base; /* result.json of the plain run */
    unsigned differ;
} Verify;

static const SimSessionOptions plain = {.series = true};

/* ---- comparing ---- */

static char *freeze(SimRun *run, const SimScenario *scenario) {
    SimResult *result = sim_session_end(run, scenario);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out || !sim_json_write(result, out) || fclose(out) != 0) sim_out_of_memory(size);
    sim_result_free(result);
    return text;
}

static char *run_bytes(const SimScenario *scenario, const SimSessionOptions *options) {
    SimRun *run = sim_session_begin(scenario, options);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    return freeze(run, scenario);
}

static void print_difference(const char *base, const char *other) {
    char **a = g_strsplit(base, "\n", -1), **b = g_strsplit(other, "\n", -1);
    size_t i = 0;
    while (a[i] && b[i] && strcmp(a[i], b[i]) == 0)
        i++;
    printf("    first difference in line %zu of result.json\n", i + 1);
    printf("    plain: %s\n    here:  %s\n", a[i] ? a[i] : "(ends)", b[i] ? b[i] : "(ends)");
    g_strfreev(a);
    g_strfreev(b);
}

/* Prints the line of one way; frees `other`. */
static void judge(Verify *v, const char *way, const char *base, char *other) {
    bool same = strcmp(base, other) == 0;
    printf("  %-*s  %s\n", NAME_COLUMNS, way, same ? "same bytes" : "DIFFERENT");
    if (!same) {
        print_difference(base, other);
        v->differ++;
    }
    fflush(stdout);
    g_free(other);
}

/* ---- the ways ---- */

/* Another process has another layout of addresses. */
static void verify_process(Verify *v) {
    char *self = g_file_read_link("/proc/self/exe", NULL);
    GStrvBuilder *words = g_strv_builder_new();
    g_strv_builder_add_many(words, self ? self : "rackcast", "run", "--json", "--no-files", NULL);
    for (char **set = v->sets; set && *set; set++)
        g_strv_builder_add_many(words, "--set", *set, NULL);
    g_strv_builder_add_many(words, "--", v->file, NULL);
    char **argv = g_strv_builder_end(words);
    g_strv_builder_unref(words);
    char *out = NULL;
    GError *error = NULL;
    if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL, NULL,
                      &error)) {
        out = g_strdup(error->message);
        g_error_free(error);
    }
    judge(v, "twice, in another process", v->base, out);
    g_strfreev(argv);
    g_free(self);
}

static void verify_interleaved(Verify *v) {
    SimRun *a = sim_session_begin(v->scenario, &plain);
    SimRun *b = sim_session_begin(v->scenario, &plain);
    bool more_a = true, more_b = true;
    while (more_a || more_b) {
        if (more_a) more_a = sim_run_advance(a, INTERLEAVE_EVENTS);
        if (more_b) more_b = sim_run_advance(b, 2 * INTERLEAVE_EVENTS);
    }
    judge(v, "interleaved with a second run", v->base, freeze(a, v->scenario));
    judge(v, "interleaved, the second run", v->base, freeze(b, v->scenario));
}

static void verify_permuted(Verify *v) {
    for (uint64_t i = 1; i <= PERMUTATIONS; i++) {
        SimSessionOptions options = plain;
        options.permute = i;
        char *way = g_strdup_printf("domains permuted, order %" PRIu64, i);
        judge(v, way, v->base, run_bytes(v->scenario, &options));
        g_free(way);
    }
}

static void verify_sinks(Verify *v) {
    SimSessionOptions options = plain;
    options.series = false;
    judge(v, "without series", v->base, run_bytes(v->scenario, &options));
}

/* ---- a host that has nothing to do with the others ---- */

static const SimKind *find_kind(const char *name) {
    for (uint32_t i = 0; sim_models[i]; i++)
        for (const SimKind *k = sim_models[i]->kinds; k && k->section; k++)
            if (strcmp(k->kind, name) == 0) return k;
    return NULL;
}

static int64_t read_integer(const SimKind *kind, const char *item, const char *key) {
    for (const SimParam *p = kind->params; p->key; p++)
        if (strcmp(p->key, key) == 0) return *(const int64_t *)(item + p->offset);
    return SIM_ABSENT;
}

/* The effective scenario with one line more at the end of its hosts, or NULL. */
static char *add_host(const char *effective, const char *host) {
    const char *hosts = strstr(effective, "\nhosts:\n");
    if (!hosts) return NULL;
    const char *first = hosts + strlen("\nhosts:\n");
    size_t indent = strspn(first, " ");
    const char *end = first;
    while (*end && (*end == ' ' || *end == '-')) {
        const char *next = strchr(end, '\n');
        end = next ? next + 1 : end + strlen(end);
    }
    return g_strdup_printf("%.*s%*s- %s\n%s", (int)(end - effective), effective, (int)indent, "",
                           host, end);
}

static SimScenario *load_with_host(const SimScenario *scenario, const char *host) {
    char *text = add_host(scenario->effective, host);
    if (!text) return NULL;
    SimDiagnostics *found = sim_diagnostics_new(scenario->file);
    SimScenario *more = sim_scenario_load_bytes(scenario->file, text, strlen(text), NULL, 0, found);
    sim_diagnostics_free(found);
    g_free(text);
    return more;
}

/* Cables it to the highest port that is free, of the first switch that has one. */
static SimScenario *with_stranger(const SimScenario *scenario) {
    const SimKind *kind = find_kind("switch");
    uint32_t n = 0;
    const char *items = kind ? sim_scenario_items(scenario, "switch", &n) : NULL;
    for (uint32_t i = 0; i < n; i++) {
        const char *item = items + i * kind->size;
        int64_t rate = read_integer(kind, item, "rate");
        for (int64_t port = read_integer(kind, item, "ports"); port >= 1; port--) {
            char *host = g_strdup_printf("{name: " STRANGER ", nic: {ports: 1, rate: %" PRId64
                                         "bps, cables: [%s/%" PRId64 "]}}",
                                         rate, ((const SimItem *)item)->name, port);
            SimScenario *more = load_with_host(scenario, host);
            g_free(host);
            if (more) return more;
        }
    }
    return NULL;
}

/* The lines that may not change: not the stranger's own, not the fingerprint. A comma at the end
 * of a line says only that another follows. */
static char *leave_out(const char *text) {
    GString *kept = g_string_new(NULL);
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        size_t n = strlen(*line);
        if (strstr(*line, STRANGER) || strstr(*line, "\"fingerprint\"")) continue;
        if (n > 0 && (*line)[n - 1] == ',') n--;
        g_string_append_len(kept, *line, (gssize)n);
        g_string_append_c(kept, '\n');
    }
    g_strfreev(lines);
    return g_string_free(kept, FALSE);
}

static void verify_stranger(Verify *v) {
    const char *way = "an unrelated host added";
    SimScenario *more = with_stranger(v->scenario);
    if (!more) {
        printf("  %-*s  left out: no switch has a free port\n", NAME_COLUMNS, way);
        return;
    }
    char *other = run_bytes(more, &plain);
    char *base = leave_out(v->base);
    judge(v, way, base, leave_out(other));
    g_free(base);
    g_free(other);
    sim_scenario_free(more);
}

/* ---- the verb ---- */

static int verify_file(const char *file, char **sets) {
    int code = SIM_EXIT_OK;
    SimScenario *scenario = sim_session_load(file, sets, &code);
    if (!scenario) return code;
    printf("%s, seed %" PRIu64 "\n", scenario->name, scenario->seed);
    fflush(stdout);
    Verify v = {.file = file, .sets = sets, .scenario = scenario};
    v.base = run_bytes(scenario, &plain);
    judge(&v, "twice", v.base, run_bytes(scenario, &plain));
    verify_process(&v);
    verify_interleaved(&v);
    verify_permuted(&v);
    verify_sinks(&v);
    verify_stranger(&v);
    g_free(v.base);
    sim_scenario_free(scenario);
    return v.differ ? SIM_EXIT_DIFFERS : SIM_EXIT_OK;
}

int sim_verb_verify(int argc, char **argv) {
    char **sets = NULL, **files;
    const GOptionEntry entries[] = {
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &sets,
         "change a value of the scenario; repeatable", "PATH=VALUE"},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "verify",
        .summary = "run in several ways and compare the results byte by byte",
        .words = "FILE...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes =
            "The ways: twice, in another process, interleaved with a second run, with domains\n"
            "permuted, without series, with an unrelated host added (whose own lines are left\n"
            "out). Exit code 6 where one gives other bytes.\n",
    };
    int code = sim_options_parse(&options, argc, argv, &files);
    if (code == -1) {
        code = SIM_EXIT_OK;
        for (char **file = files; *file; file++)
            code = sim_exit_worse(code, verify_file(*file, sets));
        g_strfreev(files);
    }
    g_strfreev(sets);
    return code;
}
