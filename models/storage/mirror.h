/* mirror.h: within the storage model: hosts, paths between them, copies under way. */
#ifndef MODELS_STORAGE_MIRROR_H
#define MODELS_STORAGE_MIRROR_H

#include "models/storage/drive.h"
#include "models/storage/params.h"

/* One copy of one I/O, from its host to the drive and back. 64-byte aligned: its address and
 * the number of the attempt make the token that travels. What the serving host reads of it
 * (io's kind, bytes, drive) never changes while a message may be under way; a copy whose path
 * broke is not used again. */
typedef struct __attribute__((aligned(64))) StorageCopy {
    StorageAccess access; /* first; used by the host that holds the copy */
    StorageIo *io;
    struct StoragePath *path;          /* remote: where the answer is awaited; NULL: parked */
    struct StorageCopy *next, *before; /* in the path's or the parked list */
    uint32_t target;                   /* host */
    uint32_t bytes;
    uint16_t drive;
    uint8_t attempt; /* 6 bits travel */
    bool write, flushed;
    SimTime waited, served; /* of the last attempt */
    SimTime peer_serve;     /* software time at the serving host */
} StorageCopy;

typedef struct StorageCopyList {
    StorageCopy *first, *last;
} StorageCopyList;

/* One connection, at the end that issues. */
typedef struct StoragePath {
    TransportEnd *end;
    StorageCopyList awaiting;
    struct StoragePeer *peer;
} StoragePath;

/* What a host knows of another. */
typedef struct StoragePeer {
    StorageHost *owner, *host;
    StoragePath *path;
    uint32_t n_paths, turn;
} StoragePeer;

/* A request being served for another host: its own object, so that a request sent twice is
 * served twice. */
typedef struct StorageServe {
    StorageAccess access; /* first */
    StorageHost *host;
    TransportEnd *end;
    uintptr_t token;
    uint32_t bytes;
    bool write;
    StorageCopy *copy; /* told how long the drive took */
} StorageServe;

struct StorageHost {
    NicHost *nic;
    Storage *storage;
    StorageDrive *drive;
    uint32_t n_drives, index;
    uint64_t tag; /* of its name */
    StorageDelay issue, serve;
    StoragePeer *peer;      /* by host */
    StorageCopyList parked; /* no path to their host */
    SimTimer parked_timer;
};

struct Storage {
    StorageHost *hosts;
    uint32_t n_hosts;
    StorageVolume *volumes;
    uint32_t n_volumes;
    SimPool copies, serves;
};

/* volume.c: places every slab. */
void storage_volumes_create(SimRun *run, Storage *storage, const SimScenario *scenario);
/* mirror.c */
extern const TransportUser storage_issuer, storage_server;
void storage_host_init(SimRun *run, StorageHost *host);

#endif
