#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/units.h"

#define GRAMMAR                                                                                    \
    "entity.metric op value (ops <= < >= > == !=), such as vms.write.p99 <= 1ms, or vms.iops "     \
    ">= 80% of healthy; \"no frame lost\"; \"outage under 150 ms\""

enum { LINES_MOST = 10000 };

/* ---- collecting ---- */

static void collect_lines(SimLoader *l, SimNode *list, const char *window) {
    if (list->bad) return;
    if (list->shape != SIM_NODE_LIST) {
        sim_node_report(l->arena, l->out, sim_node_null(list) ? "E103" : "E101", list, GRAMMAR,
                        NULL, "a list of expectations belongs here");
        return;
    }
    if (list->n == 0)
        sim_node_report(l->arena, l->out, "E113", list, NULL, NULL,
                        "the list is empty; leave the key out instead");
    for (uint32_t i = 0; i < list->n; i++) {
        SimNode *line = list->items[i];
        if (line->bad) continue;
        if (line->shape != SIM_NODE_SCALAR || sim_node_null(line)) {
            sim_node_report(l->arena, l->out, "E160", line, GRAMMAR, NULL,
                            "an expectation is one line of text");
            continue;
        }
        if (l->lines.n == LINES_MOST) {
            sim_node_report(l->arena, l->out, "E121", line, "at most 10000 expectations", NULL,
                            "these are too many expectations");
            return;
        }
        *SIM_PUSH(l->arena, &l->lines) = (SimExpectLine){line, window};
    }
}

void sim_expect_collect(SimLoader *l) {
    SimNode *node = sim_node_get(l->root, "expect");
    if (!node || node->bad) return;
    if (node->shape != SIM_NODE_MAP) {
        collect_lines(l, node, "all");
        return;
    }
    for (uint32_t i = 0; i < node->n; i++)
        collect_lines(l, node->items[i], node->items[i]->key);
}

const char *const *sim_expect_windows(const SimLoader *l, uint32_t *n) {
    const char **windows = SIM_NEW_N(l->arena, const char *, l->lines.n + 1);
    *n = 0;
    for (uint32_t i = 0; i < l->lines.n; i++) /* lines of a window stand together */
        if (i == 0 || l->lines.items[i].window != l->lines.items[i - 1].window)
            windows[(*n)++] = l->lines.items[i].window;
    return windows;
}

/* ---- reading a line ---- */

typedef struct Line {
    SimLoader *l;
    const SimNode *node;
    SimExpect expect;
} Line;

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n';
}

