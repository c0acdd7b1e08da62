/* tournament.h: which of a fixed set of slots is due first.
 *
 * A tree of four-way matches over the slots; every inner node holds the smallest key of its four
 * children. A key is one word: the slot's time, counted from a base, above the slot's number, so
 * that one comparison decides both and the slot's position is its rank among ties.
 *
 *                     [ 40, slot 2 ]                      node -1: the winner of all
 *            /             |            \       \
 *     [ 40, slot 2 ]  [ 70, slot 6 ]    55     never      nodes 0..3: two matches, slots 0 and 1
 *      /  |  |   \      /  |   |  \
 *     40 60 never 90   70 ...                             nodes 4..11: slots 2 to 9
 *
 * The children of node i are 4i + 4 .. 4i + 7, half a cache line; the slots are the last nodes, so
 * they may lie on two levels. Setting a slot climbs towards the root with conditional moves and
 * stops where the winner of a match does not change. Four ways halve the levels of two, and with
 * them the cache lines a climb touches: in a large fabric that is what a climb costs.
 *
 * The word has room for 2^44 ticks, 176 s. A later slot counts as "far", and its time stands in an
 * array of its own; when a far one wins, all are far, the base moves up to the earliest and the
 * tree is made anew. */
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
    uint64_t *node; /* keys, from -1 on; see above */
    SimTime base;   /* never later than now */
    uint32_t slots;
    uint32_t first; /* node of slot 0 */
    SimTime *far;   /* by slot: the time of a far one */
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
    uint64_t from_base = t->node[t->first + slot] >> SIM_TOURNAMENT_SLOT_BITS;
    if (from_base < SIM_TOURNAMENT_FAR) return t->base + (SimTime)from_base;
    return from_base == SIM_TOURNAMENT_NEVER ? SIM_NEVER : t->far[slot];
}

static inline uint64_t sim_tournament_key(SimTournament *t, uint32_t slot, SimTime time) {
    if (time == SIM_NEVER) return SIM_TOURNAMENT_NEVER << SIM_TOURNAMENT_SLOT_BITS | slot;
    uint64_t from_base = (uint64_t)(time - t->base);
    if (__builtin_expect(from_base >= SIM_TOURNAMENT_FAR, 0)) {
        from_base = SIM_TOURNAMENT_FAR;
        t->far[slot] = time;
    }
    return from_base << SIM_TOURNAMENT_SLOT_BITS | slot;
}

static inline SimTournamentFirst sim_tournament_first(SimTournament *t) {
    uint64_t key = t->node[-1], from_base = key >> SIM_TOURNAMENT_SLOT_BITS;
    if (__builtin_expect(from_base >= SIM_TOURNAMENT_FAR, 0)) {
        if (from_base == SIM_TOURNAMENT_NEVER) return (SimTournamentFirst){SIM_NEVER, 0};
        sim_tournament_rebase(t);
        key = t->node[-1];
        from_base = key >> SIM_TOURNAMENT_SLOT_BITS;
    }
    uint32_t slot = (uint32_t)key & (SIM_TOURNAMENT_SLOTS - 1);
    return (SimTournamentFirst){t->base + (SimTime)from_base, slot};
}

static inline uint64_t sim_tournament_less(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* The smallest key among the other three children. */
static inline uint64_t sim_tournament_others(const uint64_t *node, int64_t i) {
    return sim_tournament_less(sim_tournament_less(node[i ^ 1], node[i ^ 2]), node[i ^ 3]);
}

/* Sets the time of a slot, not before the earliest there is; the tree is right again
 * afterwards. */
static inline void sim_tournament_set(SimTournament *t, uint32_t slot, SimTime time) {
    uint64_t *node = t->node;
    uint64_t key = sim_tournament_key(t, slot, time);
    int64_t i = (int64_t)t->first + slot;
    node[i] = key;
    do {
        key = sim_tournament_less(key, sim_tournament_others(node, i));
        i = (i >> 2) - 1;
        if (node[i] == key) return;
        node[i] = key;
    } while (i >= 0);
}

/* For the slot that is being handled: changes its time without a climb. The nodes above it
 * are stale until sim_tournament_settle, and stay winners of their matches (a stale time is
 * never later than now), so setting other slots meanwhile is safe. */
static inline void sim_tournament_mark(SimTournament *t, uint32_t slot, SimTime time) {
    t->node[t->first + slot] = sim_tournament_key(t, slot, time);
}

/* Replays all matches of a marked slot. */
static inline void sim_tournament_settle(SimTournament *t, uint32_t slot) {
    uint64_t *node = t->node;
    int64_t i = (int64_t)t->first + slot;
    uint64_t key = node[i];
    do {
        key = sim_tournament_less(key, sim_tournament_others(node, i));
        i = (i >> 2) - 1;
        node[i] = key;
    } while (i >= 0);
}

#endif
