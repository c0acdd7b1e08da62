/* cycles.h: cyclic buffer dependency: links that may come to wait for each other.
 *
 * A link is one direction between two neighbouring switches, parallel cables taken together. A link
 * u -> v depends on v -> w where some frame takes one after the other and v pauses u when its
 * buffer fills. A ring of such dependencies is what a deadlock of PFC needs (deadlock.h finds it in
 * a run); without a ring there is none. */
#ifndef MODELS_FABRIC_CYCLES_H
#define MODELS_FABRIC_CYCLES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"

typedef struct FabricCycles {
    SimArena *arena;
    uint32_t n_switches, n_links;
    uint32_t *first;  /* by switch: its first link; n_switches + 1 */
    uint32_t *to;     /* by link: the switch it leads to; ascending within a switch */
    uint32_t *from;   /* by link */
    uint64_t *depend; /* by link: its first dependency; n_links + 1 */
    bool *depends;    /* by link and link of the switch it leads to */
} FabricCycles;

/* `pair`: 2 x n numbers of switches, a cable each; in any order, doubles allowed. NULL where the
 * graph is too large to look at. */
FabricCycles *fabric_cycles_new(SimArena *arena, uint32_t n_switches, const uint32_t *pair,
                                uint32_t n);
/* The link between neighbours; UINT32_MAX: there is none. */
uint32_t fabric_cycles_link(const FabricCycles *c, uint32_t from, uint32_t to);
/* A frame may take link `b` after link `a`, which leads to where b begins. */
void fabric_cycles_add(FabricCycles *c, uint32_t a, uint32_t b);
/* Links of a ring, in order, at most `room` of them; how many it has, 0: there is none. */
uint32_t fabric_cycles_find(const FabricCycles *c, uint32_t *ring, uint32_t room);

#endif
