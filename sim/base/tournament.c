#include "sim/base/tournament.h"

void sim_tournament_init(SimTournament *t, SimArena *arena, uint32_t slots) {
    t->width = 2;
    while (t->width < slots)
        t->width *= 2;
    t->node = SIM_NEW_N(arena, SimTournamentNode, 2 * (size_t)t->width);
    for (uint32_t i = 0; i < t->width; i++)
        t->node[t->width + i] = (SimTournamentNode){SIM_NEVER, i};
    for (uint32_t i = t->width - 1; i >= 1; i--)
        t->node[i] = t->node[2 * i];
}
