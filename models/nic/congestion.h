/* congestion.h: what decides how fast a connection may send.
 *
 * An algorithm hears of events and answers by setting `rate` and `window`; it knows nothing of the
 * network, of the connection that owns it, or of who else sends. RC queue pairs and TCP senders
 * both use it: DCQCN sets a rate, NewReno, CUBIC and DCTCP set a window; TIMELY and Swift, which
 * live on round-trip times, and HPCC, which lives on telemetry, have their events here already.
 *
 *     RC, TCP --- acked, notified, lost, expired, sent ---> algorithm
 *             <-- rate, window, wake ----------------------
 *
 * Time only passes with events: an algorithm that wants to act by itself sets `wake`, and its owner
 * calls `tick` then. It must not act for the time between by itself before it is asked: state that
 * decays with time is brought up to date at the next event.
 *
 * Determinism: integers, or doubles with + - * / sqrt only. */
#ifndef MODELS_NIC_CONGESTION_H
#define MODELS_NIC_CONGESTION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

typedef struct NicCongestion NicCongestion;

/* An acknowledgement that covers something new. */
typedef struct NicAcked {
    int64_t bytes;     /* newly acknowledged */
    int64_t in_flight; /* bytes, after it */
    SimTime rtt;       /* of the newest packet it covers; SIM_NEVER: not measured */
    uint64_t position; /* of the first byte (TCP) or packet (RC) not acknowledged, never wraps */
    uint64_t sent;     /* of the next to be sent for the first time */
    bool marked;       /* it reports a congestion mark */
    bool limited;      /* the window, not the user, held the sender back */
    const void *telemetry; /* of the path (INT), or NULL */
} NicAcked;

typedef struct NicCongestionOps {
    const char *name; /* as in a scenario: "dcqcn-paper" */
    size_t size;      /* of its state, which begins with a NicCongestion */
    bool notifies;    /* the receiver sends CNPs for marked packets */
    /* `params`: the algorithm's own; `line`: bit/s of the port; `segment`: payload bytes of a full
     * packet. Sets rate and window. */
    void (*start)(NicCongestion *c, const void *params, int64_t line, uint32_t segment);
    void (*acked)(NicCongestion *c, SimTime now, const NicAcked *a);
    void (*notified)(NicCongestion *c, SimTime now);                   /* a CNP */
    void (*sent)(NicCongestion *c, SimTime now, uint32_t bytes);       /* line bytes of a packet */
    void (*lost)(NicCongestion *c, SimTime now, int64_t in_flight);    /* loss seen, once a gap */
    void (*recovered)(NicCongestion *c, SimTime now);                  /* that loss is repaired */
    void (*expired)(NicCongestion *c, SimTime now, int64_t in_flight); /* timeout */
    void (*tick)(NicCongestion *c, SimTime now);                       /* `wake` has come */
} NicCongestionOps;

/* Any function but `start` may be NULL: the event does not matter to the algorithm. */
struct NicCongestion {
    const NicCongestionOps *ops;
    int64_t rate;   /* bit/s that packets may leave at; the line's where it sets no pace */
    int64_t window; /* bytes that may be unacknowledged; INT64_MAX: any number */
    SimTime wake;   /* SIM_NEVER: not at all */
};

#endif
