/* rc_responder.c: the reliable connection: what comes in, READ responses, acknowledgements. */
#include "models/nic/rc.h"

/* ---- READ responses ---- */

SimPacket *nic_rc_response(NicQp *qp) {
    NicReadJob *job = &qp->job[qp->first_job];
    bool last = job->packets == 1;
    uint8_t op = job->started ? (last ? FRAME_READ_LAST : FRAME_READ_MIDDLE)
                              : (last ? FRAME_READ_ONLY : FRAME_READ_FIRST);
    SimPacket *p = nic_packet(&qp->c, op);
    p->psn = job->psn++;
    p->payload = last ? job->bytes : qp->mtu;
    p->line_bytes = nic_rc_line_bytes(qp, op, p->payload);
    p->info = job->msn;
    job->started = true;
    job->bytes -= p->payload;
    if (--job->packets == 0) {
        qp->first_job = (qp->first_job + 1) % qp->reads;
        qp->n_jobs--;
    }
    return p;
}

static void rc_read_request(SimRun *run, NicQp *qp, const SimPacket *p) {
    uint32_t packets = (p->payload + qp->mtu - 1) / qp->mtu;
    /* The same READ may be asked for again while it is still being answered: what is left of the
     * old answer gives way. */
    for (uint32_t i = 0; i < qp->n_jobs; i++) {
        NicReadJob *job = &qp->job[(qp->first_job + i) % qp->reads];
        if (nic_psn_before(job->psn, p->psn)) continue;
        qp->n_jobs = i;
        break;
    }
    if (qp->n_jobs == qp->reads) return; /* repeats: what is not answered is asked for once more */
    uint32_t at = (qp->first_job + qp->n_jobs) % qp->reads;
    if (nic_psn_before(qp->expected_psn, p->psn + packets)) {
        qp->expected_psn = p->psn + packets;
        qp->msn++;
    }
    qp->job[at] =
        (NicReadJob){.psn = p->psn, .packets = packets, .bytes = p->payload, .msn = qp->msn};
    qp->n_jobs++;
    nic_port_ready(run, &qp->c);
}

/* ---- acknowledgements ---- */

/* What is owed now: a NAK, or an acknowledgement of everything before the expected PSN. */
static SimPacket *rc_make_ack(NicQp *qp, bool nak, uint32_t syndrome) {
    SimPacket *p = nic_packet(&qp->c, FRAME_ACK);
    p->psn = nak ? qp->expected_psn : qp->expected_psn - 1;
    p->line_bytes = qp->ack_line;
    p->payload = syndrome;
    p->info = qp->msn;
    p->priority = qp->c.ack_priority;
    p->pcp = qp->c.ack_priority & 7;
    p->flags &= (uint16_t)~SIM_PACKET_ECT; /* acknowledgements are not marked */
    if (qp->echo) p->flags |= SIM_PACKET_ECHO;
    qp->echo = false;
    return p;
}

/* Made at once, one an occasion: first in line, whatever is paused. */
static void rc_ack_now(SimRun *run, NicQp *qp, bool nak, uint32_t syndrome, uint32_t came) {
    SimPacket *p = rc_make_ack(qp, nak, syndrome);
    p->info |= (uint64_t)came << 32;
    if (qp->each_ack)
        nic_port_urgent(run, qp->c.here->port, p);
    else
        nic_port_control(run, qp->c.here->port, p);
}

static void rc_owe_ack(SimRun *run, NicQp *qp) {
    if (qp->each_ack) {
        rc_ack_now(run, qp, false, FRAME_SYNDROME_ACK, 0);
        return;
    }
    qp->ack_due = true;
    if (!qp->n_jobs) nic_port_ack(run, &qp->c); /* not ahead of responses to earlier READs */
}

SimPacket *nic_rc_ack(SimRun *run, NicConnection *c) {
    (void)run;
    NicQp *qp = (NicQp *)c;
    if (qp->n_jobs || !(qp->ack_due || qp->nak_due)) return NULL;
    bool nak = qp->nak_due;
    qp->ack_due = qp->nak_due = false;
    return rc_make_ack(qp, nak, nak ? FRAME_SYNDROME_SEQUENCE : FRAME_SYNDROME_ACK);
}

/* ---- congestion notification (NP of DCQCN) ---- */

void nic_rc_marked(SimRun *run, NicQp *qp) {
    NicHost *host = qp->c.here->host;
    SimTime now = run->context.now;
    host->marked_frames++;
    if (!qp->notifies || now < qp->cnp_after) return;
    qp->cnp_after = now + qp->cnp_interval;
    SimPacket *p = nic_packet(&qp->c, FRAME_CNP);
    p->psn = 0;
    p->line_bytes = nic_rc_line_bytes(qp, FRAME_CNP, 0);
    p->priority = host->cnp_priority;
    p->pcp = host->cnp_priority & 7;
    p->dscp = host->cnp_dscp;
    p->flags &= (uint16_t)~SIM_PACKET_ECT;
    host->cnps_sent++;
    nic_port_control(run, qp->c.here->port, p);
}

/* ---- receives ---- */

