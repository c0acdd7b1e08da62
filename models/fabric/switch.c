/* switch.c: a frame's way through a switch. */
#include "models/fabric/switch.h"

#include "models/fabric/buffer.h"
#include "models/frame/frame.h"

/* ---- buffer ---- */

bool fabric_buffer_headroom(SimRun *run, FabricPort *in, const FabricPort *out, uint32_t priority,
                            uint32_t bytes) {
    if (in->pause_wanted >> priority & 1) {
        if (in->over[priority] + (int64_t)bytes > in->headroom) return false;
        in->over[priority] += bytes;
        in->held[priority] += bytes;
        return true;
    }
    /* The threshold has fallen below what is held. XOFF is wanted only now, and the headroom is for
     * what comes after that: this frame is still the pool's. */
    int64_t before = buffer_shared(in, priority);
    in->held[priority] += bytes;
    in->at->pool_used += buffer_shared(in, priority) - before;
    in->pause_cause = out->name;
    fabric_port_want_pause(run, in, priority, true);
    return true;
}

void fabric_buffer_resume(SimRun *run, FabricSwitch *sw, FabricPort *in, uint32_t priority) {
    if (in->over[priority] || in->stormy) return;
    int64_t left = buffer_shared(in, priority);
    bool fixed = in->xoff != SIM_ABSENT;
    int64_t free = sw->pool > sw->pool_used ? sw->pool - sw->pool_used : 0;
    int64_t threshold = fixed ? in->xoff : free * in->alpha / 1000000;
    if (left == 0 || (fixed ? left <= in->xon : left + in->xon <= threshold))
        fabric_port_want_pause(run, in, priority, false);
}

/* ---- marking ---- */

/* Congestion experienced? `queued`: bytes at this priority without the frame. */
static void port_mark(FabricPort *port, SimPacket *p, bool enqueue) {
    const FabricMarking *m = &port->marking[p->priority];
    int64_t queued = port->queued[p->priority];
    if (m->kmax == 0 || m->enqueue != enqueue || queued <= m->kmin) return;
    if (!(p->flags & SIM_PACKET_ECT)) return;
    if (queued <= m->kmax) {
        if (m->kmax == m->kmin) return;
        uint64_t chance = (uint64_t)((__int128)(queued - m->kmin) * m->pmax * (INT64_C(1) << 32) /
                                     ((__int128)(m->kmax - m->kmin) * 1000000));
        if (sim_rng_next(&port->marks) >> 32 >= chance) return;
    }
    p->flags |= SIM_PACKET_CE;
    port->ecn_marked++;
}

/* ---- transmitter ---- */

static inline void port_enqueue(SimRun *run, FabricSwitch *sw, FabricPort *port, SimPacket *p) {
    if (port->marking) {
        port_mark(port, p, true);
        sim_level_add(port->level, run->context.now, buffer_bytes(sw, p));
    }
    fabric_queue_push(&port->queue[p->priority], p);
    port->queued[p->priority] += buffer_bytes(sw, p);
    port->waiting |= (uint8_t)(1u << p->priority);
}

static inline SimPacket *port_dequeue(SimRun *run, FabricPort *port, uint32_t priority) {
    SimPacket *p = fabric_queue_pop(&port->queue[priority]);
    if (port->marking)
        sim_level_add(port->level, run->context.now, -(int64_t)buffer_bytes(port->at, p));
    port->queued[priority] -= buffer_bytes(port->at, p);
    if (!port->queue[priority].first) port->waiting &= (uint8_t) ~(1u << priority);
    return p;
}

/* The priority to serve among those whose head is all in, and when its head is; where none is, the
 * first that will be. */
static inline SimTime port_ready(FabricPort *port, uint8_t eligible, SimTime now,
                                 uint32_t *priority) {
    *priority = fabric_port_choose(port, eligible);
    SimTime ready = port->queue[*priority].first->due;
    uint32_t other = *priority;
    while (__builtin_expect(ready > now, 0)) {
        eligible &= (uint8_t) ~(1u << other);
        if (!eligible) break;
        other = fabric_port_choose(port, eligible);
        if (port->queue[other].first->due >= ready) continue;
        ready = port->queue[other].first->due;
        *priority = other;
    }
    return ready;
}

