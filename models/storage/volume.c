/* volume.c: which hosts and drives hold each slab.
 *
 * Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998): every host scores each slab by
 * a hash of their names, the highest scores hold the copies. */
#include "models/storage/mirror.h"
#include "sim/base/hash.h"
#include "sim/scenario/scenario.h"

/* Slab of Storage Spaces: 256 MB (Storage Spaces documentation; storage-spaces-recovery.com). */
#define SLAB_BYTES INT64_C(268435456)

static uint64_t slab_score(uint64_t volume_tag, uint32_t slab, uint64_t host_tag) {
    return sim_hash_combine(sim_hash_combine(volume_tag, slab), host_tag);
}

/* The `n` hosts of the pool with the highest scores, best first; a host in host[0 .. kept-1] stays
 * and is not taken again. */
static void slab_pick(const Storage *storage, const SimRefs *pool, uint64_t tag, uint32_t slab,
                      uint16_t *host, uint32_t kept, uint32_t n) {
    uint64_t score[STORAGE_COPIES];
    uint32_t found = kept;
    for (uint32_t i = 0; i < pool->n; i++) {
        uint32_t index = pool->items[i].index;
        if (kept && host[0] == index) continue;
        uint64_t mine = slab_score(tag, slab, storage->hosts[index].tag);
        uint32_t at = found < n ? found++ : n;
        if (at == n && mine <= score[n - 1]) continue;
        if (at == n) at = n - 1;
        for (; at > kept && score[at - 1] < mine; at--) {
            score[at] = score[at - 1];
            host[at] = host[at - 1];
        }
        score[at] = mine;
        host[at] = (uint16_t)index;
    }
}

static void volume_place(const Storage *storage, StorageVolume *v, const StorageVolumeParams *p) {
    uint64_t tag = sim_hash_text(v->name);
    for (uint32_t slab = 0; slab < v->n_slabs; slab++) {
        uint16_t *host = &v->host[(size_t)slab * v->n_copies];
        uint8_t *drive = &v->drive[(size_t)slab * v->n_copies];
        uint32_t kept = p->placement == STORAGE_OWNER_FIRST;
        if (kept) host[0] = (uint16_t)v->owner;
        slab_pick(storage, &p->owner, tag, slab, host, kept, v->n_copies);
        for (uint32_t c = 0; c < v->n_copies; c++) {
            const StorageHost *at = &storage->hosts[host[c]];
            drive[c] = (uint8_t)(sim_hash_mix(slab_score(tag, slab, at->tag)) % at->n_drives);
        }
    }
}

void storage_volumes_create(SimRun *run, Storage *storage, const SimScenario *scenario) {
    const StorageVolumeParams *p = sim_scenario_items(scenario, "volume", &storage->n_volumes);
    storage->volumes = SIM_NEW_N(&run->arena, StorageVolume, storage->n_volumes);
    for (uint32_t i = 0; i < storage->n_volumes; i++) {
        StorageVolume *v = &storage->volumes[i];
        uint32_t turn = p[i].item.index ? p[i].item.index - 1 : 0;
        v->name = p[i].item.name;
        v->n_copies = (uint32_t)p[i].mirror + 1;
        v->read_any = p[i].reads == STORAGE_ANY;
        v->owner = p[i].owner.items[turn % p[i].owner.n].index;
        v->n_slabs = (uint32_t)((p[i].size + SLAB_BYTES - 1) / SLAB_BYTES);
        v->host = SIM_NEW_N(&run->arena, uint16_t, (size_t)v->n_slabs * v->n_copies);
        v->drive = SIM_NEW_N(&run->arena, uint8_t, (size_t)v->n_slabs * v->n_copies);
        volume_place(storage, v, &p[i]);
    }
}
