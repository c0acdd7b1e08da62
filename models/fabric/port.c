/* port.c: one end of a cable: transmission, arrival, pauses, faults. */
#include <stdio.h>
#include <string.h>

#include "models/fabric/fabric.h"

/* PFC timers count quanta of 512 bit times (IEEE 802.3 Annex 31B); XOFF asks for the longest. */
enum { QUANTUM_BITS = 512, QUANTA_MOST = 65535, PAUSE_LINE_BYTES = 84 };

/* ---- packets ---- */

SimPacket *fabric_packet_new(Fabric *fabric) {
    SimPacket *p = sim_pool_get(&fabric->packets);
    fabric->born++;
    memset(p, 0, sizeof *p);
    return p;
}

void fabric_packet_consume(Fabric *fabric, SimPacket *p) {
    fabric->consumed++;
    sim_pool_put(&fabric->packets, p);
}

void fabric_packet_drop(Fabric *fabric, SimPacket *p, int64_t *cause) {
    ++*cause;
    fabric->dropped++;
    fabric->dropped_of[p->priority]++;
    sim_pool_put(&fabric->packets, p);
}

/* ---- pauses ---- */

static SimTime port_quanta_ticks(const FabricPort *port, int64_t quanta) {
    return (SimTime)((__int128)quanta * QUANTUM_BITS * SIM_S / port->rate.bps);
}

/* Obeys a PFC frame: each priority of the mask stops, or goes on. */
static void port_obey(SimRun *run, FabricPort *port, const SimPacket *p) {
    SimTime now = run->context.now;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++) {
        if (!(p->psn >> i & 1)) continue;
        if (p->payload) {
            port->paused |= (uint8_t)(1u << i);
            port->pause_until[i] = now + port_quanta_ticks(port, p->payload);
            port->resource.blocker = p->token;
        } else {
            port->paused &= (uint8_t) ~(1u << i);
        }
    }
    port->pauses_received++;
    fabric_port_wake(run, port);
}

bool fabric_port_send_pause(SimRun *run, FabricPort *port) {
    if (!port->pause_dirty) return false;
    /* One frame carries one timer for each class; XOFF first, then XON in a frame of its own. */
    uint8_t stop = port->pause_dirty & port->pause_wanted;
    uint8_t mask = stop ? stop : port->pause_dirty;
    SimPacket *p = fabric_packet_new(port->fabric);
    p->op = FABRIC_PFC;
    p->line_bytes = PAUSE_LINE_BYTES;
    p->psn = mask;
    p->payload = stop ? QUANTA_MOST : 0;
    p->token = (void *)port->pause_cause; /* who is to blame */
    port->pause_dirty &= (uint8_t)~mask;
    port->pauses_sent++;
    if (stop && !sim_timer_armed(&port->refresh)) /* one timer repeats all that are wanted */
        sim_timer_set(run, &port->refresh,
                      run->context.now + port_quanta_ticks(port, QUANTA_MOST / 2));
    fabric_port_send(run, port, p);
    return true;
}

/* Half the pause has passed: repeat it while it is still wanted. */
static void port_refresh(SimRun *run, void *owner) {
    FabricPort *port = owner;
    if (!port->pause_wanted) return;
    port->pause_dirty |= port->pause_wanted;
    fabric_port_wake(run, port);
}

/* All that waits is paused: look again when the first pause runs out. */
static void port_wait_for_pause(SimRun *run, FabricPort *port, uint8_t waiting) {
    SimTime first = SIM_NEVER;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if ((waiting >> i & 1) && port->pause_until[i] < first) first = port->pause_until[i];
    port->blocked = true;
    sim_resource_block(&port->resource, run->context.now, port->resource.blocker);
    if (first == SIM_NEVER) return;
    port->armed = true;
    sim_slot_set(run, port->transmit_slot, first);
}

uint8_t fabric_port_eligible_paused(SimRun *run, FabricPort *port, uint8_t waiting) {
    SimTime now = run->context.now;
    uint8_t paused = port->paused & waiting;
    for (uint32_t i = 0; i < FABRIC_PRIORITIES; i++)
        if ((paused >> i & 1) && port->pause_until[i] <= now) port->paused &= (uint8_t) ~(1u << i);
    if (waiting && !(waiting & ~port->paused)) {
        port_wait_for_pause(run, port, waiting);
        return 0;
    }
    port->blocked = false;
    sim_resource_unblock(&port->resource, now);
    return waiting & (uint8_t)~port->paused;
}

/* ---- arrival ---- */

/* True if the frame did not survive the cable. */
static bool cable_loses(FabricPort *sender, const SimPacket *p, int64_t **cause) {
    if (sender->black_holes) {
        *cause = &sender->drops.silent;
        return true;
    }
    sender->bits_to_error -= (int64_t)(p->line_bytes - 20) * 8;
    if (sender->bits_to_error >= 0) return false;
    int64_t mean = INT64_C(1000000000000000000) / sender->bit_errors;
    sender->bits_to_error = sim_rng_exponential(&sender->errors, mean);
    *cause = &sender->drops.error;
    return true;
}

