#include "sim/base/heap.h"

#include "sim/base/assert.h"

void sim_heap_init(SimHeap *heap, SimArena *arena, uint32_t ranks) {
    /* Three entries of padding put every group of four children on one cache line. */
    SimHeapEntry *room = SIM_NEW_N(arena, SimHeapEntry, (size_t)ranks + 8);
    *heap = (SimHeap){.entry = room + 3, .place = SIM_NEW_N(arena, uint32_t, ranks)};
    for (uint32_t i = 0; i < ranks; i++)
        heap->place[i] = SIM_HEAP_OUT;
}

static inline bool entry_before(SimHeapEntry a, SimHeapEntry b) {
    unsigned __int128 x = (unsigned __int128)(uint64_t)a.time << 64 | a.rank;
    unsigned __int128 y = (unsigned __int128)(uint64_t)b.time << 64 | b.rank;
    return x < y;
}

static inline void heap_store(SimHeap *heap, uint32_t i, SimHeapEntry e) {
    heap->entry[i] = e;
    heap->place[e.rank] = i;
}

static void heap_sift_up(SimHeap *heap, uint32_t i, SimHeapEntry e) {
    while (i > 0) {
        uint32_t parent = (i - 1) / 4;
        if (!entry_before(e, heap->entry[parent])) break;
        heap_store(heap, i, heap->entry[parent]);
        i = parent;
    }
    heap_store(heap, i, e);
}

/* The earliest of the children first .. first+3, all present. */
static inline uint32_t heap_least_of_four(const SimHeapEntry *entry, uint32_t first) {
    uint32_t a = first + entry_before(entry[first + 1], entry[first]);
    uint32_t b = first + 2 + entry_before(entry[first + 3], entry[first + 2]);
    return entry_before(entry[b], entry[a]) ? b : a;
}

static void heap_sift_down(SimHeap *heap, uint32_t i, SimHeapEntry e) {
    const SimHeapEntry *entry = heap->entry;
    uint32_t n = heap->n;
    for (;;) {
        uint32_t first = 4 * i + 1, least;
        if (first + 3 < n) {
            least = heap_least_of_four(entry, first);
        } else {
            if (first >= n) break;
            least = first;
            for (uint32_t c = first + 1; c < n; c++)
                if (entry_before(entry[c], entry[least])) least = c;
        }
        if (!entry_before(entry[least], e)) break;
        heap_store(heap, i, entry[least]);
        i = least;
    }
    heap_store(heap, i, e);
}

void sim_heap_put(SimHeap *heap, uint32_t rank, SimTime time) {
    SimHeapEntry e = {time, rank};
    uint32_t i = heap->place[rank];
    if (i == SIM_HEAP_OUT) {
        if (heap->hole) {
            heap->hole = false;
            heap_sift_down(heap, 0, e);
        } else {
            heap_sift_up(heap, heap->n++, e);
        }
    } else if (entry_before(e, heap->entry[i])) {
        heap_sift_up(heap, i, e);
    } else {
        heap_sift_down(heap, i, e);
    }
}

SimHeapEntry sim_heap_take(SimHeap *heap) {
    SIM_CHECK(heap->n > 0 && !heap->hole);
    SimHeapEntry root = heap->entry[0];
    heap->place[root.rank] = SIM_HEAP_OUT;
    heap->hole = true;
    return root;
}

SimTime sim_heap_settle(SimHeap *heap) {
    if (heap->hole) {
        heap->hole = false;
        heap->n--;
        if (heap->n > 0) heap_sift_down(heap, 0, heap->entry[heap->n]);
    }
    return heap->n > 0 ? heap->entry[0].time : SIM_NEVER;
}
