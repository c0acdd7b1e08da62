/* arena.h: memory that lives as long as a run.
 *
 * Blocks come from an arena and are all given back at once. Allocation never fails visibly: on
 * exhaustion of the machine the program stops with a sentence. */
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct SimArenaChunk SimArenaChunk;

typedef struct SimArena {
    SimArenaChunk *chunks;
    unsigned char *next, *end;
    size_t bytes; /* taken from the system */
} SimArena;

void sim_arena_init(SimArena *arena);
void sim_arena_clear(SimArena *arena);

/* Zeroed, aligned to 64 bytes where size >= 64, else to 16. size 0 gives a valid pointer. */
void *sim_arena_alloc(SimArena *arena, size_t size);
void *sim_arena_alloc_n(SimArena *arena, size_t n, size_t size); /* stops on overflow */
char *sim_arena_strdup(SimArena *arena, const char *text);
char *sim_arena_printf(SimArena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#define SIM_NEW(arena, type) ((type *)sim_arena_alloc((arena), sizeof(type)))
#define SIM_NEW_N(arena, type, n) ((type *)sim_arena_alloc_n((arena), (n), sizeof(type)))

/* Grows a SIM_RESULT_LIST-like {items, n, room} by one zeroed element and returns it. */
#define SIM_PUSH(arena, list)                                                                      \
    ((list)->n == (list)->room                                                                     \
         ? (void)((list)->items = sim_arena_grow((arena), (list)->items, (list)->n, &(list)->room, \
                                                 sizeof *(list)->items))                           \
         : (void)0,                                                                                \
     &(list)->items[(list)->n++])
void *sim_arena_grow(SimArena *arena, void *items, uint32_t n, uint32_t *room, size_t size);

#endif
