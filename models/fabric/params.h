/* params.h: what a scenario says of switches, cables and classes. */
#ifndef MODELS_FABRIC_PARAMS_H
#define MODELS_FABRIC_PARAMS_H

#include "sim/core/param.h"

typedef enum FabricMode { FABRIC_CUT_THROUGH, FABRIC_STORE_AND_FORWARD } FabricMode;

typedef struct FabricSwitchParams {
    SimItem item;
    int64_t ports, rate;
    int64_t uplinks, uplink_rate;
    SimList speeds; /* int64_t bit/s: further rates its ports can run at */
    int mode;       /* FabricMode */
    SimTime latency;
    int64_t buffer;
    int64_t mtu; /* largest frame, header and FCS included */
    bool roce_v1, roce_v2, dcb;
    int64_t xoff, xon, headroom; /* SIM_ABSENT: derived */
} FabricSwitchParams;

typedef struct FabricCableParams {
    SimItem item;
    SimRefs from, to;
    int64_t rate; /* SIM_ABSENT: the highest both ends share */
    int64_t length;
    int64_t bit_errors;
    const char *medium;
} FabricCableParams;

typedef struct FabricClassParams {
    SimItem item;
    int64_t priority;
    bool pfc;
} FabricClassParams;

extern const SimKind fabric_kinds[];

#endif
