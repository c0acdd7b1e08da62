/* tournament.h: which of a fixed set of slots is due first.
 *
 * A binary tree over the slots; every inner node holds the smaller key of its two children. A key
 * is one word: the slot's time, counted from a base, above the slot's number, so that one
 * comparison decides both and the slot's position is its rank among ties.
 *
 *                     [ 40, slot 2 ]              node 1: the winner of all
 *                    /              \
 *           [ 70, slot 0 ]      [ 40, slot 2 ]    nodes 2, 3
 *             /      \            /      \
 *            70     never        40      40       nodes 4..7: the slots
 *
 * Setting a slot climbs towards the root with conditional moves and stops where the winner of
 * a node does not change.
 *
 * The word has room for 2^44 ticks, 176 s. A later slot counts as "far"; when a far one wins,
 * all are far, the base moves up to the earliest and the tree is made anew. */
#ifndef SIM_BASE_TOURNAMENT_H
#define SIM_BASE_TOURNAMENT_H

#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

#define SIM_TOURNAMENT_SLOT_BITS 20
#define SIM_TOURNAMENT_SLOTS (1u << SIM_TOURNAMENT_SLOT_BITS)
#define SIM_TOURNAMENT_NEVER ((UINT64_C(1) << (64 - SIM_TOURNAMENT_SLOT_BITS)) - 1)
#define SIM_TOURNAMENT_FAR (SIM_TOURNAMENT_NEVER - 1)

typedef struct SimTournament {
    uint64_t *node; /* 2 * slots keys; node[slots + i] is slot i, node[i / 2] above node[i] */
    SimTime *time;  /* by slot */
    SimTime base;   /* never later than now */
    uint32_t slots;
} SimTournament;

typedef struct SimTournamentFirst {
    SimTime time; /* SIM_NEVER: no slot is armed */
    uint32_t slot;
} SimTournamentFirst;

/* All `slots` slots (2 to SIM_TOURNAMENT_SLOTS) start at SIM_NEVER. */
void sim_tournament_init(SimTournament *t, SimArena *arena, uint32_t slots);

/* Moves the base up to the earliest slot. */
void sim_tournament_rebase(SimTournament *t);

static inline SimTime sim_tournament_time(const SimTournament *t, uint32_t slot) {
    return t->time[slot];
}

static inline uint64_t sim_tournament_key(const SimTournament *t, uint32_t slot, SimTime time) {
    uint64_t from_base = (uint64_t)(time - t->base);
    if (__builtin_expect(from_base >= SIM_TOURNAMENT_FAR, 0))
        from_base = time == SIM_NEVER ? SIM_TOURNAMENT_NEVER : SIM_TOURNAMENT_FAR;
    return from_base << SIM_TOURNAMENT_SLOT_BITS | slot;
}

static inline SimTournamentFirst sim_tournament_first(SimTournament *t) {
    uint64_t key = t->node[1];
    if (__builtin_expect(key >> SIM_TOURNAMENT_SLOT_BITS == SIM_TOURNAMENT_FAR, 0)) {
        sim_tournament_rebase(t);
        key = t->node[1];
    }
    uint32_t slot = (uint32_t)key & (SIM_TOURNAMENT_SLOTS - 1);
    return (SimTournamentFirst){t->time[slot], slot};
}

/* Sets the time of a slot, not before the earliest there is; the tree is right again
 * afterwards. */
static inline void sim_tournament_set(SimTournament *t, uint32_t slot, SimTime time) {
    uint64_t *node = t->node;
    uint64_t key = sim_tournament_key(t, slot, time);
    uint32_t i = t->slots + slot;
    t->time[slot] = time;
    node[i] = key;
    while (i > 1) {
        uint64_t other = node[i ^ 1];
        key = other < key ? other : key;
        i >>= 1;
        if (node[i] == key) return;
        node[i] = key;
    }
}

/* For the slot that is being handled: changes its time without a climb. The nodes above it
 * are stale until sim_tournament_settle, and stay winners of their matches (a stale time is
 * never later than now), so setting other slots meanwhile is safe. */
static inline void sim_tournament_mark(SimTournament *t, uint32_t slot, SimTime time) {
    t->time[slot] = time;
}

/* Replays all matches of a marked slot. */
static inline void sim_tournament_settle(SimTournament *t, uint32_t slot) {
    uint64_t *node = t->node;
    uint64_t key = sim_tournament_key(t, slot, t->time[slot]);
    uint32_t i = t->slots + slot;
    node[i] = key;
    while (i > 1) {
        uint64_t other = node[i ^ 1];
        key = other < key ? other : key;
        i >>= 1;
        node[i] = key;
    }
}

#endif
