/* deadlock.h: cycles of queues that wait for each other.
 *
 *     s1 -> s2 is paused by s2, whose buffer is full of frames that came in by it and wait
 *              for s2 -> s3, which is paused by s3, ... which wait for s1 -> s2
 *
 * A node is a queue of a switch that has frames and has been paused without a break for ten of the
 * longest pauses. Its successors are the nodes of the switch at the other end in which frames wait
 * that came in by its cable. What has no successor is taken away until nothing changes: what is
 * left holds a cycle. Nothing in it can move unless a watchdog, a fault or an operator drops
 * frames.
 *
 * The fabric is looked over every 10 ms while some port at a switch is told to pause, in the
 * sampling phase: no event of the model depends on it. */
#ifndef MODELS_FABRIC_DEADLOCK_H
#define MODELS_FABRIC_DEADLOCK_H

#include "models/fabric/fabric.h"

typedef struct FabricDeadlock {
    Fabric *fabric;
    SimTimer look;
    bool locked;       /* at the last look */
    int64_t count;     /* times a cycle was found where there had been none */
    SimTime began;     /* when the first cycle closed; SIM_NEVER: there was none */
    const char *cycle; /* "s1/5->s2/5, s2/6->s3/1, s3/2->s1/6" */
    uint32_t *first;   /* by switch: the place of its first port */
    uint8_t *stuck;    /* by place: bit p: the queue of priority p is a node */
} FabricDeadlock;

/* Once all switches are made. */
FabricDeadlock *fabric_deadlock_new(SimRun *run, Fabric *fabric);
/* The row of the first cycle, where there was one. */
void fabric_deadlock_report(const FabricDeadlock *d, SimResult *result);

/* A port of a switch has been told to pause. */
static inline void fabric_deadlock_watch(SimRun *run, FabricDeadlock *d) {
    if (!sim_timer_armed(&d->look)) sim_timer_set(run, &d->look, run->context.now + 10 * SIM_MS);
}

#endif
