/* diskspd.c: random I/O on mirrored volumes, closed or open loop. */
#include "models/workload/workload.h"

#include "sim/scenario/scenario.h"

/* The places of a closed loop begin one after the other, 10 us apart on average, so that they do
 * not march in step. */
#define START_GAP (10 * SIM_US)

typedef struct DiskspdIo {
    StorageIo io; /* first */
    StorageJob think;
    WorkloadIssuer *issuer;
} DiskspdIo;
_Static_assert(sizeof(DiskspdIo) <= WORKLOAD_IO_BYTES, "fits its pool");

static void diskspd_issue(SimRun *run, WorkloadIssuer *issuer, DiskspdIo *d) {
    const WorkloadDiskspd *p = issuer->workload->params->diskspd;
    const StorageVolume *volumes;
    storage_volumes(run, &volumes);
    uint32_t volume =
        issuer
            ->volumes[issuer->n_volumes == 1 ? 0 : sim_rng_below(&issuer->rng, issuer->n_volumes)];
    d->io.volume = volume;
    d->io.slab = (uint32_t)sim_rng_below(&issuer->rng, volumes[volume].n_slabs);
    d->io.write = !sim_rng_ratio(&issuer->rng, p->read);
    d->io.bytes = (uint32_t)p->block;
    workload_began(run, issuer);
    storage_submit(run, &d->io);
}

static void diskspd_again(SimRun *run, StorageJob *job) {
    DiskspdIo *d = (DiskspdIo *)((char *)job - offsetof(DiskspdIo, think));
    diskspd_issue(run, d->issuer, d);
}

static void diskspd_done(SimRun *run, StorageIo *io) {
    DiskspdIo *d = (DiskspdIo *)io;
    WorkloadIssuer *issuer = d->issuer;
    workload_ended(run, issuer, io->write ? WORKLOAD_WRITES : WORKLOAD_READS, io->bytes,
                   io->submitted, io->part, io->failed, io->retried);
    if (issuer->workload->params->diskspd->iops != SIM_ABSENT) {
        sim_pool_put(&workloads_of(run)->ios, d);
        return;
    }
    d->think.done = diskspd_again;
    storage_delay_submit(run, &issuer->think, &d->think);
}

static DiskspdIo *diskspd_new(SimRun *run, WorkloadIssuer *issuer) {
    DiskspdIo *d = sim_pool_get(&workloads_of(run)->ios);
    *d = (DiskspdIo){.issuer = issuer};
    d->io.host = storage_host(run, issuer->host);
    d->io.done = diskspd_done;
    return d;
}

/* An arrival: of an open loop, or of one more place of a closed one. */
static void diskspd_arrival(SimRun *run, void *owner) {
    WorkloadIssuer *issuer = owner;
    const WorkloadDiskspd *p = issuer->workload->params->diskspd;
    diskspd_issue(run, issuer, diskspd_new(run, issuer));
    SimTime gap;
    if (p->iops != SIM_ABSENT)
        gap = sim_rng_exponential(&issuer->rng, SIM_S / p->iops);
    else if (++issuer->target < p->outstanding)
        gap = sim_rng_exponential(&issuer->rng, START_GAP);
    else
        return;
    sim_timer_set(run, &issuer->arrival, run->context.now + gap);
}

/* The volumes asked for, else those the host owns, else all. */
static void issuer_volumes(SimRun *run, WorkloadIssuer *issuer) {
    const SimRefs *asked = &issuer->workload->params->volumes;
    const StorageVolume *volumes;
    uint32_t n = storage_volumes(run, &volumes), own = 0;
    uint32_t *list = SIM_NEW_N(&run->arena, uint32_t, n + asked->n);
    for (uint32_t i = 0; i < asked->n; i++)
        list[own++] = asked->items[i].index;
    for (uint32_t i = 0; i < n && !asked->n; i++)
        if (volumes[i].owner == issuer->host) list[own++] = i;
    if (!own)
        for (uint32_t i = 0; i < n; i++)
            list[own++] = i;
    issuer->volumes = list;
    issuer->n_volumes = own;
    for (uint32_t i = 0; i < own; i++)
        storage_use(run, issuer->host, list[i]);
}

void workload_diskspd_wire(SimRun *run, Workload *w) {
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        NicHost *host = nic_host(run, issuer->host);
        issuer_volumes(run, issuer);
        char *label = sim_arena_printf(&run->arena, "%s/arrival", w->name);
        sim_timer_add(run, host->domain, SIM_PHASE_TIMER, label, &issuer->arrival, diskspd_arrival,
                      issuer);
        label = sim_arena_printf(&run->arena, "%s/think", w->name);
        storage_delay_init(run, &issuer->think, host->domain, label, w->params->diskspd->think);
    }
}

void workload_diskspd_start(SimRun *run, Workload *w) {
    const WorkloadDiskspd *p = w->params->diskspd;
    for (uint32_t i = 0; i < w->n_issuers; i++) {
        WorkloadIssuer *issuer = &w->issuer[i];
        SimTime mean = p->iops != SIM_ABSENT ? SIM_S / p->iops : START_GAP;
        sim_timer_set(run, &issuer->arrival, 1 + sim_rng_exponential(&issuer->rng, mean));
    }
}
