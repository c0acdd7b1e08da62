/* port.c: a port of the adapter: whose packet is next, and where frames that come in go. */
#include <stdio.h>
#include <string.h>

#include "models/frame/frame.h"
#include "models/nic/nic.h"
#include "models/nic/pipe.h"

/* ---- standing in line ---- */

static void acks_push(NicQueue *q, NicConnection *c) {
    c->next_ack = NULL;
    if (q->first)
        q->last->next_ack = c;
    else
        q->first = c;
    q->last = c;
}

static inline void port_update_waiting(NicPort *port) {
    port->waiting = port->ready_mask | port->ack_mask | port->control_mask;
}

static inline void line_enter(NicPort *port, const NicConnection *c) {
    NicLine *line = &port->line[c->priority];
    uint64_t bit = UINT64_C(1) << (c->place % 64);
    if (line->word[c->place / 64] & bit) return;
    line->word[c->place / 64] |= bit;
    line->n++;
    port->ready_mask |= (uint8_t)(1u << c->priority);
    port_update_waiting(port);
}

static inline void line_leave(NicPort *port, const NicConnection *c) {
    NicLine *line = &port->line[c->priority];
    uint64_t bit = UINT64_C(1) << (c->place % 64);
    if (!(line->word[c->place / 64] & bit)) return;
    line->word[c->place / 64] &= ~bit;
    if (--line->n == 0) port->ready_mask &= (uint8_t) ~(1u << c->priority);
    port_update_waiting(port);
}

/* The next in line after the one served last; the line is not empty. */
static inline uint32_t line_next(const NicLine *line, uint32_t n_words) {
    uint32_t word = line->last / 64, shift = line->last % 64;
    uint64_t after = shift == 63 ? 0 : line->word[word] & (~UINT64_C(0) << (shift + 1));
    while (!after) {
        word = word + 1 == n_words ? 0 : word + 1;
        after = line->word[word];
    }
    return word * 64 + (uint32_t)__builtin_ctzll(after);
}

static void nic_transmit(SimRun *run, void *owner);

/* Sends at once where the transmitter is free: an idle port costs no event. */
static inline void port_start(SimRun *run, NicPort *port) {
    FabricPort *f = &port->fabric;
    SimTime now = run->context.now;
    if (!f->up) return;
    if (f->busy_until + port->host->nic->linger <= now && !f->armed)
        nic_transmit(run, f);
    else
        fabric_port_wake(run, f);
}

/* Its time has not come: it waits in the heap. */
static void port_pace(NicPort *port, NicConnection *c) {
    sim_heap_put(&port->pace, &c->pace, c->not_before);
}

/* Lets those into the line whose time has come by `now`. */
static void port_admit(NicPort *port, SimTime now) {
    while (port->pace.n && port->pace.entry[0].time <= now) {
        SimHeapEntry head = sim_heap_take(&port->pace);
        NicConnection *c = (NicConnection *)((char *)head.item - offsetof(NicConnection, pace));
        if (c->pace.armed == head.time && c->here->port == port) {
            c->pace.armed = SIM_NEVER;
            if (c->not_before > now)
                port_pace(port, c);
            else if (c->ready)
                line_enter(port, c);
        }
        sim_heap_settle(&port->pace);
    }
}

void nic_port_ready(SimRun *run, NicConnection *c) {
    if (c->ready) return;
    NicPort *port = c->here->port;
    c->ready = true;
    if (c->not_before > run->context.now) {
        if (c->pace.armed == SIM_NEVER || c->pace.armed > c->not_before) port_pace(port, c);
        if (!port->choosing) port_start(run, port);
        return;
    }
    line_enter(port, c);
    if (!port->choosing) port_start(run, port);
}

void nic_port_hold(SimRun *run, NicConnection *c) {
    (void)run;
    if (!c->ready) return;
    line_leave(c->here->port, c);
    if (c->pace.armed == SIM_NEVER) port_pace(c->here->port, c);
}

void nic_port_ack_later(NicConnection *c) {
    if (c->in_acks) return;
    NicPort *port = c->here->port;
    c->in_acks = true;
    acks_push(&port->acks[c->ack_priority], c);
    port->ack_mask |= (uint8_t)(1u << c->ack_priority);
    port_update_waiting(port);
}

