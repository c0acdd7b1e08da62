/* hash.h: 64-bit mixing of integers and strings, the same on every machine.
 *
 * The finaliser is the well-known xor-shift-multiply avalanche (Stafford's variant 13 of the
 * constants of MurmurHash3's finaliser, D. Stafford, "Better Bit Mixing", 2011). */
#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H

#include <stdint.h>

static inline uint64_t sim_hash_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Order matters: combine(a, b) differs from combine(b, a). */
static inline uint64_t sim_hash_combine(uint64_t a, uint64_t b) {
    return sim_hash_mix(a * UINT64_C(0x9e3779b97f4a7c15) + b);
}

static inline uint64_t sim_hash_text(const char *text) {
    uint64_t h = UINT64_C(0x2545f4914f6cdd1d);
    for (; *text; text++)
        h = sim_hash_combine(h, (unsigned char)*text);
    return h;
}

#endif