/* The transmitter is free: pause frames first, then the frame whose turn it is. */
void fabric_switch_transmit(SimRun *run, void *owner) {
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
        SimPacket *p = port_dequeue(run, port, priority);
        if (eligible & (eligible - 1)) fabric_port_spend(port, priority, p->line_bytes);
        buffer_release(run, port->at, p);
        if (port->marking) port_mark(port, p, false);
        fabric_port_send(run, port, p);
    }
    if (port->waiting | port->pause_dirty) {
        port->armed = true;
        sim_slot_set(run, port->transmit_slot, port->busy_until);
    }
}

/* ---- forwarding ---- */

/* No room, or the watchdog has given the way out up. */
static void switch_discard(FabricPort *in, FabricPort *out, SimPacket *p) {
    bool shunned = out->shunned >> p->priority & 1;
    in->discards_of[p->priority]++;
    in->discards++;
    fabric_packet_drop(out->fabric, p, shunned ? &out->drops.watchdog : &out->drops.buffer);
}

static inline bool port_faster(const FabricPort *a, const FabricPort *b) {
    if (__builtin_expect(a->ticks_a_byte && b->ticks_a_byte, 1))
        return a->ticks_a_byte < b->ticks_a_byte;
    return a->bps > b->bps;
}

/* From the cable of `sender` to `out`. */
static void switch_send(SimRun *run, FabricSwitch *sw, FabricPort *sender, FabricPort *out,
                        SimPacket *p) {
    SimTime now = run->context.now;
    uint8_t bit = (uint8_t)(1u << p->priority);
    SimTime ready = now;
    if (sw->cut_through && port_faster(out, sender))
        ready += fabric_pace_ticks(sw->fabric, sender->bps, p->line_bytes);
    if (out->busy_until + sw->linger <= now && ready == now && !out->waiting &&
        !((out->paused & bit) | out->pause_dirty)) {
        fabric_port_send(run, out, p);
        return;
    }
    FabricPort *in = sender->peer;
    if (__builtin_expect((out->shunned & bit) != 0, 0) || !buffer_charge(run, sw, in, out, p)) {
        switch_discard(in, out, p);
        return;
    }
    p->due = ready;
    p->port = (uint16_t)(in - sw->port);
    port_enqueue(run, sw, out, p);
    if (out->armed && !out->paused) return;
    fabric_port_wake(run, out);
}

static inline FabricPort *way_choose(const FabricSwitch *sw, uint32_t way, uint32_t flow) {
    if (way < sw->n_ports) return sw->port[way].up ? &sw->port[way] : NULL;
    const FabricGroup *g = &sw->groups.items[way - sw->n_ports];
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
        if (way_choose(sw, out->lag, p->flow) != out) continue;
        SimPacket *copy = fabric_packet_copy(fabric, p);
        switch_send(run, sw, in->peer, out, copy);
    }
    fabric_packet_consume(fabric, p);
}

/* The priority of a frame by what this switch trusts. */
static uint8_t switch_classify(const FabricSwitch *sw, const SimPacket *p) {
    bool roce = p->op < FABRIC_PFC; /* the BTH opcodes */
    if (roce && !((p->flags & SIM_PACKET_IP) ? sw->roce_v2 : sw->roce_v1)) return 0;
    bool dscp = sw->trust != FABRIC_TRUST_PCP && (p->flags & SIM_PACKET_IP);
    if (dscp) return sw->priority_of_dscp[p->dscp & 63];
    return sw->trust != FABRIC_TRUST_DSCP && (p->flags & SIM_PACKET_TAGGED) ? p->pcp : 0;
}