/* One blank between words, none around. */
static char *tidy(SimArena *arena, const char *text) {
    char *out = sim_arena_alloc(arena, strlen(text) + 1);
    size_t n = 0;
    for (; *text; text++) {
        if (!is_blank(*text))
            out[n++] = *text;
        else if (n && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    if (n && out[n - 1] == ' ') n--;
    out[n] = 0;
    return out;
}

static bool refuse(const Line *line, const char *meant, const char *what) {
    sim_node_report(line->l->arena, line->l->out, "E160", line->node, GRAMMAR, meant,
                    "\"%.80s\": %s", line->expect.text, what);
    return false;
}

static const char *const op_words[] = {"<=", "<", ">=", ">", "==", "!="};

/* Finds the operator; cuts the text around it. The arrow of a port's name is none. */
static bool split_op(Line *line, char *text, char **left, char **right) {
    size_t at = strcspn(text, "<>=!");
    while (at && text[at] == '>' && text[at - 1] == '-')
        at += 1 + strcspn(text + at + 1, "<>=!");
    if (!text[at]) return refuse(line, NULL, "there is no comparison");
    size_t width = text[at + 1] == '=' ? 2 : 1;
    bool known = false;
    for (int i = 0; i < 6; i++) {
        if (strlen(op_words[i]) != width || strncmp(text + at, op_words[i], width) != 0) continue;
        line->expect.op = (SimOp)i;
        known = true;
    }
    if (!known) return refuse(line, text[at] == '=' ? "==" : NULL, "the comparison is unknown");
    *right = text + at + width;
    *right += **right == ' ';
    text[at] = 0;
    if (at && text[at - 1] == ' ') text[at - 1] = 0;
    *left = text;
    return true;
}

/* The longest name of an item that the text begins with before a dot; else up to the first dot. */
static size_t entity_length(const SimLoader *l, const char *text) {
    size_t found = 0;
    char *head = g_strdup(text);
    for (size_t i = strlen(text); i-- > 0;) {
        if (head[i] != '.') continue;
        head[i] = 0;
        if (sim_refs_known(l, head)) {
            found = i;
            break;
        }
    }
    g_free(head);
    return found ? found : strcspn(text, ".");
}

static bool read_subject(Line *line, const char *text) {
    size_t n = entity_length(line->l, text);
    if (strchr(text, ' ')) return refuse(line, NULL, "there is a blank within entity.metric");
    if (n == 0 || !text[n] || !text[n + 1])
        return refuse(line, NULL, "entity.metric is missing a part");
    char *entity = sim_arena_strdup(line->l->arena, text);
    entity[n] = 0;
    line->expect.entity = entity;
    line->expect.metric = sim_arena_strdup(line->l->arena, text + n + 1);
    return true;
}

/* "1ms", "1 ms" */
static bool read_quantity(Line *line, char *text) {
    SimValueError error;
    char *blank = strchr(text, ' ');
    if (blank && blank[1] && !strchr(blank + 1, ' ')) memmove(blank, blank + 1, strlen(blank));
    if (sim_quantity_parse(text, &line->expect.num, &line->expect.den, &line->expect.unit, &error))
        return true;
    sim_node_report(line->l->arena, line->l->out, error.code, line->node, error.allowed,
                    error.meant, "%s", error.text);
    return false;
}

/* Whether the window is missing because of something that was reported already. */
static bool window_may_be(const SimLoader *l, const char *name) {
    bool any = sim_diagnostics_errors(l->out) > 0;
    bool own = strcmp(name, "healthy") == 0 || strcmp(name, "recovered") == 0;
    for (uint32_t i = 0; any && i < l->n_sections; i++) {
        const SimSection *section = &l->sections[i];
        if (!section->kind->window) continue;
        if (own || section->open || g_hash_table_contains(section->symbols, name)) return true;
    }
    return false;
}

static const SimWindow *need_window(Line *line, const SimNode *at, const char *name) {
    SimLoader *l = line->l;
    const SimWindow *window = sim_window_find(l->scenario, name);
    if (window || !l->scenario->n_windows || window_may_be(l, name)) return window;
    SimGuess guess;
    GString *names = g_string_new(NULL);
    sim_guess_init(&guess, name, &l->guesses);
    for (uint32_t i = 0; i < l->scenario->n_windows; i++) {
        const char *known = l->scenario->windows[i].name;
        sim_guess_offer(&guess, known);
        if (names->len < 300) g_string_append_printf(names, "%s%s", i ? ", " : "", known);
    }
    sim_node_report(l->arena, l->out, "E161", at, names->str, guess.best,
                    "there is no window \"%.60s\"", name);
    g_string_free(names, TRUE);
    return NULL;
}

static bool read_value(Line *line, char *text) {
    char *of = strstr(text, " of ");
    if (!of) return read_quantity(line, text);
    *of = 0;
    if (!read_quantity(line, text)) return false;
    if (strcmp(line->expect.unit, "ratio") != 0)
        return refuse(line, NULL, "only a ratio can be \"of\" a window, such as 80% of healthy");
    line->expect.of = sim_arena_strdup(line->l->arena, of + 4);
    need_window(line, line->node, line->expect.of);
    return true;
}

static bool read_phrase(Line *line, char *text, bool *good) {
    static const char under[] = "outage under ";
    if (strcmp(text, "no frame lost") == 0) {
        line->expect.entity = "run";
        line->expect.metric = "lost";
        line->expect.op = SIM_EQ;
        line->expect.den = 1;
        line->expect.unit = "";
        *good = true;
        return true;
    }
    if (strncmp(text, under, sizeof under - 1) != 0) return false;
    line->expect.entity = "*";
    line->expect.metric = "outage";
    line->expect.op = SIM_LT;
    *good = read_quantity(line, text + sizeof under - 1);
    if (*good && strcmp(line->expect.unit, "ns") != 0)
        *good = refuse(line, NULL, "an outage is compared with a time");
    return true;
}

/* ---- does it speak of something we know? ---- */

static bool kind_documented(const char *kind) {
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimMetricDoc *doc = (*model)->metrics; doc && doc->kind; doc++)
            if (strcmp(doc->kind, kind) == 0) return true;
    return false;
}

static void check_metric(const Line *line, const char *kind) {
    SimLoader *l = line->l;
    SimGuess guess;
    sim_guess_init(&guess, line->expect.metric, &l->guesses);
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimMetricDoc *doc = (*model)->metrics; doc && doc->kind; doc++) {
            if (strcmp(doc->kind, kind) != 0) continue;
            if (strcmp(doc->metric, line->expect.metric) == 0) return;
            sim_guess_offer(&guess, doc->metric);
        }
    sim_node_report(l->arena, l->out, "W160", line->node, NULL, guess.best,
                    "\"%.60s\" is no documented metric of a %s", line->expect.metric, kind);
}

