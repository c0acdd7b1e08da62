/* expect.c: see expect.h. */
#include "sim/report/expect.h"

#include <glib.h>
#include <string.h>

#include "sim/report/human.h"
#include "sim/report/json.h"

/* ---- exact comparison ---- */

typedef struct Wide {
    uint64_t limb[4]; /* least first */
} Wide;

static Wide wide_of(__int128 n) {
    unsigned __int128 size = n < 0 ? -(unsigned __int128)n : (unsigned __int128)n;
    return (Wide){{(uint64_t)size, (uint64_t)(size >> 64), 0, 0}};
}

static Wide times(Wide w, int64_t factor) {
    uint64_t size = factor < 0 ? -(uint64_t)factor : (uint64_t)factor;
    unsigned __int128 carry = 0;
    for (int i = 0; i < 4; i++) {
        carry += (unsigned __int128)w.limb[i] * size;
        w.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return w;
}

static int wide_compare(Wide a, Wide b) {
    for (int i = 3; i >= 0; i--)
        if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i] ? -1 : 1;
    return 0;
}

static int sign(__int128 n) {
    return (n > 0) - (n < 0);
}

/* got against num/den * base; none is null, denominators are positive. */
static int compare_to_share(SimValue got, int64_t num, int64_t den, SimValue base) {
    int left = sign(got.num), right = sign(num) * sign(base.num);
    if (left != right) return left < right ? -1 : 1;
    Wide a = times(times(wide_of(got.num), den), base.den);
    Wide b = times(times(wide_of(base.num), num), got.den);
    return left < 0 ? wide_compare(b, a) : wide_compare(a, b);
}

static bool holds(SimOp op, int order) {
    switch (op) {
    case SIM_LE:
        return order <= 0;
    case SIM_LT:
        return order < 0;
    case SIM_GE:
        return order >= 0;
    case SIM_GT:
        return order > 0;
    case SIM_EQ:
        return order == 0;
    case SIM_NE:
        return order != 0;
    }
    return false;
}

static const char *op_text(SimOp op) {
    static const char *const text[] = {"<=", "<", ">=", ">", "==", "!="};
    return text[op];
}

/* ---- finding what a line speaks of ---- */

typedef struct Figure {
    const char *entity, *metric, *unit;
    int decimals;
    const SimValue *values; /* NULL: not found */
} Figure;

static bool is_named(const SimRow *row, const char *metric) {
    if (strcmp(row->metric, metric) == 0) return true;
    char *key = sim_json_key(row->kind, row->metric, row->unit);
    const char *plain = g_str_has_prefix(key, "latency_ns.") ? strchr(key, '.') + 1 : key;
    char *suffixed = g_strconcat(row->metric, "_", row->unit, NULL);
    bool same =
        strcmp(plain, metric) == 0 || strcmp(key, metric) == 0 || strcmp(suffixed, metric) == 0;
    g_free(suffixed);
    g_free(key);
    return same;
}

static Figure find_as(const SimResult *r, const char *entity, const char *metric) {
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->entity, entity) == 0 && is_named(row, metric))
            return (Figure){row->entity, row->metric, row->unit, row->decimals, row->value};
    }
    for (uint32_t i = 0; i < r->resources.n; i++) {
        const SimResourceRow *row = &r->resources.items[i];
        if (strcmp(row->name, entity) != 0) continue;
        if (strcmp(metric, "utilization") == 0)
            return (Figure){row->name, "utilization", "ratio", 6, row->utilization};
        if (strcmp(metric, "blocked") == 0)
            return (Figure){row->name, "blocked", "ratio", 6, row->blocked};
    }
    return (Figure){0};
}

static Figure find_figure(const SimResult *r, const char *entity, const char *metric) {
    Figure found = find_as(r, entity, metric);
    if (found.values != NULL) return found;
    char *of_all = g_strconcat("all.", metric, NULL);
    found = find_as(r, entity, of_all);
    g_free(of_all);
    return found;
}

static bool find_window(const SimResult *r, const char *name, uint32_t *window) {
    for (uint32_t i = 0; i < r->n_windows; i++)
        if (strcmp(r->windows[i].name, name) == 0) {
            *window = i;
            return true;
        }
    return false;
}

/* ---- nearest names ---- */

enum { LONGEST_NAME = 64, MOST_NAMES = 3 };

static int edit_distance(const char *a, const char *b) {
    size_t n = strlen(a), m = strlen(b);
    if (n > LONGEST_NAME || m > LONGEST_NAME) return LONGEST_NAME;
    int row[LONGEST_NAME + 1];
    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int replaced = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            int inserted = MIN(row[j], row[j - 1]) + 1;
            row[j] = MIN(replaced, inserted);
        }
    }
    return row[m];
}

typedef struct Nearest {
    const char *wanted;
    const char *name[MOST_NAMES];
    int distance[MOST_NAMES];
    int n;
} Nearest;