SimPacket *fabric_port_take_odd(SimRun *run, FabricPort *sender, SimPacket *p) {
    FabricPort *port = sender->peer;
    int64_t *cause;
    if (sender->lossy && cable_loses(sender, p, &cause)) {
        fabric_packet_drop(sender->fabric, p, cause);
        return NULL;
    }
    if (p->op != FABRIC_PFC) {
        port->fabric->hops++;
        return p;
    }
    port_obey(run, port, p);
    fabric_packet_consume(port->fabric, p);
    return NULL;
}

/* ---- building ---- */

void fabric_port_init(SimRun *run, FabricPort *port, SimDomain domain, uint32_t number,
                      SimHandler arrive, SimHandler transmit) {
    *port = (FabricPort){.domain = domain,
                         .number = number,
                         .fabric = fabric_of(run),
                         .arrive = arrive,
                         .transmit = transmit,
                         .full_mask = -1};
}

SimTime fabric_propagation(int64_t length) {
    return (length * 505 + 999) / 1000; /* 5.05 ns a metre, rounded up to a tick: at least one */
}

/* One direction: what `from` sends is handled at `to` after `latency`. */
static void cable_lay(SimRun *run, FabricPort *from, FabricPort *to, const FabricCable *cable,
                      const char *name, SimTime latency) {
    from->peer = to;
    from->far_at = to->at;
    from->name = name;
    from->rate = sim_rate(cable->rate);
    from->ticks_a_byte = from->rate.ticks_a_byte;
    from->bps = cable->rate;
    from->delay = fabric_propagation(cable->length) + latency;
    from->full_mask = to->at && to->at->cut_through ? 0 : -1;
    from->up = true;
    from->bit_errors = cable->bit_errors;
    sim_rng_init(&from->errors, run->config.seed, name, "bit errors");
    from->bits_to_error = INT64_MAX;
    if (cable->bit_errors) {
        from->lossy = true;
        from->bits_to_error =
            sim_rng_exponential(&from->errors, INT64_C(1000000000000000000) / cable->bit_errors);
    }
    sim_resource_init(&from->resource, name, "link", 1);
    sim_resource_watch(&from->resource, &from->busy, &from->busy_until);
    sim_meter_resource(run, &from->resource);
    *SIM_PUSH(&run->arena, &from->fabric->ports) = from;
}

static void cable_add_events(SimRun *run, FabricPort *from) {
    char label[48];
    snprintf(label, sizeof label, "%u/transmit", from->number);
    sim_slot_add(run, from->domain, SIM_PHASE_TRANSMIT, label, &from->transmit_slot, from->transmit,
                 from);
    snprintf(label, sizeof label, "%u/refresh", from->number);
    sim_timer_add(run, from->domain, SIM_PHASE_TIMER, label, &from->refresh, port_refresh, from);
    FabricPort *to = from->peer; /* an arrival is an event of the domain it happens in */
    snprintf(label, sizeof label, "%u/arrival", to->number);
    sim_slot_add(run, to->domain, SIM_PHASE_ARRIVAL, label, &from->arrival_slot, to->arrive, from);
}

static void port_add_meters(SimRun *run, FabricPort *port) {
    const char *name = port->name;
    sim_meter_count(run, "port", name, "frames", "", &port->sent_frames);
    sim_meter_count(run, "port", name, "bytes", "bytes", &port->sent_bytes);
    sim_meter_count(run, "port", name, "pauses_sent", "", &port->pauses_sent);
    sim_meter_count(run, "port", name, "pauses_received", "", &port->pauses_received);
    sim_meter_count(run, "port", name, "dropped.cut", "", &port->drops.cut);
    sim_meter_count(run, "port", name, "dropped.error", "", &port->drops.error);
    sim_meter_count(run, "port", name, "dropped.silent", "", &port->drops.silent);
    sim_meter_count(run, "port", name, "dropped.buffer", "", &port->drops.buffer);
    sim_meter_count(run, "port", name, "dropped.mtu", "", &port->drops.mtu);
    sim_meter_count(run, "port", name, "dropped.no_route", "", &port->drops.no_route);
}

void fabric_connect(SimRun *run, FabricPort *a, FabricPort *b, const FabricCable *cable,
                    const char *name_a, const char *name_b, SimTime latency_a, SimTime latency_b) {
    SIM_CHECK(!a->peer && !b->peer);
    cable_lay(run, a, b, cable, name_a, latency_b);
    cable_lay(run, b, a, cable, name_b, latency_a);
    cable_add_events(run, a);
    cable_add_events(run, b);
    port_add_meters(run, a);
    port_add_meters(run, b);
}

void fabric_port_carry(SimRun *run, FabricPort *port, uint16_t vlan) {
    enum { VLANS = 4096, WORD = 64 };
    FabricPort *at_switch = port->peer;
    if (!at_switch || !at_switch->at) return;
    if (!at_switch->vlans) at_switch->vlans = SIM_NEW_N(&run->arena, uint64_t, VLANS / WORD);
    at_switch->vlans[vlan % VLANS / WORD] |= UINT64_C(1) << (vlan % WORD);
}
