/* links: sim_base */
/* test_base.c: arena, pool, rates and random streams. Tests may use floating point. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/arena.h"
#include "sim/base/pool.h"
#include "sim/base/rng.h"
#include "sim/base/time.h"
#include "tests/property/quick.h"

/* ---- arena and pool ---- */

START_TEST(arena_is_aligned_zeroed_and_apart) {
    enum { BLOCKS = 3000 };
    SimArena arena;
    unsigned char *block[BLOCKS];
    size_t size[BLOCKS];
    SimRng rng;
    sim_arena_init(&arena);
    sim_rng_init(&rng, 1, "arena", "sizes");
    for (int i = 0; i < BLOCKS; i++) {
        size[i] = (size_t)sim_rng_below(&rng, i % 50 == 0 ? 300000 : 200);
        block[i] = sim_arena_alloc(&arena, size[i]);
        QUICK((uintptr_t)block[i] % (size[i] >= 64 ? 64 : 16) == 0);
        for (size_t k = 0; k < size[i]; k++)
            QUICK(block[i][k] == 0);
        memset(block[i], i & 255, size[i]);
    }
    for (int i = 0; i < BLOCKS; i++)
        for (size_t k = 0; k < size[i]; k++)
            QUICK(block[i][k] == (unsigned char)i);
    ck_assert_str_eq(sim_arena_printf(&arena, "%s/%d", "node", 7), "node/7");
    ck_assert_ptr_null(sim_arena_strdup(&arena, NULL));
    sim_arena_clear(&arena);
    ck_assert_uint_eq(arena.bytes, 0);
}
END_TEST

typedef struct IntList {
    int *items;
    uint32_t n, room;
} IntList;

START_TEST(arena_lists_keep_their_items) {
    SimArena arena;
    IntList list = {0};
    sim_arena_init(&arena);
    for (int i = 0; i < 10000; i++)
        *SIM_PUSH(&arena, &list) = i;
    ck_assert_uint_eq(list.n, 10000);
    for (int i = 0; i < 10000; i++)
        QUICK(list.items[i] == i);
    sim_arena_clear(&arena);
}
END_TEST

START_TEST(pool_gives_the_last_one_put_back_first) {
    enum { OBJECTS = 5000, SIZE = 64 };
    SimArena arena;
    SimPool pool;
    void *object[OBJECTS];
    sim_arena_init(&arena);
    sim_pool_init(&pool, &arena, SIZE);
    for (int i = 0; i < OBJECTS; i++) {
        object[i] = sim_pool_get(&pool);
        QUICK((uintptr_t)object[i] % 64 == 0);
        memset(object[i], i & 255, SIZE);
    }
    ck_assert_uint_eq(pool.in_use, OBJECTS);
    for (int i = 0; i < OBJECTS; i++)
        QUICK(((unsigned char *)object[i])[SIZE - 1] == (unsigned char)i);
    size_t bytes = arena.bytes;
    for (int i = 0; i < OBJECTS; i++)
        sim_pool_put(&pool, object[i]);
    for (int i = OBJECTS; i-- > 0;)
        QUICK(sim_pool_get(&pool) == object[i]);
    ck_assert_uint_eq(arena.bytes, bytes);
    ck_assert_uint_eq(pool.peak, OBJECTS);
    sim_arena_clear(&arena);
}
END_TEST

/* ---- rates ---- */

START_TEST(rates_never_drift) {
    static const int64_t bps[] = {1,          7,           999999937,   3000000000,
                                  7000000000, 11000000000, 25000000000, 800000000000};
    for (size_t i = 0; i < sizeof bps / sizeof *bps; i++) {
        SimRate rate = sim_rate(bps[i]);
        SimRng rng;
        sim_rng_init(&rng, i, "rates", "frames");
        __int128 bytes = 0;
        SimTime ticks = 0;
        for (int n = 0; n < 5000; n++) {
            int64_t frame = 84 + (int64_t)sim_rng_below(&rng, bps[i] < 1000 ? 1 : 9200);
            bytes += frame;
            ticks += sim_rate_ticks(&rate, frame);
            QUICK(ticks == (SimTime)(bytes * 800000000000 / bps[i])); /* 8 bits, 10 ps */
            if (bps[i] < 1000 && n == 100) break;
        }
    }
    static const int64_t whole[] = {1, 10, 20, 25, 40, 50, 100, 200, 400, 800};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        ck_assert_int_eq(sim_rate(whole[i] * 1000000000).ticks_a_byte * whole[i], 800);
}
END_TEST

