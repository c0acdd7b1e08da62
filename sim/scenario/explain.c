#include "sim/scenario/explain.h"

#include <string.h>

#include "sim/scenario/codes.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"
#include "sim/scenario/units.h"

typedef struct Explain {
    const char *what;
    FILE *out;
    int found;
    SimGuess guess;
    char nearest[128]; /* guess.best may point to a path on the stack */
} Explain;

static void offer(Explain *e, const char *name) {
    int before = e->guess.distance;
    sim_guess_offer(&e->guess, name);
    if (e->guess.distance < before) g_strlcpy(e->nearest, name, sizeof e->nearest);
}

static void begin(Explain *e) {
    if (e->found++) fprintf(e->out, "\n");
}

static bool is_what(Explain *e, const char *name) {
    offer(e, name);
    return strcmp(e->what, name) == 0;
}

/* ---- codes, assumptions, metrics ---- */

static void explain_codes(Explain *e, const SimDiagnosticDoc *doc) {
    for (; doc && doc->code; doc++) {
        if (!is_what(e, doc->code)) continue;
        begin(e);
        fprintf(e->out, "%s: %s\n", doc->code, doc->title);
        sim_text_wrap(e->out, doc->doc, 2, 80);
    }
}

static void explain_assumptions(Explain *e, const SimAssumption *a) {
    for (; a && a->id; a++) {
        if (!is_what(e, a->id)) continue;
        begin(e);
        fprintf(e->out, "%s: an assumption\n", a->id);
        sim_text_wrap(e->out, a->text, 2, 80);
        if (a->source) fprintf(e->out, "  source: %s\n", a->source);
    }
}

static void explain_metrics(Explain *e, const SimMetricDoc *doc) {
    for (; doc && doc->kind; doc++) {
        char *path = g_strconcat(doc->kind, ".", doc->metric, NULL);
        bool same = is_what(e, doc->metric);
        if (is_what(e, path) || same) {
            begin(e);
            fprintf(e->out, "%s: a metric of a %s, in %s\n", doc->metric, doc->kind,
                    *doc->unit ? doc->unit : "no unit");
            sim_text_wrap(e->out, doc->doc, 2, 80);
        }
        g_free(path);
    }
}

/* A counter's name as the table has it, or with a digit where it has '#'. */
static bool is_counter(Explain *e, const char *name) {
    const char *hash = strchr(name, '#');
    if (is_what(e, name)) return true;
    if (!hash) return false;
    size_t n = (size_t)(hash - name);
    return strncmp(e->what, name, n) == 0 && g_ascii_isdigit(e->what[n]) &&
           strcmp(e->what + n + 1, hash + 1) == 0;
}

static const char *form_text(SimCounterForm form) {
    static const char *const texts[] = {[SIM_COUNTER_TOTAL] = "the count since the beginning",
                                        [SIM_COUNTER_RATE] = "what is counted in a second",
                                        [SIM_COUNTER_SHARE] = "percent of the time",
                                        [SIM_COUNTER_LEVEL] = "the value at the instant"};
    return texts[form];
}

static void explain_counters(Explain *e, const SimCounterDoc *doc) {
    for (; doc && doc->kind; doc++) {
        if (!is_counter(e, doc->name)) continue;
        begin(e);
        fprintf(e->out, "%s: a counter of \"%s\"\n", doc->name, doc->object);
        sim_text_wrap(e->out, doc->doc, 2, 80);
        fprintf(e->out, "  shown: %s\n", form_text(doc->form));
    }
}

static void explain_parts(Explain *e) {
    SimArena arena;
    SimCatalog catalog;
    sim_arena_init(&arena);
    sim_catalog_load(&catalog, &arena);
    for (uint32_t i = 0; i < catalog.n; i++) {
        if (!is_what(e, catalog.items[i].name)) continue;
        begin(e);
        sim_part_write(e->out, &catalog.items[i]);
    }
    sim_arena_clear(&arena);
}

/* ---- keys ---- */

static const char *type_text(const SimParam *param) {
    switch (param->shape) {
    case SIM_GROUP:
        return "a mapping";
    case SIM_GROUPS:
        return "a list of mappings";
    default:
        if (param->type == SIM_CHOICE) return "one of";
        return sim_type_allowed(param->type);
    }
}

static void write_limits(Explain *e, const SimParam *param) {
    if (param->ref) fprintf(e->out, "  refers to: %s\n", param->ref);
    if (param->part) fprintf(e->out, "  part: may name a %s of the catalog\n", param->part);
    if (param->min) fprintf(e->out, "  at least: %s\n", param->min);
    if (param->max) fprintf(e->out, "  at most: %s\n", param->max);
    if (param->def) fprintf(e->out, "  default: %s\n", param->def);
    if (param->required) fprintf(e->out, "  required\n");
    if (param->variant) fprintf(e->out, "  exactly one key of its kind must be given\n");
    if (param->source) {
        char *source = g_strconcat("source: ", param->source, NULL);
        sim_text_wrap(e->out, source, 2, 80);
        g_free(source);
    }
}

