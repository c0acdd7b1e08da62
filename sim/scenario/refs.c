#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"

/* A reference taken apart: "tor1..3/5". */
typedef struct Reference {
    const SimParam *param;
    const char *text;
    const SimNode *at; /* where it was written */
} Reference;

/* What a name stands for in one section; n == 0: nothing. */
typedef struct Target {
    const SimSection *section;
    uint32_t first, count;
} Target;

static bool allows(const SimParam *param, const char *kind) {
    size_t n = strlen(kind);
    for (const char *at = param->ref; at; at = strchr(at, '|')) {
        if (*at == '|') at++;
        if (strncmp(at, kind, n) == 0 && (at[n] == '|' || !at[n])) return true;
    }
    return false;
}

const SimKind *sim_refs_known(const SimLoader *l, const char *name) {
    for (uint32_t i = 0; i < l->n_sections; i++)
        if (g_hash_table_contains(l->sections[i].symbols, name)) return l->sections[i].kind;
    return NULL;
}

/* "node2..4" among the copies of one entry. */
static bool target_range(const SimSection *section, const char *text, Target *target) {
    const char *dots = strstr(text, "..");
    if (!dots || !isdigit((unsigned char)dots[2])) return false;
    char *end;
    unsigned long last = strtoul(dots + 2, &end, 10);
    if (*end || last > SIM_ITEMS_MOST) return false;
    char *name = g_strndup(text, (gsize)(dots - text));
    const SimSymbol *symbol = g_hash_table_lookup(section->symbols, name);
    g_free(name);
    if (!symbol || symbol->count != 1) return false;
    const SimEntry *entry = &section->items[symbol->entry];
    uint32_t first = symbol->first - entry->first;
    if (!entry->counted || last > entry->count || last <= first) return false;
    *target = (Target){section, symbol->first, (uint32_t)last - first};
    return true;
}

static bool target_in(const SimSection *section, const char *text, Target *target) {
    const SimSymbol *symbol = g_hash_table_lookup(section->symbols, text);
    if (!symbol) return target_range(section, text, target);
    *target = (Target){section, symbol->first, symbol->count};
    return true;
}

/* Something wrong elsewhere may be what is meant, and has been reported. */
static bool may_be_open(const SimSection *section, const char *text) {
    if (section->open) return true;
    for (uint32_t i = 0; i < section->n && i < 1000; i++) {
        const SimEntry *entry = &section->items[i];
        if (entry->open && strncmp(text, entry->base, strlen(entry->base)) == 0) return true;
        if (entry->open && strchr(entry->base, ' ')) return true;
    }
    return false;
}

static bool is_open(const SimLoader *l, const SimParam *param, const char *text) {
    for (uint32_t i = 0; i < l->n_sections; i++)
        if (allows(param, l->sections[i].kind->kind) && may_be_open(&l->sections[i], text))
            return true;
    return false;
}

static void report_ambiguous(SimLoader *l, const Reference *r, const Target *a, const Target *b) {
    sim_node_report(l->arena, l->out, "E141", r->at, "a name that only one of them has", NULL,
                    "\"%.60s\" is ambiguous: it is a %s and also a %s", r->text,
                    a->section->kind->kind, b->section->kind->kind);
}

/* The one section that knows the text. False where there is none, or two: then it is reported. */
static bool target_find(SimLoader *l, const Reference *r, const char *text, Target *found,
                        bool *reported) {
    bool any = false;
    *reported = false;
    for (uint32_t i = 0; i < l->n_sections; i++) {
        const SimSection *section = &l->sections[i];
        Target target;
        if (!allows(r->param, section->kind->kind)) continue;
        if (!target_in(section, text, &target)) continue;
        if (any) {
            report_ambiguous(l, r, found, &target);
            *reported = true;
            return false;
        }
        any = true;
        *found = target;
    }
    return any;
}

/* ---- what to say when there is nothing ---- */

static void offer_names(SimLoader *l, const Reference *r, SimGuess *guess, GString *names) {
    for (uint32_t i = 0; i < l->n_sections; i++) {
        const SimSection *section = &l->sections[i];
        if (!allows(r->param, section->kind->kind)) continue;
        for (uint32_t k = 0; k < section->n; k++) {
            const SimEntry *entry = &section->items[k];
            for (uint32_t j = 0; entry->counted && j < entry->count && j < 100; j++)
                sim_guess_offer(guess, section->names[entry->first + j]);
            sim_guess_offer(guess, entry->base);
            if (names->len > 150) continue;
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", entry->base);
            if (entry->counted && entry->count)
                g_string_append_printf(names, " (%s to %s)", section->names[entry->first],
                                       section->names[entry->first + entry->count - 1]);
        }
    }
}

static const char *kinds_text(SimLoader *l, const SimParam *param) {
    GString *text = g_string_new(NULL);
    for (const char *at = param->ref; *at; at++)
        if (*at == '|')
            g_string_append(text, " or ");
        else
            g_string_append_c(text, *at);
    const char *copy = sim_arena_strdup(l->arena, text->str);
    g_string_free(text, TRUE);
    return copy;
}

