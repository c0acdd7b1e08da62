/* tcp_params.h: what a scenario says of an adapter's and its host's TCP. */
#ifndef MODELS_NIC_TCP_PARAMS_H
#define MODELS_NIC_TCP_PARAMS_H

#include "sim/core/param.h"

typedef enum NicTcpCongestion { NIC_TCP_NEWRENO, NIC_TCP_CUBIC, NIC_TCP_DCTCP } NicTcpCongestion;

typedef struct NicTcpParams {
    int congestion; /* NicTcpCongestion */
    bool ecn, timestamps, probes;
    int64_t mtu; /* bytes of an IP packet */
    int64_t receive_window, initial_window, retries;
    SimTime rto_min, delayed_ack, timer_grain, reconnect;
    /* the host's part */
    int64_t lso, lro;                /* most bytes handed over at once; 0: a segment each */
    int64_t cores;                   /* that receive-side scaling spreads connections over */
    SimTime send_cost, receive_cost; /* core time of 1000 bytes */
    SimTime packet_cost;             /* of each piece handed over */
    SimTime moderation;              /* from a frame to the interrupt that tells of it */
} NicTcpParams;

extern const SimParam nic_tcp_params[];

#endif
