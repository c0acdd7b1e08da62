/* storage.h: mirrored volumes over the hosts' drives.
 *
 *   workload                      issuing host                    serving host
 *   storage_submit --> stack.issue --+--> own drive --------------------------+
 *                                    |                                        |
 *                                    +--> WRITE with immediate --> stack.serve --> drive
 *                                    |                                        |
 *   done <-- every copy durable <----+<------------- SEND reply <-------------+
 *
 * A write is acknowledged when every copy is durable on its drive: an RDMA acknowledgement says
 * only that the bytes reached the other host's memory. A read is served by one copy: a SEND
 * asks for it, the data comes back by WRITE with immediate.
 *
 * A volume is cut into slabs of 256 MB; each slab's copies lie on different hosts. Which ones is
 * decided by a hash of volume, slab and host, so an added host moves as little as possible.
 *
 * Paths. For each ordered pair of hosts there is one connection per RDMA endpoint; operations
 * take those that are up in turns. When one breaks, everything that waits for an answer on it
 * is sent again on another, or waits until one stands; after `IO_TIMEOUT` an I/O fails. */
#ifndef MODELS_STORAGE_STORAGE_H
#define MODELS_STORAGE_STORAGE_H

#include "models/nic/nic.h"
#include "models/storage/station.h"

#define STORAGE_COPIES 3

enum StoragePart {
    STORAGE_SOFTWARE,
    STORAGE_NETWORK,
    STORAGE_WAIT,
    STORAGE_SERVICE,
    STORAGE_PARTS
};

typedef struct StorageIo StorageIo;
typedef struct StorageHost StorageHost;

/* An I/O, embedded in or owned by what issues it. Filled before storage_submit: the first six. */
struct StorageIo {
    StorageHost *host; /* where it is issued */
    uint32_t volume, slab;
    uint32_t bytes;
    bool write;
    void (*done)(SimRun *run, StorageIo *io);
    /* results */
    bool failed, retried;
    SimTime submitted;
    SimTime part[STORAGE_PARTS]; /* of the copy that took longest */
    /* private */
    StorageJob job;
    uint32_t copies_left;
};

typedef struct StorageDrive {
    StorageStation flash, read_bus, write_bus, buffer;
    SimRng rng;
    const CatalogDrive *params;
} StorageDrive;

typedef struct StorageVolume {
    const char *name;
    uint32_t n_slabs, n_copies;
    bool read_any;  /* reads go to any copy, not the nearest */
    uint32_t owner; /* host */
    uint16_t *host; /* [slab * n_copies + copy] */
    uint8_t *drive; /* same, on that host */
} StorageVolume;

extern const SimModel storage_model;

typedef struct Storage Storage;
Storage *storage_of(SimRun *run);
StorageHost *storage_host(SimRun *run, uint32_t host);
uint32_t storage_volumes(SimRun *run, const StorageVolume **volumes);

/* While wiring: I/O on `volume` will be issued at `host`; makes the connections it needs. */
void storage_use(SimRun *run, uint32_t host, uint32_t volume);

/* io->done is called when all copies are durable (write), the data is here (read), or it failed. */
void storage_submit(SimRun *run, StorageIo *io);

#endif
