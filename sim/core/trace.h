/* trace.h: where a run gives the frames that somebody wants to look at.
 *
 *   run.config.trace ----- port? ----->  sink    while the run is built: which ports are wanted
 *   model of the NICs ---- frame ----->          whole frames, as they were on the cable
 *                     ---- settled --->          time has passed: what is older may be written
 *
 * A sink hears of finished things and never looks into the run; with it or without it a run gives
 * the same result. Frames come in the order in which they arrive at the far end of their cable, so
 * one that was seen leaving a port has a stamp in the past; `settled` says up to when none can come
 * any more. No two frames have the same stamp, interface and direction: together they are a total
 * order.
 *
 * What is given is the sink's only during the call. */
#ifndef SIM_CORE_TRACE_H
#define SIM_CORE_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/time.h"

typedef struct SimTrace {
    void *sink;
    /* Every port is offered once by its name ("tor1/3"), in the order of the scenario; `bps` is 0
     * where it has no cable. Returns the number that its frames shall carry as `interface`, -1
     * where nobody wants them. */
    int32_t (*port)(void *sink, const char *name, int64_t bps);
    /* `at`: when the last bit left (outbound) or came in. `bytes`: from the first address to the
     * FCS. `comment`: what the bytes do not say, or NULL. */
    void (*frame)(void *sink, uint32_t interface, SimTime at, bool outbound, const uint8_t *bytes,
                  uint32_t size, const char *comment);
    /* Every frame still to come has a stamp of `before` or later. */
    void (*settled)(void *sink, SimTime before);
} SimTrace;

#endif