void nic_port_ack(SimRun *run, NicConnection *c) {
    if (c->in_acks) return;
    nic_port_ack_later(c);
    port_start(run, c->here->port);
}

void nic_port_control(SimRun *run, NicPort *port, SimPacket *p) {
    fabric_queue_push(&port->fabric.queue[p->priority], p);
    port->control_mask |= (uint8_t)(1u << p->priority);
    port_update_waiting(port);
    port_start(run, port);
}

void nic_port_urgent(SimRun *run, NicPort *port, SimPacket *p) {
    fabric_queue_push(&port->urgent, p);
    port->fabric.kept++;
    port_start(run, port);
}

/* ---- transmitter ---- */

static SimPacket *take_control(NicPort *port, uint32_t priority) {
    SimPacket *p = fabric_queue_pop(&port->fabric.queue[priority]);
    if (!port->fabric.queue[priority].first) port->control_mask &= (uint8_t) ~(1u << priority);
    return p;
}

static SimPacket *take_urgent(NicPort *port) {
    port->fabric.kept--;
    return fabric_queue_pop(&port->urgent);
}

static SimPacket *take_ack(SimRun *run, NicPort *port, uint32_t priority) {
    NicQueue *q = &port->acks[priority];
    NicConnection *c = q->first;
    q->first = c->next_ack;
    if (!q->first) port->ack_mask &= (uint8_t) ~(1u << priority);
    c->in_acks = false;
    return c->protocol->ack(run, c);
}

/* The connection whose turn it is gives one packet. It stays in line while it has more and may
 * send again as soon as this packet is out; else it leaves, or waits for its time. */
static SimPacket *take_ready(SimRun *run, NicPort *port, uint32_t priority) {
    NicLine *line = &port->line[priority];
    line->last = line_next(line, port->host->n_words);
    NicConnection *c = port->host->connection[line->last];
    SimPacket *p = c->protocol->next(run, c);
    if (p && p->op < FABRIC_PFC) {
        port->host->rdma_out_frames++;
        port->host->rdma_out_bytes += p->op == FRAME_READ_REQUEST ? 0 : p->payload;
    }
    if (!c->protocol->has_work(c)) {
        c->ready = false;
        line_leave(port, c);
    } else if (p && c->not_before > run->context.now) {
        FabricPort *f = &port->fabric;
        SimTime free =
            f->ticks_a_byte ? run->context.now + (SimTime)p->line_bytes * f->ticks_a_byte : 0;
        if (c->not_before > free) {
            line_leave(port, c);
            port_pace(port, c);
        }
    }
    return p;
}

static inline SimPacket *port_next(SimRun *run, NicPort *port, uint32_t priority) {
    uint8_t bit = (uint8_t)(1u << priority);
    if (port->control_mask & bit) return take_control(port, priority);
    if (port->ack_mask & bit) return take_ack(run, port, priority);
    return take_ready(run, port, priority);
}

/* The frame to send now; NULL: none may go. */
static SimPacket *port_choose(SimRun *run, NicPort *port) {
    FabricPort *f = &port->fabric;
    if (port->pace.n) port_admit(port, run->context.now);
    if (__builtin_expect(port->urgent.first != NULL, 0)) return take_urgent(port);
    SimPacket *p = NULL;
    while (!p) { /* a connection may turn out to have nothing */
        uint8_t eligible = fabric_port_eligible(run, f, port->waiting);
        if (!eligible) return NULL;
        uint32_t priority = fabric_port_choose(f, eligible);
        p = port_next(run, port, priority);
        port_update_waiting(port);
        if (p && (eligible & (eligible - 1))) fabric_port_spend(f, priority, p->line_bytes);
    }
    return p;
}

/* When the transmitter is wanted again: when it is free, or when the first paced one may send. */
static void port_arm(SimRun *run, NicPort *port) {
    FabricPort *f = &port->fabric;
    SimTime at = SIM_NEVER;
    if (port->waiting | f->pause_dirty | (port->urgent.first != NULL))
        at = f->busy_until;
    else if (port->pace.n)
        at = port->pace.entry[0].time > f->busy_until ? port->pace.entry[0].time : f->busy_until;
    if (at == SIM_NEVER) return;
    f->armed = true;
    sim_slot_set(run, f->transmit_slot, at);
}

