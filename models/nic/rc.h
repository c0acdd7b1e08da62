/* rc.h: the reliable connection of RoCE.
 *
 * PSNs count packets; a READ takes as many as its responses (IBTA volume 1, 9.7). The responder
 * acknowledges packets that ask for it, and answers a gap with one NAK (sequence error) until the
 * expected PSN comes. What the requester does then is `recovery`:
 *
 *     go-back-n   goes on from the PSN missed
 *     go-back-0   begins the message anew (ConnectX-3 firmware before 2016)
 *     selective   sends only what is missing; the responder keeps what came out of order and tells
 *                 of each such packet (IRN, Mittal et al., SIGCOMM 2018)
 *
 * Lost last packets and lost acknowledgements are found by the timer 4.096 us x 2^t alone;
 * (retries + 1) of them without progress break the connection: everything outstanding is flushed
 * and the ends set it up again. A SEND that finds no receive posted is answered by an RNR NAK.
 *
 * An acknowledgement is a FRAME_ACK: psn, payload = syndrome of its AETH, info = message number in
 * the low half, and, selective, the PSN that came out of order in the high half.
 *
 * Private to models/nic. */
#ifndef MODELS_NIC_RC_H
#define MODELS_NIC_RC_H

#include "models/frame/frame.h"
#include "models/nic/congestion.h"
#include "models/nic/nic.h"

/* A posted operation. */
typedef struct NicWqe {
    struct NicWqe *next;
    void *token;
    uint32_t bytes;
    uint32_t packets; /* PSNs it takes */
    uint32_t first_psn;
    uint32_t read_done; /* READ: responses received */
    TransportVerb verb;
} NicWqe;

/* A READ being answered. */
typedef struct NicReadJob {
    uint32_t psn;            /* of the next response */
    uint32_t packets, bytes; /* left */
    uint32_t msn;
    bool started;
} NicReadJob;

/* Selective: what is known of a PSN beyond the first missing, at psn modulo room. */
typedef struct NicHole {
    uint32_t psn; /* it holds for this PSN alone */
    bool notify;  /* responder: the user hears of the message when its turn comes */
    void *token;
} NicHole;

typedef struct NicQp {
    NicConnection c; /* first: a NicConnection * of RC is a NicQp * */
    /* requester */
    uint32_t next_psn;    /* of the next packet to send */
    uint32_t una_psn;     /* oldest not acknowledged */
    uint32_t post_psn;    /* of the next operation posted */
    uint32_t send_packet; /* packets of `send` sent so far */
    NicWqe *first, *last; /* posted and not complete */
    NicWqe *send;         /* first with packets to send */
    uint32_t since_ack_request, reads_out;
    uint32_t ack_every;
    uint32_t window;         /* most PSNs unacknowledged */
    uint32_t mtu, full_line; /* line bytes of a middle packet */
    uint32_t gap_line;       /* pace: for packets so long at gap_rate it is gap_ticks */
    int64_t gap_rate;
    SimTime gap_ticks;
    NicCongestion *congestion; /* NULL: none */
    /* responder */
    uint32_t expected_psn, msn, message_psn;
    bool nak_sent, ack_due, nak_due, rnr_due;
    bool echo;      /* the acknowledgement owed reports a mark */
    bool asked;     /* to be set up again, and not yet answered */
    bool gap_seen;  /* requester: the gap in READ responses has been acted on */
    bool answer;    /* responses' turn */
    bool repairing; /* selective: between a loss and its repair */
    bool plain;     /* responder: goes back N and always has a receive posted */
    uint32_t n_jobs, first_job;
    NicReadJob *job;        /* ring of `reads` */
    SimTime cnp_after;      /* no CNP before */
    SimTime receives_until; /* when the receives used up will have been posted again */
    /* selective */
    NicHole *sacked, *kept; /* requester's, responder's; NULL: not selective */
    uint32_t hole_room;
    uint32_t sacked_to;              /* one beyond the highest PSN known to have come */
    uint32_t repair_psn, repair_end; /* next to look at, where to stop */
    /* the rest */
    SimTimer timer, tick;
    SimTime timeout;
    uint32_t retries_left, rnr_left;
    uint32_t reads;    /* outstanding READs, the same at both ends */
    uint32_t ack_line; /* line bytes of an ACK */
    FrameKind kind;
    bool each_ack, notifies; /* one ACK a request; the sender at the other end wants CNPs */
    SimTime cnp_interval;
    const NicAdapter *adapter;
    const FabricFramingParams *framing;
} NicQp;

extern const NicProtocol nic_rc_protocol; /* "rc" */

/* Made while wiring; the base fields (here, there, index, ...) are the caller's to set between. */
NicConnection *nic_rc_new(SimRun *run);
void nic_rc_init(SimRun *run, NicConnection *c, const char *label);
/* Records of operations that an end holds, for the audit. */
int64_t nic_rc_kept(const NicConnection *c);

/* For captures. */
static inline uint32_t nic_rc_mtu(const NicConnection *c) {
    return ((const NicQp *)c)->mtu;
}
static inline uint32_t nic_rc_msn(const SimPacket *p) {
    return (uint32_t)p->info;
}

/* ---- between rc_requester.c, rc_responder.c and rc.c ---- */

/* a is before b, PSNs taken modulo 2^32 (24 bits on the wire). */
static inline bool nic_psn_before(uint32_t a, uint32_t b) {
    return (int32_t)(a - b) < 0;
}

extern const TransportOps nic_rc_ops;

uint32_t nic_rc_line_bytes(const NicQp *qp, FrameOpcode op, uint32_t payload);
bool nic_rc_has_work(const NicConnection *c);
SimPacket *nic_rc_next(SimRun *run, NicConnection *c);
SimPacket *nic_rc_ack(SimRun *run, NicConnection *c);
SimPacket *nic_rc_response(NicQp *qp);
void nic_rc_timer_start(SimRun *run, NicQp *qp);
void nic_rc_go_back(SimRun *run, NicQp *qp, uint32_t psn);
/* Selective: sends again what is missing, at least the oldest unacknowledged. */
void nic_rc_repair(SimRun *run, NicQp *qp);
/* Has the congestion control woken when it wants to be. */
void nic_rc_wake(SimRun *run, NicQp *qp);
/* Frames that concern the requester or the responder. */
void nic_rc_take_ack(SimRun *run, NicQp *qp, const SimPacket *p);
void nic_rc_take_response(SimRun *run, NicQp *qp, const SimPacket *p);
void nic_rc_take_request(SimRun *run, NicQp *qp, SimPacket *p);
/* A marked packet has come, request or READ response: whoever sent it is to hear of it. */
void nic_rc_marked(SimRun *run, NicQp *qp);
void nic_rc_give_up(SimRun *run, NicConnection *c);

#endif
