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

/* Behind the line that `at` is in. */
static const char *next_line(const char *at) {
    const char *end = strchr(at, '\n');
    return end ? end + 1 : at + strlen(at);
}

/* The effective scenario with one item more at the end of its hosts; NULL where it has none. */
static char *add_host(const char *text, const char *host) {
    const char *hosts = g_str_has_prefix(text, "hosts:") ? text : strstr(text, "\nhosts:");
    if (!hosts) return NULL;
    const char *first = next_line(*hosts == '\n' ? hosts + 1 : hosts);
    while (first[strspn(first, " ")] == '#' || first[strspn(first, " ")] == '\n')
        first = next_line(first);
    size_t indent = strspn(first, " ");
    if (first[indent] != '-') return NULL;
    const char *end = first;
    while (*end && strchr(" -#\n", *end))
        end = next_line(end);
    bool broken = end[-1] != '\n'; /* the last line of the file has no end */
    return g_strdup_printf("%.*s%s%*s- %s\n%s", (int)(end - text), text, broken ? "\n" : "",
                           (int)indent, "", host, end);
}

static SimScenario *load_with_host(const Verify *v, const char *text, const char *host) {
    char *more = add_host(text, host);
    if (!more) return NULL;
    SimDiagnostics *found = sim_diagnostics_new(v->file);
    SimScenario *scenario = sim_session_load_text(v->file, more, NULL, found);
    sim_diagnostics_free(found);
    g_free(more);
    return scenario;
}

static bool names(const SimKind *kind, const char *item, const SimKind *other, uint32_t index) {
    for (const SimParam *p = kind->params; p->key; p++) {
        if (p->type != SIM_REF || p->shape > SIM_LIST) continue;
        const SimRefs *refs = (const SimRefs *)(item + p->offset);
        for (uint32_t i = 0; i < refs->n; i++)
            if (refs->items[i].kind == other && refs->items[i].index == index) return true;
    }
    return false;
}

/* Whether a fault names the switch: its return would make the stranger announce itself, and that
 * everyone hears. */
static bool has_fault(const SimScenario *scenario, const SimKind *switches, uint32_t index) {
    for (uint32_t i = 0; sim_models[i]; i++) {
        for (const SimKind *k = sim_models[i]->kinds; k && k->section; k++) {
            uint32_t n = 0;
            const char *items = k->window ? sim_scenario_items(scenario, k->kind, &n) : NULL;
            for (uint32_t item = 0; item < n; item++)
                if (names(k, items + item * k->size, switches, index)) return true;
        }
    }
    return false;
}

/* Cables it to a switch, at the highest port that is free. */
static SimScenario *with_stranger_at(const Verify *v, const char *text, const SimKind *kind,
                                     const char *item) {
    int64_t rate = read_integer(kind, item, "rate");
    for (int64_t port = read_integer(kind, item, "ports"); port >= 1; port--) {
        char *host = g_strdup_printf("{name: " STRANGER ", nic: {ports: 1, rate: %" PRId64
                                     "bps, cables: [%s/%" PRId64 "]}, "
                                     "vnics: [{name: lone, vlan: 4094, port: 1}]}",
                                     rate, ((const SimItem *)item)->name, port);
        SimScenario *more = load_with_host(v, text, host);
        g_free(host);
        if (more) return more;
    }
    return NULL;
}

static SimScenario *with_stranger(const Verify *v, const char *text) {
    const SimKind *kind = find_kind("switch");
    uint32_t n = 0;
    const char *items = kind ? sim_scenario_items(v->scenario, "switch", &n) : NULL;
    SimScenario *more = NULL;
    for (uint32_t i = 0; i < n && !more; i++)
        if (!has_fault(v->scenario, kind, i))
            more = with_stranger_at(v, text, kind, items + i * kind->size);
    return more;
}

/* The lines that may change: the stranger's own and the fingerprint, which it is part of. */
static bool may_change(const char *line) {
    return strstr(line, STRANGER) || strstr(line, "\"fingerprint\": \"0x");
}

/* A comma at the end of a line says only that another follows. */
static char *leave_out(const char *text) {
    GString *kept = g_string_new(NULL);
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        size_t n = strlen(*line);
        if (may_change(*line)) continue;
        if (n > 0 && (*line)[n - 1] == ',') n--;
        g_string_append_len(kept, *line, (gssize)n);
        g_string_append_c(kept, '\n');
    }
    g_strfreev(lines);
    return g_string_free(kept, FALSE);
}

static void verify_stranger(Verify *v) {
    const char *way = "an unrelated host added";
    SimScenario *more = with_stranger(v, v->scenario->effective);
    if (!more) {
        printf("  %-*s  left out: no sound switch has a port free\n", NAME_COLUMNS, way);
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
