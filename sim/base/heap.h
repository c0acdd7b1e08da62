/* heap.h: many timers, the earliest first.
 *
 * A 4-ary array heap of (time, item); the four children of an entry fill one cache line. Equal
 * times go by the items' constant ranks, never by order of insertion; ranks are looked at only
 * then. Items are embedded in what they time and know only when they are armed for:
 * an item armed anew for an earlier time gets a second entry, and the old one, whose time is no
 * longer the item's, is dropped when it comes up. So moving entries touches no item.
 *
 * The entry being handled leaves a hole at the root; an item armed meanwhile falls into it, so
 * that a timer which re-arms itself costs one sift instead of two. */
#ifndef SIM_BASE_HEAP_H
#define SIM_BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"
#include "sim/base/time.h"

typedef struct SimHeapItem {
    SimTime armed; /* SIM_NEVER: not in the heap */
    uint32_t rank; /* constant, unique in its heap */
} SimHeapItem;

typedef struct SimHeapEntry {
    SimTime time;
    SimHeapItem *item;
} SimHeapEntry;

typedef struct SimHeap {
    SimHeapEntry *entry; /* entry[0] is the root; children of i: 4i+1 .. 4i+4 */
    uint32_t n, room;
    bool hole; /* entry[0] has been taken and not yet filled */
    SimArena *arena;
} SimHeap;

/* `room` is where it starts; it grows when items are armed for earlier times again and again. */
void sim_heap_init(SimHeap *heap, SimArena *arena, uint32_t room);

/* Arms an item that is not armed, or for an earlier time one that is. */
void sim_heap_put(SimHeap *heap, SimHeapItem *item, SimTime time);

/* Takes the root out and leaves a hole. The heap must not be empty nor have a hole. The entry
 * counts only if its time is still its item's. */
static inline SimHeapEntry sim_heap_take(SimHeap *heap) {
    heap->hole = true;
    return heap->entry[0];
}

/* Closes the hole if it is still open; gives the time of the root, SIM_NEVER where empty. */
SimTime sim_heap_settle(SimHeap *heap);

#endif