/* ---- random streams ---- */

/* Chi-square of counts that ought to be equal. */
static double chi_square(const uint64_t *count, uint32_t n, double expected) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++)
        sum += ((double)count[i] - expected) * ((double)count[i] - expected) / expected;
    return sum;
}

/* Mean k-1, variance 2(k-1): within 4 standard deviations both ways. */
static void check_chi_square(double chi, uint32_t cells) {
    double freedom = cells - 1, deviation = sqrt(2 * freedom);
    ck_assert_msg(fabs(chi - freedom) < 4 * deviation, "chi-square %g, %g degrees of freedom", chi,
                  freedom);
}

START_TEST(below_is_unbiased) {
    static const uint32_t n[] = {2, 3, 6, 10, 1000};
    enum { DRAWS = 200000 };
    uint64_t count[1000];
    for (uint64_t seed = 1; seed <= 5; seed++) {
        for (size_t i = 0; i < sizeof n / sizeof *n; i++) {
            SimRng rng;
            sim_rng_init(&rng, seed, "below", "chi");
            memset(count, 0, sizeof count);
            for (int k = 0; k < DRAWS; k++) {
                uint64_t v = sim_rng_below(&rng, n[i]);
                QUICK(v < n[i]);
                count[v]++;
            }
            if (n[i] > 2) check_chi_square(chi_square(count, n[i], (double)DRAWS / n[i]), n[i]);
        }
        /* where every third value would come twice as often if none were rejected */
        const uint64_t large = UINT64_C(3) << 62;
        SimRng rng;
        sim_rng_init(&rng, seed, "below", "large");
        memset(count, 0, sizeof count);
        for (int k = 0; k < DRAWS; k++) {
            uint64_t v = sim_rng_below(&rng, large);
            QUICK(v < large);
            count[v % 3 + v / (large / 16) * 3]++;
        }
        check_chi_square(chi_square(count, 48, DRAWS / 48.0), 48);
    }
    SimRng rng;
    sim_rng_init(&rng, 1, "below", "one");
    for (int k = 0; k < 100; k++)
        ck_assert_uint_eq(sim_rng_below(&rng, 1), 0);
}
END_TEST

START_TEST(streams_do_not_know_of_each_other) {
    static const struct {
        uint64_t seed;
        const char *path, *purpose;
    } key[] = {{1, "node1", "arrivals"}, {2, "node1", "arrivals"}, {1, "node2", "arrivals"},
               {1, "node1", "service"},  {1, "arrivals", "node1"}, {1, "node", "1arrivals"},
               {1, "node1arrivals", ""}, {1, "", "node1arrivals"}, {0, "node1", "arrivals"}};
    enum { KEYS = sizeof key / sizeof *key, DRAWS = 20000 };
    static uint64_t draw[KEYS][DRAWS];
    for (int i = 0; i < KEYS; i++) {
        SimRng rng;
        sim_rng_init(&rng, key[i].seed, key[i].path, key[i].purpose);
        for (int k = 0; k < DRAWS; k++)
            draw[i][k] = sim_rng_next(&rng);
    }
    /* bits that agree, at the same place and shifted by one: half, within 5 deviations */
    for (int i = 0; i < KEYS; i++) {
        for (int j = 0; j <= i; j++) {
            for (int shift = 0; shift < 3; shift++) {
                if (i == j && shift == 0) continue;
                int64_t agree = 0;
                for (int k = shift; k < DRAWS; k++)
                    agree += 64 - __builtin_popcountll(draw[i][k] ^ draw[j][k - shift]);
                double n = 64.0 * (DRAWS - shift);
                ck_assert_double_lt(fabs((double)agree - n / 2), 5 * sqrt(n) / 2);
            }
        }
    }
    /* drawing from one does not move the other */
    SimRng a, b;
    sim_rng_init(&a, 1, "node1", "arrivals");
    sim_rng_init(&b, 1, "node2", "arrivals");
    for (int k = 0; k < 1000; k++) {
        QUICK(sim_rng_next(&a) == draw[0][k]);
        for (int m = k % 3; m > 0; m--)
            sim_rng_next(&b);
    }
}
END_TEST

