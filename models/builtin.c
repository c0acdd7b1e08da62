/* builtin.c: the one place that names every model, lowest floor first. */
#include "models/catalog/catalog.h"
#include "models/fabric/fabric.h"
#include "models/fault/fault.h"
#include "models/nic/nic.h"
#include "models/storage/storage.h"
#include "models/workload/null.h"
#include "models/workload/workload.h"

static const SimModel catalog_model = {
    .abi = SIM_MODEL_ABI,
    .size = sizeof(SimModel),
    .name = "catalog",
    .doc = "Switches, adapters, cables and drives as data.",
    .parts = catalog_blobs,
};

const SimModel *const sim_models[] = {&catalog_model,  &fabric_model, &nic_model,  &storage_model,
                                      &workload_model, &fault_model,  &null_model, NULL};
