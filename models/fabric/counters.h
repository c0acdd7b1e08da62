/* counters.h: the counters of ports under the names an operator sees.
 *
 * A port of a switch is shown as SONiC's counter database names it (SAI statistics by port,
 * by port:priority for priority groups and queues); a port of a host twice, as ethtool shows an
 * mlx5 adapter and as Windows' Performance Monitor does. Sources of the names: reference note,
 * section 8 (mlx5 en_stats.c, WinOF-2 counter sets); SAI saiport.h, saiqueue.h, saibuffer.h. */
#ifndef MODELS_FABRIC_COUNTERS_H
#define MODELS_FABRIC_COUNTERS_H

#include "sim/core/model.h"

extern const SimCounterDoc fabric_counters[];

#endif
