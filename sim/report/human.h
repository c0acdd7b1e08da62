/* human.h: figures as people read them: three digits and a unit.
 *
 *   1211436 ns -> "1.21 ms"    4981000000 bps -> "4.98 Gb/s"    0.973 ratio -> "97.3 %"
 *   152304.2 1/s -> "152 k/s"  65536 bytes -> "65.5 kB"         12 -> "12"
 *
 * Integers only; the exact figure is what sim_value_print says. Null reads "no sample". */
#ifndef SIM_REPORT_HUMAN_H
#define SIM_REPORT_HUMAN_H

#include "sim/metrics/result.h"

#define SIM_HUMAN_TEXT 64

/* Writes into `buffer` (SIM_HUMAN_TEXT bytes) and returns it. `unit` as in SimRow. */
const char *sim_human(SimValue v, const char *unit, char *buffer);
/* The same of a time in ticks; SIM_NEVER reads "never". */
const char *sim_human_time(SimTime t, char *buffer);

/* 1234567 -> "1 234 567". `buffer` as above; n of any size. */
const char *sim_human_grouped(SimValue v, char *buffer);

#endif
