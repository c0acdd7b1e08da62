#include "models/fabric/deadlock.h"

/* A pause of 65535 quanta of 512 bit times (IEEE 802.3 Annex 31B), so many times over, is no
 * congestion any more. */
enum { QUANTUM_BITS = 512, QUANTA_MOST = 65535, PAUSES = 10 };
enum { CYCLE_SHOWN = 8 };

typedef struct Node {
    FabricPort *port;
    uint32_t priority;
} Node;

static uint8_t *port_stuck(const FabricDeadlock *d, const FabricPort *port) {
    return &d->stuck[d->first[port->at->index] + port->number - 1];
}

/* ---- nodes ---- */

static bool queue_is_stuck(const FabricPort *port, uint32_t priority, SimTime now) {
    SimTime since = port->paused_since[priority];
    SimTime longest = (SimTime)((__int128)QUANTA_MOST * QUANTUM_BITS * SIM_S / port->bps);
    return (port->paused >> priority & 1) && port->queue[priority].first && port->peer->at &&
           since != SIM_NEVER && since + PAUSES * longest <= now;
}

static uint32_t deadlock_mark(FabricDeadlock *d, SimTime now) {
    uint32_t nodes = 0;
    for (uint32_t i = 0; i < d->fabric->n_switches; i++) {
        FabricSwitch *sw = &d->fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++) {
            uint8_t *stuck = port_stuck(d, &sw->port[k]);
            *stuck = 0;
            if (!sw->port[k].paused) continue;
            for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++)
                *stuck |= (uint8_t)(queue_is_stuck(&sw->port[k], p, now) << p);
            nodes += (uint32_t)__builtin_popcount(*stuck);
        }
    }
    return nodes;
}

/* ---- edges ---- */

static bool queue_holds(const FabricPort *out, uint32_t priority, uint16_t in) {
    for (const SimPacket *p = out->queue[priority].first; p; p = p->next)
        if (p->port == in) return true;
    return false;
}

/* A node that `node` waits for; its port is NULL where there is none. */
static Node node_next(const FabricDeadlock *d, Node node) {
    FabricPort *in = node.port->peer;
    FabricSwitch *sw = in->at;
    for (uint32_t k = 0; k < sw->n_ports && (in->pause_wanted >> node.priority & 1); k++) {
        FabricPort *out = &sw->port[k];
        if ((*port_stuck(d, out) >> node.priority & 1) &&
            queue_holds(out, node.priority, (uint16_t)(in->number - 1)))
            return (Node){out, node.priority};
    }
    return (Node){NULL, 0};
}

/* Takes away what waits for nothing in the set; true where something was. */
static bool deadlock_trim(FabricDeadlock *d) {
    bool changed = false;
    for (uint32_t i = 0; i < d->fabric->n_switches; i++) {
        FabricSwitch *sw = &d->fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++) {
            uint8_t *stuck = port_stuck(d, &sw->port[k]);
            for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++) {
                if (!(*stuck >> p & 1) || node_next(d, (Node){&sw->port[k], p}).port) continue;
                *stuck &= (uint8_t) ~(1u << p);
                changed = true;
            }
        }
    }
    return changed;
}

static Node deadlock_any(const FabricDeadlock *d) {
    for (uint32_t i = 0; i < d->fabric->n_switches; i++) {
        FabricSwitch *sw = &d->fabric->switches[i];
        for (uint32_t k = 0; k < sw->n_ports; k++) {
            uint8_t stuck = *port_stuck(d, &sw->port[k]);
            if (stuck) return (Node){&sw->port[k], (uint32_t)__builtin_ctz(stuck)};
        }
    }
    return (Node){NULL, 0};
}

/* ---- the cycle ---- */

/* When the last of its queues was paused, and the names of the first few. */
static void deadlock_describe(SimRun *run, FabricDeadlock *d, Node start, uint32_t length) {
    d->began = 0;
    const char *text = "";
    Node at = start;
    for (uint32_t i = 0; i < length; i++, at = node_next(d, at)) {
        SimTime since = at.port->paused_since[at.priority];
        if (since > d->began) d->began = since;
        if (i < CYCLE_SHOWN)
            text = sim_arena_printf(&run->arena, "%s%s%s", text, i ? ", " : "", at.port->name);
    }
    if (length > CYCLE_SHOWN)
        text = sim_arena_printf(&run->arena, "%s and %u more", text, length - CYCLE_SHOWN);
    d->cycle = text;
}

/* Whoever follows the edges long enough is in a cycle. */
static void deadlock_found(SimRun *run, FabricDeadlock *d, uint32_t nodes) {
    d->count++;
    if (d->began != SIM_NEVER) return; /* the first is described */
    Node start = deadlock_any(d);
    for (uint32_t i = 0; i < nodes; i++)
        start = node_next(d, start);
    uint32_t length = 1;
    for (Node at = node_next(d, start); at.port != start.port || at.priority != start.priority;
         at = node_next(d, at))
        length++;
    deadlock_describe(run, d, start, length);
}

static void deadlock_look(SimRun *run, void *owner) {
    FabricDeadlock *d = owner;
    uint32_t nodes = deadlock_mark(d, run->context.now);
    while (nodes && deadlock_trim(d)) {
    }
    bool locked = nodes && deadlock_any(d).port;
    if (locked && !d->locked) deadlock_found(run, d, nodes);
    d->locked = locked;
    if (nodes) fabric_deadlock_watch(run, d); /* else the next pause does it */
}

FabricDeadlock *fabric_deadlock_new(SimRun *run, Fabric *fabric) {
    FabricDeadlock *d = SIM_NEW(&run->arena, FabricDeadlock);
    uint32_t ports = 0;
    d->fabric = fabric;
    d->began = SIM_NEVER;
    d->first = SIM_NEW_N(&run->arena, uint32_t, fabric->n_switches);
    for (uint32_t i = 0; i < fabric->n_switches; i++) {
        d->first[i] = ports;
        ports += fabric->switches[i].n_ports;
    }
    d->stuck = SIM_NEW_N(&run->arena, uint8_t, ports);
    sim_timer_add(run, fabric->domain, SIM_PHASE_SAMPLE, "deadlock", &d->look, deadlock_look, d);
    sim_meter_count(run, "run", "run", "deadlocks", "", &d->count);
    return d;
}

void fabric_deadlock_report(const FabricDeadlock *d, SimResult *result) {
    if (d->began == SIM_NEVER) return;
    SimValue *v = sim_result_row(result, "deadlock", d->cycle, "began", "ns", 0);
    v[0] = (SimValue){d->began, SIM_NS};
}
