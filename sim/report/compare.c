/* compare.c: see compare.h. */
#include "sim/report/compare.h"

#include <glib.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/human.h"
#include "sim/report/jsontree.h"
#include "sim/report/page.h"

enum { MOST_INPUTS = 40, MOST_CHANGES = 40 }; /* in the text; JSON has all */
#define MOST_CELLS 4000000u                   /* of the table behind the line diff: 16 MB */

/* ---- inputs ---- */

typedef struct Lines {
    char **text;
    uint32_t n;
} Lines;

static void add_input(SimComparison *c, GPtrArray *inputs, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
static void add_input(SimComparison *c, GPtrArray *inputs, const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = g_strdup_vprintf(format, list);
    va_end(list);
    g_ptr_array_add(inputs, sim_arena_strdup(&c->arena, text));
    g_free(text);
}

/* Length of the longest common subsequence of a[i..] and b[j..], for every i and j. */
static uint32_t *common_lengths(char **a, uint32_t n, char **b, uint32_t m) {
    uint32_t *table = g_new0(uint32_t, (size_t)(n + 1) * (m + 1));
    for (uint32_t i = n; i-- > 0;)
        for (uint32_t j = m; j-- > 0;) {
            uint32_t *cell = &table[(size_t)i * (m + 1) + j];
            uint32_t below = cell[m + 1], right = cell[1];
            *cell = strcmp(a[i], b[j]) == 0 ? cell[m + 2] + 1 : MAX(below, right);
        }
    return table;
}

/* The lines that differ between a and b, which have no common beginning or end. Texts too long
 * for the table are told as wholly different. */
static void diff_middle(SimComparison *c, GPtrArray *inputs, Lines a, Lines b, uint32_t skipped) {
    bool small = (uint64_t)(a.n + 1) * (b.n + 1) <= MOST_CELLS;
    uint32_t *table = small ? common_lengths(a.text, a.n, b.text, b.n) : NULL;
    for (uint32_t i = 0, j = 0; i < a.n || j < b.n;) {
        if (small && i < a.n && j < b.n && strcmp(a.text[i], b.text[j]) == 0) {
            i++, j++;
            continue;
        }
        bool remove = i < a.n && (j == b.n || !small ||
                                  table[(size_t)(i + 1) * (b.n + 1) + j] >=
                                      table[(size_t)i * (b.n + 1) + j + 1]);
        if (remove) {
            add_input(c, inputs, "- %u: %s", skipped + i + 1, g_strchug(a.text[i]));
            i++;
        } else {
            add_input(c, inputs, "+ %u: %s", skipped + j + 1, g_strchug(b.text[j]));
            j++;
        }
    }
    g_free(table);
}

static void diff_lines(SimComparison *c, GPtrArray *inputs, const char *a, const char *b) {
    Lines p = {g_strsplit(a, "\n", -1), 0}, q = {g_strsplit(b, "\n", -1), 0};
    p.n = g_strv_length(p.text);
    q.n = g_strv_length(q.text);
    uint32_t head = 0;
    while (head < p.n && head < q.n && strcmp(p.text[head], q.text[head]) == 0)
        head++;
    Lines left = {p.text + head, p.n - head}, right = {q.text + head, q.n - head};
    while (left.n > 0 && right.n > 0 && strcmp(left.text[left.n - 1], right.text[right.n - 1]) == 0)
        left.n--, right.n--;
    diff_middle(c, inputs, left, right, head);
    g_strfreev(p.text);
    g_strfreev(q.text);
}

static void diff_text(SimComparison *c, GPtrArray *inputs, const char *what, const char *a,
                      const char *b) {
    if (g_strcmp0(a, b) != 0) add_input(c, inputs, "%s: %s -> %s", what, a, b);
}

static void diff_time(SimComparison *c, GPtrArray *inputs, const char *what, SimTime a, SimTime b) {
    char p[SIM_HUMAN_TEXT], q[SIM_HUMAN_TEXT];
    if (a != b)
        add_input(c, inputs, "%s: %s -> %s", what, sim_human_time(a, p), sim_human_time(b, q));
}

static void diff_inputs(SimComparison *c, const SimResult *a, const SimResult *b) {
    GPtrArray *inputs = g_ptr_array_new();
    diff_text(c, inputs, "version", a->version, b->version);
    diff_text(c, inputs, "scenario", a->scenario, b->scenario);
    if (a->seed != b->seed) add_input(c, inputs, "seed: %" PRIu64 " -> %" PRIu64, a->seed, b->seed);
    diff_time(c, inputs, "warmup", a->warmup, b->warmup);
    diff_time(c, inputs, "duration", a->duration, b->duration);
    diff_text(c, inputs, "complete", a->complete ? "yes" : "no", b->complete ? "yes" : "no");
    if (a->effective != NULL && b->effective != NULL)
        diff_lines(c, inputs, a->effective, b->effective);
    else
        diff_text(c, inputs, "description", a->description, b->description);
    c->n_inputs = inputs->len;
    c->inputs = SIM_NEW_N(&c->arena, const char *, inputs->len);
    for (guint i = 0; i < inputs->len; i++)
        c->inputs[i] = inputs->pdata[i];
    g_ptr_array_free(inputs, TRUE);
}

/* ---- metrics ---- */

typedef struct Cells {
    SimComparison *c;
    GHashTable *by_name; /* SimChange by kind, entity, metric, window */
    GPtrArray *list;
    bool second; /* now reading b */
} Cells;

static void add_cells(Cells *cells, const SimResult *r, const char *kind, const char *entity,
                      const char *metric, const char *unit, const SimValue *values, int decimals) {
    for (uint32_t w = 0; w < r->n_windows; w++) {
        const char *window = r->windows[w].name;
        char *name = g_strjoin("\n", kind, entity, metric, window, NULL);
        SimChange *change = g_hash_table_lookup(cells->by_name, name);
        if (change == NULL) {
            change = SIM_NEW(&cells->c->arena, SimChange);
            *change = (SimChange){
                .kind = kind, .entity = entity, .metric = metric, .window = window, .unit = unit};
            g_hash_table_insert(cells->by_name, g_strdup(name), change);
            g_ptr_array_add(cells->list, change);
        }
        g_free(name);
        if (decimals > change->decimals) change->decimals = decimals;
        *(cells->second ? &change->in_b : &change->in_a) = true;
        *(cells->second ? &change->b : &change->a) = values[w];
    }
}

static void add_result(Cells *cells, const SimResult *r) {
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        add_cells(cells, r, row->kind, row->entity, row->metric, row->unit, row->value,
                  row->decimals);
    }
    for (uint32_t i = 0; i < r->resources.n; i++) {
        const SimResourceRow *row = &r->resources.items[i];
        add_cells(cells, r, "resource", row->name, "utilization", "ratio", row->utilization, 6);
        add_cells(cells, r, "resource", row->name, "blocked", "ratio", row->blocked, 6);
    }
}

