/* counters.h: the counters of hosts under the names an operator sees: mlx5 hw_counters, and
 * Windows' "RDMA Activity", "TCPv4", "Process". Sources of the names: reference note, section 8. */
#ifndef MODELS_NIC_COUNTERS_H
#define MODELS_NIC_COUNTERS_H

#include "sim/core/model.h"

extern const SimCounterDoc nic_counters[];

#endif
