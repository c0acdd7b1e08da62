/* busiest.h: the resources worth showing, the busiest first. */
#ifndef SIM_REPORT_BUSIEST_H
#define SIM_REPORT_BUSIEST_H

#include <glib.h>

#include "sim/metrics/result.h"

/* At most `most` resources (const SimResourceRow *) by utilization of the window "all", then by
 * name; at most `a_kind` of one kind, so that many equal drives do not hide the busiest link.
 * Free with g_ptr_array_free(list, TRUE). */
GPtrArray *sim_busiest(const SimResult *r, uint32_t most, uint32_t a_kind);

#endif