/* The way given by hand for a frame: that of its sender before that of any; NULL: none. */
static FabricPort *static_way(const FabricSwitch *sw, const SimPacket *p) {
    uint32_t low = 0, high = sw->statics.n;
    int frames = p->op == FRAME_ACK || p->op == FRAME_CNP ? FABRIC_ACKS : FABRIC_DATA;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sw->statics.items[middle].to < p->to)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < sw->statics.n && sw->statics.items[low].to == p->to; low++) {
        const FabricStatic *way = &sw->statics.items[low];
        bool serves = way->frames == FABRIC_ALL_FRAMES || way->frames == frames;
        if (serves && (way->from == p->from || way->from == UINT32_MAX) && way->port->up)
            return way->port;
    }
    return NULL;
}

/* A switch that classifies, routes or has ways given by hand: false where the frame ends here. */
static bool switch_inspect(FabricSwitch *sw, FabricPort *in, SimPacket *p, FabricPort **out,
                           bool *by_hand) {
    if (sw->classify) {
        p->priority = switch_classify(sw, p);
        in->received[p->priority].frames++;
        in->received[p->priority].bytes += p->line_bytes;
    }
    FabricPort *way = sw->statics.n ? static_way(sw, p) : NULL;
    *by_hand = way != NULL;
    if (way) *out = way;
    if (!sw->routes || !*out || (p->flags & SIM_PACKET_BROADCAST)) return true;
    if (!in->peer->at && !(*out)->far_at) return true; /* within the rack it bridges */
    if (!(p->flags & SIM_PACKET_IP) || p->hops == 0) {
        in->discards++;
        fabric_packet_drop(in->fabric, p, &in->drops.unroutable);
        return false;
    }
    p->hops--;
    return true;
}

/* A frame has come in at the far end of `owner`'s cable. */
void fabric_switch_arrive(SimRun *run, void *owner) {
    FabricPort *sender = owner;
    SimPacket *p = fabric_port_take(run, sender);
    if (!p) return;
    FabricSwitch *sw = sender->far_at;
    sw->fabric->hops++;
    if (__builtin_expect(p->line_bytes > sw->largest, 0)) {
        fabric_packet_drop(sw->fabric, p, &sender->peer->drops.mtu);
        return;
    }
    if (sw->learning && sw->learned[p->from] != sender->far_lag)
        sw->learned[p->from] = sender->far_lag;
    if (__builtin_expect(p->flags & SIM_PACKET_BROADCAST, 0)) {
        if (sw->learning)
            switch_flood(run, sw, sender->peer, p);
        else
            fabric_packet_consume(sw->fabric, p); /* a router's: it would go round for ever */
        return;
    }
    uint32_t way = sw->learning ? sw->learned[p->to] : fabric_way_routed(sw->fabric, sw, p->to);
    FabricPort *out = way == FABRIC_NO_ROUTE ? NULL : way_choose(sw, way, p->flow);
    bool by_hand = false;
    if (__builtin_expect(sw->special, 0) && !switch_inspect(sw, sender->peer, p, &out, &by_hand))
        return;
    if (__builtin_expect(!by_hand && way == FABRIC_NO_ROUTE && sw->learning, 0)) {
        switch_flood(run, sw, sender->peer, p);
        return;
    }
    /* never back to where it came from: stale tables on both sides would play it to and fro */
    if (__builtin_expect(!out || (out->lag == sender->far_lag && !by_hand), 0)) {
        fabric_packet_drop(sw->fabric, p, &sender->peer->drops.no_route);
        return;
    }
    switch_send(run, sw, sender, out, p);
}

/* ---- faults ---- */

void fabric_switch_flush(SimRun *run, FabricSwitch *sw, FabricPort *port, uint8_t priorities,
                         int64_t *cause) {
    for (uint32_t priority = 0; priority < FABRIC_PRIORITIES; priority++) {
        while ((priorities >> priority & 1) && port->queue[priority].first) {
            SimPacket *p = port_dequeue(run, port, priority);
            buffer_release(run, sw, p);
            fabric_packet_drop(port->fabric, p, cause);
        }
    }
}

void fabric_switch_give_up(SimRun *run, FabricPort *port, uint8_t priorities) {
    fabric_switch_flush(run, port->at, port, priorities, &port->drops.watchdog);
    fabric_port_wake(run, port); /* nothing is held up any more */
}
