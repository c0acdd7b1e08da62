/* storage.c: storage as a model: building, check, audit. */
#include <stdio.h>
#include <string.h>

#include "models/nic/chain.h"
#include "models/storage/mirror.h"
#include "sim/base/hash.h"
#include "sim/core/audit.h"
#include "sim/scenario/scenario.h"

static const SimAssumption assumptions[] = {
    {"A-storage-stack", "Software time of an I/O is constant: 140 us issuing, 20 us serving.",
     "calibrated on the 216 us mean of 'To RDMA, or not to RDMA' (Microsoft, 2017)"},
    {"A-storage-timeout", "An I/O without any path fails after 60 s.",
     "assumption: the usual Windows disk timeout"},
    {"A-storage-messages",
     "A write is one WRITE with immediate and a reply, not SMB's READ by the "
     "server; sizes as SMB2.",
     "MS-SMB2 and MS-SMBD for the sizes; the direction is a simplification"},
    {"A-drive-steady", "Drives serve writes at their steady state from the start.",
     "assumption: a preconditioned drive"},
    {0}};

static const SimDiagnosticDoc diagnostics[] = {
    {"E401", "too few hosts for the mirror", "Each copy lies on another host."},
    {"E402", "host without drives", "A volume lies on a host that has no `drives`."},
    {"E403", "hosts without a storage path",
     "Two hosts of a volume have no vNIC or cabled port in common."},
    {"E404", "InfiniBand under a volume",
     "Storage Spaces Direct needs Ethernet: teams, vNICs and the virtual switch of its hosts do "
     "not exist on InfiniBand."},
    {0}};

Storage *storage_of(SimRun *run) {
    return sim_run_state(run, &storage_model);
}

StorageHost *storage_host(SimRun *run, uint32_t host) {
    return &storage_of(run)->hosts[host];
}

uint32_t storage_volumes(SimRun *run, const StorageVolume **volumes) {
    *volumes = storage_of(run)->volumes;
    return storage_of(run)->n_volumes;
}

/* ---- check ---- */

static void lint_volume(const SimScenario *s, const StorageVolumeParams *v,
                        const NicHostParams *host, const NicCabling *cabling, SimDiagnostics *out) {
    uint32_t line, column;
    sim_scenario_place(s, &v->item, "owner", &line, &column);
    if (v->owner.n < (uint32_t)v->mirror + 1)
        sim_diagnostics_add(out, "E401", line, column, v->item.name, NULL, NULL,
                            "%d copies need %d hosts, `owner` names %u", v->mirror + 1,
                            v->mirror + 1, v->owner.n);
    for (uint32_t i = 0; i < v->owner.n; i++) {
        uint32_t index = v->owner.items[i].index;
        const NicHostParams *h = &host[index];
        if (!h->drives)
            sim_diagnostics_add(out, "E402", line, column, v->item.name, "drives: {part: ...}",
                                NULL, "host %s has no drives", h->item.name);
        uint32_t first = v->owner.items[0].index;
        if (h->nic->protocol == NIC_PROTOCOL_INFINIBAND)
            sim_diagnostics_add(out, "E404", line, column, v->item.name, "protocol: roce or iwarp",
                                NULL,
                                "host %s has an InfiniBand adapter: Storage Spaces Direct takes "
                                "Ethernet alone, with RoCE or iWARP for RDMA",
                                h->item.name);
        else if (index != first && nic_reaches(s, cabling, first, index))
            nic_lint_pair(s, cabling, first, index, "storage", out);
        else if (index != first)
            sim_diagnostics_add(
                out, "E403", line, column, v->item.name, "cabled ports, or vNICs of one name", NULL,
                "hosts %s and %s have no path for storage", host[first].item.name, h->item.name);
    }
}

