/* run.h: one run of the machine: its clock, its events, its domains.
 *
 * A run is a value; any number of them live in one process and share nothing but the scenario.
 *
 * Life: sim_run_new calls every model's create and wire, which add domains, slots, timers and
 * meters; then the run is sealed (ranks are given, nothing can be added any more) and every
 * model's start arms its first events. sim_run_advance handles events in order; at the end
 * sim_run_report makes the frozen result.
 *
 * Events live in two places.
 *   Slots: a port's transmitter and its cable own one slot each in a tournament tree.
 *   Timers: everything else, embedded in its owner, in one heap a phase; the head of each heap
 *   occupies one slot.
 *
 *   position in the tree, which is the order of equal times:
 *   | faults' heap | arrivals ... | timers' heap | transmitters ... | flow heap | sampling heap |
 *
 * Order: time, phase, domain, order of adding within the domain. A domain is one switch or one
 * host, in the order in which they were added; only cables cross domains, with a delay of at
 * least one tick, so the order of domains cannot change a result. */
#ifndef SIM_CORE_RUN_H
#define SIM_CORE_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/assert.h"
#include "sim/base/heap.h"
#include "sim/base/time.h"
#include "sim/base/tournament.h"
#include "sim/core/model.h"
#include "sim/core/trace.h"

typedef enum SimPhase {
    SIM_PHASE_FAULT,
    SIM_PHASE_ARRIVAL, /* slots only */
    SIM_PHASE_TIMER,
    SIM_PHASE_TRANSMIT, /* slots only */
    SIM_PHASE_FLOW,
    SIM_PHASE_SAMPLE, /* left out of the fingerprint */
    SIM_PHASES
} SimPhase;

typedef void (*SimHandler)(SimRun *run, void *owner);

/* An event embedded in its owner. `due` is when the owner wants it, `at.armed` where it stands
 * in the heap: moving it later only changes `due`, the heap entry fires early, looks, and
 * re-arms (an early wake-up is not an event: it is neither counted nor fingerprinted). */
typedef struct SimTimer {
    SimHeapItem at; /* first; its rank is within the phase */
    SimTime due;
    SimHandler handler;
    void *owner;
    uint64_t tag;
    uint32_t domain;
    uint32_t phase;
} SimTimer;

typedef struct SimRunConfig {
    const SimScenario *scenario;
    uint64_t seed;
    uint64_t permute; /* 0: domains in declaration order, else a seed for another order */
    SimTime warmup, duration;
    const SimTime *boundaries; /* n_segments + 1 times, the first 0, the last `duration` */
    uint32_t n_segments;
    const char *ingredients; /* letters of the fingerprint: t time, e entity, p packet; NULL: all */
    bool series;             /* keep series over time */
    SimTime sample_every;    /* read every count so often; 0: never (SimResult.counts is empty) */
    const SimTrace *trace;   /* who wants to see frames; NULL: nobody */
    const char *replay;      /* command a failed assertion prints, or NULL */
} SimRunConfig;

typedef uint32_t SimDomain;

typedef struct SimSlotInfo {
    SimHandler handler;
    void *owner;
    uint64_t tag;
    SimDomain domain;
} SimSlotInfo;

typedef struct SimTimerQueue {
    SimHeap heap;
    uint32_t slot; /* the slot that its head occupies */
} SimTimerQueue;

typedef struct SimDomainInfo {
    const char *path;
    uint64_t chain; /* fingerprint of the events of this domain */
    uint64_t tag;
} SimDomainInfo;

/* Fields above the line are public to read. */
struct SimRun {
    SimContext context; /* now, seed, events handled */
    SimArena arena;
    uint32_t segment; /* index of the current segment */
    SimRunConfig config;
    /* ---- private to sim/core ---- */
    SimTournament slots;
    uint32_t current; /* slot being handled */
    SimSlotInfo *slot;
    SimTimerQueue queue[SIM_PHASES];
    SimDomainInfo *domain;
    uint32_t n_domains;
    uint64_t mask_time, mask_entity, mask_packet;
    void **state;              /* by model */
    struct SimRunSetup *setup; /* until sealed */
    struct SimMeters *meters;
    SimTimer boundary, sampler;
    bool finished;
};

