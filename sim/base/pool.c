#include "sim/base/pool.h"

#include "sim/base/assert.h"

enum { BATCH_FIRST = 64, BATCH_MOST = 8192 };

void sim_pool_init(SimPool *pool, SimArena *arena, uint32_t size) {
    SIM_CHECK(size >= sizeof(void *));
    *pool = (SimPool){.arena = arena, .size = size, .batch = BATCH_FIRST};
}

void sim_pool_refill(SimPool *pool) {
    unsigned char *objects = sim_arena_alloc_n(pool->arena, pool->batch, pool->size);
    for (uint32_t i = pool->batch; i-- > 0;) {
        void *object = objects + (size_t)i * pool->size;
        *(void **)object = pool->free_list;
        pool->free_list = object;
    }
    if (pool->batch < BATCH_MOST) pool->batch *= 2;
}
