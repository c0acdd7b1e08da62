/* lint_cycles.c: the ways of lossless frames, and the rings they close; see lint.h.
 *
 * Frames take all shortest ways between the switches that hosts are at, and the ways given by hand.
 * Of hosts at one switch only those that a way by hand names are told apart. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/cycles.h"
#include "models/fabric/params.h"
#include "models/nic/lint.h"

enum { RING_SHOWN = 8, TEXT_MOST = 512, ANY = -1 };
#define STEPS_MOST UINT64_C(1000000000) /* a second or so */

typedef struct Paths {
    const SimScenario *scenario;
    const NicCabling *cabling;
    FabricCycles *graph;
    uint32_t n_switches, n_hosts, n_routes;
    const FabricSwitchParams *sw;
    const FabricRouteParams *route;
    uint32_t *home;     /* by host: 1 + its first switch; 0: none */
    bool *homes;        /* by switch: hosts are there */
    uint32_t *distance; /* to the switch looked at */
    uint32_t *order;    /* switches by distance */
    bool *active;       /* by switch: frames to it come by */
    bool *seen;         /* by link */
    uint32_t *stack;
} Paths;

static void paths_depend(Paths *p, uint32_t a, uint32_t b) {
    if (p->sw[p->graph->to[a]].dcb) fabric_cycles_add(p->graph, a, b);
}

/* Hops to switch `to` from all others; returns how many reach it. */
static uint32_t paths_measure(Paths *p, uint32_t to) {
    const FabricCycles *g = p->graph;
    uint32_t head = 0, tail = 0;
    for (uint32_t i = 0; i < p->n_switches; i++)
        p->distance[i] = UINT32_MAX;
    p->distance[to] = 0;
    p->order[tail++] = to;
    while (head < tail) {
        uint32_t at = p->order[head++];
        for (uint32_t k = g->first[at]; k < g->first[at + 1]; k++) {
            if (p->distance[g->to[k]] != UINT32_MAX) continue;
            p->distance[g->to[k]] = p->distance[at] + 1;
            p->order[tail++] = g->to[k];
        }
    }
    return tail;
}

/* From every switch with hosts to `to`, the farthest first. */
static void paths_shortest(Paths *p, uint32_t to) {
    const FabricCycles *g = p->graph;
    uint32_t n = paths_measure(p, to);
    memcpy(p->active, p->homes, p->n_switches * sizeof *p->active);
    for (uint32_t i = n; i-- > 1;) {
        uint32_t u = p->order[i];
        if (!p->active[u]) continue;
        for (uint32_t a = g->first[u]; a < g->first[u + 1]; a++) {
            uint32_t v = g->to[a];
            if (p->distance[v] + 1 != p->distance[u]) continue;
            p->active[v] = true;
            for (uint32_t b = g->first[v]; b < g->first[v + 1]; b++)
                if (p->distance[g->to[b]] + 1 == p->distance[v]) paths_depend(p, a, b);
        }
    }
}

/* ---- ways by hand ---- */

static bool refs_name(const SimRefs *refs, uint32_t host) {
    for (uint32_t i = 0; i < refs->n; i++)
        if (refs->items[i].index == host) return true;
    return false;
}

/* The way by hand at a switch for data from a host (ANY: one that none names) to another. */
static const FabricRouteParams *paths_by_hand(const Paths *p, uint32_t at, int64_t from,
                                              uint32_t to) {
    const FabricRouteParams *found = NULL;
    for (uint32_t i = 0; i < p->n_routes; i++) {
        const FabricRouteParams *r = &p->route[i];
        if (r->at.items[0].index != at || r->frames == FABRIC_ACKS || !refs_name(&r->to, to))
            continue;
        if (from != ANY && refs_name(&r->from, (uint32_t)from)) return r;
        if (!r->from.n && !found) found = r;
    }
    return found;
}

static uint32_t route_link(const Paths *p, uint32_t at, const FabricRouteParams *r) {
    const SimRef *via = &r->via.items[0];
    if (strcmp(via->kind->kind, "switch") != 0) return UINT32_MAX;
    return fabric_cycles_link(p->graph, at, via->index);
}

/* Links by which frames leave a switch; the handler pushes them behind link `before`. */
static void paths_leave(Paths *p, uint32_t at, uint32_t before, int64_t from, uint32_t to,
                        uint32_t *n) {
    const FabricCycles *g = p->graph;
    const FabricRouteParams *r = paths_by_hand(p, at, from, to);
    uint32_t only = r ? route_link(p, at, r) : UINT32_MAX;
    for (uint32_t b = g->first[at]; b < g->first[at + 1]; b++) {
        if (r ? b != only : p->distance[g->to[b]] + 1 != p->distance[at]) continue;
        if (before != UINT32_MAX) paths_depend(p, before, b);
        if (p->seen[b]) continue;
        p->seen[b] = true;
        p->stack[(*n)++] = b;
    }
}