static void report_dangling(SimLoader *l, const Reference *r, const char *name) {
    const char *kinds = kinds_text(l, r->param);
    if (sim_diagnostics_full(l->out) || l->guesses <= 0) {
        sim_node_report(l->arena, l->out, "E140", r->at, NULL, NULL, "there is no %s \"%.60s\"",
                        kinds, name);
        return;
    }
    SimGuess guess;
    GString *names = g_string_new(NULL);
    sim_guess_init(&guess, name, &l->guesses);
    offer_names(l, r, &guess, names);
    const SimKind *other = sim_refs_known(l, name);
    bool range = strstr(name, "..") != NULL;
    if (range)
        sim_node_report(l->arena, l->out, "E142", r->at, names->len ? names->str : NULL, NULL,
                        "\"%.60s\" is no range within one count:", name);
    else if (other)
        sim_node_report(l->arena, l->out, "E140", r->at, names->len ? names->str : NULL, guess.best,
                        "\"%.60s\" is a %s, but a %s belongs here", name, other->kind, kinds);
    else
        sim_node_report(l->arena, l->out, "E140", r->at, names->len ? names->str : NULL, guess.best,
                        "there is no %s \"%.60s\"", kinds, name);
    g_string_free(names, TRUE);
}

/* ---- the port ---- */

/* Splits "tor1/5". False where there is no "/". */
static bool split_port(SimLoader *l, const char *text, const char **name, const char **port) {
    const char *slash = strrchr(text, '/');
    if (!slash) return false;
    char *head = sim_arena_strdup(l->arena, text);
    head[slash - text] = 0;
    *name = head;
    *port = slash + 1;
    return true;
}

static bool port_parse(SimLoader *l, const Reference *r, const char *text, uint32_t *port) {
    size_t n = strspn(text, "0123456789");
    if (!r->param->with_port) {
        sim_node_report(l->arena, l->out, "E143", r->at, "the name without a port", NULL,
                        "\"%.60s\" names a port, which has no place here", r->text);
        return false;
    }
    if (n == 0 || text[n] || n > 6 || *text == '0') {
        sim_node_report(l->arena, l->out, "E143", r->at, "name/number, such as tor1/5", NULL,
                        "\"%.60s\" has no port number of 1 or more after the /", r->text);
        return false;
    }
    *port = (uint32_t)strtoul(text, NULL, 10);
    return true;
}

/* Makes exact room for what one name stands for. */
static void reserve(SimLoader *l, SimRefRoom *out, uint32_t more) {
    if (out->n + more <= out->room) return;
    uint32_t room = out->room * 2 > out->n + more ? out->room * 2 : out->n + more;
    SimRef *items = SIM_NEW_N(l->arena, SimRef, room);
    if (out->n) memcpy(items, out->items, out->n * sizeof *items);
    out->items = items;
    out->room = room;
}

static bool among(const SimRefRoom *out, const SimKind *kind, uint32_t index, uint32_t port) {
    for (uint32_t i = 0; i < out->n; i++)
        if (out->items[i].kind == kind && out->items[i].index == index &&
            out->items[i].port == port)
            return true;
    return false;
}

/* A list that names one thing twice is a slip. */
static bool twice(SimLoader *l, const Reference *r, const Target *target, uint32_t port,
                  const SimRefRoom *out) {
    for (uint32_t i = 0; i < target->count && out->n; i++) {
        if (!among(out, target->section->kind, target->first + i, port)) continue;
        sim_node_report(l->arena, l->out, "E145", r->at, "each once", NULL, "%.60s is named twice",
                        target->section->names[target->first + i]);
        return true;
    }
    return false;
}

static void append(SimLoader *l, const Target *target, uint32_t port, SimRefRoom *out) {
    reserve(l, out, target->count);
    for (uint32_t i = 0; i < target->count; i++)
        out->items[out->n++] = (SimRef){target->section->kind, target->first + i, port};
}

/* False, once with a sentence (also where copies are quiet), where all references together would be
 * too many. */
static bool afford(SimLoader *l, uint32_t count) {
    bool before = l->refs >= 0;
    if (before) l->refs -= count;
    if (before && l->refs < 0)
        sim_diagnostics_add(l->check.out, "E017", 0, 0, NULL, NULL, NULL,
                            "the scenario has more than %d references once it is expanded",
                            SIM_REFS_MOST);
    return l->refs >= 0;
}

void sim_refs_resolve(SimLoader *l, const SimParam *param, const char *text, const SimNode *at,
                      SimRefRoom *out) {
    Reference r = {param, text, at};
    Target target = {0};
    const char *name = text, *port_text = NULL;
    bool reported;
    uint32_t port = 0;
    bool found = target_find(l, &r, text, &target, &reported);
    if (!found && !reported && split_port(l, text, &name, &port_text)) {
        if (!port_parse(l, &r, port_text, &port)) return;
        found = target_find(l, &r, name, &target, &reported);
    }
    if (reported || (!found && is_open(l, param, name))) return;
    if (!found) {
        report_dangling(l, &r, name);
        return;
    }
    if (param->one && target.count > 1) {
        sim_node_report(l->arena, l->out, "E144", at, "the name of one of them",
                        target.section->names[target.first],
                        "\"%.60s\" stands for %u items, but one belongs here", text, target.count);
        return;
    }
    if (!param->repeats && twice(l, &r, &target, port, out)) return;
    if (afford(l, target.count)) append(l, &target, port, out);
}
