/* links: sim_metrics */
#include <check.h>
#include <stdlib.h>

#include "sim/metrics/histogram.h"

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static int by_value(const void *a, const void *b) {
    int64_t p = *(const int64_t *)a, q = *(const int64_t *)b;
    return (p > q) - (p < q);
}

START_TEST(buckets_cover_all_values_without_gap) {
    for (uint32_t i = 0; i < SIM_HISTOGRAM_BUCKETS; i++) {
        ck_assert_uint_eq(sim_histogram_index(sim_histogram_low(i)), i);
        ck_assert_uint_eq(sim_histogram_index(sim_histogram_high(i)), i);
        if (i > 0) ck_assert_int_eq(sim_histogram_low(i), sim_histogram_high(i - 1) + 1);
        int64_t low = sim_histogram_low(i), width = sim_histogram_high(i) - low;
        ck_assert_int_le(width, low / 64);
    }
    ck_assert_uint_eq(sim_histogram_index(INT64_MAX), SIM_HISTOGRAM_BUCKETS - 1);
    ck_assert_int_eq(sim_histogram_high(SIM_HISTOGRAM_BUCKETS - 1), INT64_MAX);
}
END_TEST

/* Every percentile of random data of many shapes against the sorted list. */
START_TEST(percentiles_are_within_one_percent) {
    enum { N = 5000 };
    static const int64_t ppm[] = {1,      1000,   10000,  250000, 500000,
                                  900000, 990000, 999000, 999900, 1000000};
    int64_t *values = calloc(N, sizeof *values);
    SimHistogram *h = malloc(sizeof *h);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t state = seed * 0x9e3779b97f4a7c15u;
        sim_histogram_init(h);
        for (int i = 0; i < N; i++) {
            uint32_t shift = seed % 2 ? (uint32_t)(1 + seed) : (uint32_t)(next_random(&state) % 63);
            values[i] = (int64_t)(next_random(&state) >> 1 >> shift);
            sim_histogram_add(h, values[i]);
        }
        qsort(values, N, sizeof *values, by_value);
        for (size_t i = 0; i < sizeof ppm / sizeof *ppm; i++) {
            int64_t rank = (ppm[i] * N + 999999) / 1000000;
            int64_t exact = values[rank - 1], got = sim_histogram_percentile(h, ppm[i]);
            int64_t error = got > exact ? got - exact : exact - got;
            ck_assert_msg(error <= exact / 100, "seed %d, %d ppm: %lld for %lld", (int)seed,
                          (int)ppm[i], (long long)got, (long long)exact);
        }
    }
    free(values);
    free(h);
}
END_TEST

START_TEST(merging_is_addition_in_any_order) {
    enum { PARTS = 7 };
    SimHistogram *part = calloc(PARTS, sizeof *part), *sum = calloc(3, sizeof *sum);
    for (int i = 0; i < 3; i++)
        sim_histogram_init(&sum[i]);
    uint64_t state = 77;
    for (int p = 0; p < PARTS; p++) {
        sim_histogram_init(&part[p]);
        for (int i = 0; i < p * 100; i++) { /* part 0 stays empty */
            int64_t value = (int64_t)(next_random(&state) >> (1 + next_random(&state) % 60));
            sim_histogram_add(&part[p], value);
            sim_histogram_add(&sum[0], value);
        }
    }
    for (int p = 0; p < PARTS; p++)
        sim_histogram_merge(&sum[1], &part[p]);
    for (int p = PARTS - 1; p >= 0; p--)
        sim_histogram_merge(&sum[2], &part[p]);
    for (int i = 1; i < 3; i++) {
        ck_assert(sum[i].count == sum[0].count && sum[i].sum == sum[0].sum);
        ck_assert(sum[i].min == sum[0].min && sum[i].max == sum[0].max);
        ck_assert_mem_eq(sum[i].bucket, sum[0].bucket, sizeof sum[0].bucket);
    }
    free(part);
    free(sum);
}
END_TEST

START_TEST(edges) {
    SimHistogram *h = malloc(sizeof *h);
    sim_histogram_init(h);
    ck_assert_int_eq(sim_histogram_percentile(h, 500000), -1);
    ck_assert_int_eq(h->min, INT64_MAX);
    ck_assert_int_eq(h->max, -1);
    sim_histogram_add(h, 1000003);
    ck_assert_int_eq(sim_histogram_percentile(h, 0), 1000003); /* clamped: exact for one value */
    ck_assert_int_eq(sim_histogram_percentile(h, 1000000), 1000003);
    sim_histogram_add(h, INT64_MAX);
    sim_histogram_add(h, INT64_MAX);
    ck_assert_int_eq(h->max, INT64_MAX);
    ck_assert(h->sum == (__int128)INT64_MAX * 2 + 1000003);
    sim_histogram_init(h);
    for (int64_t v = 1; v <= 100; v++)
        sim_histogram_add(h, v);
    ck_assert_int_eq(sim_histogram_percentile(h, 500000), 50); /* nearest rank, exact below 128 */
    ck_assert_int_eq(sim_histogram_percentile(h, 990000), 99);
    ck_assert_int_eq(sim_histogram_percentile(h, 990001), 100);
    free(h);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("histogram");
    TCase *tests = tcase_create("histogram");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, buckets_cover_all_values_without_gap);
    tcase_add_test(tests, percentiles_are_within_one_percent);
    tcase_add_test(tests, merging_is_addition_in_any_order);
    tcase_add_test(tests, edges);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
