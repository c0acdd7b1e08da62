/* params.h: what a scenario says of hosts and their adapters. */
#ifndef MODELS_NIC_PARAMS_H
#define MODELS_NIC_PARAMS_H

#include "models/catalog/drive.h"
#include "models/nic/dcqcn_params.h"
#include "models/nic/pipe_params.h"
#include "models/nic/tcp_params.h"
#include "sim/core/param.h"

typedef enum NicRoce { NIC_ROCE_V1, NIC_ROCE_V2 } NicRoce;
typedef enum NicIp { NIC_IP_V4, NIC_IP_V6 } NicIp;
typedef enum NicProtocolChoice {
    NIC_PROTOCOL_ROCE,
    NIC_PROTOCOL_IWARP,
    NIC_PROTOCOL_INFINIBAND
} NicProtocolChoice;
typedef enum NicRecovery { NIC_GO_BACK_N, NIC_GO_BACK_0, NIC_SELECTIVE } NicRecovery;
typedef enum NicAcks { NIC_ACKS_COALESCED, NIC_ACKS_EACH } NicAcks;
typedef enum NicCongestionChoice {
    NIC_CONGESTION_NONE,
    NIC_CONGESTION_DCQCN_PAPER, /* then as NicDcqcnPreset */
    NIC_CONGESTION_DCQCN_VENDOR,
    NIC_CONGESTION_DCQCN_ACK
} NicCongestionChoice;
typedef enum NicTeam { NIC_TEAM_NONE, NIC_TEAM_PINNED } NicTeam;

typedef struct NicAdapter {
    int64_t ports, rate;
    SimList speeds;
    int roce; /* NicRoce */
    bool roce_v1, roce_v2, iwarp, packet_direct, sr_iov;
    SimRefs cables;
    int64_t cable_length, cable_rate, bit_errors, lose_every;
    SimTime cable_delay; /* SIM_ABSENT: from the length */
    bool cable_pfc, link_pause;
    SimTime pause_response;
    SimTime tx_latency, rx_latency;
    int64_t mtu; /* RDMA path MTU: payload bytes a frame */
    int64_t ack_timeout, retries, ack_every, reads;
    SimTime reconnect;
    int protocol; /* NicProtocolChoice */
    int ip;       /* NicIp */
    bool rdma;    /* enabled on the adapter */
    bool willing; /* DCBX: takes the switch's settings */
    SimList pfc;  /* int64_t priorities; empty: the classes' */
    SimRefs ack_class, cnp_class;
    int recovery;   /* NicRecovery */
    int acks;       /* NicAcks */
    int64_t window; /* bytes; SIM_ABSENT: none */
    SimTime rto_low, rto_high;
    int64_t rto_packets;
    int64_t receives, rnr_timer, rnr_retries;
    SimTime receive_time;
    int congestion; /* NicCongestionChoice */
    const NicDcqcnParams *dcqcn;
    const NicTcpParams *tcp;
    const NicPipeParams *receive; /* NULL: what comes in is handled at once */
    SimTime pfc_watchdog;         /* 0: none */
    int64_t ttl;
} NicAdapter;

typedef struct NicVnic {
    const char *name;
    int64_t vlan; /* SIM_ABSENT: untagged */
    SimRefs class;
    bool rdma;
    int64_t port;
} NicVnic;

typedef struct NicStack {
    SimTime issue, serve;
} NicStack;

typedef struct NicHostParams {
    SimItem item;
    const NicAdapter *nic;
    int team; /* NicTeam */
    bool network_direct;
    SimTime failover;
    SimList vnics; /* NicVnic */
    const NicStack *stack;
    const CatalogDrive *drives;
} NicHostParams;

extern const SimKind nic_kinds[];

#endif
