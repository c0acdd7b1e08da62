/* station.h: where jobs wait and are served: the only queueing element of storage.
 *
 * A station has `units` servers and one first-come first-served queue. Every job brings its own
 * service time, so the same station is M/M/c, M/D/1 or a pipe, by what its users draw. A delay
 * is a station with units without end: each job leaves `delay` after it came, in order. */
#ifndef MODELS_STORAGE_STATION_H
#define MODELS_STORAGE_STATION_H

#include "sim/core/meter.h"
#include "sim/core/run.h"

typedef struct StorageJob StorageJob;
typedef void (*StorageDone)(SimRun *run, StorageJob *job);

/* Embedded in what is served. Filled by the user before submitting: service, done. */
struct StorageJob {
    StorageJob *next;
    SimTime service; /* ticks the server is held */
    SimTime came;    /* set by the station: when it was submitted */
    SimTime began;   /* set by the station: when its service began */
    StorageDone done;
};

typedef struct StorageUnit {
    SimTimer timer;
    StorageJob *job;
    struct StorageUnit *next_free;
    struct StorageStation *station;
} StorageUnit;

typedef struct StorageStation {
    StorageUnit *unit;
    StorageUnit *free_units;
    StorageJob *first, *last; /* waiting */
    uint32_t n_units, waiting;
    SimResource resource;
} StorageStation;

typedef struct StorageDelay {
    SimTime delay;
    StorageJob *first, *last; /* began = when it leaves */
    SimTimer timer;
} StorageDelay;

/* `name` is kept; it names the resource and is unique in the run. */
void storage_station_init(SimRun *run, StorageStation *s, SimDomain domain, const char *name,
                          const char *kind, uint32_t units);
void storage_station_submit(SimRun *run, StorageStation *s, StorageJob *job);

void storage_delay_init(SimRun *run, StorageDelay *d, SimDomain domain, const char *label,
                        SimTime delay);
/* A delay of zero calls `done` at once. */
void storage_delay_submit(SimRun *run, StorageDelay *d, StorageJob *job);

#endif
