/* counters.h: the counters of hosts under the names an operator sees: mlx5 hw_counters, and
 * Windows' "RDMA Activity", "TCPv4", "Process". Sources of the
 * names: hw_counters and RDMA Activity, the reference note, section 8; "Responder out of order
 * sequence received", TCPv4 and Process, published lists of Performance Monitor paths. */
#ifndef MODELS_NIC_COUNTERS_H
#define MODELS_NIC_COUNTERS_H

#include "sim/core/model.h"

extern const SimCounterDoc nic_counters[];

#endif
