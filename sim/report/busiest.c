/* busiest.c: see busiest.h. */
#include "sim/report/busiest.h"

#include <string.h>

static SimValue use_of(const SimResourceRow *row) {
    return row->utilization[0].den != 0 ? row->utilization[0] : (SimValue){0, 1};
}

static int by_use(gconstpointer a, gconstpointer b) {
    const SimResourceRow *p = *(const SimResourceRow *const *)a,
                         *q = *(const SimResourceRow *const *)b;
    int order = sim_value_compare(use_of(q), use_of(p));
    return order != 0 ? order : sim_name_compare(p->name, q->name);
}

static uint32_t of_kind(const GPtrArray *list, const char *kind) {
    uint32_t n = 0;
    for (guint i = 0; i < list->len; i++)
        n += strcmp(((const SimResourceRow *)list->pdata[i])->kind, kind) == 0;
    return n;
}

GPtrArray *sim_busiest(const SimResult *r, uint32_t most, uint32_t a_kind) {
    GPtrArray *all = g_ptr_array_new(), *list = g_ptr_array_new();
    for (uint32_t i = 0; i < r->resources.n; i++)
        g_ptr_array_add(all, &r->resources.items[i]);
    g_ptr_array_sort(all, by_use);
    for (guint i = 0; i < all->len && list->len < most; i++) {
        const SimResourceRow *row = all->pdata[i];
        if (of_kind(list, row->kind) < a_kind) g_ptr_array_add(list, (gpointer)row);
    }
    g_ptr_array_free(all, TRUE);
    return list;
}
