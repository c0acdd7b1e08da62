/* counters.c: see counters.h. */
#include "models/workload/counters.h"

const SimCounterDoc workload_counters[] = {{"workload", "missed", "Cluster NetFt Heartbeats", NULL,
                                            "Missing heartbeats", SIM_COUNTER_TOTAL,
                                            SIM_COUNTER_ANYWHERE, .telling = true,
                                            .doc = "Cluster heartbeats that did not come in time."},
                                           {0}};