static void storage_lint(const SimScenario *scenario, SimDiagnostics *out) {
    uint32_t n, n_hosts;
    const StorageVolumeParams *v = sim_scenario_items(scenario, "volume", &n);
    const NicHostParams *host = sim_scenario_items(scenario, "host", &n_hosts);
    SimArena arena;
    sim_arena_init(&arena);
    const NicCabling *cabling = nic_cabling_plan(scenario, &arena, NULL);
    for (uint32_t i = 0; i < n; i++)
        lint_volume(scenario, &v[i], host, cabling, out);
    sim_arena_clear(&arena);
}

/* ---- building ---- */

static void host_create(SimRun *run, Storage *storage, uint32_t index) {
    StorageHost *host = &storage->hosts[index];
    host->nic = nic_host(run, index);
    host->index = index;
    host->tag = sim_hash_text(host->nic->name);
    host->storage = storage;
    storage_host_init(run, host);
    const CatalogDrive *params = host->nic->params->drives;
    if (!params) return;
    host->n_drives = (uint32_t)params->count;
    host->drive = SIM_NEW_N(&run->arena, StorageDrive, host->n_drives);
    for (uint32_t i = 0; i < host->n_drives; i++)
        storage_drive_init(run, &host->drive[i], host->nic->domain,
                           sim_arena_printf(&run->arena, "%s/drive%u", host->nic->name, i + 1),
                           params);
}

static void storage_create(SimRun *run, const SimScenario *scenario) {
    Storage *storage = SIM_NEW(&run->arena, Storage);
    sim_run_set_state(run, &storage_model, storage);
    _Static_assert(sizeof(StorageCopy) % 64 == 0, "tokens use the low bits of a copy's address");
    sim_pool_init(&storage->copies, &run->arena, sizeof(StorageCopy));
    sim_pool_init(&storage->serves, &run->arena, sizeof(StorageServe));
    uint32_t n;
    sim_scenario_items(scenario, "host", &n);
    storage->n_hosts = n;
    storage->hosts = SIM_NEW_N(&run->arena, StorageHost, n);
    for (uint32_t i = 0; i < n; i++)
        host_create(run, storage, i);
    storage_volumes_create(run, storage, scenario);
}

/* Connections from `a`, which issues, to `b`, which serves: one a pair of endpoints. */
static void hosts_connect(SimRun *run, StorageHost *a, StorageHost *b) {
    StoragePeer *peer = &a->peer[b->index];
    if (peer->path || a == b) return;
    NicEndpoint *at_a = NULL, *at_b = NULL;
    uint32_t n = 0;
    while (nic_endpoint_pair(a->nic, b->nic, n, &at_a, &at_b))
        n++;
    peer->owner = a;
    peer->host = b;
    peer->n_paths = n;
    peer->path = SIM_NEW_N(&run->arena, StoragePath, n);
    for (uint32_t k = 0; k < n; k++) {
        StoragePath *path = &peer->path[k];
        TransportEnd *serving;
        nic_endpoint_pair(a->nic, b->nic, k, &at_a, &at_b);
        nic_connect(run, at_a, at_b, "storage", NIC_WANT_ANY, &path->end, &serving);
        path->peer = peer;
        path->end->user = &storage_issuer;
        path->end->owner = path;
        serving->user = &storage_server;
        serving->owner = b;
    }
}

void storage_use(SimRun *run, uint32_t host, uint32_t volume) {
    Storage *storage = storage_of(run);
    uint32_t n;
    const StorageVolumeParams *v = sim_scenario_items(run->config.scenario, "volume", &n);
    StorageHost *issuer = &storage->hosts[host];
    if (!issuer->peer) issuer->peer = SIM_NEW_N(&run->arena, StoragePeer, storage->n_hosts);
    for (uint32_t i = 0; i < v[volume].owner.n; i++)
        hosts_connect(run, &storage->hosts[host], &storage->hosts[v[volume].owner.items[i].index]);
}

const SimModel storage_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "storage",
    .doc = "Mirrored volumes over the hosts' drives, through the transport.",
    .kinds = storage_kinds,
    .assumptions = assumptions,
    .diagnostics = diagnostics,
    .lint = storage_lint,
    .create = storage_create,
};
