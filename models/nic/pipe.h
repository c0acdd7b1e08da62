/* pipe.h: the way from a port's wire into the host's memory.
 *
 *     cable --> buffer ==== PCIe ====> handler of the connection
 *               |    \
 *             XOFF    frames one after the other; each costs its bytes at the rate of PCIe and
 *          to switch  a fetch for each miss of the adapter's two caches
 *
 * Without a pipe, which is the usual case, a frame is handled when it has come in. With one it
 * waits for those before it. Frames of lossless priorities have a buffer of their own: when it
 * holds `xoff` bytes the switch is paused, and what still comes lives between `xoff` and the
 * buffer's end. Frames of other priorities are dropped when theirs is full.
 *
 * Two caches: the state of queue pairs, and the addresses of pages (MTT). A connection's data goes
 * round its registered memory, so that a memory larger than the reach of the cache misses at every
 * page (Guo et al., SIGCOMM 2016, section 4.4).
 *
 * A pipe may be stuck (a storm): it takes nothing out of its buffer and pauses for ever. The
 * adapter's watchdog ends the pauses of a pipe that has not moved for long; then frames are lost
 * at the adapter instead. */
#ifndef MODELS_NIC_PIPE_H
#define MODELS_NIC_PIPE_H

#include "models/nic/lru.h"
#include "models/nic/nic.h"

typedef struct NicPipe {
    NicPort *port;
    const NicPipeParams *params;
    const char *name;  /* "node1/1 receive" */
    FabricQueue queue; /* the first is on its way through PCIe */
    int64_t held[2];   /* bytes, lossless and other */
    int64_t buffer, xoff, xon;
    SimTime cost;             /* of the first in the queue */
    SimTime busy, busy_until; /* of PCIe */
    SimTime moved;            /* when a frame last came out, or pausing began */
    SimTimer done, watchdog;
    SimRate rate;
    NicLru contexts, translations;
    uint64_t *position; /* in its memory, by place of the connection */
    bool pausing;       /* its buffer wants the switch paused */
    bool stuck, muted;
    bool priced; /* `cost` is known */
    int64_t context_misses, translation_misses, muted_events;
    SimResource resource;
} NicPipe;

/* Gives a port a pipe, where it has none; while creating or wiring. */
void nic_pipe_add(SimRun *run, NicPort *port);
/* Once every connection is made. */
void nic_pipe_start(SimRun *run, NicPipe *pipe);
/* A frame for this host has come in; it is the pipe's. */
void nic_pipe_take(SimRun *run, NicPipe *pipe, SimPacket *p);
/* The cable came back: what is held goes on to want a pause. */
void nic_pipe_link_up(SimRun *run, NicPipe *pipe);
/* Gets stuck, or goes on (a fault). */
void nic_pipe_stick(SimRun *run, NicPipe *pipe, bool stuck);

#endif
