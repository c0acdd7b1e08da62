/* params.h: what a scenario says of switches, cables and classes. */
#ifndef MODELS_FABRIC_PARAMS_H
#define MODELS_FABRIC_PARAMS_H

#include "sim/core/model.h"
#include "sim/core/param.h"

typedef enum FabricMode { FABRIC_CUT_THROUGH, FABRIC_STORE_AND_FORWARD } FabricMode;

typedef enum FabricTrust { FABRIC_TRUST_BOTH, FABRIC_TRUST_PCP, FABRIC_TRUST_DSCP } FabricTrust;
typedef enum FabricLayer { FABRIC_LAYER_2, FABRIC_LAYER_3 } FabricLayer;
typedef enum FabricMarkAt { FABRIC_MARK_DEQUEUE, FABRIC_MARK_ENQUEUE } FabricMarkAt;

typedef struct FabricDscpParams {
    int64_t dscp, priority;
} FabricDscpParams;

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
    int64_t xon_offset, uplink_headroom;
    int64_t alpha, uplink_alpha, lossy_alpha, lossy; /* ppm */
    int64_t reserved;
    SimList pfc;      /* int64_t priorities */
    int trust;        /* FabricTrust */
    int layer;        /* FabricLayer */
    SimList dscp_map; /* FabricDscpParams */
    SimTime watchdog, watchdog_restore;
    SimTime pause_response;
} FabricSwitchParams;

typedef struct FabricCableParams {
    SimItem item;
    SimRefs from, to;
    int64_t rate; /* SIM_ABSENT: the highest both ends share */
    int64_t length;
    SimTime delay;
    int64_t bit_errors, lose_every;
    bool pfc, link_pause;
    const char *medium;
} FabricCableParams;

typedef struct FabricEcnParams {
    int64_t kmin, kmax, pmax;
    int64_t rate; /* of the port that kmin and kmax are for; SIM_ABSENT: any */
    int at;       /* FabricMarkAt */
} FabricEcnParams;

typedef struct FabricClassParams {
    SimItem item;
    int64_t priority;
    bool pfc, strict, counted;
    int64_t share, dscp;
    const FabricEcnParams *ecn;
} FabricClassParams;

/* How frames are counted, where another program's figures are to be met. */
typedef struct FabricFramingParams {
    SimItem item;
    int64_t payload, header, ack, pause, gap; /* bytes */
    bool whole_ns;
} FabricFramingParams;

/* A way given by hand, and for what. */
typedef enum FabricFrames { FABRIC_ALL_FRAMES, FABRIC_DATA, FABRIC_ACKS } FabricFrames;

typedef struct FabricRouteParams {
    SimItem item;
    SimRefs at, from, to, via;
    int frames; /* FabricFrames */
} FabricRouteParams;

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

#define FABRIC_LOSE_EVERY(at)                                                                      \
    {                                                                                              \
        .key = "lose_every", .type = SIM_COUNT, .def = "0", .min = "0", .max = "1000000000",       \
        .offset = at, .doc = "Every n-th frame of each direction is lost on the cable; 0: none.",  \
        .source = "a choice, for repeatable losses"                                                \
    }

#define FABRIC_PAUSE_RESPONSE(at)                                                                  \
    {                                                                                              \
        .key = "pause_response", .type = SIM_TIME, .def = "0ns", .min = "0ns", .max = "100us",     \
        .offset = at,                                                                              \
        .doc = "From the arrival of a pause to its effect; a frame under way is finished.",        \
        .source =                                                                                  \
            "assumption: at once; IEEE 802.3 31B.3.7 allows 67 quanta at 10 Gb/s, 80 at 25, "      \
            "394 at 100, and derived headroom counts them in full"                                 \
    }

extern const SimKind fabric_kinds[];

/* Of the scenario, or the usual one. */
const FabricFramingParams *fabric_framing(const SimScenario *scenario);

#endif
