#include "sim/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "sim/base/assert.h"

struct SimArenaChunk {
    SimArenaChunk *next;
};

enum { CHUNK_MIN = 64 * 1024, CHUNK_HEAD = 64, HUGE_PAGE = 2 * 1024 * 1024 };

void sim_arena_init(SimArena *arena) {
    *arena = (SimArena){0};
}

void sim_arena_clear(SimArena *arena) {
    SimArenaChunk *chunk = arena->chunks;
    while (chunk) {
        SimArenaChunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    sim_arena_init(arena);
}

static void arena_add_chunk(SimArena *arena, size_t need) {
    size_t size = arena->bytes / 4 > CHUNK_MIN ? arena->bytes / 4 : CHUNK_MIN;
    if (size < need + CHUNK_HEAD + 64) size = need + CHUNK_HEAD + 64;
    size_t align = size >= HUGE_PAGE ? HUGE_PAGE : 64;
    size = (size + align - 1) & ~(align - 1);
    SimArenaChunk *chunk = aligned_alloc(align, size);
    if (!chunk) sim_out_of_memory(size);
#ifdef MADV_HUGEPAGE
    if (align == HUGE_PAGE) (void)madvise(chunk, size, MADV_HUGEPAGE); /* fewer TLB misses */
#endif
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->bytes += size;
    arena->next = (unsigned char *)chunk + CHUNK_HEAD;
    arena->end = (unsigned char *)chunk + size;
}

void *sim_arena_alloc(SimArena *arena, size_t size) {
    size_t align = size >= 64 ? 64 : 16;
    if (size == 0) size = 1;
    if (size > SIZE_MAX / 2) sim_out_of_memory(size);
    uintptr_t at = ((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1);
    if (!arena->next || at > (uintptr_t)arena->end || size > (uintptr_t)arena->end - at) {
        arena_add_chunk(arena, size);
        at = (uintptr_t)arena->next;
    }
    arena->next = (unsigned char *)(at + size);
    return memset((void *)at, 0, size);
}

void *sim_arena_alloc_n(SimArena *arena, size_t n, size_t size) {
    if (size && n > SIZE_MAX / 2 / size) sim_out_of_memory(SIZE_MAX);
    return sim_arena_alloc(arena, n * size);
}

char *sim_arena_strdup(SimArena *arena, const char *text) {
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(sim_arena_alloc(arena, size), text, size);
}

char *sim_arena_printf(SimArena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = sim_arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

void *sim_arena_grow(SimArena *arena, void *items, uint32_t n, uint32_t *room, size_t size) {
    uint32_t more = *room ? *room * 2 : 8;
    void *bigger = sim_arena_alloc_n(arena, more, size);
    if (n) memcpy(bigger, items, n * size);
    *room = more;
    return bigger;
}
