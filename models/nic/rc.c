/* rc.c: the reliable connection: making it, breaking it, timers. */
#include "models/nic/rc.h"

#include "models/fabric/params.h"
#include "models/nic/dcqcn.h"

uint32_t nic_rc_line_bytes(const NicQp *qp, FrameOpcode op, uint32_t payload) {
    const FabricFramingParams *f = qp->framing;
    uint32_t gap = (uint32_t)f->gap;
    if (op == FRAME_ACK && f->ack != SIM_ABSENT) return (uint32_t)f->ack + gap;
    if (f->header != SIM_ABSENT) return payload + (uint32_t)f->header + gap;
    return frame_bytes(qp->kind, qp->c.here->tagged, op, payload) + gap;
}

/* ---- frames that come in ---- */

static void rc_connect_frame(SimRun *run, NicQp *qp, const SimPacket *p);

static void rc_handle(SimRun *run, NicConnection *c, SimPacket *p) {
    NicQp *qp = (NicQp *)c;
    if (__builtin_expect(p->op == FABRIC_CONNECT || !c->standing, 0)) {
        if (p->op == FABRIC_CONNECT || p->epoch == c->epoch)
            rc_connect_frame(run, qp, p); /* data of the new connection says it stands */
        if (p->op == FABRIC_CONNECT || !c->standing) return;
    }
    if (__builtin_expect(p->epoch != c->epoch, 0)) {
        c->here->host->stale_frames++;
        return;
    }
    if (p->op == FRAME_ACK) {
        nic_rc_take_ack(run, qp, p);
    } else if (p->op >= FRAME_READ_FIRST && p->op <= FRAME_READ_ONLY) {
        c->here->host->rdma_in_frames++;
        c->here->host->rdma_in_bytes += p->payload;
        if (p->flags & SIM_PACKET_CE) nic_rc_marked(run, qp);
        nic_rc_take_response(run, qp, p);
    } else if (__builtin_expect(p->op == FRAME_CNP, 0)) {
        c->here->host->cnps_handled++;
        NicCongestion *cc = qp->congestion;
        if (cc && cc->ops->notified) cc->ops->notified(cc, run->context.now);
        if (cc) nic_rc_wake(run, qp);
    } else {
        nic_rc_take_request(run, qp, p);
    }
}

const NicProtocol nic_rc_protocol = {"rc",       rc_handle,       nic_rc_next,
                                     nic_rc_ack, nic_rc_has_work, nic_rc_give_up};

/* ---- congestion control ---- */

void nic_rc_wake(SimRun *run, NicQp *qp) {
    if (qp->congestion->wake == SIM_NEVER)
        sim_timer_stop(&qp->tick);
    else if (qp->congestion->wake != qp->tick.due)
        sim_timer_set(run, &qp->tick, qp->congestion->wake);
}

static void rc_tick(SimRun *run, void *owner) {
    NicQp *qp = owner;
    qp->congestion->ops->tick(qp->congestion, run->context.now);
    nic_rc_wake(run, qp);
}

static void rc_congestion_start(SimRun *run, NicQp *qp) {
    const NicCongestionOps *ops = qp->congestion->ops;
    ops->start(qp->congestion, qp->c.here->host->dcqcn, qp->c.here->home->fabric.bps, qp->mtu);
    (void)run;
}

/* What a congestion control says stays with its connection: one of each. */
static void rc_congestion_init(SimRun *run, NicQp *qp, const char *label) {
    NicHost *host = qp->c.here->host;
    const NicHost *far = qp->c.there->host;
    if (far->dcqcn) {
        const NicCongestionOps *theirs =
            nic_dcqcn_ops(far->params->nic->congestion - NIC_CONGESTION_DCQCN_PAPER, far->dcqcn);
        qp->notifies = theirs->notifies;
        qp->cnp_interval = far->dcqcn->cnp_interval;
    }
    if (!host->dcqcn) return;
    const NicCongestionOps *ops =
        nic_dcqcn_ops(host->params->nic->congestion - NIC_CONGESTION_DCQCN_PAPER, host->dcqcn);
    qp->congestion = sim_arena_alloc(&run->arena, ops->size);
    qp->congestion->ops = ops;
    qp->c.flags |= SIM_PACKET_ECT;
    rc_congestion_start(run, qp);
    sim_timer_add(run, host->domain, SIM_PHASE_TIMER,
                  sim_arena_printf(&run->arena, "%s/rate", label), &qp->tick, rc_tick, qp);
}

/* ---- making ---- */

