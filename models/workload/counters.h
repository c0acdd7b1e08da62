/* counters.h: the counters of workloads under the names an operator sees: Windows' "Cluster NetFt
 * Heartbeats". Source of the name: published lists of Performance Monitor paths that collect it. */
#ifndef MODELS_WORKLOAD_COUNTERS_H
#define MODELS_WORKLOAD_COUNTERS_H

#include "sim/core/model.h"

extern const SimCounterDoc workload_counters[];

#endif
