/* routes.c: which way leads from each switch to each address.
 *
 * A way of a switch is one number: below n_ports the port itself, from n_ports on a group of equal
 * ports. The first groups are the bundles of parallel cables (LAG); each further one is a set of
 * first steps of shortest paths (ECMP). Equal sets are kept once, so a switch has few groups
 * however many destinations there are, and one port needs none.
 *
 *   address --home--> destination (a switch with addresses) and the way there to the address
 *                          |
 *   switch: way[destination] --> port, or group[way - n_ports] --hash--> port
 *
 * Only switches with addresses are destinations: of a fat tree's, the edge. */
#include <stdlib.h>
#include <string.h>

#include "models/fabric/switch.h"

static void *routes_scratch(size_t n, size_t size) {
    void *room = calloc(n + 1, size);
    if (!room) sim_out_of_memory(n * size);
    return room;
}

/* ---- groups ---- */

static void group_refresh(FabricGroup *g) {
    g->n_live = 0;
    for (uint32_t k = 0; k < g->n; k++)
        if (g->port[k]->up) g->live[g->n_live++] = g->port[k];
}

void fabric_groups_refresh(FabricSwitch *sw) {
    for (uint32_t i = 0; i < sw->groups.n; i++)
        group_refresh(&sw->groups.items[i]);
}

static void group_set(SimRun *run, FabricGroup *g, FabricPort *const *port, uint32_t n) {
    if (n > g->room) {
        g->port = SIM_NEW_N(&run->arena, FabricPort *, n);
        g->live = SIM_NEW_N(&run->arena, FabricPort *, n);
        g->room = n;
    }
    memcpy(g->port, port, n * sizeof *port);
    g->n = n;
    group_refresh(g);
}

/* The next unused group; those of former routes are used again. */
static FabricGroup *group_next(SimRun *run, FabricSwitch *sw) {
    if (sw->groups_used == sw->groups.n) (void)SIM_PUSH(&run->arena, &sw->groups);
    SIM_CHECK(sw->n_ports + sw->groups_used < FABRIC_NO_ROUTE);
    return &sw->groups.items[sw->groups_used++];
}

/* The way over these ports, all of the switch, in the order of their numbers; n >= 1. */
static uint16_t way_over(SimRun *run, FabricSwitch *sw, FabricPort *const *port, uint32_t n) {
    if (n == 1) return (uint16_t)(port[0] - sw->port);
    for (uint32_t i = 0; i < sw->groups_used; i++) {
        const FabricGroup *g = &sw->groups.items[i];
        if (g->n == n && memcmp(g->port, port, n * sizeof *port) == 0)
            return (uint16_t)(sw->n_ports + i);
    }
    group_set(run, group_next(run, sw), port, n);
    return (uint16_t)(sw->n_ports + sw->groups_used - 1);
}

/* ---- bundles ---- */

static bool same_neighbour(const FabricPort *a, const FabricPort *b) {
    return b->peer && b->peer->at && a->peer->at == b->peer->at;
}

static void switch_bundles(SimRun *run, FabricSwitch *sw, FabricPort **member) {
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *port = &sw->port[i];
        if (!port->peer) continue;
        uint32_t n = 0;
        if (!port->peer->at)
            member[n++] = port;
        else
            for (uint32_t k = 0; k < sw->n_ports; k++)
                if (same_neighbour(port, &sw->port[k])) member[n++] = &sw->port[k];
        port->lag = way_over(run, sw, member, n);
    }
    for (uint32_t i = 0; i < sw->n_ports; i++)
        if (sw->port[i].peer) sw->port[i].peer->far_lag = sw->port[i].lag;
    sw->bundles = sw->groups_used;
}

/* ---- paths ---- */

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

static uint16_t switch_way(SimRun *run, FabricSwitch *sw, const uint32_t *distance,
                           FabricPort **member) {
    uint32_t n = 0, here = distance[sw->index];
    if (here == UINT32_MAX || here == 0) return FABRIC_NO_ROUTE;
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *port = &sw->port[i];
        if (port->peer && port->peer->at && port->up && distance[port->peer->at->index] + 1 == here)
            member[n++] = port;
    }
    return way_over(run, sw, member, n);
}

static uint32_t most_ports(const Fabric *fabric) {
    uint32_t most = 1;
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        if (fabric->switches[i].n_ports > most) most = fabric->switches[i].n_ports;
    return most;
}

