/* lru.h: a cache that only knows what it holds: keys, the least recently used given up first.
 *
 *     bucket[] --> node --> node        by key
 *     first <-> node <-> ... <-> last   by use, the last is the next to go
 *
 * All of it is allocated at once. */
#ifndef MODELS_NIC_LRU_H
#define MODELS_NIC_LRU_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/arena.h"

typedef struct NicLruNode {
    uint64_t key;
    uint32_t newer, older, next;
} NicLruNode;

typedef struct NicLru {
    NicLruNode *node; /* 1..n; 0 stands for none, and its newer and older for the ends */
    uint32_t *bucket;
    uint32_t n, room, mask;
} NicLru;

void nic_lru_init(NicLru *lru, SimArena *arena, uint32_t room);
/* True where the key was there; it is now, as the one used last. */
bool nic_lru_use(NicLru *lru, uint64_t key);

#endif
