/* links: sim_metrics */
#include <check.h>

#include "sim/metrics/series.h"

static int64_t width_of(SimTime length, uint32_t buckets) {
    SimArena arena;
    sim_arena_init(&arena);
    SimSeries s;
    sim_series_init(&s, &arena, 0, length, buckets);
    ck_assert_uint_le(s.n, buckets);
    ck_assert((__int128)s.width * s.n >= length);
    int64_t width = s.width;
    sim_arena_clear(&arena);
    return width;
}

START_TEST(width_is_round_and_just_wide_enough) {
    ck_assert_int_eq(width_of(SIM_S, 1000), SIM_MS);
    ck_assert_int_eq(width_of(SIM_S, 999), 2 * SIM_MS);
    ck_assert_int_eq(width_of(SIM_S, 499), 5 * SIM_MS);
    ck_assert_int_eq(width_of(SIM_S, 199), 10 * SIM_MS);
    ck_assert_int_eq(width_of(1, 200), SIM_NS);
    ck_assert_int_eq(width_of(0, 200), SIM_NS);
    ck_assert_int_eq(width_of(SIM_NEVER, 1), INT64_MAX);
}
END_TEST

START_TEST(amounts_fall_into_their_bucket) {
    SimArena arena;
    sim_arena_init(&arena);
    SimSeries s;
    sim_series_init(&s, &arena, 5 * SIM_US, 15 * SIM_US, 10);
    ck_assert_uint_eq(s.n, 10);
    sim_series_add(&s, 5 * SIM_US - 1, 100); /* before the start */
    sim_series_add(&s, 5 * SIM_US, 1);
    sim_series_add(&s, 6 * SIM_US - 1, 2);
    sim_series_add(&s, 6 * SIM_US, 4);
    sim_series_add(&s, 15 * SIM_US - 1, 8);
    sim_series_add(&s, 15 * SIM_US, 100); /* at the end */
    sim_series_add(&s, SIM_NEVER, 100);
    ck_assert_int_eq(s.value[0], 3);
    ck_assert_int_eq(s.value[1], 4);
    ck_assert_int_eq(s.value[9], 8);
    int64_t sum = 0;
    for (uint32_t i = 0; i < s.n; i++)
        sum += s.value[i];
    ck_assert_int_eq(sum, 15);
    sim_arena_clear(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("series");
    TCase *tests = tcase_create("series");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, width_is_round_and_just_wide_enough);
    tcase_add_test(tests, amounts_fall_into_their_bucket);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
