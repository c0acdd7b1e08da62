/* nic.h: the host and its CNA.
 *
 *      users (storage, workloads)
 *          | transport.h
 *      connections          one end each: an RC queue pair (rc.h), TCP or iWARP (tcp_transport.h)
 *          | pinned to
 *      endpoints            a vNIC, or a port that speaks for itself: one address each
 *          | sits on
 *      NIC ports            transmitter shared by connections in turns
 *
 * Transmission. A port serves, by strictness and shares of the classes (ETS): control frames, then
 * acknowledgements, then its ready connections, a packet each, round robin by their constant
 * numbers. The frames of connections are made only when the transmitter is free, so none ever has
 * to be taken back. A connection that is paced waits in the port's heap until its time has come;
 * one whose time comes before the transmitter is free again costs no event. */
#ifndef MODELS_NIC_NIC_H
#define MODELS_NIC_NIC_H

#include "models/fabric/fabric.h"
#include "models/nic/params.h"
#include "models/nic/transport.h"

typedef struct NicHost NicHost;
typedef struct NicPort NicPort;
typedef struct NicConnection NicConnection;

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

/* What carries a connection: RC (rc.c), TCP (tcp_transport.c). Functions run at the host of the
 * end they are given. */
typedef struct NicProtocol {
    const char *name;
    /* A frame for this end has come; it stays the caller's. */
    void (*handle)(SimRun *run, NicConnection *c, SimPacket *p);
    /* The port is free and it is this end's turn: its next packet, NULL: nothing after all. */
    SimPacket *(*next)(SimRun *run, NicConnection *c);
    /* The same for what it owes: an acknowledgement. */
    SimPacket *(*ack)(SimRun *run, NicConnection *c);
    bool (*has_work)(const NicConnection *c);
    /* The way out is gone: flush, then set up again. */
    void (*give_up)(SimRun *run, NicConnection *c);
} NicProtocol;

/* One end of a connection. */
struct NicConnection {
    TransportEnd end; /* first: a TransportEnd * is a NicConnection * */
    const NicProtocol *protocol;
    NicEndpoint *here, *there;
    Fabric *fabric;
    /* second line: what its frames carry, and its turn */
    uint32_t from, to;      /* addresses of here and there */
    uint32_t index, remote; /* over the run: this end, the other */
    uint32_t flow;          /* what LAG and ECMP see */
    uint32_t place;         /* among the connections of its host, whose turns go by it */
    uint16_t epoch;         /* incarnation */
    uint16_t vlan, flags;   /* SimPacketFlag of every frame */
    uint8_t priority, ack_priority, dscp;
    uint8_t hops; /* routers that its frames may cross, less one */
    bool ready;   /* it has packets to send and stands in line, or waits for its time */
    bool in_acks;
    bool standing;           /* the connection stands: not being set up */
    NicConnection *next_ack; /* in the port's list of those that owe an acknowledgement */
    SimTime not_before;      /* the next packet may leave then */
    SimHeapItem pace;        /* in the port's heap of those whose time has not come */
};

typedef struct NicQueue {
    NicConnection *first, *last;
} NicQueue;

/* Which connections of a host stand in line at a port, by place. */
typedef struct NicLine {
    uint64_t *word; /* n_words of the host */
    uint32_t n;     /* how many */
    uint32_t last;  /* place served last */
} NicLine;

struct NicPort {
    FabricPort fabric; /* first: a FabricPort * of a NIC is a NicPort * */
    NicHost *host;
    struct NicPipe *pipe; /* pipe.h: frames wait there before they are handled; NULL: they do not */
    uint8_t waiting, ready_mask, ack_mask, control_mask; /* control frames: fabric.queue */
    FabricQueue urgent; /* acknowledgements that go first and are not held by a pause */
    NicLine line[FABRIC_PRIORITIES];
    NicQueue acks[FABRIC_PRIORITIES];
    bool choosing;    /* within its choice: it must not begin another transmission */
    SimHeap pace;     /* connections whose time has not come */
    SimTimer carrier; /* the host acts on a change of carrier */
    const char *name; /* "node1/1" */
};

struct NicHost {
    const NicHostParams *params;
    const char *name;
    struct Nic *nic;
    SimDomain domain;
    uint32_t n_words;           /* of a line's set */
    NicConnection **connection; /* by place, in order of making */
    int64_t rdma_out_frames, rdma_out_bytes, rdma_in_frames, rdma_in_bytes;
    NicPort *port;
    uint32_t n_ports;
    NicEndpoint *endpoint;
    uint32_t n_endpoints;
    uint32_t n_connections, room_connections;
    FabricSchedule schedule;
    uint8_t lossless, cnp_priority, cnp_dscp;
    const struct NicDcqcn *dcqcn; /* NULL: no congestion control of RDMA */
    struct NicTcpHost *tcp;       /* NULL: none of its connections is TCP */
    int64_t out_of_sequence, packet_seq_err, implied_nak_seq_err, local_ack_timeout_err;
    int64_t duplicate_request, rnr_naks_sent, rnr_naks_received, connections_broken;
    int64_t stale_frames, filtered_frames;
    int64_t cnps_sent, cnps_handled, marked_frames;
    bool rdma_meant; /* it has connections that RDMA is meant for */
    int64_t rdma_active, rdma_initiated, rdma_accepted, rdma_failed_attempts, rdma_errors,
        completion_errors;
};

