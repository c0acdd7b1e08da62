/* params.h: what a scenario says of workloads. */
#ifndef MODELS_WORKLOAD_PARAMS_H
#define MODELS_WORKLOAD_PARAMS_H

#include "sim/core/param.h"

typedef struct WorkloadDiskspd {
    int64_t block, read; /* bytes, ppm */
    int64_t outstanding;
    SimTime think;
    int64_t iops; /* SIM_ABSENT: closed loop */
} WorkloadDiskspd;

typedef enum WorkloadVerb { WORKLOAD_WRITE, WORKLOAD_READ, WORKLOAD_SEND } WorkloadVerb;

typedef struct WorkloadRdma {
    SimRefs to, class;
    int verb; /* WorkloadVerb */
    int64_t message, total, outstanding;
    SimTime start;
} WorkloadRdma;

typedef struct WorkloadHeartbeat {
    SimRefs to, class;
    SimTime period, late;
    int64_t bytes;
} WorkloadHeartbeat;

typedef struct WorkloadFlowSize {
    int64_t bytes, chance; /* ppm */
} WorkloadFlowSize;

typedef struct WorkloadFlows {
    SimRefs to;
    SimList sizes; /* WorkloadFlowSize */
    int64_t load;  /* ppm of the line */
    SimTime empty;
} WorkloadFlows;

typedef struct WorkloadParams {
    SimItem item;
    SimRefs hosts, volumes;
    const WorkloadDiskspd *diskspd;
    const WorkloadRdma *rdma;
    const WorkloadFlows *flows;
    const WorkloadHeartbeat *heartbeat;
} WorkloadParams;

extern const SimKind workload_kinds[];

#endif