/* SENDs and WRITEs with immediate use up a receive; the host posts them again one by one. */
static bool rc_receive_taken(SimRun *run, NicQp *qp) {
    const NicAdapter *a = qp->adapter;
    if (a->receives == SIM_ABSENT) return true;
    SimTime now = run->context.now;
    SimTime from = qp->receives_until > now ? qp->receives_until : now;
    if (from - now > (a->receives - 1) * a->receive_time) return false;
    qp->receives_until = from + a->receive_time;
    return true;
}

static void rc_receiver_not_ready(SimRun *run, NicQp *qp) {
    if (qp->nak_sent) return;
    qp->nak_sent = true; /* silent until it comes again */
    qp->c.here->host->rnr_naks_sent++;
    rc_ack_now(run, qp, true, FRAME_SYNDROME_RNR | (uint32_t)qp->adapter->rnr_timer, 0);
}

/* ---- requests ---- */

static bool op_begins_send(uint8_t op) {
    return op == FRAME_SEND_FIRST || op == FRAME_SEND_ONLY;
}

/* Selective: what came early and follows now. */
static void rc_catch_up(SimRun *run, NicQp *qp) {
    const NicHole *next = &qp->kept[qp->expected_psn % qp->hole_room];
    while (qp->c.standing && next->psn == qp->expected_psn) {
        qp->expected_psn++;
        if (next->notify) {
            qp->msn++;
            qp->c.end.user->received(run, &qp->c.end, next->token);
        }
        next = &qp->kept[qp->expected_psn % qp->hole_room];
    }
}

/* The packet expected, but a READ request. */
static inline void rc_accept(SimRun *run, NicQp *qp, SimPacket *p) {
    uint16_t flags = p->flags;
    qp->nak_sent = false;
    qp->expected_psn++;
    qp->msn += (flags & SIM_PACKET_LAST) != 0;
    qp->c.here->host->rdma_in_bytes += p->payload;
    if (flags & SIM_PACKET_ACK_REQ && !qp->kept) rc_owe_ack(run, qp);
    if (flags & SIM_PACKET_NOTIFY) qp->c.end.user->received(run, &qp->c.end, p->token);
    if (__builtin_expect(qp->kept != NULL, 0)) {
        rc_catch_up(run, qp);
        if (flags & SIM_PACKET_ACK_REQ && qp->c.standing) rc_owe_ack(run, qp);
    }
}

/* The packet expected. */
static void rc_in_order(SimRun *run, NicQp *qp, SimPacket *p) {
    if (!qp->plain) {
        if (op_begins_send(p->op) && !rc_receive_taken(run, qp)) {
            qp->nak_sent = false;
            rc_receiver_not_ready(run, qp);
            return;
        }
        if (p->info && !(p->flags & SIM_PACKET_LAST)) qp->message_psn = p->psn; /* its first */
    }
    if (p->op == FRAME_READ_REQUEST) {
        qp->nak_sent = false;
        rc_read_request(run, qp, p);
        return;
    }
    rc_accept(run, qp, p);
}

/* Beyond the packet expected. */
static void rc_early(SimRun *run, NicQp *qp, const SimPacket *p) {
    qp->c.here->host->out_of_sequence++;
    if (qp->kept && p->op != FRAME_READ_REQUEST && p->psn - qp->expected_psn < qp->hole_room) {
        qp->kept[p->psn % qp->hole_room] = (NicHole){p->psn, (p->flags & SIM_PACKET_NOTIFY) != 0,
                                                     p->flags & SIM_PACKET_LAST ? p->token : NULL};
        qp->c.here->host->rdma_in_bytes += p->payload;
        rc_ack_now(run, qp, true, FRAME_SYNDROME_SEQUENCE, p->psn);
        return;
    }
    if (qp->nak_sent) return;
    qp->nak_sent = true;
    if (qp->each_ack) {
        rc_ack_now(run, qp, true, FRAME_SYNDROME_SEQUENCE, p->psn);
        return;
    }
    qp->nak_due = true;
    if (!qp->n_jobs) nic_port_ack(run, &qp->c);
}

void nic_rc_take_request(SimRun *run, NicQp *qp, SimPacket *p) {
    NicHost *host = qp->c.here->host;
    host->rdma_in_frames++;
    if (p->flags & SIM_PACKET_CE) {
        qp->echo = true;
        nic_rc_marked(run, qp);
    }
    if (__builtin_expect(p->psn == qp->expected_psn, 1)) {
        if (__builtin_expect(qp->plain && p->op != FRAME_READ_REQUEST, 1))
            rc_accept(run, qp, p);
        else
            rc_in_order(run, qp, p);
    } else if (nic_psn_before(qp->expected_psn, p->psn)) {
        rc_early(run, qp, p);
    } else {
        host->duplicate_request++;
        bool restart = qp->adapter->recovery == NIC_GO_BACK_0 && p->psn == qp->message_psn &&
                       p->info && !(p->flags & SIM_PACKET_LAST);
        if (restart) { /* the sender begins the message anew */
            qp->expected_psn = p->psn;
            rc_in_order(run, qp, p);
        } else if (p->op == FRAME_READ_REQUEST) {
            rc_read_request(run, qp, p);
        } else {
            rc_owe_ack(run, qp);
        }
    }
}
