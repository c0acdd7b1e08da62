/* tournament.h: which of a fixed set of slots is due first.
 *
 * A complete binary tree over the slots' times; every inner node holds the earlier of its two
 * children, the left one where they are equal, so the position of a slot is its rank among
 * ties and no comparison of keys is ever needed.
 *
 *                     [ 40, slot 2 ]              node 1: the winner of all
 *                    /              \
 *           [ 70, slot 0 ]      [ 40, slot 2 ]    nodes 2, 3
 *             /      \            /      \
 *            70     never        40      40       nodes 4..7: the slots
 *
 * Setting a slot climbs towards the root with conditional moves and stops where the winner of
 * a node does not change. */
#ifndef SIM_BASE_TOURNAMENT_H
#define SIM_BASE_TOURNAMENT_H

#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

typedef struct SimTournamentNode {
    SimTime time;
    uint64_t slot;
} SimTournamentNode;

typedef struct SimTournament {
    SimTournamentNode *node; /* 2 * width; node[width + i] is slot i */
    uint32_t width;          /* a power of two, at least 2 */
} SimTournament;

/* All `slots` slots start at SIM_NEVER. */
void sim_tournament_init(SimTournament *t, SimArena *arena, uint32_t slots);

static inline const SimTournamentNode *sim_tournament_first(const SimTournament *t) {
    return &t->node[1];
}

static inline SimTime sim_tournament_time(const SimTournament *t, uint32_t slot) {
    return t->node[t->width + slot].time;
}

/* The earlier of `mine`, which sits at node i, and its sibling. */
static inline SimTournamentNode sim_tournament_match(const SimTournamentNode *node, uint32_t i,
                                                     SimTournamentNode mine) {
    SimTournamentNode other = node[i ^ 1];
    int other_wins = other.time < mine.time + (SimTime)(i & 1);
    SimTournamentNode winner;
    winner.time = other_wins ? other.time : mine.time;
    winner.slot = other_wins ? other.slot : mine.slot;
    return winner;
}

/* Sets the time of a slot; the tree is right again afterwards. */
static inline void sim_tournament_set(SimTournament *t, uint32_t slot, SimTime time) {
    SimTournamentNode *node = t->node;
    uint32_t i = t->width + slot;
    SimTournamentNode mine = {time, slot};
    node[i].time = time;
    while (i > 1) {
        mine = sim_tournament_match(node, i, mine);
        i >>= 1;
        if (node[i].time == mine.time && node[i].slot == mine.slot) return;
        node[i] = mine;
    }
}

/* For the slot that is being handled: changes its time without a climb. The nodes above it
 * are stale until sim_tournament_settle, and stay winners of their matches (a stale time is
 * never later than now), so setting other slots meanwhile is safe. */
static inline void sim_tournament_mark(SimTournament *t, uint32_t slot, SimTime time) {
    t->node[t->width + slot].time = time;
}

/* Replays all matches of a marked slot. */
static inline void sim_tournament_settle(SimTournament *t, uint32_t slot) {
    SimTournamentNode *node = t->node;
    uint32_t i = t->width + slot;
    SimTournamentNode mine = {node[i].time, slot};
    while (i > 1) {
        mine = sim_tournament_match(node, i, mine);
        i >>= 1;
        node[i] = mine;
    }
}

#endif