/* Nothing may go now: the first paced one will look again, if no pause ends before. */
static void port_arm_pace(SimRun *run, NicPort *port) {
    FabricPort *f = &port->fabric;
    if (!port->pace.n) return;
    SimTime at = port->pace.entry[0].time;
    if (f->armed && sim_tournament_time(&run->slots, f->transmit_slot) <= at) return;
    f->armed = true;
    sim_slot_set(run, f->transmit_slot, at);
}

/* The transmitter is free. */
static void nic_transmit(SimRun *run, void *owner) {
    NicPort *port = owner;
    FabricPort *f = &port->fabric;
    f->armed = false;
    if (!f->up) return;
    if (__builtin_expect(f->pause_dirty, 0)) {
        fabric_port_send_pause(run, f);
    } else {
        port->choosing = true;
        SimPacket *p = port_choose(run, port);
        port->choosing = false;
        if (!p) {
            port_arm_pace(run, port);
            return;
        }
        fabric_port_send(run, f, p);
    }
    port_arm(run, port);
}

/* ---- arrival ---- */

void nic_port_deliver(SimRun *run, NicPort *port, SimPacket *p) {
    NicHost *host = port->host;
    NicConnection *c = host->nic->connections[p->qp];
    sim_fingerprint_packet(run, host->domain, (uint64_t)p->psn << 32 | p->line_bytes << 8 | p->op);
    c->protocol->handle(run, c, p);
    fabric_packet_consume(host->nic->fabric, p);
}

static void nic_arrive(SimRun *run, void *owner) {
    FabricPort *sender = owner;
    SimPacket *p = fabric_port_take(run, sender);
    if (!p) return;
    NicPort *port = (NicPort *)sender->peer;
    NicHost *host = port->host;
    Nic *nic = host->nic;
    nic->fabric->hops++;
    if (__builtin_expect(port->fabric.received != NULL, 0)) { /* adapters count by the tag */
        uint8_t as = p->flags & SIM_PACKET_TAGGED ? p->pcp : p->priority;
        FabricFlow *in = &port->fabric.received[as];
        in->frames++;
        in->bytes += p->line_bytes;
    }
    if (__builtin_expect(p->op == FABRIC_ANNOUNCE, 0)) {
        fabric_packet_consume(nic->fabric, p);
        return;
    }
    NicConnection *c = nic->connections[p->qp];
    bool mine = c->here->host == host && p->to == c->from && p->vlan == c->vlan;
    if (__builtin_expect(!mine, 0)) {
        host->filtered_frames++; /* flooded, meant for somebody else, or of another VLAN */
        fabric_packet_consume(nic->fabric, p);
        return;
    }
    if (__builtin_expect(port->pipe != NULL, 0))
        nic_pipe_take(run, port->pipe, p);
    else
        nic_port_deliver(run, port, p);
}

/* ---- carrier and moves ---- */

void nic_endpoint_announce(SimRun *run, NicEndpoint *e) {
    Nic *nic = nic_of(run);
    SimPacket *p = fabric_packet_new(nic->fabric);
    p->op = FABRIC_ANNOUNCE;
    p->line_bytes = 64 + 20; /* an ARP frame is the shortest there is (RFC 826 in 64 bytes) */
    p->from = e->address;
    p->flags = SIM_PACKET_BROADCAST;
    p->vlan = e->vlan;
    nic_port_control(run, e->port, p);
}

/* Has the connections of an endpoint that has moved stand in line where it is now. */
static void endpoint_stand_again(SimRun *run, NicEndpoint *e, NicPort *from) {
    NicHost *host = e->host;
    for (uint32_t i = 0; i < host->n_connections; i++) {
        NicConnection *c = host->connection[i];
        if (c->here != e) continue;
        line_leave(from, c);
        c->pace.armed = SIM_NEVER;
        if (!c->ready) continue;
        c->ready = false;
        nic_port_ready(run, c);
    }
    for (uint32_t priority = 0; priority < FABRIC_PRIORITIES; priority++) {
        NicConnection *c = from->acks[priority].first;
        from->acks[priority] = (NicQueue){0};
        from->ack_mask &= (uint8_t) ~(1u << priority);
        while (c) {
            NicConnection *next = c->next_ack;
            c->in_acks = false;
            nic_port_ack_later(c);
            c = next;
        }
    }
    port_update_waiting(from);
    port_start(run, e->port);
}

