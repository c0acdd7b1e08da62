/* switch.h: within the fabric: what its files need of a switch. */
#ifndef MODELS_FABRIC_SWITCH_H
#define MODELS_FABRIC_SWITCH_H

#include "models/fabric/fabric.h"
#include "models/fabric/params.h"
#include "sim/scenario/scenario.h"

void fabric_switch_create(SimRun *run, FabricSwitch *sw, const SimScenario *scenario,
                          const FabricSwitchParams *params);
/* Buffer, marking and watchdog of its ports, once the cables are known. */
void fabric_switch_complete(SimRun *run, FabricSwitch *sw, const FabricSwitchParams *params);
/* The handlers of its ports. */
void fabric_switch_arrive(SimRun *run, void *owner);
void fabric_switch_transmit(SimRun *run, void *owner);
/* Drops what waits at a port, of the priorities of a mask, and counts it at `cause`. */
void fabric_switch_flush(SimRun *run, FabricSwitch *sw, FabricPort *port, uint8_t priorities,
                         int64_t *cause);

/* Registers what only `run --counters` shows of a port. */
void fabric_port_counters(SimRun *run, FabricPort *port);
/* The watchdog of a port gives up priorities: what waits is dropped. */
void fabric_switch_give_up(SimRun *run, FabricPort *port, uint8_t priorities);

/* Groups and routes of all switches (routes.c). */
void fabric_routes_complete(SimRun *run, Fabric *fabric);
void fabric_routes_follow(SimRun *run, Fabric *fabric);
void fabric_groups_refresh(FabricSwitch *sw);

#endif
