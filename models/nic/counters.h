/* counters.h: the counters of hosts under the names an operator sees: mlx5 hw_counters, and
 * Windows' "RDMA Activity", "TCPv4", "Process". Sources of the
 * names: hw_counters and RDMA Activity, the reference note, section 8; "Responder out of order
 * sequence received", TCPv4 and Process, published lists of Performance Monitor paths. */
#ifndef MODELS_NIC_COUNTERS_H
#define MODELS_NIC_COUNTERS_H

#include "models/nic/nic.h"

extern const SimCounterDoc nic_counters[];

/* Register what only `run --counters` shows of a host: */
void nic_counters_host(SimRun *run, NicHost *host);       /* of any host */
void nic_counters_congestion(SimRun *run, NicHost *host); /* with congestion control */
void nic_counters_rdma(SimRun *run, NicHost *host);       /* meant to do RDMA; once, while wiring */

#endif
