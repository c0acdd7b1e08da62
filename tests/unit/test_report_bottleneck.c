/* links: sim_report sim_metrics */
#include <check.h>
#include <string.h>

#include "sim/report/bottleneck.h"

static SimResult *r;

static void setup(void) {
    r = sim_result_new(1);
    r->windows[0].name = "all";
}

static void teardown(void) {
    sim_result_free(r);
}

/* Shares in per mille. */
static void resource(const char *name, int64_t use, int64_t blocked, const char *blocker) {
    SimResourceRow *row = sim_result_resource(r, name, "link");
    row->utilization[0] = (SimValue){use, 1000};
    row->blocked[0] = (SimValue){blocked, 1000};
    row->blocker = blocker;
}

static void workload(const char *name, const char *metric, const char *unit, int64_t num,
                     int64_t den) {
    *sim_result_row(r, "workload", name, metric, unit, 2) = (SimValue){num, den};
}

static const SimBottleneck *judged(void) {
    sim_result_freeze(r);
    sim_bottleneck(r);
    return &r->bottlenecks[0];
}

static void check_value(SimValue v, int64_t num, int64_t den) {
    ck_assert_int_eq(sim_value_compare(v, (SimValue){num, den}), 0);
}

START_TEST(the_busiest_at_95_percent_is_it) {
    resource("a", 400, 0, NULL);
    resource("b", 960, 0, NULL);
    resource("c", 720, 0, NULL);
    const SimBottleneck *b = judged();
    ck_assert_str_eq(b->resource, "b");
    check_value(b->utilization, 960, 1000);
    ck_assert_str_eq(b->next, "c");
    check_value(b->next_utilization, 720, 1000);
    check_value(b->headroom, 40, 960);
    ck_assert_ptr_null(b->limit);
}
END_TEST

START_TEST(exactly_95_percent_counts) {
    resource("a", 950, 0, NULL);
    ck_assert_str_eq(judged()->resource, "a");
    ck_assert_ptr_null(r->bottlenecks[0].next);
}
END_TEST

START_TEST(below_it_the_closed_loop_is_the_limit) {
    resource("a", 949, 0, NULL);
    workload("vms", "iops", "1/s", 150000, 1);
    workload("vms", "outstanding", "", 32, 1);
    workload("vms", "all.mean", "ns", 210000, 1);
    workload("vms", "part.network", "ns", 20000, 1);
    workload("vms", "part.drive-service", "ns", 160000, 2);
    const SimBottleneck *b = judged();
    ck_assert_ptr_null(b->resource);
    ck_assert_str_eq(b->limit, "the load itself: 32 outstanding / 210 us a I/O, "
                               "its largest part drive service (80.0 us)");
    ck_assert_int_eq(b->utilization.den, 0);
    ck_assert_str_eq(b->next, "a");
    check_value(b->headroom, 51, 949);
}
END_TEST

START_TEST(the_largest_workload_speaks) {
    workload("copy", "iops", "1/s", 9000, 1);
    workload("copy", "offered", "1/s", 10000, 1);
    workload("vms", "iops", "1/s", 20000, 1);
    workload("vms", "offered", "1/s", 20000, 1);
    const SimBottleneck *b = judged();
    ck_assert_str_eq(b->limit, "the offered rate of 20 000 I/O/s (vms)");
    ck_assert_ptr_null(b->next);
    ck_assert_int_eq(b->headroom.den, 0);
}
END_TEST

START_TEST(blocked_time_counts_against_the_blocker) {
    resource("drive", 600, 0, NULL);
    resource("link", 700, 970, "drive"); /* mostly while the drive is in use: not added to it */
    resource("nic", 100, 200, "drive");
    const SimBottleneck *b = judged();
    ck_assert_str_eq(b->resource, "drive");
    check_value(b->utilization, 970, 1000);
    ck_assert_str_eq(b->limit, "in use 60.0 % of the time, and holding up others for 97.0 %");
    ck_assert_str_eq(b->next, "link");
}
END_TEST

START_TEST(blame_goes_to_the_root) {
    resource("a", 300, 700, "b");
    resource("b", 300, 700, "c");
    resource("c", 1000, 0, NULL);
    const SimBottleneck *b = judged();
    ck_assert_str_eq(b->resource, "c");
    check_value(b->utilization, 1, 1);
    check_value(b->next_utilization, 300, 1000);
    check_value(b->headroom, 0, 1);
}
END_TEST

START_TEST(a_ring_of_pauses_ends) {
    resource("a", 100, 300, "b");
    resource("b", 100, 300, "c");
    resource("c", 100, 300, "a");
    resource("d", 100, 300, "a");
    resource("e", 100, 300, "e");       /* itself */
    resource("f", 100, 300, "unknown"); /* nobody we know */
    const SimBottleneck *b = judged();
    ck_assert_ptr_null(b->resource);
    ck_assert_str_eq(b->next, "a");
    check_value(b->next_utilization, 300, 1000);
}
END_TEST

START_TEST(large_denominators_do_not_overflow) {
    SimResourceRow *a = sim_result_resource(r, "a", "link");
    a->utilization[0] = (SimValue){INT64_MAX / 2, INT64_MAX};
    SimResourceRow *b = sim_result_resource(r, "b", "link");
    b->utilization[0] = (SimValue){1, INT64_MAX - 24};
    b->blocked[0] = (SimValue){INT64_MAX - 59, INT64_MAX - 58};
    b->blocker = "a";
    const SimBottleneck *found = judged();
    ck_assert_str_eq(found->resource, "a");
    char text[SIM_VALUE_TEXT];
    sim_value_print(found->utilization, 6, text, sizeof text);
    ck_assert_str_eq(text, "1.000000");
}
END_TEST

START_TEST(nothing_in_use_has_no_headroom) {
    resource("a", 0, 0, NULL);
    const SimBottleneck *b = judged();
    ck_assert_ptr_null(b->resource);
    ck_assert_int_eq(b->headroom.den, 0);
    ck_assert_str_eq(b->limit, "the load itself: there is no workload");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_bottleneck");
    TCase *tests = tcase_create("report_bottleneck");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_busiest_at_95_percent_is_it);
    tcase_add_test(tests, exactly_95_percent_counts);
    tcase_add_test(tests, below_it_the_closed_loop_is_the_limit);
    tcase_add_test(tests, the_largest_workload_speaks);
    tcase_add_test(tests, blocked_time_counts_against_the_blocker);
    tcase_add_test(tests, blame_goes_to_the_root);
    tcase_add_test(tests, a_ring_of_pauses_ends);
    tcase_add_test(tests, large_denominators_do_not_overflow);
    tcase_add_test(tests, nothing_in_use_has_no_headroom);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