static SimValue fraction(__int128 num, __int128 den) {
    if (den < 0) num = -num, den = -den;
    return den == 0 || den > INT64_MAX ? SIM_NULL : (SimValue){num, (int64_t)den};
}

/* |b - a| / |a| in ppm, rounded up. */
static int64_t relative_ppm(__int128 a, __int128 difference) {
    unsigned __int128 from = a < 0 ? -(unsigned __int128)a : (unsigned __int128)a;
    unsigned __int128 by =
        difference < 0 ? -(unsigned __int128)difference : (unsigned __int128)difference;
    if (by == 0) return 0;
    unsigned __int128 scaled;
    if (from == 0 || __builtin_mul_overflow(by, (unsigned __int128)1000000, &scaled))
        return SIM_CHANGE_BEYOND;
    scaled = scaled / from + (scaled % from != 0);
    return scaled < (unsigned __int128)SIM_CHANGE_BEYOND ? (int64_t)scaled : SIM_CHANGE_BEYOND;
}

/* Returns whether a and b differ at all. */
static bool judge(SimChange *change) {
    change->difference = change->ratio = SIM_NULL;
    change->ppm = SIM_CHANGE_BEYOND;
    if (!change->in_a || !change->in_b) return true;
    if (change->a.den == 0 || change->b.den == 0) return change->a.den != change->b.den;
    __int128 a, b, difference;
    if (!sim_value_scale(change->a, change->decimals, &a) ||
        !sim_value_scale(change->b, change->decimals, &b) ||
        __builtin_sub_overflow(b, a, &difference))
        return sim_value_compare(change->a, change->b) != 0;
    int64_t ten = 1;
    for (int i = 0; i < change->decimals; i++)
        ten *= 10;
    change->difference = fraction(difference, ten);
    change->ratio = fraction(b, a);
    change->ppm = relative_ppm(a, difference);
    return difference != 0;
}

