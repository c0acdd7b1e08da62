#include "models/fabric/cycles.h"

#include <stdlib.h>

enum { DEPENDENCIES_MOST = 50000000 };

/* ---- links ---- */

static int pair_compare(const void *a, const void *b) {
    const uint32_t *x = a, *y = b;
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;
    return x[1] < y[1] ? -1 : x[1] > y[1];
}

/* Both directions of every cable, each once, by switch. */
static void cycles_links(FabricCycles *c, const uint32_t *pair, uint32_t n) {
    uint32_t *both = SIM_NEW_N(c->arena, uint32_t, 4 * (size_t)n);
    for (uint32_t i = 0; i < n; i++) {
        both[4 * i] = both[4 * i + 3] = pair[2 * i];
        both[4 * i + 1] = both[4 * i + 2] = pair[2 * i + 1];
    }
    qsort(both, 2 * (size_t)n, 2 * sizeof *both, /* allow: qsort: equal pairs are alike */
          pair_compare);
    c->to = SIM_NEW_N(c->arena, uint32_t, 2 * (size_t)n);
    c->from = SIM_NEW_N(c->arena, uint32_t, 2 * (size_t)n);
    c->first = SIM_NEW_N(c->arena, uint32_t, (size_t)c->n_switches + 1);
    for (uint32_t i = 0; i < 2 * n; i++) {
        if (i && !pair_compare(&both[2 * i], &both[2 * i - 2])) continue;
        c->from[c->n_links] = both[2 * i];
        c->to[c->n_links++] = both[2 * i + 1];
        c->first[both[2 * i] + 1]++;
    }
    for (uint32_t i = 0; i < c->n_switches; i++)
        c->first[i + 1] += c->first[i];
}

FabricCycles *fabric_cycles_new(SimArena *arena, uint32_t n_switches, const uint32_t *pair,
                                uint32_t n) {
    FabricCycles *c = SIM_NEW(arena, FabricCycles);
    c->arena = arena;
    c->n_switches = n_switches;
    cycles_links(c, pair, n);
    c->depend = SIM_NEW_N(arena, uint64_t, (size_t)c->n_links + 1);
    for (uint32_t i = 0; i < c->n_links; i++)
        c->depend[i + 1] = c->depend[i] + c->first[c->to[i] + 1] - c->first[c->to[i]];
    if (c->depend[c->n_links] > DEPENDENCIES_MOST) return NULL;
    c->depends = SIM_NEW_N(arena, bool, c->depend[c->n_links]);
    return c;
}

uint32_t fabric_cycles_link(const FabricCycles *c, uint32_t from, uint32_t to) {
    uint32_t low = c->first[from], high = c->first[from + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (c->to[middle] < to)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->first[from + 1] && c->to[low] == to ? low : UINT32_MAX;
}

void fabric_cycles_add(FabricCycles *c, uint32_t a, uint32_t b) {
    c->depends[c->depend[a] + b - c->first[c->to[a]]] = true;
}

/* ---- rings ---- */

static bool link_depends(const FabricCycles *c, uint32_t a, uint32_t b) {
    return c->depends[c->depend[a] + b - c->first[c->to[a]]];
}

/* The first link that `a` depends on among those left; UINT32_MAX: none. */
static uint32_t link_next(const FabricCycles *c, const bool *gone, uint32_t a) {
    uint32_t v = c->to[a];
    for (uint32_t b = c->first[v]; b < c->first[v + 1]; b++)
        if (link_depends(c, a, b) && !gone[b]) return b;
    return UINT32_MAX;
}

/* Takes links away that depend on none of those left, until every one does. */
static void cycles_trim(const FabricCycles *c, bool *gone, uint32_t *stack) {
    uint32_t n = 0;
    for (uint32_t a = 0; a < c->n_links; a++)
        if (link_next(c, gone, a) == UINT32_MAX) stack[n++] = a;
    for (uint32_t i = 0; i < n; i++)
        gone[stack[i]] = true;
    while (n) {
        uint32_t b = stack[--n], u = c->from[b];
        for (uint32_t k = c->first[u]; k < c->first[u + 1]; k++) { /* links into where b begins */
            uint32_t a = fabric_cycles_link(c, c->to[k], u);
            if (gone[a] || !link_depends(c, a, b) || link_next(c, gone, a) != UINT32_MAX) continue;
            gone[a] = true;
            stack[n++] = a;
        }
    }
}

uint32_t fabric_cycles_find(const FabricCycles *c, uint32_t *ring, uint32_t room) {
    bool *gone = SIM_NEW_N(c->arena, bool, c->n_links);
    cycles_trim(c, gone, SIM_NEW_N(c->arena, uint32_t, c->n_links));
    uint32_t at = 0, length = 0;
    while (at < c->n_links && gone[at])
        at++;
    if (at == c->n_links) return 0;
    for (uint32_t i = 0; i < c->n_links; i++) /* whoever goes on long enough is in a ring */
        at = link_next(c, gone, at);
    uint32_t first = at; /* told from its lowest link on */
    for (uint32_t b = link_next(c, gone, at); b != at; b = link_next(c, gone, b))
        if (b < first) first = b;
    at = first;
    do {
        if (length < room) ring[length] = at;
        length++;
        at = link_next(c, gone, at);
    } while (at != first);
    return length;
}
