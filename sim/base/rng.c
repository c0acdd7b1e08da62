#include "sim/base/rng.h"

#include <Random123/philox.h>

#include "sim/base/assert.h"
#include "sim/base/hash.h"

void sim_rng_init(SimRng *rng, uint64_t seed, const char *path, const char *purpose) {
    uint64_t key = sim_hash_combine(sim_hash_mix(seed), sim_hash_text(path));
    *rng = (SimRng){.key = sim_hash_combine(key, sim_hash_text(purpose))};
}

uint64_t sim_rng_next(SimRng *rng) {
    if (rng->has_spare) {
        rng->has_spare = false;
        return rng->spare;
    }
    philox4x32_ctr_t counter = {{(uint32_t)rng->block, (uint32_t)(rng->block >> 32), 0, 0}};
    philox4x32_key_t key = {{(uint32_t)rng->key, (uint32_t)(rng->key >> 32)}};
    philox4x32_ctr_t out = philox4x32(counter, key);
    rng->block++;
    rng->spare = (uint64_t)out.v[3] << 32 | out.v[2];
    rng->has_spare = true;
    return (uint64_t)out.v[1] << 32 | out.v[0];
}

uint64_t sim_rng_below(SimRng *rng, uint64_t n) {
    SIM_CHECK(n > 0);
    unsigned __int128 product = (unsigned __int128)sim_rng_next(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t reject = (0 - n) % n;
        while ((uint64_t)product < reject)
            product = (unsigned __int128)sim_rng_next(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

/* log2 of the mantissa digit by digit: squaring a number in [1, 2) doubles its logarithm, so
 * each squaring that reaches 2 yields a binary digit 1. 52 digits. */
static uint64_t minus_log2(uint64_t u, uint32_t *whole) {
    uint32_t shift = (uint32_t)__builtin_clzll(u);
    uint64_t m = u << shift; /* 1.63 fixed point */
    uint64_t digits = 0;
    for (int i = 0; i < 52; i++) {
        unsigned __int128 square = (unsigned __int128)m * m; /* 2.126 */
        uint64_t high = (uint64_t)(square >> 63);            /* 1.63, or overflow into bit 64 */
        digits <<= 1;
        if (square >> 127) {
            high = (uint64_t)(square >> 64);
            digits |= 1;
        }
        m = high;
    }
    /* u = 2^(63-shift) * mantissa, so -log2(u / 2^64) = 1 + shift - log2(mantissa). */
    *whole = shift + 1;
    return digits; /* log2(mantissa) with 52 bits after the point */
}

uint64_t sim_minus_ln(uint64_t u) {
    SIM_CHECK(u > 0);
    uint32_t whole;
    uint64_t digits = minus_log2(u, &whole);
    uint64_t log2_56 = ((uint64_t)whole << 56) - (digits << 4);
    /* ln 2 = 0.693147180559945309417232, times 2^64. */
    return (uint64_t)(((unsigned __int128)log2_56 * UINT64_C(12786308645202655660)) >> 64);
}

int64_t sim_rng_exponential(SimRng *rng, int64_t mean) {
    uint64_t u = sim_rng_next(rng);
    if (u == 0) u = 1;
    unsigned __int128 x = (unsigned __int128)sim_minus_ln(u) * (uint64_t)mean;
    x = (x + ((unsigned __int128)1 << 55)) >> 56;
    return x > INT64_MAX ? INT64_MAX : (int64_t)x; /* up to 44 means */
}
