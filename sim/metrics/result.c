/* result.c: see result.h. */
#include "sim/metrics/result.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"

SimResult *sim_result_new(uint32_t n_windows) {
    SIM_CHECK(n_windows > 0);
    SimResult *r = calloc(1, sizeof *r);
    if (r == NULL) sim_out_of_memory(sizeof *r);
    sim_arena_init(&r->arena);
    r->scenario = r->description = r->version = r->ingredients = "";
    r->n_windows = n_windows;
    r->windows = SIM_NEW_N(&r->arena, SimResultWindow, n_windows);
    r->bottlenecks = SIM_NEW_N(&r->arena, SimBottleneck, n_windows);
    for (uint32_t i = 0; i < n_windows; i++)
        r->windows[i].name = "";
    return r;
}

void sim_result_free(SimResult *r) {
    if (r == NULL) return;
    sim_arena_clear(&r->arena);
    free(r);
}

static char *copy(SimResult *r, const char *text) {
    return sim_arena_strdup(&r->arena, text);
}

SimValue *sim_result_row(SimResult *r, const char *kind, const char *entity, const char *metric,
                         const char *unit, int decimals) {
    SIM_CHECK(decimals >= 0 && decimals <= SIM_VALUE_DECIMALS);
    SimRow *row = SIM_PUSH(&r->arena, &r->rows);
    row->kind = copy(r, kind);
    row->entity = copy(r, entity);
    row->metric = copy(r, metric);
    row->unit = copy(r, unit);
    row->decimals = decimals;
    row->value = SIM_NEW_N(&r->arena, SimValue, r->n_windows); /* zeroed: SIM_NULL */
    return row->value;
}

SimResourceRow *sim_result_resource(SimResult *r, const char *name, const char *kind) {
    SimResourceRow *row = SIM_PUSH(&r->arena, &r->resources);
    row->name = copy(r, name);
    row->kind = copy(r, kind);
    row->utilization = SIM_NEW_N(&r->arena, SimValue, r->n_windows);
    row->blocked = SIM_NEW_N(&r->arena, SimValue, r->n_windows);
    return row;
}

void sim_result_audit(SimResult *r, const char *law, const char *entity, bool passed,
                      const char *format, ...) {
    va_list list;
    va_start(list, format);
    int length = vsnprintf(NULL, 0, format, list);
    va_end(list);
    SIM_CHECK(length >= 0);
    char *detail = sim_arena_alloc(&r->arena, (size_t)length + 1);
    va_start(list, format);
    vsnprintf(detail, (size_t)length + 1, format, list);
    va_end(list);

    SimAuditRow *row = SIM_PUSH(&r->arena, &r->audit);
    row->law = copy(r, law);
    row->entity = copy(r, entity);
    row->passed = passed;
    row->detail = detail;
}

SimFaultRow *sim_result_fault(SimResult *r, const char *name, const char *target) {
    SimFaultRow *row = SIM_PUSH(&r->arena, &r->faults);
    row->name = copy(r, name);
    row->target = copy(r, target);
    return row;
}

void sim_result_assume(SimResult *r, const char *id, const char *text, const char *source) {
    SimAssumptionRow *row = SIM_PUSH(&r->arena, &r->assumptions);
    row->id = copy(r, id);
    row->text = copy(r, text);
    row->source = copy(r, source == NULL ? "" : source);
}

SimDistribution *sim_result_distribution(SimResult *r, const char *entity, const char *metric) {
    SimDistribution *row = SIM_PUSH(&r->arena, &r->distributions);
    row->entity = copy(r, entity);
    row->metric = copy(r, metric);
    row->window = SIM_NEW_N(&r->arena, SimHistogram *, r->n_windows);
    return row;
}

SimSeriesRow *sim_result_series(SimResult *r, const char *entity, const char *metric,
                                const char *unit) {
    SimSeriesRow *row = SIM_PUSH(&r->arena, &r->series);
    row->entity = copy(r, entity);
    row->metric = copy(r, metric);
    row->unit = copy(r, unit);
    row->scale = 1;
    return row;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Compares the runs of digits at *a and *b as numbers of any length and steps over them. */
static int compare_numbers(const char **a, const char **b) {
    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    size_t length_a = 0, length_b = 0;
    while (is_digit((*a)[length_a]))
        length_a++;
    while (is_digit((*b)[length_b]))
        length_b++;
    if (length_a != length_b) return length_a < length_b ? -1 : 1;
    int order = memcmp(*a, *b, length_a);
    *a += length_a;
    *b += length_b;
    return order;
}

int sim_name_compare(const char *a, const char *b) {
    const char *p = a, *q = b;
    while (*p != 0 || *q != 0) {
        int order;
        if (is_digit(*p) && is_digit(*q)) {
            order = compare_numbers(&p, &q);
        } else {
            order = (int)(unsigned char)*p - (int)(unsigned char)*q;
            p++, q++; /* where one has ended the bytes differ, and the loop with them */
        }
        if (order != 0) return order < 0 ? -1 : 1;
    }
    return strcmp(a, b);
}

static int row_order(const void *a, const void *b) {
    const SimRow *p = a, *q = b;
    int order = sim_name_compare(p->kind, q->kind);
    if (order == 0) order = sim_name_compare(p->entity, q->entity);
    return order != 0 ? order : sim_name_compare(p->metric, q->metric);
}

static int audit_order(const void *a, const void *b) {
    const SimAuditRow *p = a, *q = b;
    int order = sim_name_compare(p->law, q->law);
    if (order == 0) order = sim_name_compare(p->entity, q->entity);
    if (order == 0) order = (int)p->passed - (int)q->passed;
    return order != 0 ? order : strcmp(p->detail, q->detail);
}

static int resource_order(const void *a, const void *b) {
    const SimResourceRow *p = a, *q = b;
    int order = sim_name_compare(p->name, q->name);
    return order != 0 ? order : sim_name_compare(p->kind, q->kind);
}

static int assumption_order(const void *a, const void *b) {
    const SimAssumptionRow *p = a, *q = b;
    int order = sim_name_compare(p->id, q->id);
    if (order == 0) order = strcmp(p->text, q->text);
    return order != 0 ? order : strcmp(p->source, q->source);
}

static void sort(void *items, uint32_t n, size_t size, int (*order)(const void *, const void *)) {
    if (n > 1) qsort(items, n, size, order);
}

void sim_result_freeze(SimResult *r) {
    sort(r->rows.items, r->rows.n, sizeof *r->rows.items, row_order);
    sort(r->audit.items, r->audit.n, sizeof *r->audit.items, audit_order);
    sort(r->resources.items, r->resources.n, sizeof *r->resources.items, resource_order);
    sort(r->assumptions.items, r->assumptions.n, sizeof *r->assumptions.items, assumption_order);

    for (uint32_t i = 1; i < r->rows.n; i++)
        SIM_CHECK(row_order(&r->rows.items[i - 1], &r->rows.items[i]) != 0);
    for (uint32_t i = 1; i < r->resources.n; i++)
        SIM_CHECK(strcmp(r->resources.items[i - 1].name, r->resources.items[i].name) != 0);

    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->assumptions.n; i++) {
        SimAssumptionRow row = r->assumptions.items[i];
        if (kept == 0 || strcmp(r->assumptions.items[kept - 1].id, row.id) != 0)
            r->assumptions.items[kept++] = row;
    }
    r->assumptions.n = kept;
}

const SimRow *sim_result_find(const SimResult *r, const char *entity, const char *metric) {
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->metric, metric) == 0 && strcmp(row->entity, entity) == 0) return row;
    }
    return NULL;
}
