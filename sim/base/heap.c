#include "sim/base/heap.h"

#include <string.h>

#include "sim/base/assert.h"

/* Three entries of padding put every group of four children on one cache line. */
enum { PADDING = 3 };

/* Entries of a heap whose items do not fit the caches any more. */
enum { LARGE = 4096 };

static SimHeapEntry *heap_allocate(SimArena *arena, uint32_t room) {
    return SIM_NEW_N(arena, SimHeapEntry, (size_t)room + PADDING + 1) + PADDING;
}

void sim_heap_init(SimHeap *heap, SimArena *arena, uint32_t room) {
    if (room < 8) room = 8;
    *heap = (SimHeap){.entry = heap_allocate(arena, room), .room = room, .arena = arena};
}

static void heap_grow(SimHeap *heap) {
    SIM_CHECK(heap->room < UINT32_MAX / 2);
    SimHeapEntry *bigger = heap_allocate(heap->arena, heap->room * 2);
    memcpy(bigger, heap->entry, heap->n * sizeof *bigger);
    heap->entry = bigger;
    heap->room *= 2;
}

static inline bool entry_before(SimHeapEntry a, SimHeapEntry b) {
    if (__builtin_expect(a.time == b.time, 0)) return a.item->rank < b.item->rank;
    return a.time < b.time;
}

static void heap_sift_up(SimHeap *heap, uint32_t i, SimHeapEntry e) {
    SimHeapEntry *entry = heap->entry;
    while (i > 0) {
        uint32_t parent = (i - 1) / 4;
        if (!entry_before(e, entry[parent])) break;
        entry[i] = entry[parent];
        i = parent;
    }
    entry[i] = e;
}

/* The earliest of the children first .. first+3, all present. */
static inline uint32_t heap_least_of_four(const SimHeapEntry *entry, uint32_t first) {
    uint32_t a = first + entry_before(entry[first + 1], entry[first]);
    uint32_t b = first + 2 + entry_before(entry[first + 3], entry[first + 2]);
    return entry_before(entry[b], entry[a]) ? b : a;
}

/* In a heap larger than the caches the next level is on its way while this one is compared. */
static inline void prefetch_grandchildren(const SimHeapEntry *entry, uint32_t first) {
    for (uint32_t c = 0; c < 4; c++)
        __builtin_prefetch(&entry[4 * (first + c) + 1]);
}

static void heap_sift_down(SimHeap *heap, uint32_t i, SimHeapEntry e) {
    SimHeapEntry *entry = heap->entry;
    uint32_t n = heap->n;
    for (;;) {
        uint32_t first = 4 * i + 1, least;
        if (first + 3 < n) {
            if (4 * first + 16 < n) prefetch_grandchildren(entry, first);
            least = heap_least_of_four(entry, first);
        } else {
            if (first >= n) break;
            least = first;
            for (uint32_t c = first + 1; c < n; c++)
                if (entry_before(entry[c], entry[least])) least = c;
        }
        if (!entry_before(entry[least], e)) break;
        entry[i] = entry[least];
        i = least;
    }
    entry[i] = e;
}

void sim_heap_put(SimHeap *heap, SimHeapItem *item, SimTime time) {
    SimHeapEntry e = {time, item};
    item->armed = time;
    if (heap->hole) {
        heap->hole = false;
        heap_sift_down(heap, 0, e);
        return;
    }
    if (heap->n == heap->room) heap_grow(heap);
    heap_sift_up(heap, heap->n++, e);
}

SimTime sim_heap_settle(SimHeap *heap) {
    if (heap->hole) {
        heap->hole = false;
        heap->n--;
        if (heap->n > 0) heap_sift_down(heap, 0, heap->entry[heap->n]);
    }
    if (heap->n > LARGE) /* the items that come up next */
        for (uint32_t i = 0; i < 5; i++)
            __builtin_prefetch(heap->entry[i].item, 1);
    return heap->n > 0 ? heap->entry[0].time : SIM_NEVER;
}
