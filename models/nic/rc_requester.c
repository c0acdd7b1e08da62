/* rc_requester.c: the reliable connection: posting, sending, what acknowledgements say. */
#include "models/nic/rc.h"

static inline bool verb_notifies(TransportVerb verb) {
    return verb == TRANSPORT_SEND || verb == TRANSPORT_WRITE_NOTIFY;
}

/* ---- posting ---- */

static void rc_post(SimRun *run, TransportEnd *end, TransportVerb verb, uint32_t bytes,
                    void *token) {
    NicQp *qp = (NicQp *)end;
    SIM_ASSERT(&run->context, end->up && bytes >= 1);
    NicWqe *w = sim_pool_get(&qp->c.here->host->nic->wqes);
    *w = (NicWqe){.token = token, .bytes = bytes, .verb = verb, .first_psn = qp->post_psn};
    w->packets = (bytes + qp->mtu - 1) / qp->mtu;
    qp->post_psn += w->packets;
    if (qp->first)
        qp->last->next = w;
    else
        qp->first = w;
    qp->last = w;
    if (!qp->send) {
        qp->send = w;
        qp->send_packet = 0;
    }
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c);
}

const TransportOps nic_rc_ops = {rc_post};

/* ---- what may be sent ---- */

static inline bool window_open(const NicQp *qp) {
    uint32_t out = qp->next_psn - qp->una_psn;
    if (out >= qp->window) return false;
    return !qp->congestion || qp->congestion->window == INT64_MAX ||
           (int64_t)out * qp->mtu < qp->congestion->window;
}

/* A PSN from repair_psn on that is not known to have come; repair_end: none. */
static uint32_t repair_next(const NicQp *qp) {
    uint32_t psn = nic_psn_before(qp->repair_psn, qp->una_psn) ? qp->una_psn : qp->repair_psn;
    while (nic_psn_before(psn, qp->repair_end) && qp->sacked[psn % qp->hole_room].psn == psn)
        psn++;
    return nic_psn_before(psn, qp->repair_end) ? psn : qp->repair_end;
}

static inline bool may_request(const NicQp *qp) {
    const NicWqe *w = qp->send;
    if (!qp->c.standing) return false;
    if (qp->repairing && repair_next(qp) != qp->repair_end) return true;
    return w && window_open(qp) && (w->verb != TRANSPORT_READ || qp->reads_out < qp->reads);
}

bool nic_rc_has_work(const NicConnection *c) {
    const NicQp *qp = (const NicQp *)c;
    return qp->n_jobs || may_request(qp);
}

/* ---- sending ---- */

static FrameOpcode rc_opcode(TransportVerb verb, bool first, bool last) {
    static const uint8_t op[3][4] = {
        /* middle, first, last, only */
        {FRAME_WRITE_MIDDLE, FRAME_WRITE_FIRST, FRAME_WRITE_LAST, FRAME_WRITE_ONLY},
        {FRAME_WRITE_MIDDLE, FRAME_WRITE_FIRST, FRAME_WRITE_LAST_IMM, FRAME_WRITE_ONLY_IMM},
        {FRAME_SEND_MIDDLE, FRAME_SEND_FIRST, FRAME_SEND_LAST, FRAME_SEND_ONLY}};
    uint32_t row = verb == TRANSPORT_SEND ? 2 : verb == TRANSPORT_WRITE_NOTIFY;
    return op[row][first + 2 * last];
}

/* `send` is all sent: go on with the next operation. */
static inline void rc_advance(NicQp *qp) {
    qp->send = qp->send->next;
    qp->send_packet = 0;
}

void nic_rc_timer_start(SimRun *run, NicQp *qp) {
    SimTime timeout = qp->timeout;
    if (qp->sacked && qp->adapter->rto_high > 0) {
        uint32_t out = qp->next_psn - qp->una_psn;
        timeout = out <= (uint32_t)qp->adapter->rto_packets ? qp->adapter->rto_low
                                                            : qp->adapter->rto_high;
    }
    sim_timer_set(run, &qp->timer, run->context.now + timeout);
}

