/* params.h: what a scenario says of volumes. */
#ifndef MODELS_STORAGE_PARAMS_H
#define MODELS_STORAGE_PARAMS_H

#include "sim/core/param.h"

typedef enum StorageMirror { STORAGE_SIMPLE, STORAGE_TWO_WAY, STORAGE_THREE_WAY } StorageMirror;
typedef enum StoragePlacement { STORAGE_OWNER_FIRST, STORAGE_SPREAD } StoragePlacement;
typedef enum StorageReads { STORAGE_NEAREST, STORAGE_ANY } StorageReads;

typedef struct StorageVolumeParams {
    SimItem item;
    SimRefs owner;
    int mirror, placement, reads;
    int64_t size;
} StorageVolumeParams;

extern const SimKind storage_kinds[];

#endif
