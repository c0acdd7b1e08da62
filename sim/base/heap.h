/* heap.h: many timers, each known by a constant rank, the earliest first.
 *
 * A 4-ary array heap of (time, rank); equal times go by rank, never by order of insertion.
 * The four children of an entry fill one cache line. Where a timer stands is kept in an array
 * by rank, so a timer can be moved to an earlier time.
 *
 * The entry being handled leaves a hole at the root; a timer armed meanwhile falls into it, so
 * that a timer which re-arms itself costs one sift instead of two. */
#ifndef SIM_BASE_HEAP_H
#define SIM_BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

typedef struct SimHeapEntry {
    SimTime time;
    uint64_t rank;
} SimHeapEntry;

#define SIM_HEAP_OUT UINT32_MAX

typedef struct SimHeap {
    SimHeapEntry *entry; /* entry[0] is the root; children of i: 4i+1 .. 4i+4 */
    uint32_t *place;     /* by rank: index in entry[], SIM_HEAP_OUT where not in the heap */
    uint32_t n;
    bool hole; /* entry[0] has been taken and not yet filled */
} SimHeap;

/* Room for ranks 0 .. ranks-1, each in the heap at most once. */
void sim_heap_init(SimHeap *heap, SimArena *arena, uint32_t ranks);

/* Puts a timer in, or moves one that is in. */
void sim_heap_put(SimHeap *heap, uint32_t rank, SimTime time);

/* Takes the root out and leaves a hole. The heap must not be empty nor have a hole. */
SimHeapEntry sim_heap_take(SimHeap *heap);

/* Closes the hole if it is still open; gives the time of the root, SIM_NEVER where empty. */
SimTime sim_heap_settle(SimHeap *heap);

#endif