static void rc_timer(SimRun *run, void *owner);

static void rc_reset(SimRun *run, NicQp *qp, uint16_t epoch) {
    qp->next_psn = qp->una_psn = qp->post_psn = qp->expected_psn = qp->msn = qp->message_psn = 0;
    qp->send_packet = qp->since_ack_request = qp->reads_out = 0;
    qp->retries_left = (uint32_t)qp->adapter->retries;
    qp->rnr_left = (uint32_t)qp->adapter->rnr_retries;
    qp->nak_sent = qp->ack_due = qp->nak_due = qp->gap_seen = qp->repairing = qp->echo = false;
    qp->n_jobs = 0;
    qp->send = NULL;
    qp->c.epoch = epoch;
    qp->c.not_before = 0;
    for (uint32_t i = 0; qp->sacked && i < qp->hole_room; i++)
        qp->sacked[i].psn = qp->kept[i].psn = UINT32_MAX;
    if (qp->congestion) {
        rc_congestion_start(run, qp);
        sim_timer_stop(&qp->tick);
    }
}

NicConnection *nic_rc_new(SimRun *run) {
    NicQp *qp = SIM_NEW(&run->arena, NicQp);
    qp->c.protocol = &nic_rc_protocol;
    return &qp->c;
}

/* Selective repeat tells apart as many PSNs as its window, at most these. */
enum { HOLES_MOST = 4096 };

/* Most packets an adapter has unacknowledged. */
static uint32_t rc_window(const NicAdapter *a, uint32_t mtu, int64_t most) {
    int64_t window = a->window == SIM_ABSENT ? INT64_MAX : a->window / mtu;
    return (uint32_t)(window < 1 ? 1 : window < most ? window : most);
}

static void rc_windows(SimRun *run, NicQp *qp) {
    const NicAdapter *a = qp->adapter, *far = qp->c.there->host->params->nic;
    bool selective = a->recovery == NIC_SELECTIVE;
    qp->window = rc_window(a, qp->mtu, selective ? HOLES_MOST : INT32_MAX);
    if (!selective) return;
    /* room for what either end may have under way */
    qp->hole_room = rc_window(far, qp->mtu, HOLES_MOST);
    if (qp->hole_room < qp->window) qp->hole_room = qp->window;
    qp->sacked = SIM_NEW_N(&run->arena, NicHole, qp->hole_room);
    qp->kept = SIM_NEW_N(&run->arena, NicHole, qp->hole_room);
}

void nic_rc_init(SimRun *run, NicConnection *c, const char *label) {
    NicQp *qp = (NicQp *)c;
    const NicAdapter *here = c->here->host->params->nic, *far = c->there->host->params->nic;
    const FabricFramingParams *framing = fabric_framing(run->config.scenario);
    c->end.ops = &nic_rc_ops;
    qp->adapter = here;
    qp->framing = framing;
    qp->ack_every = (uint32_t)here->ack_every;
    qp->plain = here->recovery == NIC_GO_BACK_N && here->receives == SIM_ABSENT;
    qp->kind = here->roce == NIC_ROCE_V1 ? FRAME_V1
               : here->ip == NIC_IP_V6   ? FRAME_V2_IPV6
                                         : FRAME_V2_IPV4;
    /* of path MTU and outstanding READs, the lesser of the two ends holds (IBTA volume 1, 12.7) */
    qp->mtu = (uint32_t)(here->mtu < far->mtu ? here->mtu : far->mtu);
    if (framing->payload != SIM_ABSENT) qp->mtu = (uint32_t)framing->payload;
    qp->reads = (uint32_t)(here->reads < far->reads ? here->reads : far->reads);
    qp->each_ack = here->acks == NIC_ACKS_EACH;
    qp->full_line = nic_rc_line_bytes(qp, FRAME_WRITE_MIDDLE, qp->mtu);
    qp->ack_line = nic_rc_line_bytes(qp, FRAME_ACK, 0);
    qp->job = SIM_NEW_N(&run->arena, NicReadJob, qp->reads);
    /* 4.096 us x 2^t, IBTA volume 1, 9.7.6.1.3 */
    qp->timeout = (INT64_C(4096) * SIM_NS) << here->ack_timeout;
    rc_windows(run, qp);
    sim_timer_add(run, c->here->host->domain, SIM_PHASE_TIMER, label, &qp->timer, rc_timer, qp);
    rc_congestion_init(run, qp, label);
    rc_reset(run, qp, 0);
    nic_connection_stand(c, true);
}

