/* rng.h: random streams that do not know of each other.
 *
 * A stream is Philox 4x32 with 10 rounds (Salmon et al., SC'11; Random123) keyed by (seed, path
 * of the entity, purpose). Adding an entity leaves every other stream alone, and two policies
 * are compared on the same arrivals. Variates are made with integers only, so every compiler
 * and optimisation level gives the same ones. */
#ifndef SIM_BASE_RNG_H
#define SIM_BASE_RNG_H

#include <stdbool.h>
#include <stdint.h>

typedef struct SimRng {
    uint64_t key;
    uint64_t block; /* counter */
    uint64_t spare; /* second half of the last block */
    bool has_spare;
} SimRng;

void sim_rng_init(SimRng *rng, uint64_t seed, const char *path, const char *purpose);

uint64_t sim_rng_next(SimRng *rng); /* uniform over all 64-bit values */

/* Uniform over 0 .. n-1, n > 0, without bias (Lemire's multiply and reject, ACM TOMACS 2019). */
uint64_t sim_rng_below(SimRng *rng, uint64_t n);

/* True with probability ppm / 10^6. */
static inline bool sim_rng_ratio(SimRng *rng, int64_t ppm) {
    return (int64_t)sim_rng_below(rng, 1000000) < ppm;
}

/* Exponential with the given mean (>= 0), rounded to an integer without bias of the mean
 * beyond half a unit: -mean * ln(u) with the logarithm in 64-bit fixed point. At most
 * INT64_MAX, which means above 2^57 can meet. */
int64_t sim_rng_exponential(SimRng *rng, int64_t mean);

/* -ln(u / 2^64) for u > 0, as a fixed-point number with 56 bits after the point; error below
 * 2^-50. */
uint64_t sim_minus_ln(uint64_t u);

#endif