void nic_endpoint_move(SimRun *run, NicEndpoint *e, NicPort *to) {
    NicPort *from = e->port;
    if (from == to) return;
    e->port = to;
    endpoint_stand_again(run, e, from);
    nic_endpoint_announce(run, e);
    fabric_address_moved(run, e->address, &to->fabric);
}

static NicPort *host_live_port(NicHost *host) {
    for (uint32_t i = 0; i < host->n_ports; i++)
        if (host->port[i].fabric.peer && host->port[i].fabric.up) return &host->port[i];
    return NULL;
}

/* No way out is left: its connections end, and their users hear of it. */
static void endpoint_break(SimRun *run, NicEndpoint *e) {
    NicHost *host = e->host;
    for (uint32_t k = 0; k < host->n_connections; k++) {
        NicConnection *c = host->connection[k];
        if (c->here == e && c->standing) c->protocol->give_up(run, c);
    }
}

/* `failover` after a change of carrier: the host moves its vNICs, or gives up its connections. */
static void port_carrier_seen(SimRun *run, void *owner) {
    NicPort *port = owner;
    NicHost *host = port->host;
    bool up = port->fabric.up;
    for (uint32_t i = 0; i < host->n_endpoints; i++) {
        NicEndpoint *e = &host->endpoint[i];
        if (host->params->team == NIC_TEAM_PINNED) {
            NicPort *to = e->home->fabric.up ? e->home : e->port;
            if (!to->fabric.up) to = host_live_port(host);
            if (to)
                nic_endpoint_move(run, e, to);
            else
                endpoint_break(run, e);
        } else if (!up && e->port == port) {
            endpoint_break(run, e);
        }
        if (up && e->port == port) nic_endpoint_announce(run, e);
    }
}

/* What waited for the cable is lost with it; the rest has not been made yet. */
static void port_drop_control(NicPort *port) {
    for (uint32_t priority = 0; priority < FABRIC_PRIORITIES; priority++)
        while (port->control_mask >> priority & 1)
            fabric_packet_drop(port->fabric.fabric, take_control(port, priority),
                               &port->fabric.drops.cut);
    while (port->urgent.first)
        fabric_packet_drop(port->fabric.fabric, take_urgent(port), &port->fabric.drops.cut);
    port_update_waiting(port);
}

static void port_on_link(SimRun *run, FabricPort *f, bool up) {
    NicPort *port = (NicPort *)f;
    if (!up) port_drop_control(port);
    if (up && port->pipe) nic_pipe_link_up(run, port->pipe);
    sim_timer_set(run, &port->carrier, run->context.now + port->host->params->failover);
}

void nic_port_init(SimRun *run, NicPort *port, NicHost *host, uint32_t number) {
    fabric_port_init(run, &port->fabric, host->domain, number, nic_arrive, nic_transmit);
    port->host = host;
    port->name = sim_arena_printf(&run->arena, "%s/%u", host->name, number);
    port->fabric.on_link = port_on_link;
    port->fabric.schedule = &host->schedule;
    port->fabric.lossless = port->fabric.obeys = host->lossless;
    port->fabric.pause_response = host->params->nic->pause_response;
    char label[32];
    snprintf(label, sizeof label, "%u/carrier", number);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER, label, &port->carrier, port_carrier_seen,
                  port);
    if (host->params->nic->receive) nic_pipe_add(run, port);
}

void nic_port_start(SimRun *run, NicPort *port) {
    NicHost *host = port->host;
    for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++)
        port->line[p] = (NicLine){SIM_NEW_N(&run->arena, uint64_t, host->n_words), 0, 0};
    sim_heap_init(&port->pace, &run->arena, host->n_connections);
    if (port->pipe) nic_pipe_start(run, port->pipe);
}