static void write_keys(Explain *e, const SimParam *params) {
    GString *keys = g_string_new("keys: ");
    for (const SimParam *param = params; param->key; param++)
        g_string_append_printf(keys, "%s%s", param == params ? "" : ", ", param->key);
    sim_text_wrap(e->out, keys->str, 2, 80);
    g_string_free(keys, TRUE);
}

static void write_param(Explain *e, const SimParam *param, const char *path) {
    begin(e);
    fprintf(e->out, "%s\n", path);
    sim_text_wrap(e->out, param->doc, 2, 80);
    char *choices = g_strdup(param->type == SIM_CHOICE && param->choices ? param->choices : "");
    for (char *at = choices; *at; at++)
        if (*at == '|') *at = ' ';
    const char *list = param->shape == SIM_LIST ? "a list, each " : "";
    fprintf(e->out, "  form: %s%s%s%s\n", list, type_text(param), *choices ? " " : "", choices);
    g_free(choices);
    write_limits(e, param);
    if (param->fields) write_keys(e, param->fields);
}

static void explain_params(Explain *e, const SimParam *params, const char *before) {
    for (const SimParam *param = params; param && param->key; param++) {
        char *path = g_strconcat(before, *before ? "." : "", param->key, NULL);
        bool same = is_what(e, param->key);
        if (is_what(e, path) || same) write_param(e, param, path);
        explain_params(e, param->fields, path);
        g_free(path);
    }
}

static void explain_kind(Explain *e, const SimKind *kind) {
    bool same = is_what(e, kind->kind);
    if (is_what(e, kind->section) || same) {
        begin(e);
        fprintf(e->out, "%s: %s\n", kind->section,
                kind->map ? "a mapping from names to items" : "a list of items");
        sim_text_wrap(e->out, kind->doc, 2, 80);
        fprintf(e->out, "  at most: %ld\n", (long)kind->limit);
        if (kind->part) fprintf(e->out, "  part: may name a %s of the catalog\n", kind->part);
        write_keys(e, kind->params);
    }
    explain_params(e, kind->params, kind->section);
}

static void explain_own_keys(Explain *e) {
    static const struct {
        const char *key, *doc;
    } keys[] = {
        {"count", "How many of an item there are: name: node, count: 4 makes node1 to node4. "
                  "`node` then means all of them, `node1..3` some."},
        {"use", "Name of a template; its values stand in for those the item does not give."},
        {"part", "Name of a part of the catalog; its values stand in for those that neither the "
                 "item, nor its template, nor defaults: give."},
        {"defaults", "Values for all items of a section: defaults: {hosts: {nic: {...}}}."},
        {"templates", "Named sets of values that items take with use:."},
        {"expect", "Lines that are checked at the end of a run, by window or for all of it."},
        {"bottleneck", "What limits the throughput: the resource at least 95 % busy, time in which "
                       "it held up others included. Where there is none, the load itself: "
                       "outstanding operations / latency, or the rate offered. 10 % more of it "
                       "raises throughput, 10 % more of anything else does not."},
        {"headroom", "How much more load fits before the busiest resource is full: 1 / utilization "
                     "- 1."},
        {"utilization", "Share of a window in which a resource served."},
        {"window", "A stretch of simulated time with figures of its own: all (from the warm-up to "
                   "the end), healthy (to the first fault), each fault by its name, recovered."},
        {"recovery", "Time from a fault's beginning until 95 % of the healthy rate is back."},
        {"audit", "A law of conservation that every run is held to at its end, such as frames made "
                  "= delivered + dropped + in flight. A failed one is a bug and exit code 70."},
        {"fingerprint", "64 bits over the history of events: t times, e entities, p packets; "
                        "sampling and early wake-ups left out."}};
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (!is_what(e, keys[i].key)) continue;
        begin(e);
        fprintf(e->out, "%s\n", keys[i].key);
        sim_text_wrap(e->out, keys[i].doc, 2, 80);
    }
}

bool sim_explain(const char *what, FILE *out) {
    Explain e = {.what = what, .out = out};
    sim_guess_init(&e.guess, what, NULL);
    explain_codes(&e, sim_scenario_codes);
    explain_params(&e, sim_header_params, "");
    explain_own_keys(&e);
    for (const SimModel *const *model = sim_models; *model; model++) {
        explain_codes(&e, (*model)->diagnostics);
        explain_assumptions(&e, (*model)->assumptions);
        explain_metrics(&e, (*model)->metrics);
        explain_counters(&e, (*model)->counters);
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            explain_kind(&e, kind);
    }
    explain_parts(&e);
    if (e.found) return true;
    fprintf(out, "nothing is called \"%.80s\"", what);
    if (*e.nearest) fprintf(out, "; did you mean %s?", e.nearest);
    fprintf(out, "\n");
    return false;
}
