/* transport.h: all that storage, backup and workloads see of the network.
 *
 * A connection has two ends; each end belongs to one user, who posts operations and hears of
 * completions, messages and the state of the connection. RC implements it (rc.c); TCP, iWARP
 * and a flow model can. Callbacks run in the domain of the end's host. */
#ifndef MODELS_NIC_TRANSPORT_H
#define MODELS_NIC_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/core/run.h"

typedef enum TransportVerb {
    TRANSPORT_WRITE,        /* to the other end's memory; the other end does not hear of it */
    TRANSPORT_WRITE_NOTIFY, /* with immediate: the other end hears of it */
    TRANSPORT_READ,         /* from the other end's memory, without its doing */
    TRANSPORT_SEND          /* a message; the other end hears of it */
} TransportVerb;

typedef enum TransportStatus {
    TRANSPORT_OK,
    TRANSPORT_FLUSHED /* the connection broke; whether it took effect is not known */
} TransportStatus;

typedef struct TransportEnd TransportEnd;

/* What a user of an end is told. All but `complete` may be NULL. */
typedef struct TransportUser {
    /* An operation posted here is done: a WRITE or SEND acknowledged, a READ's data here. */
    void (*complete)(SimRun *run, TransportEnd *end, void *token, TransportStatus status);
    /* A SEND or WRITE_NOTIFY of the other end has arrived, whole and in order. */
    void (*received)(SimRun *run, TransportEnd *end, void *token);
    /* The connection broke (after all flushes) or stands again. */
    void (*changed)(SimRun *run, TransportEnd *end, bool up);
} TransportUser;

typedef struct TransportOps {
    /* bytes >= 1. The end must be up. */
    void (*post)(SimRun *run, TransportEnd *end, TransportVerb verb, uint32_t bytes, void *token);
} TransportOps;

struct TransportEnd {
    const TransportOps *ops;
    const TransportUser *user;
    void *owner; /* of the user */
    bool up;
};

static inline void transport_post(SimRun *run, TransportEnd *end, TransportVerb verb,
                                  uint32_t bytes, void *token) {
    end->ops->post(run, end, verb, bytes, token);
}

#endif
