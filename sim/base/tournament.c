#include "sim/base/tournament.h"

#include "sim/base/assert.h"

static void tournament_replay(SimTournament *t) {
    for (uint32_t i = 0; i < t->slots; i++)
        t->node[t->slots + i] = sim_tournament_key(t, i, t->time[i]);
    for (uint32_t i = t->slots - 1; i >= 1; i--) {
        uint64_t left = t->node[2 * i], right = t->node[2 * i + 1];
        t->node[i] = left < right ? left : right;
    }
}

void sim_tournament_init(SimTournament *t, SimArena *arena, uint32_t slots) {
    SIM_CHECK(slots >= 2 && slots <= SIM_TOURNAMENT_SLOTS);
    *t = (SimTournament){.slots = slots};
    t->node = SIM_NEW_N(arena, uint64_t, 2 * (size_t)slots);
    t->time = SIM_NEW_N(arena, SimTime, slots);
    for (uint32_t i = 0; i < slots; i++)
        t->time[i] = SIM_NEVER;
    tournament_replay(t);
}

void sim_tournament_rebase(SimTournament *t) {
    SimTime earliest = SIM_NEVER;
    for (uint32_t i = 0; i < t->slots; i++)
        if (t->time[i] < earliest) earliest = t->time[i];
    SIM_CHECK(earliest >= t->base);
    t->base = earliest;
    tournament_replay(t);
}