static int by_change(const void *a, const void *b) {
    const SimChange *p = a, *q = b;
    if (p->ppm != q->ppm) return p->ppm > q->ppm ? -1 : 1;
    int order = sim_name_compare(p->kind, q->kind);
    if (order == 0) order = sim_name_compare(p->entity, q->entity);
    if (order == 0) order = sim_name_compare(p->metric, q->metric);
    return order != 0 ? order : sim_name_compare(p->window, q->window);
}

static void diff_metrics(SimComparison *c, const SimResult *a, const SimResult *b) {
    Cells cells = {c, g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                   g_ptr_array_new(), false};
    add_result(&cells, a);
    cells.second = true;
    add_result(&cells, b);
    c->changes = SIM_NEW_N(&c->arena, SimChange, cells.list->len);
    for (guint i = 0; i < cells.list->len; i++) {
        SimChange *change = cells.list->pdata[i];
        if (judge(change))
            c->changes[c->n_changes++] = *change;
        else
            c->equal++;
    }
    if (c->n_changes > 1) qsort(c->changes, c->n_changes, sizeof *c->changes, by_change);
    for (uint32_t i = 0; i < c->n_changes; i++)
        c->beyond += c->threshold >= 0 && c->changes[i].ppm > c->threshold;
    g_hash_table_destroy(cells.by_name);
    g_ptr_array_free(cells.list, TRUE);
}

SimComparison *sim_compare(const SimResult *a, const SimResult *b, const char *name_a,
                           const char *name_b, int64_t threshold_ppm) {
    SimComparison *c = g_new0(SimComparison, 1);
    sim_arena_init(&c->arena);
    c->name_a = sim_arena_strdup(&c->arena, name_a);
    c->name_b = sim_arena_strdup(&c->arena, name_b);
    c->threshold = threshold_ppm;
    diff_inputs(c, a, b);
    diff_metrics(c, a, b);
    return c;
}

void sim_compare_free(SimComparison *c) {
    if (c == NULL) return;
    sim_arena_clear(&c->arena);
    g_free(c);
}

bool sim_compare_exceeds(const SimComparison *c) {
    return c->beyond > 0;
}

/* ---- print ---- */

static void print_inputs(const SimPage *page, const SimComparison *c) {
    sim_page_heading(page, c->n_inputs > 0 ? "Inputs that differ" : "Inputs are the same");
    for (uint32_t i = 0; i < MIN(c->n_inputs, MOST_INPUTS); i++) {
        SimInk ink = c->inputs[i][0] == '-'   ? SIM_BAD
                     : c->inputs[i][0] == '+' ? SIM_GOOD
                                              : SIM_PLAIN;
        char *line = sim_page_cut(page, c->inputs[i], SIM_TEXT_WIDTH - 2);
        fputs("  ", page->out);
        sim_page_ink(page, ink, line);
        fputc('\n', page->out);
        g_free(line);
    }
    if (c->n_inputs > MOST_INPUTS)
        fprintf(page->out, "  and %u more lines\n", c->n_inputs - MOST_INPUTS);
}

static const char *figure(bool present, SimValue v, const char *unit, char *buffer) {
    if (!present) return "none";
    return v.den == 0 ? "null" : sim_human(v, unit, buffer);
}

static void print_change(const SimPage *page, const SimComparison *c, const SimChange *change) {
    char a[SIM_HUMAN_TEXT], b[SIM_HUMAN_TEXT], by[SIM_HUMAN_TEXT], share[SIM_HUMAN_TEXT] = "-";
    char *name = g_strconcat(change->entity, ".", change->metric, NULL);
    const char *difference = figure(true, change->difference, change->unit, by);
    if (change->ratio.den != 0) {
        SimValue more = {change->ratio.num - change->ratio.den, change->ratio.den};
        sim_human(more, "ratio", share);
    }
    bool beyond = c->threshold >= 0 && change->ppm > c->threshold;
    fputs("  ", page->out);
    sim_page_cell(page, beyond ? SIM_BAD : SIM_PLAIN, name, 27);
    fputc(' ', page->out);
    sim_page_cell(page, SIM_DIM, change->window, 10);
    const char *cells[] = {figure(change->in_a, change->a, change->unit, a),
                           figure(change->in_b, change->b, change->unit, b),
                           strcmp(difference, "null") == 0 ? "-" : difference, share};
    for (size_t i = 0; i < G_N_ELEMENTS(cells); i++) {
        fputc(' ', page->out);
        sim_page_cell(page, SIM_PLAIN, cells[i], -9);
    }
    fputc('\n', page->out);
    g_free(name);
}

