/* counters.h: the counters of ports under the names an operator sees.
 *
 * A port of a switch is shown as SONiC's counter database names it (SAI statistics by port,
 * by port:priority for priority groups and queues); a port of a host twice, as ethtool shows an
 * mlx5 adapter and as Windows' Performance Monitor does. Sources of the
 * names: ethtool, the reference note, section 8; WinOF-2 Port QoS bytes and pause frames likewise,
 * Port Traffic and the rest of Port QoS the vendor's pages on counters; SAI, excerpts of
 * saiport.h and of programs that read it. assumption: the form of instances ("1 Priority 3",
 * "3:3"), and SAI_QUEUE_STAT_WRED_ECN_MARKED_PACKETS, which were not seen exported. */
#ifndef MODELS_FABRIC_COUNTERS_H
#define MODELS_FABRIC_COUNTERS_H

#include "sim/core/model.h"

extern const SimCounterDoc fabric_counters[];

#endif
