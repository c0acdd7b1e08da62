/* rc.c: the reliable connection. */
#include <string.h>

#include "models/frame/frame.h"
#include "models/nic/nic.h"

/* a is before b, PSNs taken modulo 2^32 (24 bits on the wire). */
static inline bool psn_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

static inline bool verb_notifies(TransportVerb verb) {
    return verb == TRANSPORT_SEND || verb == TRANSPORT_WRITE_NOTIFY;
}

/* ---- requester: posting and sending ---- */

static void rc_post(SimRun *run, TransportEnd *end, TransportVerb verb, uint32_t bytes,
                    void *token) {
    NicQp *qp = (NicQp *)end;
    SIM_ASSERT(&run->context, end->up && bytes >= 1);
    NicWqe *w = sim_pool_get(&qp->here->host->nic->wqes);
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
    if (nic_rc_has_work(qp)) nic_port_ready(run, qp);
}

static const TransportOps rc_ops = {rc_post};

bool nic_rc_has_work(const NicQp *qp) {
    if (qp->n_jobs) return true;
    const NicWqe *w = qp->send;
    if (!w || qp->state != NIC_QP_READY) return false;
    return w->verb != TRANSPORT_READ || qp->reads_out < qp->reads;
}

static inline SimPacket *rc_packet(NicQp *qp, Fabric *fabric, uint8_t op, uint32_t psn) {
    SimPacket *p = sim_pool_get(&fabric->packets);
    fabric->born++;
    p->to = qp->there->address;
    p->from = qp->here->address;
    p->flow = qp->flow;
    p->qp = qp->remote;
    p->psn = psn;
    p->payload = 0;
    p->token = NULL;
    p->epoch = qp->epoch;
    p->op = op;
    p->priority = qp->here->priority;
    p->flags = 0;
    p->vlan = qp->here->vlan;
    return p;
}

static inline uint32_t rc_line_bytes(const NicQp *qp, FrameOpcode op, uint32_t payload) {
    return frame_line_bytes(FRAME_V2_IPV4, qp->here->tagged, op, payload);
}

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

static void rc_timer_start(SimRun *run, NicQp *qp) {
    sim_timer_set(run, &qp->timer, run->context.now + qp->timeout);
}

static SimPacket *rc_next_read(NicQp *qp, Fabric *fabric) {
    NicWqe *w = qp->send;
    SimPacket *p = rc_packet(qp, fabric, FRAME_READ_REQUEST, w->first_psn + w->read_done);
    p->line_bytes = rc_line_bytes(qp, FRAME_READ_REQUEST, 0);
    p->payload = w->bytes - w->read_done * qp->mtu; /* length asked for, in the RETH */
    qp->reads_out++;
    qp->next_psn = w->first_psn + w->packets;
    qp->since_ack_request = 0; /* the responses acknowledge */
    rc_advance(qp);
    return p;
}

static SimPacket *rc_next_request(SimRun *run, NicQp *qp, Fabric *fabric) {
    NicWqe *w = qp->send;
    if (!sim_timer_armed(&qp->timer)) rc_timer_start(run, qp);
    if (w->verb == TRANSPORT_READ) return rc_next_read(qp, fabric);
    uint32_t i = qp->send_packet++;
    bool first = i == 0, last = i + 1 == w->packets;
    SimPacket *p = rc_packet(qp, fabric, 0, w->first_psn + i);
    if (!first && !last) {
        p->op = rc_opcode(w->verb, false, false);
        p->payload = qp->mtu;
        p->line_bytes = qp->full_line;
    } else {
        p->op = rc_opcode(w->verb, first, last);
        p->payload = last ? w->bytes - i * qp->mtu : qp->mtu;
        p->line_bytes = rc_line_bytes(qp, p->op, p->payload);
    }
    qp->next_psn = p->psn + 1;
    qp->since_ack_request++;
    if (last || qp->since_ack_request >= qp->adapter->ack_every) {
        p->flags |= SIM_PACKET_ACK_REQ;
        qp->since_ack_request = 0;
    }
    if (last) {
        p->flags |= SIM_PACKET_LAST;
        if (verb_notifies(w->verb)) p->flags |= SIM_PACKET_NOTIFY;
        p->token = w->token;
        rc_advance(qp);
    }
    return p;
}

/* ---- responder: READ responses ---- */