bool sim_compare_text(const SimComparison *c, const SimTextOptions *options, FILE *out) {
    SimPage page = {out, options->colour, options->utf8};
    char limit[SIM_HUMAN_TEXT];
    char *title = g_strdup_printf("A: %s", c->name_a), *other = g_strdup_printf("B: %s", c->name_b);
    sim_page_wrap(&page, title, 0, 3);
    sim_page_wrap(&page, other, 0, 3);
    g_free(title);
    g_free(other);
    print_inputs(&page, c);
    sim_page_heading(&page, c->n_changes > 0 ? "Metrics, largest change first" : "Metrics");
    if (c->n_changes > 0)
        fprintf(out, "  %-27s %-10s %9s %9s %9s %9s\n", "", "", "A", "B", "B - A", "change");
    for (uint32_t i = 0; i < MIN(c->n_changes, MOST_CHANGES); i++)
        print_change(&page, c, &c->changes[i]);
    if (c->n_changes > MOST_CHANGES)
        fprintf(out, "  and %u more that differ\n", c->n_changes - MOST_CHANGES);
    fprintf(out, "  %u figures are equal, %u differ", c->equal, c->n_changes);
    if (c->threshold >= 0)
        fprintf(out, ", %u by more than %s", c->beyond,
                sim_human((SimValue){c->threshold, 1000000}, "ratio", limit));
    fputc('\n', out);
    return !ferror(out);
}

bool sim_compare_json(const SimComparison *c, FILE *out) {
    SimArena arena;
    sim_arena_init(&arena);
    SimJson *root = sim_json_object(&arena), *inputs = sim_json_array(&arena),
            *metrics = sim_json_array(&arena);
    for (uint32_t i = 0; i < c->n_inputs; i++)
        sim_json_append(&arena, inputs, sim_json_text(&arena, c->inputs[i]));
    for (uint32_t i = 0; i < c->n_changes; i++) {
        const SimChange *change = &c->changes[i];
        SimJson *item = sim_json_object(&arena);
        SimValue ppm = change->ppm == SIM_CHANGE_BEYOND ? SIM_NULL : (SimValue){change->ppm, 1};
        bool beyond = c->threshold >= 0 && change->ppm > c->threshold;
        int decimals = change->decimals;
        sim_json_put(&arena, item, "kind", sim_json_text(&arena, change->kind));
        sim_json_put(&arena, item, "entity", sim_json_text(&arena, change->entity));
        sim_json_put(&arena, item, "metric", sim_json_text(&arena, change->metric));
        sim_json_put(&arena, item, "window", sim_json_text(&arena, change->window));
        sim_json_put(&arena, item, "unit", sim_json_text(&arena, change->unit));
        sim_json_put(&arena, item, "in_a", sim_json_bool(&arena, change->in_a));
        sim_json_put(&arena, item, "in_b", sim_json_bool(&arena, change->in_b));
        sim_json_put(&arena, item, "a", sim_json_value(&arena, change->a, decimals));
        sim_json_put(&arena, item, "b", sim_json_value(&arena, change->b, decimals));
        sim_json_put(&arena, item, "difference",
                     sim_json_value(&arena, change->difference, decimals));
        sim_json_put(&arena, item, "ratio", sim_json_value(&arena, change->ratio, 6));
        sim_json_put(&arena, item, "change_ppm", sim_json_value(&arena, ppm, 0));
        sim_json_put(&arena, item, "beyond", sim_json_bool(&arena, beyond));
        sim_json_append(&arena, metrics, item);
    }
    SimValue threshold = c->threshold < 0 ? SIM_NULL : (SimValue){c->threshold, 1};
    sim_json_put(&arena, root, "a", sim_json_text(&arena, c->name_a));
    sim_json_put(&arena, root, "b", sim_json_text(&arena, c->name_b));
    sim_json_put(&arena, root, "inputs", inputs);
    sim_json_put(&arena, root, "metrics", metrics);
    sim_json_put(&arena, root, "equal", sim_json_integer(&arena, c->equal));
    sim_json_put(&arena, root, "beyond", sim_json_integer(&arena, c->beyond));
    sim_json_put(&arena, root, "threshold_ppm", sim_json_value(&arena, threshold, 0));
    bool ok = sim_json_print(root, out);
    sim_arena_clear(&arena);
    return ok;
}