static SimPacket *rc_next_read(NicQp *qp) {
    NicWqe *w = qp->send;
    SimPacket *p = nic_packet(&qp->c, FRAME_READ_REQUEST);
    p->psn = w->first_psn + w->read_done;
    p->line_bytes = nic_rc_line_bytes(qp, FRAME_READ_REQUEST, 0);
    p->payload = w->bytes - w->read_done * qp->mtu; /* length asked for, in the RETH */
    p->flags |= SIM_PACKET_ACK_REQ;
    qp->reads_out++;
    qp->next_psn = w->first_psn + w->packets;
    qp->since_ack_request = 0; /* the responses acknowledge */
    rc_advance(qp);
    return p;
}

/* Packet i of an operation. */
static SimPacket *rc_packet(NicQp *qp, const NicWqe *w, uint32_t i) {
    bool first = i == 0, last = i + 1 == w->packets;
    SimPacket *p = nic_packet(&qp->c, 0);
    p->psn = w->first_psn + i;
    if (!first && !last) {
        p->op = rc_opcode(w->verb, false, false);
        p->payload = qp->mtu;
        p->line_bytes = qp->full_line;
    } else {
        p->op = rc_opcode(w->verb, first, last);
        p->payload = last ? w->bytes - i * qp->mtu : qp->mtu;
        p->line_bytes = nic_rc_line_bytes(qp, p->op, p->payload);
        p->info = w->bytes;
    }
    if (last || qp->sacked || qp->since_ack_request + 1 >= qp->ack_every) {
        p->flags |= SIM_PACKET_ACK_REQ;
        qp->since_ack_request = 0;
    } else {
        qp->since_ack_request++;
    }
    if (last) {
        p->flags |= SIM_PACKET_LAST;
        if (verb_notifies(w->verb)) p->flags |= SIM_PACKET_NOTIFY;
        p->token = w->token;
    }
    return p;
}

/* Selective: a packet sent before, again. */
static SimPacket *rc_next_repair(NicQp *qp, uint32_t psn) {
    const NicWqe *w = qp->first;
    while (w && !nic_psn_before(psn, w->first_psn + w->packets))
        w = w->next;
    qp->repair_psn = psn + 1;
    if (!w || w->verb == TRANSPORT_READ) return NULL; /* its responses tell what is missing */
    return rc_packet(qp, w, psn - w->first_psn);
}

static SimPacket *rc_next_request(SimRun *run, NicQp *qp) {
    if (!sim_timer_armed(&qp->timer)) nic_rc_timer_start(run, qp);
    if (__builtin_expect(qp->repairing, 0)) {
        uint32_t psn = repair_next(qp);
        if (psn != qp->repair_end) return rc_next_repair(qp, psn);
        if (!qp->send || !window_open(qp)) return NULL;
    }
    NicWqe *w = qp->send;
    if (w->verb == TRANSPORT_READ) return rc_next_read(qp);
    SimPacket *p = rc_packet(qp, w, qp->send_packet++);
    qp->next_psn = p->psn + 1;
    if (qp->send_packet == w->packets) rc_advance(qp);
    return p;
}

/* When the packet after this one may leave. */
static inline void rc_pace(SimRun *run, NicQp *qp, const SimPacket *p) {
    NicCongestion *cc = qp->congestion;
    SimTime now = run->context.now;
    if (cc->rate != qp->gap_rate || p->line_bytes != qp->gap_line) {
        qp->gap_rate = cc->rate;
        qp->gap_line = p->line_bytes;
        qp->gap_ticks = fabric_pace_ticks(qp->c.fabric, cc->rate, p->line_bytes);
    }
    qp->c.not_before = now + qp->gap_ticks;
    if (cc->ops->sent) {
        cc->ops->sent(cc, now, p->line_bytes);
        nic_rc_wake(run, qp);
    }
}

SimPacket *nic_rc_next(SimRun *run, NicConnection *c) {
    NicQp *qp = (NicQp *)c;
    SimPacket *p = NULL;
    bool ask = may_request(qp);
    qp->answer = !qp->answer;
    if (qp->n_jobs && (qp->answer || !ask)) {
        p = nic_rc_response(qp);
        if (!qp->n_jobs && (qp->ack_due || qp->nak_due)) nic_port_ack_later(c);
    } else if (ask) {
        p = rc_next_request(run, qp);
    }
    if (p && qp->congestion) rc_pace(run, qp, p);
    return p;
}

