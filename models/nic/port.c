/* port.c: a port of the adapter: whose packet is next, and where frames that come in go. */
#include <stdio.h>
#include <string.h>

#include "models/nic/nic.h"

/* ---- queues ---- */

static void queue_push(NicQueue *q, NicQp *qp) {
    qp->next_ready = NULL;
    if (q->first)
        q->last->next_ready = qp;
    else
        q->first = qp;
    q->last = qp;
}

static void acks_push(NicQueue *q, NicQp *qp) {
    qp->next_ack = NULL;
    if (q->first)
        q->last->next_ack = qp;
    else
        q->first = qp;
    q->last = qp;
}

static inline void port_update_waiting(NicPort *port) {
    port->waiting = port->ready_mask | port->ack_mask | port->control_mask;
}

static void nic_transmit(SimRun *run, void *owner);

/* Sends at once where the transmitter is free: an idle port costs no event. */
static inline void port_start(SimRun *run, NicPort *port) {
    FabricPort *f = &port->fabric;
    if (!f->up || (f->armed && !f->paused)) return;
    if (f->busy_until <= run->context.now && !f->armed)
        nic_transmit(run, f);
    else
        fabric_port_wake(run, f);
}

void nic_port_ready(SimRun *run, NicQp *qp) {
    if (qp->ready) return;
    NicPort *port = qp->here->port;
    uint8_t priority = qp->here->priority;
    qp->ready = true;
    queue_push(&port->ready[priority], qp);
    port->ready_mask |= (uint8_t)(1u << priority);
    port_update_waiting(port);
    port_start(run, port);
}

void nic_port_ack_later(NicQp *qp) {
    if (qp->in_acks) return;
    NicPort *port = qp->here->port;
    uint8_t priority = qp->here->priority;
    qp->in_acks = true;
    acks_push(&port->acks[priority], qp);
    port->ack_mask |= (uint8_t)(1u << priority);
    port_update_waiting(port);
}

void nic_port_ack(SimRun *run, NicQp *qp) {
    if (qp->in_acks) return;
    nic_port_ack_later(qp);
    port_start(run, qp->here->port);
}

void nic_port_control(SimRun *run, NicPort *port, SimPacket *p) {
    fabric_queue_push(&port->fabric.queue[p->priority], p);
    port->control_mask |= (uint8_t)(1u << p->priority);
    port_update_waiting(port);
    port_start(run, port);
}

/* ---- transmitter ---- */

static SimPacket *take_control(NicPort *port, uint32_t priority) {
    SimPacket *p = fabric_queue_pop(&port->fabric.queue[priority]);
    if (!port->fabric.queue[priority].first) port->control_mask &= (uint8_t) ~(1u << priority);
    return p;
}

static SimPacket *take_ack(SimRun *run, NicPort *port, uint32_t priority) {
    NicQueue *q = &port->acks[priority];
    NicQp *qp = q->first;
    q->first = qp->next_ack;
    if (!q->first) port->ack_mask &= (uint8_t) ~(1u << priority);
    qp->in_acks = false;
    return nic_rc_ack(run, qp);
}

/* The ready queue pair whose turn it is gives one packet and goes to the back of the line. */
static SimPacket *take_ready(SimRun *run, NicPort *port, uint32_t priority) {
    NicQueue *q = &port->ready[priority];
    NicQp *qp = q->first;
    SimPacket *p = nic_rc_next(run, qp);
    if (nic_rc_has_work(qp)) {
        if (qp->next_ready) {
            q->first = qp->next_ready;
            queue_push(q, qp);
        }
    } else {
        q->first = qp->next_ready;
        qp->ready = false;
        if (!q->first) port->ready_mask &= (uint8_t) ~(1u << priority);
    }
    return p;
}

static inline SimPacket *port_next(SimRun *run, NicPort *port, uint32_t priority) {
    uint8_t bit = (uint8_t)(1u << priority);
    if (port->control_mask & bit) return take_control(port, priority);
    if (port->ack_mask & bit) return take_ack(run, port, priority);
    return take_ready(run, port, priority);
}

