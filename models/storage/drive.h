/* drive.h: one drive.
 *
 *   read:   flash (units servers, read_time - jitter + Exp(jitter)) -> read bus (1)
 *   write:  write bus (1) -> buffer (write_time - jitter + Exp(jitter))
 *
 * A bus holds a transfer for the longer of bytes / speed and 1 / IOPS cap: write_speed and
 * write_iops are the steady state, so the buffer never hides the drive for long. */
#ifndef MODELS_STORAGE_DRIVE_H
#define MODELS_STORAGE_DRIVE_H

#include "models/storage/storage.h"

/* One I/O at one drive. `done` is told when it is durable (write) or read. */
typedef struct StorageAccess {
    StorageJob job; /* first */
    StorageDrive *drive;
    uint32_t bytes;
    bool write;
    SimTime wait, service; /* results: queued, served */
    void (*done)(SimRun *run, struct StorageAccess *access);
} StorageAccess;

/* `path` is "node1/drive2". */
void storage_drive_init(SimRun *run, StorageDrive *drive, SimDomain domain, const char *path,
                        const CatalogDrive *params);
void storage_drive_access(SimRun *run, StorageAccess *access);

#endif
