#include "models/storage/drive.h"

/* Writes acknowledged at once; wide enough never to be the limit. */
enum { BUFFER_UNITS = 32 };

static SimTime bus_time(uint32_t bytes, int64_t speed, int64_t iops) {
    SimTime transfer = (SimTime)((__int128)bytes * SIM_S / speed);
    SimTime slot = iops == SIM_ABSENT ? 0 : SIM_S / iops;
    return transfer > slot ? transfer : slot;
}

static SimTime jittered(SimRng *rng, SimTime mean, SimTime jitter) {
    if (jitter > mean) jitter = mean;
    return mean - jitter + sim_rng_exponential(rng, jitter);
}

static void access_account(SimRun *run, StorageAccess *a) {
    a->wait += a->job.began - a->job.came;
    a->service += run->context.now - a->job.began;
}

static void access_second_done(SimRun *run, StorageJob *job) {
    StorageAccess *a = (StorageAccess *)job;
    access_account(run, a);
    a->done(run, a);
}

static void access_first_done(SimRun *run, StorageJob *job) {
    StorageAccess *a = (StorageAccess *)job;
    StorageDrive *d = a->drive;
    access_account(run, a);
    job->done = access_second_done;
    if (a->write) {
        job->service = jittered(&d->rng, d->params->write_time, d->params->write_jitter);
        storage_station_submit(run, &d->buffer, job);
    } else {
        job->service = bus_time(a->bytes, d->params->read_speed, d->params->read_iops);
        storage_station_submit(run, &d->read_bus, job);
    }
}

void storage_drive_access(SimRun *run, StorageAccess *a) {
    StorageDrive *d = a->drive;
    a->wait = a->service = 0;
    a->job.done = access_first_done;
    if (a->write) {
        a->job.service = bus_time(a->bytes, d->params->write_speed, d->params->write_iops);
        storage_station_submit(run, &d->write_bus, &a->job);
    } else {
        a->job.service = jittered(&d->rng, d->params->read_time, d->params->read_jitter);
        storage_station_submit(run, &d->flash, &a->job);
    }
}

void storage_drive_init(SimRun *run, StorageDrive *d, SimDomain domain, const char *path,
                        const CatalogDrive *params) {
    SimArena *arena = &run->arena;
    d->params = params;
    sim_rng_init(&d->rng, run->config.seed, path, "service");
    storage_station_init(run, &d->flash, domain, sim_arena_printf(arena, "%s/flash", path), "drive",
                         (uint32_t)params->units);
    storage_station_init(run, &d->read_bus, domain, sim_arena_printf(arena, "%s/read", path),
                         "drive", 1);
    storage_station_init(run, &d->write_bus, domain, sim_arena_printf(arena, "%s/write", path),
                         "drive", 1);
    storage_station_init(run, &d->buffer, domain, sim_arena_printf(arena, "%s/buffer", path),
                         "drive", BUFFER_UNITS);
}
