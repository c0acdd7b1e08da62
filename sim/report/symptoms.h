/* symptoms.h: what a file of counters says of a rack, put in order for the rules of diagnose.h.
 * Private to sim/report.
 *
 *   columns of the file --names--> machines --> ports --> counts by priority
 *                                          \--> counts of the host
 *
 * Every count becomes what was counted between two readings (`step`); a rate is multiplied by its
 * time. Nothing is taken for zero that the file does not have: `known` says so. The other end of a
 * port is told by the brackets of its instance ("3 [node2 1]") or, without them, found by the
 * bytes: what one end sends the other receives, reading by reading. */
#ifndef SIM_REPORT_SYMPTOMS_H
#define SIM_REPORT_SYMPTOMS_H

#include "sim/core/model.h"
#include "sim/metrics/result.h"
#include "sim/report/pdh.h"

enum { SYMPTOM_PRIORITIES = 8 };

/* By port and priority. */
typedef enum PriorityCount {
    RX_PACKETS,
    TX_PACKETS,
    RX_BYTES,
    TX_BYTES,
    RX_PAUSE,
    TX_PAUSE,
    RX_PAUSED, /* microseconds */
    TX_PAUSED,
    BUF_DISCARD,
    TX_DISCARD,
    PRIORITY_COUNTS
} PriorityCount;

/* By port. */
typedef enum PortCount {
    RX_DISCARDS,
    CRC_ERRORS,
    OVERSIZE,
    RX_LINK_PAUSE,
    TX_LINK_PAUSE,
    ECN_MARKED,
    WATCHDOG,
    LINK_DOWN,
    PORT_COUNTS
} PortCount;

/* By host. */
typedef enum HostCount {
    OUT_OF_SEQUENCE,
    PACKET_SEQ_ERR,
    IMPLIED_NAK,
    ACK_TIMEOUT,
    RNR_NAK,
    OUT_OF_BUFFER,
    CNP_SENT,
    ECN_RECEIVED,
    CNP_HANDLED,
    CQE_ERROR,
    RDMA_INITIATED,
    RDMA_ACCEPTED,
    RDMA_ACTIVE,
    RDMA_ERRORS,
    RDMA_FAILED,
    RDMA_IN,
    RDMA_OUT,
    RDMA_IN_FRAMES,
    RDMA_OUT_FRAMES,
    TCP_SENT,
    TCP_RECEIVED,
    TCP_AGAIN,
    CPU_BUSY,
    BEATS_MISSED,
    HOST_COUNTS
} HostCount;

typedef struct Count {
    const SimPdhColumn *column; /* the first it was made of */
    const SimCounterDoc *doc;
    double *step; /* rack's n_steps; NULL: not known */
    double total; /* sum of the steps; of a level: its largest */
} Count;

typedef struct SymptomPort {
    uint32_t machine;
    const char *name;      /* "3" */
    const char *neighbour; /* "node2 1" as the instance has it; NULL */
    uint32_t peer;         /* index of the port at the other end, UINT32_MAX: not known */
    Count by_priority[PRIORITY_COUNTS][SYMPTOM_PRIORITIES];
    Count count[PORT_COUNTS];
} SymptomPort;

typedef struct SymptomMachine {
    const char *name;
    bool host;
    Count count[HOST_COUNTS];
} SymptomMachine;

typedef struct Symptoms {
    SimArena arena;
    const SimPdh *pdh;
    uint32_t n_steps;
    double seconds;
    SIM_RESULT_LIST(SymptomMachine) machines;
    SIM_RESULT_LIST(SymptomPort) ports;
    bool *disturbed; /* by step: a link went or came; what is lost then says nothing of settings */
    bool used[SYMPTOM_PRIORITIES];
    uint32_t n_known;  /* columns that are counters of ours */
    GHashTable *index; /* of machines, ports and counters by name */
} Symptoms;

Symptoms *symptoms_new(const SimPdh *pdh);
void symptoms_free(Symptoms *s);

static inline bool count_known(const Count *c) {
    return c->step != NULL;
}
/* What was counted outside disturbed steps; 0 where nothing is known. */
double symptoms_calm(const Symptoms *s, const Count *c);
/* Steps, disturbed ones left out, in which something was counted. */
uint32_t symptoms_steps(const Symptoms *s, const Count *c);

#endif
