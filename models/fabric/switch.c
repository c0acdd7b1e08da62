/* switch.c: a frame's way through a switch. */
#include "models/fabric/switch.h"

#include "sim/base/hash.h"

/* ---- buffer ---- */

static inline uint32_t buffer_bytes(const SimPacket *p) {
    return p->line_bytes - 20; /* preamble and gap are not stored */
}

/* Takes a waiting frame into the buffer; false where it must be dropped. */
static bool buffer_charge(SimRun *run, FabricSwitch *sw, FabricPort *in, const FabricPort *out,
                          const SimPacket *p) {
    int64_t bytes = buffer_bytes(p);
    uint8_t bit = (uint8_t)(1u << p->priority);
    int64_t held = in->held[p->priority] + bytes;
    if (sw->used + bytes > sw->buffer) return false; /* the headrooms were promised twice */
    if (sw->lossless & bit) {
        if (held > in->xoff + in->headroom) return false;
        if (held >= in->xoff && !(in->pause_wanted & bit)) {
            in->pause_wanted |= bit;
            in->pause_dirty |= bit;
            in->pause_cause = out->name;
            fabric_port_wake(run, in);
        }
    } else {
        if (sw->lossy_used + bytes > sw->lossy_limit) return false;
        sw->lossy_used += bytes;
    }
    in->held[p->priority] = held;
    sw->used += bytes;
    if (sw->used > sw->peak_used) sw->peak_used = sw->used;
    return true;
}

static void buffer_release(SimRun *run, FabricSwitch *sw, const SimPacket *p) {
    FabricPort *in = &sw->port[p->port];
    int64_t bytes = buffer_bytes(p);
    uint8_t bit = (uint8_t)(1u << p->priority);
    in->held[p->priority] -= bytes;
    sw->used -= bytes;
    if (!(sw->lossless & bit)) {
        sw->lossy_used -= bytes;
    } else if ((in->pause_wanted & bit) && in->held[p->priority] <= in->xon) {
        in->pause_wanted &= (uint8_t)~bit;
        in->pause_dirty |= bit;
        fabric_port_wake(run, in);
    }
}

/* ---- transmitter ---- */

static inline void port_enqueue(FabricPort *port, SimPacket *p) {
    fabric_queue_push(&port->queue[p->priority], p);
    port->waiting |= (uint8_t)(1u << p->priority);
}

static inline SimPacket *port_dequeue(FabricPort *port, uint32_t priority) {
    SimPacket *p = fabric_queue_pop(&port->queue[priority]);
    if (!port->queue[priority].first) port->waiting &= (uint8_t) ~(1u << priority);
    return p;
}

/* The eligible priority whose turn it is among those whose head is all in, and when its head is;
 * where none is, the first that will be. */
static inline SimTime port_ready(const FabricPort *port, uint8_t eligible, SimTime now,
                                 uint32_t *priority) {
    *priority = fabric_turn(port->last_priority, eligible);
    SimTime ready = port->queue[*priority].first->due;
    uint32_t other = *priority;
    while (__builtin_expect(ready > now, 0)) {
        eligible &= (uint8_t) ~(1u << other);
        if (!eligible) break;
        other = fabric_turn(other, eligible);
        if (port->queue[other].first->due >= ready) continue;
        ready = port->queue[other].first->due;
        *priority = other;
    }
    return ready;
}

/* The transmitter is free: pause frames first, then the frame whose turn it is. */
static void switch_transmit(SimRun *run, void *owner) {
    FabricPort *port = owner;
    port->armed = false;
    if (!port->up) return;
    if (__builtin_expect(port->pause_dirty, 0)) {
        fabric_port_send_pause(run, port);
    } else {
        uint8_t eligible = fabric_port_eligible(run, port, port->waiting);
        if (!eligible) return;
        uint32_t priority;
        SimTime ready = port_ready(port, eligible, run->context.now, &priority);
        if (__builtin_expect(ready > run->context.now, 0)) {
            /* cut-through onto a faster way: not before a last bit is in */
            port->armed = true;
            sim_slot_set(run, port->transmit_slot, ready);
            return;
        }
        port->last_priority = (uint8_t)priority;
        SimPacket *p = port_dequeue(port, priority);
        buffer_release(run, port->at, p);
        fabric_port_send(run, port, p);
    }
    if (port->waiting | port->pause_dirty) {
        port->armed = true;
        sim_slot_set(run, port->transmit_slot, port->busy_until);
    }
}

