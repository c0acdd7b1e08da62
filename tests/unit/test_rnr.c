/* test_rnr.c: SENDs that find no receive posted (RNR), and what their sender does. */
#include "tests/property/rack.h"

/* Host a to host b; `a` and `b` are further keys of their adapters. */
static SimResult *run_pair(const char *a, const char *b, const char *rdma) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: rnr\ndescription: no receive posted\nduration: 100ms\n"
             "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
             "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s]}}}\n"
             "hosts: [{name: a, nic: {%s}}, {name: b, nic: {%s}}]\n"
             "workloads: [{name: w, hosts: a, rdma: {to: b, %s}}]\n",
             a, b, rdma);
    return rack_run(yaml);
}

#define FOUR "verb: send, message: 1KiB, outstanding: 4, total: 400KiB"

/* Room for two SENDs, four under way: the sender is told to wait and loses nothing. */
START_TEST(a_receiver_that_is_not_ready_is_waited_for) {
    SimResult *r = run_pair("", "receives: 2, receive_time: 20us, rnr_timer: 1", FOUR);
    ck_assert_double_eq(rack_value(r, "w", "bytes"), 400 * 1024);
    ck_assert_double_gt(rack_value(r, "b", "rnr_naks"), 20);
    ck_assert_double_eq(rack_value(r, "a", "connections_broken"), 0);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
}
END_TEST

/* The longer the timer that the NAK names, the longer the work takes: code 1 is 0.01 ms, code 12
 * is 0.64 ms. */
START_TEST(the_timer_of_the_nak_is_obeyed) {
    const char *receiver = "receives: 1, receive_time: 1us, rnr_timer: %d";
    const char *two = "verb: send, message: 64B, outstanding: 2, total: 1280B";
    char text[128];
    double longest[2];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, receiver, i ? 12 : 1);
        SimResult *r = run_pair("", text, two);
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 1280);
        ck_assert_double_ge(rack_value(r, "b", "rnr_naks"), 1);
        longest[i] = rack_value(r, "w", "longest");
        sim_result_free(r);
    }
    ck_assert_double_ge(longest[0], 10e3);
    ck_assert_double_le(longest[0], 30e3);
    ck_assert_double_ge(longest[1], 640e3);
    ck_assert_double_le(longest[1], 1300e3);
}
END_TEST

/* SMB Direct allows no RNR at all: the first one breaks the connection. */
START_TEST(without_retries_the_first_is_fatal) {
    SimResult *r = run_pair("rnr_retries: 0, reconnect: 50ms",
                            "receives: 1, receive_time: 1ms, rnr_timer: 1", FOUR);
    ck_assert_double_ge(rack_value(r, "a", "connections_broken"), 1);
    ck_assert_double_ge(rack_value(r, "w", "failed"), 1);
    sim_result_free(r);
}
END_TEST

/* WRITEs and READs take no receive, and enough of them are never short. */
START_TEST(only_sends_take_receives) {
    static const char *const rdma[] = {"verb: write, message: 1KiB, outstanding: 4, total: 400KiB",
                                       "verb: read, message: 1KiB, outstanding: 4, total: 400KiB"};
    for (int i = 0; i < 2; i++) {
        SimResult *r = run_pair("", "receives: 1, receive_time: 1ms", rdma[i]);
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 400 * 1024);
        ck_assert_double_eq(rack_value(r, "b", "rnr_naks"), 0);
        sim_result_free(r);
    }
    SimResult *r = run_pair("", "receives: 1000, receive_time: 1us", FOUR);
    ck_assert_double_eq(rack_value(r, "b", "rnr_naks"), 0);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rnr");
    TCase *tests = tcase_create("rnr");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_receiver_that_is_not_ready_is_waited_for);
    tcase_add_test(tests, the_timer_of_the_nak_is_obeyed);
    tcase_add_test(tests, without_retries_the_first_is_fatal);
    tcase_add_test(tests, only_sends_take_receives);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
