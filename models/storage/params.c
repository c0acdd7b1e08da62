#include "models/storage/params.h"

#define AT(field) offsetof(StorageVolumeParams, field)
static const SimParam volume_params[] = {
    {.key = "owner",
     .shape = SIM_LIST,
     .type = SIM_REF,
     .required = true,
     .ref = "host",
     .offset = AT(owner),
     .doc = "Hosts whose drives hold it; volume 1, 2, ... of a count is owned by the first, the "
            "second, ... of them."},
    {.key = "mirror",
     .type = SIM_CHOICE,
     .def = "three-way",
     .choices = "none|two-way|three-way",
     .offset = AT(mirror),
     .doc = "Copies of every slab, each on another host."},
    {.key = "size",
     .type = SIM_SIZE,
     .def = "1TB",
     .min = "1GB",
     .max = "64TB",
     .offset = AT(size),
     .doc = "Size of the volume.",
     .source = "at most 64 TB: Storage Spaces Direct, plan volumes"},
    {.key = "placement",
     .type = SIM_CHOICE,
     .def = "owner-first",
     .choices = "owner-first|spread",
     .offset = AT(placement),
     .doc = "owner-first: one copy on the owner, the others spread; spread: all copies spread, the "
            "owner holds one by chance."},
    {.key = "reads",
     .type = SIM_CHOICE,
     .def = "nearest",
     .choices = "nearest|any",
     .offset = AT(reads),
     .doc = "nearest: a copy on the reading host if there is one; any: by hash."},
    {0}};
#undef AT

const SimKind storage_kinds[] = {{.section = "volumes",
                                  .kind = "volume",
                                  .params = volume_params,
                                  .size = sizeof(StorageVolumeParams),
                                  .limit = 1024,
                                  .doc = "Mirrored volumes over the drives of hosts."},
                                 {0}};
