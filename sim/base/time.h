/* time.h: simulated time and the exact duration of bytes on a line.
 *
 * One tick is 10 ps, so that every Ethernet rate from 1 to 800 Gb/s has a whole number of
 * ticks a byte, and int64_t spans +-2.9 years. */
#ifndef SIM_BASE_TIME_H
#define SIM_BASE_TIME_H

#include <stdint.h>

typedef int64_t SimTime; /* ticks of 10 ps since the start of the run */

#define SIM_NS INT64_C(100)
#define SIM_US (1000 * SIM_NS)
#define SIM_MS (1000 * SIM_US)
#define SIM_S (1000 * SIM_MS)
#define SIM_MIN (60 * SIM_S)
#define SIM_H (60 * SIM_MIN)
#define SIM_DAY (24 * SIM_H)

/* An event that is not armed. One below the maximum, so that "+ 1" cannot overflow. */
#define SIM_NEVER (INT64_MAX - 1)

/* a + b, SIM_NEVER where that is beyond the clock; both >= 0. */
static inline SimTime sim_time_add(SimTime a, SimTime b) {
    return b < SIM_NEVER - a ? a + b : SIM_NEVER;
}

/* Ticks that 8 bits take at 1 bit/s; divide by a rate in bit/s for ticks a byte. */
#define SIM_BYTE_TICKS_AT_1BPS (8 * SIM_S)

/* A transmission rate that never drifts: ticks that do not divide evenly are carried over
 * to the next frame of the same port. `carry` is in units of 1/rate ticks. */
typedef struct SimRate {
    int64_t bps;          /* bit/s, > 0 */
    int64_t ticks_a_byte; /* exact quotient, or 0 where 8 s / bps is no whole number of ticks */
    int64_t carry;        /* remainder of the frames so far, 0 <= carry < bps */
} SimRate;

static inline SimRate sim_rate(int64_t bps) {
    SimRate rate = {bps, 0, 0};
    if (SIM_BYTE_TICKS_AT_1BPS % bps == 0) rate.ticks_a_byte = SIM_BYTE_TICKS_AT_1BPS / bps;
    return rate;
}

/* Ticks that `bytes` take on the line; advances the carry. */
static inline SimTime sim_rate_ticks(SimRate *rate, int64_t bytes) {
    if (__builtin_expect(rate->ticks_a_byte != 0, 1)) return bytes * rate->ticks_a_byte;
    __int128 whole = (__int128)bytes * SIM_BYTE_TICKS_AT_1BPS + rate->carry;
    SimTime ticks = (SimTime)(whole / rate->bps);
    rate->carry = (int64_t)(whole - (__int128)ticks * rate->bps);
    return ticks;
}

#endif