static SimPacket *rc_next_response(NicQp *qp, Fabric *fabric) {
    NicReadJob *job = &qp->job[qp->first_job];
    bool last = job->packets == 1;
    uint8_t op = job->started ? (last ? FRAME_READ_LAST : FRAME_READ_MIDDLE)
                              : (last ? FRAME_READ_ONLY : FRAME_READ_FIRST);
    SimPacket *p = rc_packet(qp, fabric, op, job->psn++);
    p->payload = last ? job->bytes : qp->mtu;
    p->line_bytes = rc_line_bytes(qp, op, p->payload);
    job->started = true;
    job->bytes -= p->payload;
    if (--job->packets == 0) {
        qp->first_job = (qp->first_job + 1) % qp->reads;
        qp->n_jobs--;
    }
    return p;
}

SimPacket *nic_rc_next(SimRun *run, NicQp *qp) {
    Fabric *fabric = qp->here->port->fabric.fabric;
    const NicWqe *w = qp->state == NIC_QP_READY ? qp->send : NULL;
    bool ask = w && (w->verb != TRANSPORT_READ || qp->reads_out < qp->reads);
    qp->answer = !qp->answer;
    if (qp->n_jobs && (qp->answer || !ask)) {
        SimPacket *p = rc_next_response(qp, fabric);
        if (!qp->n_jobs && (qp->ack_due || qp->nak_due)) nic_port_ack_later(qp);
        return p;
    }
    return ask ? rc_next_request(run, qp, fabric) : NULL;
}

/* ---- responder: acknowledgements ---- */

static void rc_owe_ack(SimRun *run, NicQp *qp) {
    qp->ack_due = true;
    if (!qp->n_jobs) nic_port_ack(run, qp); /* not ahead of responses to earlier READs */
}

SimPacket *nic_rc_ack(SimRun *run, NicQp *qp) {
    (void)run;
    if (qp->n_jobs || !(qp->ack_due || qp->nak_due)) return NULL;
    bool nak = qp->nak_due;
    SimPacket *p = rc_packet(qp, qp->here->port->fabric.fabric, FRAME_ACK,
                             nak ? qp->expected_psn : qp->expected_psn - 1);
    p->line_bytes = qp->ack_line;
    p->payload = nak ? FRAME_SYNDROME_SEQUENCE : 0;
    qp->ack_due = qp->nak_due = false;
    return p;
}

/* The requester has gone back to `psn`: responses from there on will be asked for again. */
static void rc_forget_jobs(NicQp *qp, uint32_t psn) {
    while (qp->n_jobs) {
        const NicReadJob *last = &qp->job[(qp->first_job + qp->n_jobs - 1) % qp->reads];
        if (!psn_before(psn, last->psn + last->packets)) return;
        qp->n_jobs--;
    }
}

static void rc_read_request(SimRun *run, NicQp *qp, const SimPacket *p) {
    uint32_t packets = (p->payload + qp->mtu - 1) / qp->mtu;
    rc_forget_jobs(qp, p->psn);
    SIM_ASSERT(&run->context, qp->n_jobs < qp->reads);
    uint32_t at = (qp->first_job + qp->n_jobs) % qp->reads;
    qp->job[at] = (NicReadJob){.psn = p->psn, .packets = packets, .bytes = p->payload};
    qp->n_jobs++;
    if (psn_before(qp->expected_psn, p->psn + packets)) qp->expected_psn = p->psn + packets;
    nic_port_ready(run, qp);
}

static void rc_request(SimRun *run, NicQp *qp, SimPacket *p) {
    bool read = p->op == FRAME_READ_REQUEST;
    if (__builtin_expect(p->psn == qp->expected_psn, 1)) {
        qp->nak_sent = false;
        if (read) {
            rc_read_request(run, qp, p);
            return;
        }
        qp->expected_psn++;
        if (p->flags & SIM_PACKET_ACK_REQ) rc_owe_ack(run, qp);
        if (p->flags & SIM_PACKET_NOTIFY) qp->end.user->received(run, &qp->end, p->token);
    } else if (psn_before(qp->expected_psn, p->psn)) {
        qp->here->host->out_of_sequence++;
        if (qp->nak_sent) return;
        qp->nak_sent = qp->nak_due = true;
        if (!qp->n_jobs) nic_port_ack(run, qp);
    } else {
        qp->here->host->duplicate_request++;
        if (read)
            rc_read_request(run, qp, p);
        else
            rc_owe_ack(run, qp);
    }
}

/* ---- requester: progress ---- */

/* Back to `psn`, which is not before the oldest operation not complete. */
static void rc_go_back(SimRun *run, NicQp *qp, uint32_t psn) {
    NicWqe *w = qp->first;
    while (w && !psn_before(psn, w->first_psn + w->packets))
        w = w->next;
    qp->reads_out = 0; /* READs before w stay asked for, the others will be asked for again */
    for (const NicWqe *r = qp->first; r != w; r = r->next)
        qp->reads_out += r->verb == TRANSPORT_READ;
    qp->send = w;
    qp->send_packet = w && w->verb != TRANSPORT_READ ? psn - w->first_psn : 0;
    qp->next_psn = psn;
    qp->since_ack_request = 0;
    if (nic_rc_has_work(qp)) nic_port_ready(run, qp);
}

