/* pipe_params.h: what a scenario says of the way from an adapter's wire into its host's memory. */
#ifndef MODELS_NIC_PIPE_PARAMS_H
#define MODELS_NIC_PIPE_PARAMS_H

#include "sim/core/param.h"

typedef struct NicPipeParams {
    int64_t pcie;              /* bit/s; SIM_ABSENT: without limit */
    int64_t buffer, xoff, xon; /* bytes; xoff and xon SIM_ABSENT: derived */
    int64_t contexts;          /* queue pairs; SIM_ABSENT: all of them */
    SimTime context_miss;
    int64_t translations; /* pages; SIM_ABSENT: all of them */
    SimTime translation_miss;
    int64_t page, memory; /* bytes */
} NicPipeParams;

extern const SimParam nic_pipe_params[];

#endif
