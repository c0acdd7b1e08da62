/* pool.h: equal-sized objects, taken and put back without a search.
 *
 * Free objects form a list through their first word, the last one put back first. New ones
 * come from the arena in growing batches, so after warm-up nothing is allocated. */
#ifndef SIM_BASE_POOL_H
#define SIM_BASE_POOL_H

#include <stdint.h>

#include "sim/base/arena.h"

typedef struct SimPool {
    void *free_list;
    SimArena *arena;
    uint32_t size;   /* bytes an object */
    uint32_t batch;  /* objects of the next batch */
    uint64_t in_use; /* taken and not put back */
    uint64_t peak;   /* most ever in use */
} SimPool;

void sim_pool_init(SimPool *pool, SimArena *arena, uint32_t size);
void sim_pool_refill(SimPool *pool);

/* Not zeroed. Never NULL. */
static inline void *sim_pool_get(SimPool *pool) {
    if (__builtin_expect(!pool->free_list, 0)) sim_pool_refill(pool);
    void *object = pool->free_list;
    pool->free_list = *(void **)object;
    if (++pool->in_use > pool->peak) pool->peak = pool->in_use;
    return object;
}

static inline void sim_pool_put(SimPool *pool, void *object) {
    *(void **)object = pool->free_list;
    pool->free_list = object;
    pool->in_use--;
}

#endif