static void rc_complete_first(SimRun *run, NicQp *qp) {
    NicWqe *w = qp->first;
    void *token = w->token;
    qp->first = w->next;
    SIM_ASSERT(&run->context, qp->send != w);
    if (w->verb == TRANSPORT_READ) qp->reads_out--;
    sim_pool_put(&qp->here->host->nic->wqes, w);
    qp->end.user->complete(run, &qp->end, token, TRANSPORT_OK);
}

/* Everything before `psn` has been acknowledged. */
static void rc_acknowledged(SimRun *run, NicQp *qp, uint32_t psn) {
    if (!psn_before(qp->una_psn, psn)) return;
    qp->una_psn = psn;
    qp->retries_left = (uint32_t)qp->adapter->retries;
    if (psn_before(qp->next_psn, psn)) rc_go_back(run, qp, psn); /* acks of frames sent before */
    if (qp->una_psn == qp->next_psn)
        sim_timer_stop(&qp->timer);
    else
        rc_timer_start(run, qp);
    while (qp->first && !psn_before(psn, qp->first->first_psn + qp->first->packets)) {
        NicWqe *w = qp->first;
        if (w->verb == TRANSPORT_READ && w->read_done < w->packets) {
            /* its responses were lost: an implied NAK (IBTA 9.7.5.2.2) */
            qp->una_psn = w->first_psn + w->read_done;
            rc_go_back(run, qp, qp->una_psn);
            rc_timer_start(run, qp);
            return;
        }
        rc_complete_first(run, qp);
        if (qp->state != NIC_QP_READY) return;
    }
    if (nic_rc_has_work(qp)) nic_port_ready(run, qp); /* a READ may have waited for its turn */
}

static void rc_ack(SimRun *run, NicQp *qp, const SimPacket *p) {
    bool nak = p->payload != 0;
    uint32_t psn = nak ? p->psn : p->psn + 1;
    if (psn_before(qp->post_psn, psn)) return;
    rc_acknowledged(run, qp, psn);
    if (!nak || qp->state != NIC_QP_READY || qp->una_psn != psn) return;
    qp->here->host->packet_seq_err++;
    rc_timer_start(run, qp);
    rc_go_back(run, qp, psn);
}

static void rc_response(SimRun *run, NicQp *qp, const SimPacket *p) {
    NicWqe *w = qp->first; /* the READ it is of, or an earlier one whose responses are missing */
    while (w && !psn_before(p->psn, w->first_psn + w->packets) && w->verb != TRANSPORT_READ)
        w = w->next;
    if (!w || psn_before(p->psn, w->first_psn)) return; /* of an operation complete */
    if (w->verb != TRANSPORT_READ) return;
    uint32_t missing = w->first_psn + w->read_done;
    if (p->psn == missing) {
        w->read_done++;
        qp->gap_seen = false;
        rc_acknowledged(run, qp, p->psn + 1);
    } else if (psn_before(missing, p->psn)) {
        qp->here->host->packet_seq_err++;
        rc_acknowledged(run, qp, missing);
        if (qp->gap_seen || qp->state != NIC_QP_READY) return; /* once a gap, like a NAK */
        qp->gap_seen = true;
        rc_go_back(run, qp, missing);
    }
}

void nic_rc_handle(SimRun *run, NicQp *qp, SimPacket *p) {
    if (__builtin_expect(p->epoch != qp->epoch, 0)) {
        qp->here->host->stale_frames++;
        return;
    }
    if (__builtin_expect(qp->state == NIC_QP_CONNECTING, 0)) {
        nic_rc_connect_frame(run, qp, p); /* data of the new connection says it stands */
        if (qp->state == NIC_QP_CONNECTING) return;
    }
    if (p->op == FRAME_ACK)
        rc_ack(run, qp, p);
    else if (p->op >= FRAME_READ_FIRST && p->op <= FRAME_READ_ONLY)
        rc_response(run, qp, p);
    else
        rc_request(run, qp, p);
}

/* ---- timer, errors, connection management ---- */

static void rc_timer(SimRun *run, void *owner);

/* Connection requests and replies are UD datagrams of one MAD: DETH 8 and 256 bytes (IBTA
 * volume 1, 13.4.2 and 12.6). */
enum { CONNECT_MAD_BYTES = 256, DETH_BYTES = 8, CONNECT_REQUEST = 0, CONNECT_REPLY = 1 };