/* ---- forwarding ---- */

/* From the cable of `sender` to `out`. */
static void switch_send(SimRun *run, FabricSwitch *sw, FabricPort *sender, FabricPort *out,
                        SimPacket *p) {
    SimTime now = run->context.now;
    uint8_t bit = (uint8_t)(1u << p->priority);
    SimTime ready = now;
    if (sw->cut_through && out->bps > sender->bps)
        ready += (SimTime)p->line_bytes * SIM_BYTE_TICKS_AT_1BPS / sender->bps;
    if (out->busy_until <= now && ready == now && !out->waiting &&
        !((out->paused & bit) | out->pause_dirty)) {
        fabric_port_send(run, out, p);
        return;
    }
    FabricPort *in = sender->peer;
    if (!buffer_charge(run, sw, in, out, p)) {
        fabric_packet_drop(out->fabric, p, &out->drops.buffer);
        return;
    }
    p->due = ready;
    p->port = (uint32_t)(in - sw->port);
    port_enqueue(out, p);
    if (out->armed && !out->paused) return;
    fabric_port_wake(run, out);
}

static inline FabricPort *group_choose(const FabricSwitch *sw, const FabricGroup *g,
                                       uint32_t flow) {
    if (__builtin_expect(g->n_live == 1, 1)) return g->live[0];
    if (g->n_live == 0) return NULL;
    uint64_t h = (flow ^ sw->seed) * UINT64_C(0x9e3779b97f4a7c15);
    h ^= h >> 32;
    h *= UINT64_C(0xd6e8feb86659fd93);
    return g->live[(h >> 32) * g->n_live >> 32];
}

static bool port_carries(const FabricPort *port, uint16_t vlan) {
    return !port->vlans || (port->vlans[vlan / 64] >> vlan % 64 & 1);
}

/* To every other live way out of the VLAN, once per bundle of parallel cables. */
static void switch_flood(SimRun *run, FabricSwitch *sw, FabricPort *in, SimPacket *p) {
    Fabric *fabric = in->fabric;
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        FabricPort *out = &sw->port[i];
        if (!out->peer || !out->up || out->lag == in->lag || !port_carries(out, p->vlan)) continue;
        const FabricGroup *lag = &sw->group[out->lag];
        if (group_choose(sw, lag, p->flow) != out) continue;
        SimPacket *copy = fabric_packet_new(fabric);
        SimTime due = copy->due;
        *copy = *p;
        copy->due = due;
        switch_send(run, sw, in->peer, out, copy);
    }
    fabric_packet_consume(fabric, p);
}

/* A frame has come in at the far end of `owner`'s cable. */
static void switch_arrive(SimRun *run, void *owner) {
    FabricPort *sender = owner;
    SimPacket *p = fabric_port_take(run, sender);
    if (!p) return;
    FabricPort *in = sender->peer;
    FabricSwitch *sw = sender->far_at;
    if (__builtin_expect(p->line_bytes > sw->largest, 0)) {
        fabric_packet_drop(in->fabric, p, &in->drops.mtu);
        return;
    }
    if (sw->learning && sw->route[p->from] != in->lag) sw->route[p->from] = in->lag;
    if (__builtin_expect(p->flags & SIM_PACKET_BROADCAST, 0)) {
        if (sw->learning)
            switch_flood(run, sw, in, p);
        else
            fabric_packet_consume(in->fabric, p); /* a router's: it would go round for ever */
        return;
    }
    uint32_t way = sw->route[p->to];
    if (__builtin_expect(way == FABRIC_NO_ROUTE, 0)) {
        if (sw->learning)
            switch_flood(run, sw, in, p);
        else
            fabric_packet_drop(in->fabric, p, &in->drops.no_route);
        return;
    }
    FabricPort *out = group_choose(sw, &sw->group[way], p->flow);
    /* never back to where it came from: stale tables on both sides would play it to and fro */
    if (__builtin_expect(!out || out->lag == in->lag, 0)) {
        fabric_packet_drop(in->fabric, p, &in->drops.no_route);
        return;
    }
    switch_send(run, sw, sender, out, p);
}