START_TEST(minus_ln_is_the_logarithm) {
    long double worst = 0;
    SimRng rng;
    sim_rng_init(&rng, 9, "ln", "test");
    for (int k = 0; k < 200000; k++) {
        uint64_t u = sim_rng_next(&rng) >> (k % 64);
        if (k < 64) u = UINT64_C(1) << k;
        if (k >= 64 && k < 128) u = UINT64_MAX - (UINT64_C(1) << (k - 64)) + 1;
        if (u == 0) u = 1;
        long double exact = 64 * logl(2) - logl((long double)u);
        long double got = (long double)sim_minus_ln(u) / 0x1p56L;
        if (fabsl(got - exact) > worst) worst = fabsl(got - exact);
    }
    ck_assert_msg(worst < 0x1p-50L, "off by %Lg", worst); /* 9e-16, as rng.h promises */
    ck_assert_uint_eq(sim_minus_ln(UINT64_MAX) >> 8, 0);
}
END_TEST

START_TEST(exponential_has_its_mean_and_variance) {
    enum { DRAWS = 1000000 };
    static const int64_t means[] = {1, 3, 1000, 250000, INT64_C(1000000000000)};
    for (size_t i = 0; i < sizeof means / sizeof *means; i++) {
        SimRng rng;
        sim_rng_init(&rng, i, "exponential", "test");
        double mean = (double)means[i], sum = 0, squares = 0;
        uint64_t beyond = 0;
        for (int k = 0; k < DRAWS; k++) {
            int64_t v = sim_rng_exponential(&rng, means[i]);
            QUICK(v >= 0);
            double x = (double)v;
            sum += x / mean;
            squares += x / mean * x / mean;
            beyond += x > 4.6051702 * mean;
        }
        double error = 1 / sqrt(DRAWS);
        /* rounding to whole ticks: the mean of 1 becomes 1/(2 sinh(1/2)) = .9595, 3 .9954 */
        double rounded = 1 / (2 * mean * sinh(0.5 / mean));
        ck_assert_double_lt(fabs(sum / DRAWS - rounded), 4 * error);
        if (means[i] < 1000) continue;
        ck_assert_double_lt(fabs(squares / DRAWS - 2), 4 * sqrt(20) * error);
        ck_assert_double_lt(fabs((double)beyond / DRAWS - 0.01), 4 * 0.1 * error);
    }
    SimRng rng;
    sim_rng_init(&rng, 1, "exponential", "zero");
    for (int k = 0; k < 1000; k++)
        ck_assert_int_eq(sim_rng_exponential(&rng, 0), 0);
}
END_TEST

/* The longest draw is 44 means, which may lie beyond the clock. */
START_TEST(exponential_of_a_huge_mean_stays_positive) {
    SimRng rng;
    sim_rng_init(&rng, 1, "exponential", "huge");
    for (int k = 0; k < 1000000; k++)
        QUICK(sim_rng_exponential(&rng, INT64_C(1000000000000000000)) >= 0);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, arena_is_aligned_zeroed_and_apart);
    tcase_add_test(tests, arena_lists_keep_their_items);
    tcase_add_test(tests, pool_gives_the_last_one_put_back_first);
    tcase_add_test(tests, rates_never_drift);
    tcase_add_test(tests, below_is_unbiased);
    tcase_add_test(tests, streams_do_not_know_of_each_other);
    tcase_add_test(tests, minus_ln_is_the_logarithm);
    tcase_add_test(tests, exponential_has_its_mean_and_variance);
    tcase_add_test(tests, exponential_of_a_huge_mean_stays_positive);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
