/* cabling.h: which port each cable goes to and at what rate it runs, from the scenario alone.
 * The same plan serves the check before a run and the wiring of it.
 *
 * A named port ("tor1/5") is taken as named. Otherwise the free port with the highest common
 * rate is taken, the lowest number among equals; `cables:` before the hosts' own. */
#ifndef MODELS_NIC_CABLING_H
#define MODELS_NIC_CABLING_H

#include "models/fabric/fabric.h"
#include "models/nic/params.h"
#include "sim/scenario/scenario.h"

typedef struct NicCableEnd {
    bool is_switch;
    uint32_t index;   /* of the switch or host */
    uint32_t port;    /* from 1 */
    const char *name; /* of the switch or host */
} NicCableEnd;

typedef struct NicCable {
    NicCableEnd a, b;
    FabricCable cable;
    const SimItem *item; /* the cable or host that asked for it */
} NicCable;

typedef struct NicCabling {
    SIM_RESULT_LIST(NicCable) cables;
    uint32_t *component; /* by switch: equal where cables lead from one to the other */
    uint32_t n_switches;
    uint32_t *first_port, *leads; /* nic_port_leads */
} NicCabling;

/* Diagnostics (E301..E305, W301) go to `out`, which may be NULL; cables with errors are left
 * out. Everything is allocated in `arena`. */
NicCabling *nic_cabling_plan(const SimScenario *scenario, SimArena *arena, SimDiagnostics *out);

/* There and back over a cable, with the latencies of both ends: from a pause that one end wants to
 * the first frame that comes later for it. */
SimTime nic_cable_round_trip(const SimScenario *scenario, const NicCable *cable);

/* Where the cable at a host's port, counted from 1, leads: 1 + the component of its switch, or a
 * number of its own for a cable to another host; 0: no cable. */
uint32_t nic_port_leads(const NicCabling *cabling, uint32_t host, uint32_t port);

#endif