typedef struct Nic {
    NicHost *hosts;
    uint32_t n_hosts;
    NicConnection **connections; /* by index */
    uint32_t n_connections, room_connections;
    SimPool wqes;
    Fabric *fabric;
    const SimScenario *scenario;
    uint8_t linger;             /* as a switch's */
    struct NicCapture *capture; /* capture.h; NULL: nobody traces the run */
} Nic;

extern const SimModel nic_model;

Nic *nic_of(SimRun *run);
static inline NicHost *nic_host(SimRun *run, uint32_t index) {
    return &nic_of(run)->hosts[index];
}

/* The k-th pair of endpoints over which two hosts can do RDMA: vNICs of one name, or, where neither
 * host has vNICs, their k-th cabled ports. False where there are no more. */
bool nic_endpoint_pair(NicHost *a, NicHost *b, uint32_t k, NicEndpoint **at_a, NicEndpoint **at_b);

typedef enum NicWant {
    NIC_WANT_ANY, /* RDMA where every link of its chain holds, else TCP, as SMB falls back */
    NIC_WANT_RDMA,
    NIC_WANT_TCP
} NicWant;

/* Makes a connection between two endpoints, both ends up. While wiring only. The caller sets
 * user and owner of *a and *b. `label` tells connections of the same endpoints apart. */
void nic_connect(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label, NicWant want,
                 TransportEnd **end_a, TransportEnd **end_b);

/* The first pair of endpoints whose frames have a priority, else the first of all; false: none. */
bool nic_endpoint_pair_at(NicHost *a, NicHost *b, uint8_t priority, NicEndpoint **at_a,
                          NicEndpoint **at_b);
enum { NIC_DATAGRAM_MOST = 1472 }; /* bytes: an Ethernet MTU of 1500 less IPv4 and UDP headers */
/* UDP between two endpoints, at a priority of its own: SENDs of at most NIC_DATAGRAM_MOST bytes,
 * none of which is ever complete; `received` of the other end hears of those that come. */
void nic_connect_datagrams(SimRun *run, NicEndpoint *a, NicEndpoint *b, const char *label,
                           uint8_t priority, TransportEnd **end_a, TransportEnd **end_b);

/* ---- within models/nic ---- */

/* A packet of a connection with everything but line_bytes set; psn, payload and token are 0. */
static inline SimPacket *nic_packet(const NicConnection *c, uint8_t op) {
    SimPacket *p = (SimPacket *)sim_pool_get(&c->fabric->packets);
    c->fabric->born++;
    p->to = c->to;
    p->from = c->from;
    p->flow = c->flow;
    p->qp = c->remote;
    p->psn = 0; /* nothing of a former frame may reach the fingerprint */
    p->payload = 0;
    p->token = NULL;
    p->epoch = c->epoch;
    p->flags = c->flags;
    p->vlan = c->vlan;
    p->op = op;
    p->priority = c->priority;
    p->pcp = c->priority & 7;
    p->hops = c->hops & 31;
    p->dscp = c->dscp;
    return p;
}

/* host.c */
bool nic_connection_is_tcp(const NicConnection *c); /* plain TCP or iWARP */
bool nic_connection_is_iwarp(const NicConnection *c);
/* It stands now, or no longer: what users and RDMA Activity see of it. */
void nic_connection_stand(NicConnection *c, bool standing);

/* port.c */
void nic_port_init(SimRun *run, NicPort *port, NicHost *host, uint32_t number);
void nic_port_start(SimRun *run, NicPort *port); /* once every connection is made */
/* A frame for a connection of this host has come through. */
void nic_port_deliver(SimRun *run, NicPort *port, SimPacket *p);
void nic_port_ready(SimRun *run, NicConnection *c); /* it has packets to send */
void nic_port_ack(SimRun *run, NicConnection *c);   /* it owes an acknowledgement */
/* It has packets to send, but not before `not_before`. */
void nic_port_hold(SimRun *run, NicConnection *c);
/* An acknowledgement already made: first in line, whatever is paused. */
void nic_port_urgent(SimRun *run, NicPort *port, SimPacket *p);
/* The same while the port is choosing a packet: it must not begin another transmission. */
void nic_port_ack_later(NicConnection *c);
void nic_port_control(SimRun *run, NicPort *port, SimPacket *p);
/* Moves an endpoint and its queue pairs, and tells the switches. */
void nic_endpoint_move(SimRun *run, NicEndpoint *e, NicPort *to);
void nic_endpoint_announce(SimRun *run, NicEndpoint *e);

#endif
