/* test_heartbeat.c: heartbeats that come in time, late, and not at all. */
#include "tests/property/rack.h"

/* Two hosts at one switch of 25 Gb/s. */
static SimResult *run_beats(const char *heartbeat, const char *more) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: beats\ndescription: two hosts\nduration: 1s\n"
             "switches: [{name: s, ports: 4, rate: 25Gbps, latency: 600ns}]\n"
             "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 25Gbps, cable_length: 1m, "
             "tx_latency: 450ns, rx_latency: 400ns, cables: [s]}}]\n"
             "workloads: [{name: w, hosts: h1, heartbeat: {to: h2, period: 10ms, %s}}]\n%s",
             heartbeat, more);
    return rack_run(yaml);
}

/* 100 bytes: 14 Ethernet, 20 IPv4, 8 UDP, 4 FCS and 20 of gap around them, once through a switch
 * that cuts through. */
START_TEST(an_idle_network_delays_by_the_closed_form) {
    SimResult *r = run_beats("bytes: 100B, late: 1ms", "");
    ck_assert_double_eq(rack_value(r, "w", "sent"), 100);
    ck_assert_double_eq(rack_value(r, "w", "missed"), 0);
    double line = (100 + 14 + 20 + 8 + 4 + 20) * 8 / 25.0;
    ck_assert_double_eq_tol(rack_value(r, "w", "write.max"), 450 + 5.05 + 600 + 5.05 + line + 400,
                            0.02);
    sim_result_free(r);
}
END_TEST

START_TEST(one_that_comes_late_is_missed_once) {
    SimResult *r = run_beats("bytes: 100B, late: 1us", "");
    double sent = rack_value(r, "w", "sent");
    ck_assert_double_eq(rack_value(r, "w", "missed"), sent);
    ck_assert_double_eq(rack_value(r, "w", "failed"), sent);
    sim_result_free(r);
}
END_TEST

START_TEST(one_that_is_due_later_than_the_next_is_still_its_own) {
    SimResult *r =
        run_beats("late: 55ms", "faults: [{name: f, at: 200ms, for: 300ms, down: h2/1}]\n");
    ck_assert_double_eq(rack_value(r, "w", "sent"), 100);
    ck_assert_double_eq(rack_value(r, "w", "missed"), 30);
    ck_assert_double_ge(rack_value(r, "w", "outage"), 300e6);
    sim_result_free(r);
}
END_TEST

START_TEST(a_host_without_carrier_sends_none_and_misses_all) {
    SimResult *r =
        run_beats("late: 1ms", "faults: [{name: f, at: 200ms, for: 300ms, down: h1/1}]\n");
    ck_assert_double_eq(rack_value(r, "w", "missed"), 30);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("heartbeat");
    TCase *tests = tcase_create("heartbeat");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, an_idle_network_delays_by_the_closed_form);
    tcase_add_test(tests, one_that_comes_late_is_missed_once);
    tcase_add_test(tests, one_that_is_due_later_than_the_next_is_still_its_own);
    tcase_add_test(tests, a_host_without_carrier_sends_none_and_misses_all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