/* The transmitter is free. */
static void nic_transmit(SimRun *run, void *owner) {
    NicPort *port = owner;
    FabricPort *f = &port->fabric;
    f->armed = false;
    if (!f->up) return;
    SimPacket *p = NULL;
    while (!p) { /* a queue pair may turn out to have nothing */
        uint8_t eligible = fabric_port_eligible(run, f, port->waiting);
        if (!eligible) return;
        uint32_t priority = fabric_turn(f->last_priority, eligible);
        f->last_priority = (uint8_t)priority;
        p = port_next(run, port, priority);
        port_update_waiting(port);
    }
    fabric_port_send(run, f, p);
    if (port->waiting) {
        f->armed = true;
        sim_slot_set(run, f->transmit_slot, f->busy_until);
    }
}

/* ---- arrival ---- */

static void nic_arrive(SimRun *run, void *owner) {
    FabricPort *sender = owner;
    SimPacket *p = fabric_port_take(run, sender);
    if (!p) return;
    NicPort *port = (NicPort *)sender->peer;
    NicHost *host = port->host;
    Nic *nic = host->nic;
    if (__builtin_expect(p->op == FABRIC_ANNOUNCE, 0)) {
        fabric_packet_consume(nic->fabric, p);
        return;
    }
    NicQp *qp = nic->qps[p->qp];
    bool mine = qp->here->host == host && p->to == qp->here->address && p->vlan == qp->here->vlan;
    if (__builtin_expect(!mine, 0)) {
        host->filtered_frames++; /* flooded, meant for somebody else, or of another VLAN */
        fabric_packet_consume(nic->fabric, p);
        return;
    }
    sim_fingerprint_packet(run, host->domain, (uint64_t)p->psn << 32 | p->line_bytes << 8 | p->op);
    if (__builtin_expect(p->op == FABRIC_CONNECT, 0))
        nic_rc_connect_frame(run, qp, p);
    else
        nic_rc_handle(run, qp, p);
    fabric_packet_consume(nic->fabric, p);
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

/* Lists anew everything that waited at a port: queue pairs follow their endpoints. */
static void port_redistribute(SimRun *run, NicPort *port) {
    for (uint32_t priority = 0; priority < FABRIC_PRIORITIES; priority++) {
        NicQp *qp = port->ready[priority].first;
        port->ready[priority] = (NicQueue){0};
        while (qp) {
            NicQp *next = qp->next_ready;
            qp->ready = false;
            if (qp->here->port == port) {
                qp->ready = true;
                queue_push(&port->ready[priority], qp);
            } else {
                nic_port_ready(run, qp);
            }
            qp = next;
        }
        qp = port->acks[priority].first;
        port->acks[priority] = (NicQueue){0};
        while (qp) {
            NicQp *next = qp->next_ack;
            qp->in_acks = false;
            if (qp->here->port == port) {
                qp->in_acks = true;
                acks_push(&port->acks[priority], qp);
            } else {
                nic_port_ack(run, qp);
            }
            qp = next;
        }
        uint8_t bit = (uint8_t)(1u << priority);
        port->ready_mask =
            (uint8_t)((port->ready_mask & ~bit) | (port->ready[priority].first ? bit : 0));
        port->ack_mask =
            (uint8_t)((port->ack_mask & ~bit) | (port->acks[priority].first ? bit : 0));
    }
    port_update_waiting(port);
}

void nic_endpoint_move(SimRun *run, NicEndpoint *e, NicPort *to) {
    NicPort *from = e->port;
    if (from == to) return;
    e->port = to;
    port_redistribute(run, from);
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
    for (uint32_t k = 0; k < host->n_qps; k++)
        if (host->qp[k]->here == e && host->qp[k]->state == NIC_QP_READY)
            nic_rc_break(run, host->qp[k]);
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
    port_update_waiting(port);
}

static void port_on_link(SimRun *run, FabricPort *f, bool up) {
    NicPort *port = (NicPort *)f;
    if (!up) port_drop_control(port);
    sim_timer_set(run, &port->carrier, run->context.now + port->host->params->failover);
}

void nic_port_init(SimRun *run, NicPort *port, NicHost *host, uint32_t number) {
    fabric_port_init(run, &port->fabric, host->domain, number, nic_arrive, nic_transmit);
    port->host = host;
    port->name = sim_arena_printf(&run->arena, "%s/%u", host->name, number);
    port->fabric.on_link = port_on_link;
    char label[32];
    snprintf(label, sizeof label, "%u/carrier", number);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER, label, &port->carrier, port_carrier_seen,
                  port);
}
