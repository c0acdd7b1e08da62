/* routes.c: which ways lead from each switch to each address.
 *
 * Group i < n_ports of a switch is the bundle of parallel cables (LAG) that port i+1 belongs to,
 * kept at the bundle's lowest port; group n_ports + d holds every first step of a shortest path
 * to switch d (ECMP where there are several neighbours). */
#include <stdlib.h>

#include "models/fabric/switch.h"

static bool group_add(FabricGroup *g, FabricPort *port) {
    g->port[g->n++] = port;
    if (port->up) g->live[g->n_live++] = port;
    return true;
}

static void group_room(SimRun *run, FabricGroup *g, uint32_t n) {
    g->port = SIM_NEW_N(&run->arena, FabricPort *, n);
    g->live = SIM_NEW_N(&run->arena, FabricPort *, n);
    g->n = g->n_live = 0;
}

void fabric_groups_refresh(FabricSwitch *sw) {
    for (uint32_t i = 0; i < sw->n_groups; i++) {
        FabricGroup *g = &sw->group[i];
        g->n_live = 0;
        for (uint32_t k = 0; k < g->n; k++)
            if (g->port[k]->up) g->live[g->n_live++] = g->port[k];
    }
}

/* The lowest port with a cable to the same switch; the port itself where that is a NIC. */
static uint32_t port_bundle(const FabricSwitch *sw, const FabricPort *port) {
    if (!port->peer->at) return port->number - 1;
    for (uint32_t i = 0; i < port->number; i++)
        if (sw->port[i].peer && sw->port[i].peer->at == port->peer->at) return i;
    return port->number - 1;
}

static void switch_bundles(SimRun *run, FabricSwitch *sw) {
    uint32_t *size = calloc(sw->n_ports, sizeof *size);
    if (!size) sim_out_of_memory(sw->n_ports * sizeof *size);
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        if (!sw->port[i].peer) continue;
        sw->port[i].lag = port_bundle(sw, &sw->port[i]);
        size[sw->port[i].lag]++;
    }
    for (uint32_t i = 0; i < sw->n_ports; i++)
        if (size[i]) group_room(run, &sw->group[i], size[i]);
    for (uint32_t i = 0; i < sw->n_ports; i++)
        if (sw->port[i].peer) group_add(&sw->group[sw->port[i].lag], &sw->port[i]);
    free(size);
}

/* Hops from every switch to switch `to` over links that are up; UINT32_MAX: none. */
static void switch_distances(const Fabric *fabric, uint32_t to, uint32_t *distance,
                             uint32_t *queue) {
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        distance[i] = UINT32_MAX;
    uint32_t head = 0, tail = 0;
    distance[to] = 0;
    queue[tail++] = to;
    while (head < tail) {
        const FabricSwitch *sw = &fabric->switches[queue[head++]];
        for (uint32_t i = 0; i < sw->n_ports; i++) {
            const FabricPort *port = &sw->port[i];
            if (!port->peer || !port->peer->at || !port->up) continue;
            uint32_t next = port->peer->at->index;
            if (distance[next] != UINT32_MAX) continue;
            distance[next] = distance[sw->index] + 1;
            queue[tail++] = next;
        }
    }
}

static bool port_leads(const FabricPort *port, const uint32_t *distance, uint32_t from) {
    return port->peer && port->peer->at && port->up && distance[from] != UINT32_MAX &&
           distance[port->peer->at->index] + 1 == distance[from];
}

static void switch_ways(SimRun *run, FabricSwitch *sw, uint32_t to, const uint32_t *distance) {
    FabricGroup *g = &sw->group[sw->n_ports + to];
    uint32_t n = 0;
    for (uint32_t i = 0; i < sw->n_ports; i++)
        n += port_leads(&sw->port[i], distance, sw->index);
    if (n > g->n || !g->port) group_room(run, g, n);
    g->n = g->n_live = 0;
    for (uint32_t i = 0; i < sw->n_ports; i++)
        if (port_leads(&sw->port[i], distance, sw->index)) group_add(g, &sw->port[i]);
}

static void routes_paths(SimRun *run, Fabric *fabric) {
    uint32_t n = fabric->n_switches;
    uint32_t *distance = calloc(2 * (size_t)n + 1, sizeof *distance);
    if (!distance) sim_out_of_memory(2 * (size_t)n * sizeof *distance);
    for (uint32_t to = 0; to < n; to++) {
        switch_distances(fabric, to, distance, distance + n);
        for (uint32_t i = 0; i < n; i++)
            if (i != to) switch_ways(run, &fabric->switches[i], to, distance);
    }
    free(distance);
}

static void routes_addresses(Fabric *fabric) {
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        FabricSwitch *sw = &fabric->switches[i];
        for (uint32_t a = 0; a < fabric->addresses.n; a++) {
            const FabricPort *home = fabric->addresses.items[a].port->peer;
            if (!home || !home->at)
                sw->route[a] = FABRIC_NO_ROUTE;
            else if (home->at == sw)
                sw->route[a] = home->lag;
            else
                sw->route[a] = sw->n_ports + home->at->index;
        }
    }
}

static uint32_t set_root(uint32_t *set, uint32_t i) {
    while (set[i] != i)
        i = set[i] = set[set[i]];
    return i;
}

/* A loop of switches, counting parallel cables once: such a fabric is routed, not bridged. */
static bool fabric_has_loop(const Fabric *fabric) {
    uint32_t *set = calloc(fabric->n_switches + 1, sizeof *set);
    if (!set) sim_out_of_memory(fabric->n_switches * sizeof *set);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        set[i] = i;
    bool loop = false;
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        const FabricSwitch *sw = &fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++) {
            const FabricPort *port = &sw->port[k];
            if (!port->peer || !port->peer->at || port->lag != k) continue;
            if (port->peer->at->index <= i) continue; /* each pair once */
            uint32_t a = set_root(set, i), b = set_root(set, port->peer->at->index);
            if (a == b) loop = true;
            set[a] = b;
        }
    }
    free(set);
    return loop;
}

void fabric_routes_complete(SimRun *run, Fabric *fabric) {
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        FabricSwitch *sw = &fabric->switches[i];
        sw->n_groups = sw->n_ports + fabric->n_switches;
        sw->group = SIM_NEW_N(&run->arena, FabricGroup, sw->n_groups);
        sw->route = SIM_NEW_N(&run->arena, uint32_t, fabric->addresses.n);
        switch_bundles(run, sw);
    }
    fabric->routed = fabric_has_loop(fabric);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        fabric->switches[i].learning = !fabric->routed;
    routes_paths(run, fabric);
    routes_addresses(fabric);
}

void fabric_routes_follow(SimRun *run, Fabric *fabric) {
    routes_paths(run, fabric);
    routes_addresses(fabric);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        fabric_groups_refresh(&fabric->switches[i]);
}
