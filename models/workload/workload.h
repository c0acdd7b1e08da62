/* workload.h: what hosts do, and what they see of it.
 *
 * A workload runs on several hosts; each (workload, host) is an issuer with outstanding
 * operations of its own. An outage is the longest time in which any one issuer with an operation
 * outstanding completed none. A fault answers for a gap from its own beginning to the gap's end;
 * any other window for the part of a gap that lies in it. */
#ifndef MODELS_WORKLOAD_WORKLOAD_H
#define MODELS_WORKLOAD_WORKLOAD_H

#include "models/storage/storage.h"
#include "models/workload/params.h"
#include "sim/metrics/histogram.h"
#include "sim/metrics/series.h"

enum WorkloadKind { WORKLOAD_READS, WORKLOAD_WRITES, WORKLOAD_ALL };

/* Of one segment, summed over the issuers. */
typedef struct WorkloadSegment {
    SimHistogram *latency[WORKLOAD_ALL];
    int64_t bytes[WORKLOAD_ALL];
    int64_t failed, retried;
    __int128 part[STORAGE_PARTS];
    __int128 slowdown; /* of flows that ended, ppm */
} WorkloadSegment;

/* Of one window: what is no sum over its segments. */
typedef struct WorkloadWindow {
    SimTime start, end;
    bool fault; /* the window of a fault: it answers for what lasts beyond its end */
    SimTime outage, longest;
} WorkloadWindow;

typedef struct Workload Workload;

typedef struct WorkloadIssuer {
    Workload *workload;
    uint32_t host;
    int64_t outstanding, target;
    SimTime last_end; /* last success, or when the first of the outstanding began */
    SimTime waiting;  /* what is outstanding has been so since then at least */
    SimRng rng;
    SimTimer arrival;
    StorageDelay think;
    /* rdma */
    TransportEnd *end;
    int64_t left; /* bytes not yet posted */
    int64_t issued, completed;
    bool failing; /* the last operation to end failed */
    /* heartbeat */
    struct WorkloadBeats *beats;
    /* flows */
    TransportEnd **ends; /* one a host it sends to */
    uint32_t n_ends;
    int64_t bps;
    /* diskspd */
    const uint32_t *volumes;
    uint32_t n_volumes;
} WorkloadIssuer;

struct Workload {
    const WorkloadParams *params;
    const char *name;
    WorkloadIssuer *issuer;
    uint32_t n_issuers;
    WorkloadSegment *segment; /* n_segments */
    SimTime segment_start;
    WorkloadWindow *window; /* as the scenario's windows */
    uint32_t n_windows;
    SimTime outage_floor, longest_floor; /* a completion below both changes no window */
    int64_t sent, missed;                /* heartbeats */
    SimSeries series;                    /* bytes over time */
    SimSeries series_count;              /* operations over time */
};

/* Room of an operation in its pool; diskspd.c and rdma.c hold themselves to it. */
#define WORKLOAD_IO_BYTES 256
#define WORKLOAD_MESSAGE_BYTES 64

typedef struct Workloads {
    Workload *items;
    uint32_t n;
    SimPool ios, messages;
} Workloads;

extern const SimModel workload_model;

Workloads *workloads_of(SimRun *run);

/* ---- within models/workload ---- */

/* tally.c: an operation begins and ends. */
void workload_began(SimRun *run, WorkloadIssuer *issuer);
void workload_ended(SimRun *run, WorkloadIssuer *issuer, enum WorkloadKind kind, uint32_t bytes,
                    SimTime began, const SimTime *parts, bool failed, bool retried);
void workload_segment(SimRun *run, uint32_t segment);
void workload_report(SimRun *run, SimResult *result);
void workload_tally_create(SimRun *run, Workload *w);

/* diskspd.c, rdma.c, heartbeat.c */
void workload_diskspd_wire(SimRun *run, Workload *w);
void workload_diskspd_start(SimRun *run, Workload *w);
void workload_rdma_wire(SimRun *run, Workload *w);
void workload_rdma_start(SimRun *run, Workload *w);
void workload_flows_wire(SimRun *run, Workload *w);
void workload_flows_start(SimRun *run, Workload *w);
void workload_heartbeat_wire(SimRun *run, Workload *w);
void workload_heartbeat_start(SimRun *run, Workload *w);

#endif
