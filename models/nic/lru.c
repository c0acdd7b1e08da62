#include "models/nic/lru.h"

void nic_lru_init(NicLru *lru, SimArena *arena, uint32_t room) {
    uint32_t buckets = 16;
    while (buckets < room)
        buckets *= 2;
    *lru = (NicLru){.node = SIM_NEW_N(arena, NicLruNode, (size_t)room + 1),
                    .bucket = SIM_NEW_N(arena, uint32_t, buckets),
                    .room = room,
                    .mask = buckets - 1};
}

static uint32_t *lru_bucket(NicLru *lru, uint64_t key) {
    return &lru->bucket[(key * UINT64_C(0x9e3779b97f4a7c15) >> 32) & lru->mask];
}

static void lru_leave(NicLru *lru, uint32_t at) {
    NicLruNode *node = lru->node;
    node[node[at].newer].older = node[at].older;
    node[node[at].older].newer = node[at].newer;
}

static void lru_lead(NicLru *lru, uint32_t at) {
    NicLruNode *node = lru->node;
    node[at].newer = 0;
    node[at].older = node[0].older;
    node[node[0].older].newer = at;
    node[0].older = at;
}

/* Takes the least recently used out. */
static uint32_t lru_evict(NicLru *lru) {
    uint32_t at = lru->node[0].newer;
    uint32_t *link = lru_bucket(lru, lru->node[at].key);
    while (*link != at)
        link = &lru->node[*link].next;
    *link = lru->node[at].next;
    lru_leave(lru, at);
    return at;
}

bool nic_lru_use(NicLru *lru, uint64_t key) {
    uint32_t *bucket = lru_bucket(lru, key), at = *bucket;
    while (at && lru->node[at].key != key)
        at = lru->node[at].next;
    if (at) {
        lru_leave(lru, at);
        lru_lead(lru, at);
        return true;
    }
    at = lru->n < lru->room ? ++lru->n : lru_evict(lru);
    lru->node[at].key = key;
    lru->node[at].next = *bucket;
    *bucket = at;
    lru_lead(lru, at);
    return false;
}
