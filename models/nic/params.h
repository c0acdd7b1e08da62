/* params.h: what a scenario says of hosts and their adapters. */
#ifndef MODELS_NIC_PARAMS_H
#define MODELS_NIC_PARAMS_H

#include "models/catalog/drive.h"
#include "sim/core/param.h"

typedef enum NicRoce { NIC_ROCE_V2 } NicRoce;
typedef enum NicTeam { NIC_TEAM_NONE, NIC_TEAM_PINNED } NicTeam;

typedef struct NicAdapter {
    int64_t ports, rate;
    SimList speeds;
    int roce; /* NicRoce */
    bool roce_v1, roce_v2, iwarp, packet_direct, sr_iov;
    SimRefs cables;
    int64_t cable_length, cable_rate, bit_errors;
    SimTime tx_latency, rx_latency;
    int64_t mtu; /* RDMA path MTU: payload bytes a frame */
    int64_t ack_timeout, retries, ack_every, reads;
    SimTime reconnect;
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
    SimTime failover;
    SimList vnics; /* NicVnic */
    const NicStack *stack;
    const CatalogDrive *drives;
} NicHostParams;

extern const SimKind nic_kinds[];

#endif
