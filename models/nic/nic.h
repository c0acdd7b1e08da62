/* nic.h: the host and its CNA.
 *
 *      users (storage, workloads)
 *          | transport.h
 *      queue pairs          one end of a reliable connection each
 *          | pinned to
 *      endpoints            a vNIC, or a port that speaks for itself: one address each
 *          | sits on
 *      NIC ports            transmitter shared by queue pairs in turns
 *
 * Transmission. A port serves, priority by priority in turns: control frames, then
 * acknowledgements, then its ready queue pairs, a packet each, round robin. The frames of queue
 * pairs are made only when the transmitter is free, so none ever has to be taken back.
 *
 * Reliable connection (IBTA volume 1, clause 9.7). PSNs count packets; a READ takes as many as
 * its responses. The responder acknowledges packets that ask for it, one frame covering all before
 * it, and answers a gap with one NAK (sequence error) until the expected PSN comes; the
 * requester then goes back to it (go-back-N). Lost last packets and lost acknowledgements are
 * found by the timer 4.096 us x 2^t alone; (retries + 1) of them without progress break the
 * connection: everything outstanding is flushed and the ends set it up again. */
#ifndef MODELS_NIC_NIC_H
#define MODELS_NIC_NIC_H

#include "models/fabric/fabric.h"
#include "models/nic/params.h"
#include "models/nic/transport.h"

typedef struct NicHost NicHost;
typedef struct NicPort NicPort;
typedef struct NicQp NicQp;

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
    bool started;
} NicReadJob;

typedef enum NicQpState { NIC_QP_READY, NIC_QP_CONNECTING } NicQpState;

typedef struct NicEndpoint {
    const char *name;  /* "node1/smb1" or "node1/1" */
    const char *label; /* "smb1" or "1": hosts talk to the endpoint of the same label */
    NicHost *host;
    NicPort *port; /* where it sits now */
    NicPort *home;
    uint32_t address;
    uint16_t vlan;
    bool tagged, rdma;
    uint8_t priority;
} NicEndpoint;

struct NicQp {
    TransportEnd end; /* first: a TransportEnd * is a NicQp * */
    /* requester */
    uint32_t next_psn;    /* of the next packet to send */
    uint32_t una_psn;     /* oldest not acknowledged */
    uint32_t post_psn;    /* of the next operation posted */
    uint32_t send_packet; /* packets of `send` sent so far */
    NicWqe *first, *last; /* posted and not complete */
    NicWqe *send;         /* first with packets to send */
    uint32_t since_ack_request, reads_out;
    uint32_t retries_left;
    SimTimer timer;
    NicQpState state;
    uint16_t epoch;
    /* responder */
    uint32_t expected_psn;
    bool nak_sent, ack_due, nak_due;
    bool gap_seen; /* requester: the gap in READ responses has been acted on */
    uint32_t n_jobs, first_job;
    NicReadJob *job; /* ring of `reads` */
    /* constants */
    uint32_t index, remote;
    uint32_t reads;                    /* outstanding READs, the same at both ends */
    uint32_t mtu, full_line, ack_line; /* line bytes of a middle packet, of an ACK */
    uint32_t flow;
    NicEndpoint *here, *there;
    SimTime timeout;
    const NicAdapter *adapter;
    /* scheduling */
    NicQp *next_ready, *next_ack;
    bool ready, in_acks;
    bool answer; /* responses' turn */
};

typedef struct NicQueue {
    NicQp *first, *last;
} NicQueue;

struct NicPort {
    FabricPort fabric; /* first: a FabricPort * of a NIC is a NicPort * */
    NicHost *host;
    uint8_t waiting, ready_mask, ack_mask, control_mask; /* control frames: fabric.queue */
    NicQueue ready[FABRIC_PRIORITIES], acks[FABRIC_PRIORITIES];
    SimTimer carrier; /* the host acts on a change of carrier */
    const char *name; /* "node1/1" */
};

struct NicHost {
    const NicHostParams *params;
    const char *name;
    SimDomain domain;
    NicPort *port;
    uint32_t n_ports;
    NicEndpoint *endpoint;
    uint32_t n_endpoints;
    struct Nic *nic;
    NicQp **qp; /* by endpoint's queue pairs, in order of making */
    uint32_t n_qps, room_qps;
    int64_t out_of_sequence, packet_seq_err, local_ack_timeout_err, duplicate_request;
    int64_t connections_broken, stale_frames, filtered_frames;
};

typedef struct Nic {
    NicHost *hosts;
    uint32_t n_hosts;
    NicQp **qps; /* by index */
    uint32_t n_qps, room_qps;
    SimPool wqes;
    Fabric *fabric;
} Nic;

extern const SimModel nic_model;

Nic *nic_of(SimRun *run);
static inline NicHost *nic_host(SimRun *run, uint32_t index) {
    return &nic_of(run)->hosts[index];
}

/* The k-th pair of endpoints over which two hosts can do RDMA: vNICs of one name, or, where neither
 * host has vNICs, their k-th cabled ports. False where there are no more. */
bool nic_endpoint_pair(NicHost *a, NicHost *b, uint32_t k, NicEndpoint **at_a, NicEndpoint **at_b);

/* Makes a connection between two endpoints, both ends up. While wiring only. The caller sets
 * user and owner of *a and *b. `label` tells connections of the same endpoints apart. */
void nic_connect(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label,
                 TransportEnd **end_a, TransportEnd **end_b);

/* ---- within models/nic ---- */

/* rc.c */
void nic_rc_init(SimRun *run, NicQp *qp, const char *label); /* `here`, `adapter`... are set */
void nic_rc_handle(SimRun *run, NicQp *qp, SimPacket *p);    /* does not consume p */
bool nic_rc_has_work(const NicQp *qp);
SimPacket *nic_rc_next(SimRun *run, NicQp *qp); /* NULL: nothing after all */
SimPacket *nic_rc_ack(SimRun *run, NicQp *qp);
void nic_rc_break(SimRun *run, NicQp *qp); /* error: flush, then reconnect */
void nic_rc_connect_frame(SimRun *run, NicQp *qp, const SimPacket *p);

/* port.c */
void nic_port_init(SimRun *run, NicPort *port, NicHost *host, uint32_t number);
void nic_port_ready(SimRun *run, NicQp *qp); /* it has packets to send */
void nic_port_ack(SimRun *run, NicQp *qp);   /* it owes an acknowledgement */
/* The same while the port is choosing a packet: it must not begin another transmission. */
void nic_port_ack_later(NicQp *qp);
void nic_port_control(SimRun *run, NicPort *port, SimPacket *p);
/* Moves an endpoint and its queue pairs, and tells the switches. */
void nic_endpoint_move(SimRun *run, NicEndpoint *e, NicPort *to);
void nic_endpoint_announce(SimRun *run, NicEndpoint *e);

#endif