/* Numbers the switches that addresses hang on; returns how many. */
static uint32_t number_destinations(Fabric *fabric) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        fabric->switches[i].destination = UINT32_MAX;
    for (uint32_t a = 0; a < fabric->addresses.n; a++) {
        const FabricPort *home = fabric->addresses.items[a].port->peer;
        if (home && home->at && home->at->destination == UINT32_MAX) home->at->destination = n++;
    }
    return n;
}

/* Destination n of n: an address that hangs on no switch. */
static void routes_homes(Fabric *fabric, uint32_t n) {
    for (uint32_t a = 0; a < fabric->addresses.n; a++) {
        const FabricPort *home = fabric->addresses.items[a].port->peer;
        bool hangs = home && home->at;
        fabric->home[a] = (FabricHome){hangs ? home->at->destination : n, hangs ? home->lag : 0};
    }
}

static void routes_paths(SimRun *run, Fabric *fabric) {
    uint32_t n = fabric->n_switches, n_destinations = number_destinations(fabric);
    routes_homes(fabric, n_destinations);
    for (uint32_t i = 0; i < n; i++) {
        FabricSwitch *sw = &fabric->switches[i];
        sw->groups_used = sw->bundles;
        if (n_destinations >= sw->ways) {
            sw->ways = n_destinations + 1;
            sw->way = SIM_NEW_N(&run->arena, uint16_t, sw->ways);
        }
        sw->way[n_destinations] = FABRIC_NO_ROUTE;
    }
    uint32_t *distance = routes_scratch(2 * (size_t)n, sizeof *distance);
    FabricPort **member = routes_scratch(most_ports(fabric), sizeof *member);
    for (uint32_t to = 0; to < n; to++) {
        uint32_t d = fabric->switches[to].destination;
        if (d == UINT32_MAX) continue;
        switch_distances(fabric, to, distance, distance + n);
        for (uint32_t i = 0; i < n; i++)
            fabric->switches[i].way[d] = switch_way(run, &fabric->switches[i], distance, member);
    }
    free(member);
    free(distance);
}

/* A bridge begins with every address learned. */
static void routes_learned(SimRun *run, Fabric *fabric) {
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        FabricSwitch *sw = &fabric->switches[i];
        sw->learned = SIM_NEW_N(&run->arena, uint16_t, fabric->addresses.n);
        for (uint32_t a = 0; a < fabric->addresses.n; a++)
            sw->learned[a] = fabric_way_routed(fabric, sw, a);
    }
}

static uint32_t set_root(uint32_t *set, uint32_t i) {
    while (set[i] != i)
        i = set[i] = set[set[i]];
    return i;
}

/* A loop of switches, counting parallel cables once: such a fabric is routed, not bridged. */
static bool fabric_has_loop(const Fabric *fabric) {
    uint32_t *set = routes_scratch(fabric->n_switches, sizeof *set);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        set[i] = i;
    bool loop = false;
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        const FabricSwitch *sw = &fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++) {
            const FabricPort *port = &sw->port[k];
            if (!port->peer || !port->peer->at) continue;
            if (port->peer->at->index <= i) continue; /* each pair once */
            bool first = true;
            for (uint32_t j = 0; j < k; j++)
                if (same_neighbour(port, &sw->port[j])) first = false;
            if (!first) continue;
            uint32_t a = set_root(set, i), b = set_root(set, port->peer->at->index);
            if (a == b) loop = true;
            set[a] = b;
        }
    }
    free(set);
    return loop;
}

void fabric_routes_complete(SimRun *run, Fabric *fabric) {
    FabricPort **member = routes_scratch(most_ports(fabric), sizeof *member);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        switch_bundles(run, &fabric->switches[i], member);
    free(member);
    fabric->home = SIM_NEW_N(&run->arena, FabricHome, fabric->addresses.n);
    fabric->routed = fabric_has_loop(fabric);
    for (uint32_t i = 0; i < fabric->n_switches; i++)
        fabric->switches[i].learning = !fabric->routed;
    routes_paths(run, fabric);
    if (!fabric->routed) routes_learned(run, fabric);
}

void fabric_routes_follow(SimRun *run, Fabric *fabric) {
    routes_paths(run, fabric);
}