static void rc_connect_send(SimRun *run, NicQp *qp, uint32_t kind) {
    if (!qp->here->port->fabric.up) return; /* tried again after `reconnect` */
    SimPacket *p = rc_packet(qp, qp->here->port->fabric.fabric, FABRIC_CONNECT, 0);
    p->payload = kind;
    p->line_bytes = rc_line_bytes(qp, FRAME_SEND_ONLY, CONNECT_MAD_BYTES + DETH_BYTES);
    /* Address resolution comes before a request and asks everybody (RFC 826), so that it gets there
     * whatever switches remember; in a routed fabric there is nothing to forget. */
    if (kind == CONNECT_REQUEST && !qp->here->host->nic->fabric->routed)
        p->flags |= SIM_PACKET_BROADCAST;
    nic_port_control(run, qp->here->port, p);
}

static void rc_reset(NicQp *qp, uint16_t epoch) {
    qp->next_psn = qp->una_psn = qp->post_psn = qp->expected_psn = 0;
    qp->send_packet = qp->since_ack_request = qp->reads_out = 0;
    qp->retries_left = (uint32_t)qp->adapter->retries;
    qp->nak_sent = qp->ack_due = qp->nak_due = qp->gap_seen = false;
    qp->n_jobs = 0;
    qp->send = NULL;
    qp->epoch = epoch;
}

/* Breaks the connection at this end: state first, then the flushes, oldest first. */
static void rc_flush(SimRun *run, NicQp *qp, uint16_t epoch) {
    NicWqe *w = qp->first;
    qp->first = qp->last = NULL;
    qp->state = NIC_QP_CONNECTING;
    qp->end.up = false;
    rc_reset(qp, epoch);
    qp->here->host->connections_broken++;
    while (w) {
        NicWqe *next = w->next;
        void *token = w->token;
        sim_pool_put(&qp->here->host->nic->wqes, w);
        qp->end.user->complete(run, &qp->end, token, TRANSPORT_FLUSHED);
        w = next;
    }
    if (qp->end.user->changed) qp->end.user->changed(run, &qp->end, false);
}

void nic_rc_init(SimRun *run, NicQp *qp, const char *label) {
    qp->end.ops = &rc_ops;
    qp->end.up = true;
    qp->full_line = rc_line_bytes(qp, FRAME_WRITE_MIDDLE, qp->mtu);
    qp->ack_line = rc_line_bytes(qp, FRAME_ACK, 0);
    qp->job = SIM_NEW_N(&run->arena, NicReadJob, qp->reads);
    /* 4.096 us x 2^t, IBTA volume 1, 9.7.6.1.3 */
    qp->timeout = (INT64_C(4096) * SIM_NS) << qp->adapter->ack_timeout;
    rc_reset(qp, 0);
    sim_timer_add(run, qp->here->host->domain, SIM_PHASE_TIMER, label, &qp->timer, rc_timer, qp);
}

void nic_rc_break(SimRun *run, NicQp *qp) {
    rc_flush(run, qp, (uint16_t)(qp->epoch + 1));
    sim_timer_set(run, &qp->timer, run->context.now + qp->adapter->reconnect);
}

static void rc_established(SimRun *run, NicQp *qp) {
    qp->state = NIC_QP_READY;
    qp->end.up = true;
    sim_timer_stop(&qp->timer);
    if (qp->end.user->changed) qp->end.user->changed(run, &qp->end, true);
}

void nic_rc_connect_frame(SimRun *run, NicQp *qp, const SimPacket *p) {
    bool newer = (int16_t)(p->epoch - qp->epoch) > 0;
    bool request = p->op == FABRIC_CONNECT && p->payload == CONNECT_REQUEST;
    if (newer) {
        if (!request) return;
        if (qp->state == NIC_QP_READY)
            rc_flush(run, qp, p->epoch);
        else
            rc_reset(qp, p->epoch);
    } else if (p->epoch != qp->epoch) {
        return;
    }
    if (request) rc_connect_send(run, qp, CONNECT_REPLY);
    if (qp->state == NIC_QP_CONNECTING) rc_established(run, qp);
}

static void rc_timer(SimRun *run, void *owner) {
    NicQp *qp = owner;
    if (qp->state == NIC_QP_CONNECTING) {
        rc_connect_send(run, qp, CONNECT_REQUEST);
        sim_timer_set(run, &qp->timer, run->context.now + qp->adapter->reconnect);
        return;
    }
    if (qp->una_psn == qp->next_psn) return;
    qp->here->host->local_ack_timeout_err++;
    if (qp->retries_left == 0) {
        nic_rc_break(run, qp);
        return;
    }
    qp->retries_left--;
    rc_timer_start(run, qp);
    rc_go_back(run, qp, qp->una_psn);
}