static void nearest_offer(Nearest *near, const char *name) {
    for (int i = 0; i < near->n; i++)
        if (strcmp(near->name[i], name) == 0) return;
    int distance = edit_distance(near->wanted, name), at = near->n;
    while (at > 0 && near->distance[at - 1] > distance)
        at--;
    if (at == MOST_NAMES) return;
    if (near->n < MOST_NAMES) near->n++;
    for (int i = near->n - 1; i > at; i--) {
        near->name[i] = near->name[i - 1];
        near->distance[i] = near->distance[i - 1];
    }
    near->name[at] = name;
    near->distance[at] = distance;
}

static const char *nearest_text(const Nearest *near, SimArena *arena) {
    const char *text = "";
    for (int i = 0; i < near->n; i++)
        text =
            sim_arena_printf(arena, "%s%s%s", text, i == 0 ? "; near it: " : ", ", near->name[i]);
    return text;
}

static const char *no_figure(const SimResult *r, const char *entity, const char *metric,
                             SimArena *arena) {
    if (strcmp(entity, "*") == 0)
        return sim_arena_printf(arena, "no workload has the metric %s", metric);
    Nearest entities = {.wanted = entity}, metrics = {.wanted = metric};
    bool known = false;
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        nearest_offer(&entities, row->entity);
        if (strcmp(row->entity, entity) != 0) continue;
        known = true;
        nearest_offer(&metrics, row->metric);
    }
    for (uint32_t i = 0; i < r->resources.n; i++) {
        nearest_offer(&entities, r->resources.items[i].name);
        if (strcmp(r->resources.items[i].name, entity) != 0) continue;
        known = true;
        nearest_offer(&metrics, "utilization");
        nearest_offer(&metrics, "blocked");
    }
    if (!known)
        return sim_arena_printf(arena, "nothing is named %s%s", entity,
                                nearest_text(&entities, arena));
    return sim_arena_printf(arena, "%s has no metric %s%s", entity, metric,
                            nearest_text(&metrics, arena));
}

static const char *no_window(const SimResult *r, const char *name, SimArena *arena) {
    Nearest windows = {.wanted = name};
    for (uint32_t i = 0; i < r->n_windows; i++)
        nearest_offer(&windows, r->windows[i].name);
    return sim_arena_printf(arena, "there is no window %s%s", name, nearest_text(&windows, arena));
}

/* ---- words ---- */

/* "1.21 ms (1211436 ns)"; the exact figure is left out where it is what is already said. */
static const char *figure_text(SimValue v, const char *unit, int decimals, SimArena *arena) {
    char human[SIM_HUMAN_TEXT], exact[SIM_VALUE_TEXT];
    sim_human(v, unit, human);
    int length = sim_value_print(v, decimals, exact, sizeof exact);
    if (decimals > 0 && v.den != 0) { /* 2000000.00 reads better as 2000000 */
        while (exact[length - 1] == '0')
            exact[--length] = 0;
        if (exact[length - 1] == '.') exact[--length] = 0;
    }
    if (v.den == 0 || strcmp(human, exact) == 0) return sim_arena_strdup(arena, human);
    bool named = strcmp(unit, "ratio") != 0 && unit[0] != 0;
    return sim_arena_printf(arena, "%s (%s%s%s)", human, exact, named ? " " : "",
                            named ? unit : "");
}

/* A limit of the metric's unit may be written without one only where it is 0. */
static bool fits_unit(const SimExpect *expect, const char *unit) {
    if (expect->of != NULL || strcmp(expect->unit, unit) == 0 || expect->num == 0) return true;
    bool plain = strcmp(unit, "") == 0 || strcmp(unit, "1/s") == 0 || strcmp(unit, "ratio") == 0;
    return plain && strcmp(expect->unit, "") == 0;
}

static const char *limit_text(const SimExpect *expect, const char *unit, SimArena *arena) {
    SimValue limit = {expect->num, expect->den};
    if (expect->of == NULL) return figure_text(limit, unit[0] != 0 ? unit : expect->unit, 6, arena);
    char share[SIM_HUMAN_TEXT];
    return sim_arena_printf(arena, "%s of %s", sim_human(limit, "ratio", share), expect->of);
}

static const char *expected_text(const SimExpect *expect, const char *entity, const char *unit,
                                 SimArena *arena) {
    bool windowed = strcmp(expect->window, "all") != 0;
    return sim_arena_printf(arena, "%s.%s %s %s%s%s", entity, expect->metric, op_text(expect->op),
                            limit_text(expect, unit, arena), windowed ? " in " : "",
                            windowed ? expect->window : "");
}

/* ---- evaluation ---- */

/* One line for one entity. */
typedef struct Trial {
    const SimResult *r;
    const SimExpect *expect;
    SimArena *arena;
    uint32_t window, of; /* of: only where expect->of is not NULL */
} Trial;

