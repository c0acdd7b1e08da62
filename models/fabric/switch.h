/* switch.h: within the fabric: what its files need of a switch. */
#ifndef MODELS_FABRIC_SWITCH_H
#define MODELS_FABRIC_SWITCH_H

#include "models/fabric/fabric.h"
#include "models/fabric/params.h"

void fabric_switch_create(SimRun *run, FabricSwitch *sw, const FabricSwitchParams *params,
                          uint8_t lossless);
/* Thresholds, once the cables are known. */
void fabric_switch_complete(FabricSwitch *sw, const FabricSwitchParams *params);
/* Drops everything that waits at a port. */
void fabric_switch_flush(SimRun *run, FabricSwitch *sw, FabricPort *port);

/* Groups and routes of all switches (routes.c). */
void fabric_routes_complete(SimRun *run, Fabric *fabric);
void fabric_routes_follow(SimRun *run, Fabric *fabric);
void fabric_groups_refresh(FabricSwitch *sw);

#endif