/* ---- life ---- */
SimRun *sim_run_new(const SimRunConfig *config);
/* Handles at most `max_events` events (wake-ups included); true while there is more to do. */
bool sim_run_advance(SimRun *run, uint64_t max_events);
/* Audits, every model's rows, the meters, the fingerprint. May be called once, at any time;
 * the result is complete only if the run had reached its end. `result` must have been made
 * with the windows of the scenario filled in. */
void sim_run_report(SimRun *run, SimResult *result);
void sim_run_free(SimRun *run);

static inline SimTime sim_run_now(const SimRun *run) {
    return run->context.now;
}
static inline uint64_t sim_run_events(const SimRun *run) {
    return run->context.events;
}
/* One chain per domain, combined in the order of their paths. */
uint64_t sim_run_fingerprint(const SimRun *run);

/* ---- for models, while creating and wiring ---- */

/* A model's own state, kept by the run; `model` must be in sim_models[]. */
void sim_run_set_state(SimRun *run, const SimModel *model, void *state);
void *sim_run_state(const SimRun *run, const SimModel *model);

/* `path` is kept, not copied. */
SimDomain sim_domain_add(SimRun *run, const char *path);

/* phase: SIM_PHASE_ARRIVAL or _TRANSMIT. *where receives the slot when the run is sealed.
 * `label` names the slot within the domain ("3/tx") for the fingerprint; not kept. */
void sim_slot_add(SimRun *run, SimDomain domain, SimPhase phase, const char *label, uint32_t *where,
                  SimHandler handler, void *owner);

/* phase: any other. The timer must stay where it is. */
void sim_timer_add(SimRun *run, SimDomain domain, SimPhase phase, const char *label,
                   SimTimer *timer, SimHandler handler, void *owner);

/* ---- for models, while running ---- */

/* Arms a slot, or changes its time; `time` may be SIM_NEVER. */
static inline void sim_slot_set(SimRun *run, uint32_t slot, SimTime time) {
    if (slot == run->current)
        sim_tournament_mark(&run->slots, slot, time);
    else
        sim_tournament_set(&run->slots, slot, time);
}

/* For the slot being handled: arms it again. */
static inline void sim_slot_again(SimRun *run, SimTime time) {
    sim_tournament_mark(&run->slots, run->current, time);
}

static inline bool sim_slot_armed(const SimRun *run, uint32_t slot) {
    return sim_tournament_time(&run->slots, slot) != SIM_NEVER;
}

void sim_timer_hasten(SimRun *run, SimTimer *timer, SimTime due);

/* Arms a timer, or changes when it is due. Later is free; earlier moves it in the heap. */
static inline void sim_timer_set(SimRun *run, SimTimer *timer, SimTime due) {
    timer->due = due;
    if (due < timer->at.armed) sim_timer_hasten(run, timer, due);
}

/* Disarms; nothing happens if it was not armed. */
static inline void sim_timer_stop(SimTimer *timer) {
    timer->due = SIM_NEVER;
}

static inline bool sim_timer_armed(const SimTimer *timer) {
    return timer->due != SIM_NEVER;
}

static inline uint64_t sim_fingerprint_step(uint64_t chain, uint64_t value) {
    return ((chain << 7 | chain >> 57) ^ value) * UINT64_C(0x9e3779b97f4a7c15);
}

/* Mixes what a handler saw (a PSN, a size) into the chain of its domain, ingredient "p". */
static inline void sim_fingerprint_packet(SimRun *run, SimDomain domain, uint64_t value) {
    SimDomainInfo *d = &run->domain[domain];
    d->chain = sim_fingerprint_step(d->chain, value & run->mask_packet);
}

#endif