static void try_figure(const Trial *t, Figure figure, SimExpectLine *line) {
    const SimExpect *expect = t->expect;
    SimValue got = figure.values[t->window], base = {1, 1};
    line->expected = expected_text(expect, figure.entity, figure.unit, t->arena);
    line->got = figure_text(got, figure.unit, figure.decimals, t->arena);
    line->hint = sim_arena_printf(t->arena, "rackcast explain %s", figure.metric);
    if (!fits_unit(expect, figure.unit)) {
        line->got = sim_arena_printf(t->arena, "%s is in %s, the limit in %s", expect->metric,
                                     figure.unit[0] != 0 ? figure.unit : "plain numbers",
                                     expect->unit[0] != 0 ? expect->unit : "plain numbers");
        return;
    }
    if (expect->of != NULL) {
        base = figure.values[t->of];
        line->got = sim_arena_printf(t->arena, "%s; %s: %s", line->got, expect->of,
                                     figure_text(base, figure.unit, figure.decimals, t->arena));
    }
    if (got.den == 0 || base.den == 0) return; /* "no sample" is said */
    line->passed = holds(expect->op, compare_to_share(got, expect->num, expect->den, base));
}

/* Nearer to breaking the limit than what is told so far? */
static bool is_worse(SimOp op, SimValue value, SimValue worst) {
    int order = sim_value_compare(value, worst);
    return op == SIM_GE || op == SIM_GT ? order < 0 : order > 0;
}

/* Several entities: the worst of them is told. */
typedef struct Worst {
    SimExpectLine line;
    SimValue value;
    bool any;
} Worst;

static void worst_try(const Trial *t, const char *entity, const SimExpectLine *blank,
                      Worst *worst) {
    Figure figure = find_figure(t->r, entity, t->expect->metric);
    if (figure.values == NULL) return;
    SimExpectLine one = *blank;
    try_figure(t, figure, &one);
    SimValue value = figure.values[t->window];
    bool worse = !worst->any || (worst->line.passed && !one.passed) ||
                 (worst->line.passed == one.passed && is_worse(t->expect->op, value, worst->value));
    if (worse) *worst = (Worst){one, value, true};
}

/* "node" means node1, node2 ...; "node1..3" some of them; "*" every workload; the name of a kind
 * all of the kind. */
static bool is_meant(const char *pattern, const char *kind, const char *name) {
    if (strcmp(pattern, "*") == 0) return strcmp(kind, "workload") == 0;
    if (strcmp(pattern, kind) == 0) return true;
    const char *range = strstr(pattern, "..");
    size_t base = range != NULL ? (size_t)(range - pattern) : strlen(pattern);
    while (range != NULL && base > 0 && g_ascii_isdigit(pattern[base - 1]))
        base--;
    size_t digits = strspn(name + MIN(base, strlen(name)), "0123456789");
    if (strncmp(pattern, name, base) != 0 || digits == 0 || name[base + digits] != 0) return false;
    if (range == NULL) return true;
    guint64 number = g_ascii_strtoull(name + base, NULL, 10);
    return number >= g_ascii_strtoull(pattern + base, NULL, 10) &&
           number <= g_ascii_strtoull(range + 2, NULL, 10);
}

/* Every entity that the name stands for must pass. False where it stands for none. */
static bool try_several(const Trial *t, SimExpectLine *line) {
    const SimResult *r = t->r;
    const char *pattern = t->expect->entity, *last = NULL;
    Worst worst = {.value = SIM_NULL};
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (last != NULL && strcmp(last, row->entity) == 0) continue;
        last = row->entity;
        if (is_meant(pattern, row->kind, last)) worst_try(t, last, line, &worst);
    }
    for (uint32_t i = 0; i < r->resources.n; i++) {
        const SimResourceRow *row = &r->resources.items[i];
        if (is_meant(pattern, row->kind, row->name)) worst_try(t, row->name, line, &worst);
    }
    if (worst.any) *line = worst.line;
    return worst.any;
}

static void evaluate(const Trial *given, SimExpectLine *line) {
    Trial t = *given;
    const SimExpect *expect = t.expect;
    line->expect = expect;
    line->expected = sim_arena_strdup(t.arena, expect->text);
    line->hint = sim_arena_printf(t.arena, "rackcast explain %s", expect->metric);
    if (!find_window(t.r, expect->window, &t.window)) {
        line->got = no_window(t.r, expect->window, t.arena);
    } else if (expect->of != NULL && !find_window(t.r, expect->of, &t.of)) {
        line->got = no_window(t.r, expect->of, t.arena);
    } else if (expect->den <= 0) {
        line->got = "the limit is no number";
    } else {
        Figure figure = find_figure(t.r, expect->entity, expect->metric);
        if (figure.values != NULL)
            try_figure(&t, figure, line);
        else if (!try_several(&t, line))
            line->got = no_figure(t.r, expect->entity, expect->metric, t.arena);
    }
}

SimExpectReport *sim_expect_evaluate(const SimResult *r, const SimExpect *expects, uint32_t n) {
    SimExpectReport *report = g_new0(SimExpectReport, 1);
    sim_arena_init(&report->arena);
    report->lines = SIM_NEW_N(&report->arena, SimExpectLine, n);
    report->n = n;
    for (uint32_t i = 0; i < n; i++) {
        evaluate(&(Trial){r, &expects[i], &report->arena, 0, 0}, &report->lines[i]);
        report->failed += !report->lines[i].passed;
    }
    return report;
}

void sim_expect_free(SimExpectReport *report) {
    if (report == NULL) return;
    sim_arena_clear(&report->arena);
    g_free(report);
}