/* What a host's frames to another take; `p->distance` is to the other's switch. */
static void paths_walk(Paths *p, uint32_t start, int64_t from, uint32_t to) {
    uint32_t n = 0;
    memset(p->seen, 0, p->graph->n_links * sizeof *p->seen);
    paths_leave(p, start, UINT32_MAX, from, to, &n);
    while (n) {
        uint32_t link = p->stack[--n];
        paths_leave(p, p->graph->to[link], link, from, to, &n);
    }
}

static void paths_to_named(Paths *p, uint32_t to) {
    paths_measure(p, p->home[to] - 1);
    for (uint32_t i = 0; i < p->n_switches; i++)
        if (p->homes[i]) paths_walk(p, i, ANY, to);
    for (uint32_t i = 0; i < p->n_routes; i++) {
        const FabricRouteParams *r = &p->route[i];
        if (!refs_name(&r->to, to)) continue;
        for (uint32_t k = 0; k < r->from.n; k++) {
            uint32_t from = r->from.items[k].index;
            if (p->home[from]) paths_walk(p, p->home[from] - 1, from, to);
        }
    }
}

/* ---- building ---- */

/* Cables between switches over which pauses go, and where hosts are; false: too much to look at. */
static bool paths_init(Paths *p, SimArena *arena) {
    const NicCabling *cabling = p->cabling;
    uint32_t *pair = SIM_NEW_N(arena, uint32_t, 2 * (size_t)cabling->cables.n), n = 0;
    p->home = SIM_NEW_N(arena, uint32_t, p->n_hosts);
    p->homes = SIM_NEW_N(arena, bool, p->n_switches);
    for (uint32_t i = 0; i < cabling->cables.n; i++) {
        const NicCable *c = &cabling->cables.items[i];
        if (c->a.is_switch && c->b.is_switch) {
            pair[2 * n] = c->a.index;
            pair[2 * n++ + 1] = c->b.index;
        } else if (c->a.is_switch != c->b.is_switch) {
            const NicCableEnd *host = c->a.is_switch ? &c->b : &c->a;
            uint32_t at = c->a.is_switch ? c->a.index : c->b.index;
            if (!p->home[host->index]) p->home[host->index] = 1 + at;
            p->homes[at] = true;
        }
    }
    p->graph = fabric_cycles_new(arena, p->n_switches, pair, n);
    if (!p->graph) return false;
    p->distance = SIM_NEW_N(arena, uint32_t, p->n_switches);
    p->order = SIM_NEW_N(arena, uint32_t, p->n_switches);
    p->active = SIM_NEW_N(arena, bool, p->n_switches);
    p->seen = SIM_NEW_N(arena, bool, p->graph->n_links);
    p->stack = SIM_NEW_N(arena, uint32_t, p->graph->n_links);
    uint64_t walks = p->n_switches;
    for (uint32_t i = 0; i < p->n_routes; i++)
        walks += (uint64_t)p->route[i].to.n * (p->n_switches + p->route[i].from.n);
    return walks * (p->graph->depend[p->graph->n_links] + p->n_switches) <= STEPS_MOST;
}

static void paths_complain(const Paths *p, const uint32_t *ring, uint32_t length,
                           SimDiagnostics *out) {
    const FabricCycles *g = p->graph;
    char text[TEXT_MOST];
    int n = 0;
    for (uint32_t i = 0; i < length && i < RING_SHOWN && n < TEXT_MOST; i++)
        n += snprintf(text + n, (size_t)(TEXT_MOST - n), "%s-", p->sw[g->from[ring[i]]].item.name);
    if (n < TEXT_MOST)
        snprintf(text + n, (size_t)(TEXT_MOST - n), "%s",
                 length > RING_SHOWN ? "..." : p->sw[g->from[ring[0]]].item.name);
    const SimItem *item = &p->sw[g->from[ring[0]]].item;
    uint32_t line, column;
    sim_scenario_place(p->scenario, item, "name", &line, &column);
    sim_diagnostics_add(out, "W205", line, column, item->name,
                        "ways that go up and then down only; or a watchdog at the switches", NULL,
                        "ways of lossless frames close a ring, %s: when its buffers fill, its "
                        "switches may pause each other for good",
                        text);
}

void nic_lint_cycles(const SimScenario *scenario, const NicCabling *cabling, SimArena *arena,
                     SimDiagnostics *out) {
    Paths p = {.scenario = scenario, .cabling = cabling};
    p.sw = sim_scenario_items(scenario, "switch", &p.n_switches);
    p.route = sim_scenario_items(scenario, "route", &p.n_routes);
    (void)sim_scenario_items(scenario, "host", &p.n_hosts);
    if (!fabric_lossless(scenario) || !paths_init(&p, arena)) return;
    for (uint32_t i = 0; i < p.n_switches; i++)
        if (p.homes[i]) paths_shortest(&p, i);
    for (uint32_t to = 0; to < p.n_hosts; to++) {
        bool named = false;
        for (uint32_t i = 0; i < p.n_routes; i++)
            named |= refs_name(&p.route[i].to, to);
        if (named && p.home[to]) paths_to_named(&p, to);
    }
    uint32_t ring[RING_SHOWN], length = fabric_cycles_find(p.graph, ring, RING_SHOWN);
    if (length) paths_complain(&p, ring, length, out);
}