static void check_subject(const Line *line) {
    SimLoader *l = line->l;
    const char *entity = line->expect.entity;
    const SimKind *kind = sim_refs_known(l, entity);
    if (strcmp(entity, "*") == 0 || strcmp(entity, "run") == 0) return;
    if (kind) {
        if (kind_documented(kind->kind)) check_metric(line, kind->kind);
        return;
    }
    if (strchr(entity, '/') || kind_documented(entity)) return; /* inside of an item: a port */
    SimGuess guess;
    sim_guess_init(&guess, entity, &l->guesses);
    for (uint32_t i = 0; i < l->n_sections; i++)
        for (uint32_t k = 0; k < l->sections[i].n; k++) {
            if (l->sections[i].items[k].open) return;
            sim_guess_offer(&guess, l->sections[i].items[k].base);
        }
    sim_node_report(l->arena, l->out, "W160", line->node, NULL, guess.best,
                    "no item has the name \"%.60s\"", entity);
}

/* ---- all lines ---- */

static bool read_line(Line *line) {
    char *text = tidy(line->l->arena, line->expect.text), *left, *right;
    bool good = false;
    if (read_phrase(line, text, &good)) return good;
    if (!split_op(line, text, &left, &right) || !read_subject(line, left)) return false;
    if (!read_value(line, right)) return false;
    check_subject(line);
    return true;
}

void sim_expect_read(SimLoader *l, const SimRaw *root) {
    SimScenario *s = l->scenario;
    const SimRaw *windows = root[l->header_form->n + l->n_sections].pointer;
    uint64_t at = 0;
    s->expects = SIM_NEW_N(l->arena, SimExpect, l->lines.n);
    for (uint32_t i = 0; i < l->lines.n; i++) {
        const SimExpectLine *source = &l->lines.items[i];
        bool first = i == 0 || source->window != l->lines.items[i - 1].window;
        if (first && i) windows++;
        at = first ? 0 : at + 1;
        const char *text = ((char **)windows->pointer)[at];
        SIM_CHECK(strcmp(text, source->node->text) == 0);
        Line line = {.l = l, .node = source->node};
        line.expect.text = sim_arena_strdup(l->arena, text);
        line.expect.window = source->window;
        line.expect.line = source->node->line;
        line.expect.column = source->node->column;
        if (first && source->window != NULL) {
            SimNode place = *source->node->parent; /* the list; its key is the window */
            place.line = place.key ? place.key_line : place.line;
            place.column = place.key ? place.key_column : place.column;
            need_window(&line, &place, source->window);
        }
        if (read_line(&line)) s->expects[s->n_expects++] = line.expect;
    }
}
