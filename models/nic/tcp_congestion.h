/* tcp_congestion.h: the window algorithms of TCP, behind congestion.h.
 *
 * All count in whole segments of the connection, as the Linux stack does: n segments acknowledged
 * by one ACK count n times, so delayed acknowledgements slow nothing down (RFC 3465). A loss or a
 * mark lowers the window at once; how the sender gets down there (RFC 6937) is its own affair.
 *
 *   newreno     +1 segment a round trip, x 1/2 (RFC 5681)
 *   cubic       cubic of the time since the last loss, x 0.7 (RFC 9438), with HyStart (Ha and
 *               Rhee, Computer Networks 2011) where slow start would overshoot
 *   dctcp       as newreno; marks lower by half the smoothed share of marked bytes (RFC 8257) */
#ifndef MODELS_NIC_TCP_CONGESTION_H
#define MODELS_NIC_TCP_CONGESTION_H

#include "models/nic/congestion.h"

/* How all three begin; `params` of their start. */
typedef struct TcpWindowParams {
    int64_t initial_window; /* segments */
} TcpWindowParams;

extern const NicCongestionOps nic_tcp_newreno;
extern const NicCongestionOps nic_tcp_cubic;
extern const NicCongestionOps nic_tcp_dctcp;

/* ---- what the three share; within models/nic ---- */

/* First member of the state of each. */
typedef struct TcpWindow {
    NicCongestion base;
    int64_t segment;   /* bytes */
    int64_t size;      /* the window, segments, >= 1 */
    int64_t threshold; /* slow start below it */
    int64_t count;     /* segments towards the next step of `size` */
    int64_t rest;      /* bytes acknowledged that make no whole segment yet */
    uint64_t hold;     /* a mark has lowered it: nothing more before this position is passed */
    bool recovering;   /* between `lost` and `recovered` */
    bool timed_out;    /* and nothing acknowledged since */
} TcpWindow;

void tcp_window_start(TcpWindow *w, const TcpWindowParams *params, uint32_t segment);
void tcp_window_set(TcpWindow *w, int64_t segments);
/* Takes an acknowledgement in: whole segments by which the window may grow, 0 where it may not. */
int64_t tcp_window_acked(TcpWindow *w, const NicAcked *a);
/* Slow start by `n` segments at most up to the threshold; those left over. */
int64_t tcp_window_slow_start(TcpWindow *w, int64_t n);
/* One segment more for every `every` of the `n`. */
void tcp_window_avoid(TcpWindow *w, int64_t every, int64_t n);
/* A mark at this acknowledgement may lower the window. */
bool tcp_window_marked(const TcpWindow *w, const NicAcked *a);
/* Down to `segments` for a mark: once a window of data. */
void tcp_window_hold(TcpWindow *w, const NicAcked *a, int64_t segments);
void tcp_window_lost(TcpWindow *w, int64_t segments);
void tcp_window_recovered(NicCongestion *c, SimTime now);
/* Timeout: one segment, slow start up to `segments`, unless lowered already for this trouble. */
void tcp_window_expired(TcpWindow *w, int64_t segments);

static inline int64_t tcp_window_half(const TcpWindow *w) {
    return w->size / 2 > 2 ? w->size / 2 : 2;
}

#endif