/* ---- building ---- */

/* Pause response times in quanta of 512 bit times by rate (IEEE 802.3 31B.3.7). */
static int64_t response_quanta(int64_t bps) {
    static const struct {
        int64_t gbps, quanta;
    } table[] = {{10, 67}, {25, 80}, {40, 118}, {50, 147}, {100, 394}, {200, 453}, {400, 905}};
    for (uint32_t i = 0; i < sizeof table / sizeof *table; i++)
        if (bps <= table[i].gbps * INT64_C(1000000000)) return table[i].quanta;
    return 905 * 2; /* assumption: 800 Gb/s takes twice the quanta of 400 */
}

int64_t fabric_headroom(int64_t bps, SimTime one_way, int64_t frame) {
    /* IEEE 802.1Qbb Annex O: a frame of ours has just started when XOFF is wanted, then the PFC
     * frame, the way there and back, the peer's response, and a frame the peer had started. The
     * latency folded into the way is counted, since bytes are counted after it. */
    int64_t quantum_bytes = 512 / 8;
    int64_t flying = (int64_t)((__int128)2 * one_way * bps / 8 / SIM_S) + 1;
    return frame + 84 + flying + response_quanta(bps) * quantum_bytes + frame;
}

/* XOFF, XON and headroom of one port; figures given in the scenario win. */
static void switch_thresholds(FabricSwitch *sw, const FabricSwitchParams *params, FabricPort *port,
                              uint32_t n_lossless) {
    int64_t frame = sw->largest;
    SimTime one_way = port->delay > port->peer->delay ? port->delay : port->peer->delay;
    port->headroom = params->headroom != SIM_ABSENT
                         ? params->headroom
                         : fabric_headroom(port->rate.bps, one_way, frame);
    int64_t share = sw->buffer / 2 / sw->n_ports / (n_lossless ? n_lossless : 1);
    port->xoff = params->xoff != SIM_ABSENT ? params->xoff : share - port->headroom;
    if (port->xoff < frame) port->xoff = frame;
    port->xon = params->xon != SIM_ABSENT ? params->xon : port->xoff - 2 * frame;
    if (port->xon < 0) port->xon = 0;
    if (port->xon >= port->xoff) port->xon = port->xoff - 1;
}

void fabric_switch_create(SimRun *run, FabricSwitch *sw, const FabricSwitchParams *params,
                          uint8_t lossless) {
    sw->name = params->item.name;
    sw->domain = sim_domain_add(run, sw->name);
    sw->n_ports = (uint32_t)(params->ports + params->uplinks);
    sw->port = SIM_NEW_N(&run->arena, FabricPort, sw->n_ports);
    sw->cut_through = params->mode == FABRIC_CUT_THROUGH;
    sw->latency = params->latency;
    sw->buffer = params->buffer;
    sw->largest = (uint32_t)params->mtu + 20;
    sw->lossless = params->dcb ? lossless : 0;
    sw->seed = (uint32_t)sim_hash_text(sw->name);
    for (uint32_t i = 0; i < sw->n_ports; i++) {
        fabric_port_init(run, &sw->port[i], sw->domain, i + 1, switch_arrive, switch_transmit);
        sw->port[i].at = sw;
    }
}

void fabric_switch_complete(FabricSwitch *sw, const FabricSwitchParams *params) {
    uint32_t n_lossless = (uint32_t)__builtin_popcount(sw->lossless);
    sw->lossy_limit = n_lossless ? sw->buffer / 2 : sw->buffer;
    for (uint32_t i = 0; i < sw->n_ports; i++)
        if (sw->port[i].peer) switch_thresholds(sw, params, &sw->port[i], n_lossless);
}

/* ---- faults ---- */

void fabric_switch_flush(SimRun *run, FabricSwitch *sw, FabricPort *port) {
    for (uint32_t priority = 0; priority < FABRIC_PRIORITIES; priority++) {
        while (port->queue[priority].first) {
            SimPacket *p = port_dequeue(port, priority);
            buffer_release(run, sw, p);
            fabric_packet_drop(port->fabric, p, &port->drops.cut);
        }
    }
}