/* ---- progress ---- */

/* The oldest operation not wholly before `psn`. */
static NicWqe *rc_operation(const NicQp *qp, uint32_t psn) {
    NicWqe *w = qp->first;
    while (w && !nic_psn_before(psn, w->first_psn + w->packets))
        w = w->next;
    return w;
}

/* Back to `psn`, which is not before the oldest operation not complete; to the beginning of its
 * message where the adapter knows no better. */
void nic_rc_go_back(SimRun *run, NicQp *qp, uint32_t psn) {
    NicWqe *w = rc_operation(qp, psn);
    if (w && qp->adapter->recovery == NIC_GO_BACK_0) {
        psn = qp->una_psn = w->first_psn;
        w->read_done = 0;
    }
    qp->reads_out = 0; /* READs before w stay asked for, the others will be asked for again */
    for (const NicWqe *r = qp->first; r != w; r = r->next)
        qp->reads_out += r->verb == TRANSPORT_READ;
    qp->send = w;
    qp->send_packet = w && w->verb != TRANSPORT_READ ? psn - w->first_psn : 0;
    qp->next_psn = psn;
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c);
}

void nic_rc_repair(SimRun *run, NicQp *qp) {
    qp->repairing = true;
    qp->repair_psn = qp->una_psn;
    qp->repair_end = qp->next_psn;
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c);
}

static void rc_complete_first(SimRun *run, NicQp *qp) {
    NicWqe *w = qp->first;
    void *token = w->token;
    qp->first = w->next;
    SIM_ASSERT(&run->context, qp->send != w);
    if (w->verb == TRANSPORT_READ) qp->reads_out--;
    sim_pool_put(&qp->c.here->host->nic->wqes, w);
    qp->c.end.user->complete(run, &qp->c.end, token, TRANSPORT_OK);
}

/* Everything before `psn` has been acknowledged. The caller wakes the port, once it is known
 * whether to go back. */
static void rc_acknowledged(SimRun *run, NicQp *qp, uint32_t psn) {
    if (!nic_psn_before(qp->una_psn, psn)) return;
    qp->una_psn = psn;
    qp->retries_left = (uint32_t)qp->adapter->retries;
    qp->rnr_left = (uint32_t)qp->adapter->rnr_retries;
    if (qp->repairing && !nic_psn_before(psn, qp->repair_end)) qp->repairing = false;
    if (nic_psn_before(qp->next_psn, psn))
        nic_rc_go_back(run, qp, psn); /* acks of frames sent before */
    if (qp->una_psn == qp->next_psn)
        sim_timer_stop(&qp->timer);
    else
        nic_rc_timer_start(run, qp);
    while (qp->first && !nic_psn_before(psn, qp->first->first_psn + qp->first->packets)) {
        NicWqe *w = qp->first;
        if (w->verb == TRANSPORT_READ && w->read_done < w->packets) {
            /* its responses were lost: an implied NAK (IBTA 9.7.5.2.2) */
            qp->c.here->host->implied_nak_seq_err++;
            qp->una_psn = w->first_psn + w->read_done;
            nic_rc_go_back(run, qp, qp->una_psn);
            nic_rc_timer_start(run, qp);
            return;
        }
        rc_complete_first(run, qp);
        if (!qp->c.standing) return;
    }
}

static void rc_acked_event(SimRun *run, NicQp *qp, uint32_t newly, bool marked) {
    NicCongestion *cc = qp->congestion;
    SimTime now = run->context.now;
    if (cc->ops->acked && newly) {
        NicAcked a = {.bytes = (int64_t)newly * qp->mtu,
                      .in_flight = (int64_t)(qp->next_psn - qp->una_psn) * qp->mtu,
                      .rtt = SIM_NEVER,
                      .position = qp->una_psn,
                      .sent = qp->next_psn,
                      .marked = marked};
        cc->ops->acked(cc, now, &a);
    }
    if (marked && !cc->ops->notifies && cc->ops->notified) cc->ops->notified(cc, now);
    nic_rc_wake(run, qp);
}