int64_t nic_rc_kept(const NicConnection *c) {
    int64_t n = 0;
    for (const NicWqe *w = ((const NicQp *)c)->first; w; w = w->next)
        n++;
    return n;
}

/* ---- breaking, setting up again ---- */

/* Connection requests and replies are UD datagrams of one MAD: DETH 8 and 256 bytes (IBTA
 * volume 1, 13.4.2 and 12.6). */
enum { CONNECT_MAD_BYTES = 256, DETH_BYTES = 8, CONNECT_REQUEST = 0, CONNECT_REPLY = 1 };

static void rc_connect_send(SimRun *run, NicQp *qp, uint32_t kind) {
    if (!qp->c.here->port->fabric.up) return; /* tried again after `reconnect` */
    SimPacket *p = nic_packet(&qp->c, FABRIC_CONNECT);
    p->psn = 0;
    p->payload = kind;
    p->line_bytes = nic_rc_line_bytes(qp, FRAME_SEND_ONLY, CONNECT_MAD_BYTES + DETH_BYTES);
    /* Address resolution comes before a request and asks everybody (RFC 826), so that it gets there
     * whatever switches remember; in a routed fabric there is nothing to forget. */
    if (kind == CONNECT_REQUEST && !qp->c.fabric->routed) p->flags |= SIM_PACKET_BROADCAST;
    nic_port_control(run, qp->c.here->port, p);
}

/* Breaks the connection at this end: state first, then the flushes, oldest first. */
static void rc_flush(SimRun *run, NicQp *qp, uint16_t epoch) {
    NicWqe *w = qp->first;
    NicHost *host = qp->c.here->host;
    qp->first = qp->last = NULL;
    nic_connection_stand(&qp->c, false);
    rc_reset(run, qp, epoch);
    host->connections_broken++;
    host->completion_errors += w != NULL;
    while (w) {
        NicWqe *next = w->next;
        void *token = w->token;
        sim_pool_put(&host->nic->wqes, w);
        qp->c.end.user->complete(run, &qp->c.end, token, TRANSPORT_FLUSHED);
        w = next;
    }
    if (qp->c.end.user->changed) qp->c.end.user->changed(run, &qp->c.end, false);
}

void nic_rc_give_up(SimRun *run, NicConnection *c) {
    NicQp *qp = (NicQp *)c;
    rc_flush(run, qp, (uint16_t)(c->epoch + 1));
    sim_timer_set(run, &qp->timer, run->context.now + qp->adapter->reconnect);
}

static void rc_established(SimRun *run, NicQp *qp) {
    qp->asked = false;
    nic_connection_stand(&qp->c, true);
    sim_timer_stop(&qp->timer);
    if (qp->c.end.user->changed) qp->c.end.user->changed(run, &qp->c.end, true);
}

static void rc_connect_frame(SimRun *run, NicQp *qp, const SimPacket *p) {
    bool newer = (int16_t)(p->epoch - qp->c.epoch) > 0;
    bool request = p->op == FABRIC_CONNECT && p->payload == CONNECT_REQUEST;
    if (newer) {
        if (!request) return;
        if (qp->c.standing)
            rc_flush(run, qp, p->epoch);
        else
            rc_reset(run, qp, p->epoch);
    } else if (p->epoch != qp->c.epoch) {
        qp->c.here->host->stale_frames++;
        return;
    }
    if (request) rc_connect_send(run, qp, CONNECT_REPLY);
    if (!qp->c.standing) rc_established(run, qp);
}

static void rc_timer(SimRun *run, void *owner) {
    NicQp *qp = owner;
    if (!qp->c.standing) {
        if (qp->asked) qp->c.here->host->rdma_failed_attempts++; /* nobody replied */
        qp->asked = true;
        rc_connect_send(run, qp, CONNECT_REQUEST);
        sim_timer_set(run, &qp->timer, run->context.now + qp->adapter->reconnect);
        return;
    }
    if (qp->una_psn == qp->next_psn) return;
    qp->c.here->host->local_ack_timeout_err++;
    if (qp->retries_left == 0) {
        nic_rc_give_up(run, &qp->c);
        return;
    }
    qp->retries_left--;
    NicCongestion *cc = qp->congestion;
    if (cc && cc->ops->expired) {
        cc->ops->expired(cc, run->context.now, 0);
        nic_rc_wake(run, qp);
    }
    nic_rc_timer_start(run, qp);
    if (qp->sacked)
        nic_rc_repair(run, qp);
    else
        nic_rc_go_back(run, qp, qp->una_psn);
}
