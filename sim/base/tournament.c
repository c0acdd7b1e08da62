#include "sim/base/tournament.h"

#include "sim/base/assert.h"

/* Half a cache line before node 0, so that every match of four lies in one line. */
enum { BEFORE = 4 };

static void tournament_replay(SimTournament *t) {
    for (int64_t i = (int64_t)t->first - 1; i >= -1; i--) {
        int64_t child = 4 * (i + 1);
        t->node[i] = sim_tournament_less(t->node[child], sim_tournament_others(t->node, child));
    }
}

void sim_tournament_init(SimTournament *t, SimArena *arena, uint32_t slots) {
    SIM_CHECK(slots >= 2 && slots <= SIM_TOURNAMENT_SLOTS);
    uint32_t matches = (slots + 1) / 3; /* each leaves one of four */
    *t = (SimTournament){.slots = slots, .first = matches - 1};
    size_t nodes = 4 * (size_t)matches;
    t->node = SIM_NEW_N(arena, uint64_t, BEFORE + nodes) + BEFORE;
    t->far = SIM_NEW_N(arena, SimTime, slots);
    for (size_t i = t->first; i < nodes; i++)
        t->node[i] = UINT64_MAX;
    for (uint32_t i = 0; i < slots; i++)
        t->node[t->first + i] = sim_tournament_key(t, i, SIM_NEVER);
    tournament_replay(t);
}

void sim_tournament_rebase(SimTournament *t) {
    SimTime earliest = SIM_NEVER;
    for (uint32_t i = 0; i < t->slots; i++)
        if (sim_tournament_time(t, i) < earliest) earliest = sim_tournament_time(t, i);
    SIM_CHECK(earliest >= t->base);
    for (uint32_t i = 0; i < t->slots; i++)
        t->far[i] = sim_tournament_time(t, i);
    t->base = earliest;
    for (uint32_t i = 0; i < t->slots; i++)
        t->node[t->first + i] = sim_tournament_key(t, i, t->far[i]);
    tournament_replay(t);
}
