/* volume.c: which hosts and drives hold each slab.
 *
 * Rendezvous hashing (Thaler and Ravishankar, IEEE/ACM ToN 1998): every host scores each slab by
 * a hash of their names, the highest scores hold the copies. */
#include "models/storage/mirror.h"
#include "sim/base/hash.h"
#include "sim/scenario/scenario.h"

/* Slab of Storage Spaces: 256 MB (Storage Spaces documentation; storage-spaces-recovery.com). */
#define SLAB_BYTES INT64_C(268435456)

static uint64_t slab_score(uint64_t volume_tag, uint32_t slab, const char *name) {
    return sim_hash_combine(sim_hash_combine(volume_tag, slab), sim_hash_text(name));
}

/* Picks the host with the highest score among those not yet taken. */
static uint32_t slab_pick(const Storage *storage, const SimRefs *pool, uint64_t tag, uint32_t slab,
                          const uint16_t *taken, uint32_t n_taken) {
    uint32_t best = UINT32_MAX;
    uint64_t best_score = 0;
    for (uint32_t i = 0; i < pool->n; i++) {
        uint32_t host = pool->items[i].index;
        bool is_taken = false;
        for (uint32_t k = 0; k < n_taken; k++)
            is_taken |= taken[k] == host;
        if (is_taken) continue;
        uint64_t score = slab_score(tag, slab, storage->hosts[host].nic->name);
        if (best != UINT32_MAX && score <= best_score) continue;
        best = host;
        best_score = score;
    }
    return best;
}

static void volume_place(const Storage *storage, StorageVolume *v, const StorageVolumeParams *p) {
    uint64_t tag = sim_hash_text(v->name);
    for (uint32_t slab = 0; slab < v->n_slabs; slab++) {
        uint16_t *host = &v->host[(size_t)slab * v->n_copies];
        uint8_t *drive = &v->drive[(size_t)slab * v->n_copies];
        for (uint32_t c = 0; c < v->n_copies; c++) {
            uint32_t at = c == 0 && p->placement == STORAGE_OWNER_FIRST
                              ? v->owner
                              : slab_pick(storage, &p->owner, tag, slab, host, c);
            host[c] = (uint16_t)at;
            uint64_t pick = sim_hash_mix(slab_score(tag, slab, storage->hosts[at].nic->name));
            drive[c] = (uint8_t)(pick % storage->hosts[at].n_drives);
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
