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

/* Rows that switches, cables and adapters share: ports and cables are alike at both ends. */
#define FABRIC_SPEEDS(at)                                                                          \
    {                                                                                              \
        .key = "speeds", .shape = SIM_LIST, .type = SIM_RATE, .min = "1Gbps", .max = "800Gbps",    \
        .offset = at,                                                                              \
        .doc = "Further rates the ports can run at; without it, those usual for their rate.",      \
        .source =                                                                                  \
            "assumption: 100 runs at 50, 40, 25; 50 at 25, 10; 40, 25, 20 at 10; 10 at 1 Gb/s"     \
    }
#define FABRIC_BIT_ERRORS(at)                                                                      \
    {                                                                                              \
        .key = "bit_errors", .type = SIM_CHANCE, .def = "0", .min = "0", .max = "0.001",           \
        .offset = at, .doc = "Chance that a bit arrives wrong; the frame is then lost.",           \
        .source = "assumption: an error-free cable (IEEE 802.3 asks for 1e-12 or better)"          \
    }

extern const SimKind fabric_kinds[];

#endif