static void rc_nak(SimRun *run, NicQp *qp, const SimPacket *p) {
    NicHost *host = qp->c.here->host;
    host->packet_seq_err++;
    nic_rc_timer_start(run, qp);
    NicCongestion *cc = qp->congestion;
    if (!qp->sacked) {
        if (cc && cc->ops->lost) cc->ops->lost(cc, run->context.now, 0);
        nic_rc_go_back(run, qp, p->psn);
        return;
    }
    uint32_t came = (uint32_t)(p->info >> 32);
    if (nic_psn_before(came, qp->una_psn)) return;
    qp->sacked[came % qp->hole_room].psn = came;
    if (!qp->repairing) {
        qp->repairing = true;
        qp->repair_psn = qp->repair_end = qp->una_psn;
        if (cc && cc->ops->lost) cc->ops->lost(cc, run->context.now, 0);
    }
    if (nic_psn_before(qp->repair_end, came + 1)) qp->repair_end = came + 1;
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c);
}

/* Waits in units of 10 us by the timer code of an RNR NAK (IBTA volume 1, 9.7.5.2.8). */
static SimTime rnr_wait(uint32_t code) {
    static const uint16_t tens[32] = {0,    1,    2,    3,     4,     6,     8,     12,
                                      16,   24,   32,   48,    64,    96,    128,   192,
                                      256,  384,  512,  768,   1024,  1536,  2048,  3072,
                                      4096, 6144, 8192, 12288, 16384, 24576, 32768, 49152};
    return (code == 0 ? 65536 : tens[code & 31]) * 10 * SIM_US;
}

static void rc_not_ready(SimRun *run, NicQp *qp, const SimPacket *p) {
    enum { FOR_EVER = 7 };
    qp->c.here->host->rnr_naks_received++;
    if (qp->adapter->rnr_retries != FOR_EVER && qp->rnr_left-- == 0) {
        nic_rc_give_up(run, &qp->c);
        return;
    }
    qp->c.not_before = run->context.now + rnr_wait(p->payload & 31);
    nic_port_hold(run, &qp->c);
    sim_timer_stop(&qp->timer);
    nic_rc_go_back(run, qp, p->psn);
}

void nic_rc_take_ack(SimRun *run, NicQp *qp, const SimPacket *p) {
    uint32_t kind = p->payload >> 5; /* 0 ACK, 1 RNR, 3 NAK */
    uint32_t psn = kind ? p->psn : p->psn + 1, before = qp->una_psn;
    if (nic_psn_before(qp->post_psn, psn)) return;
    rc_acknowledged(run, qp, psn);
    if (!qp->c.standing) return;
    if (qp->congestion) rc_acked_event(run, qp, qp->una_psn - before, p->flags & SIM_PACKET_ECHO);
    if (kind && qp->una_psn == psn) {
        if (kind == 1)
            rc_not_ready(run, qp, p);
        else
            rc_nak(run, qp, p);
    }
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c); /* the window may have opened */
}

void nic_rc_take_response(SimRun *run, NicQp *qp, const SimPacket *p) {
    NicWqe *w = qp->first; /* the READ it is of, or an earlier one whose responses are missing */
    while (w && !nic_psn_before(p->psn, w->first_psn + w->packets) && w->verb != TRANSPORT_READ)
        w = w->next;
    if (!w || nic_psn_before(p->psn, w->first_psn)) return; /* of an operation complete */
    if (w->verb != TRANSPORT_READ) return;
    uint32_t missing = w->first_psn + w->read_done;
    if (p->psn == missing) {
        w->read_done++;
        qp->gap_seen = false;
        rc_acknowledged(run, qp, p->psn + 1);
    } else if (nic_psn_before(missing, p->psn)) {
        qp->c.here->host->implied_nak_seq_err++;
        rc_acknowledged(run, qp, missing);
        if (!qp->gap_seen && qp->c.standing) { /* once a gap, like a NAK */
            qp->gap_seen = true;
            nic_rc_go_back(run, qp, missing);
        }
    }
    if (nic_rc_has_work(&qp->c)) nic_port_ready(run, &qp->c); /* a READ may have waited */
}
