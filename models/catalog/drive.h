/* drive.h: what is said of a drive, by a part or in a scenario. The model that serves I/O with
 * it is models/storage. */
#ifndef MODELS_CATALOG_DRIVE_H
#define MODELS_CATALOG_DRIVE_H

#include "sim/core/param.h"

typedef struct CatalogDrive {
    int64_t count; /* a host */
    int64_t capacity;
    int64_t units;
    SimTime read_time, read_jitter, write_time, write_jitter;
    int64_t read_speed, write_speed; /* bytes/s */
    int64_t read_iops, write_iops;   /* SIM_ABSENT: no cap */
} CatalogDrive;

extern const SimParam catalog_drive_params[];

#endif
