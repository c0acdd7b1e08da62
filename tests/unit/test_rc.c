/* test_rc.c: reliable connections in corners where they once went wrong. */
#include "tests/property/rack.h"

/* Two hosts at one switch; `a` and `b` are further keys of their adapters. */
static SimResult *run_pair(const char *a, const char *b, const char *rdma) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: pair\ndescription: two hosts\nduration: 1s\n"
             "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
             "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s]}}}\n"
             "hosts: [{name: a, nic: {%s}}, {name: b, nic: {%s}}]\n"
             "workloads: [{name: w, hosts: a, rdma: {to: b, %s}}]\n",
             a, b, rdma);
    return rack_run(yaml);
}

/* READs beyond the number that may be outstanding wait, and go on when nothing more is posted. */
START_TEST(reads_that_wait_go_on) {
    SimResult *r = run_pair("reads: 2", "reads: 2",
                            "verb: read, message: 3000B, total: 60000B, outstanding: 20");
    ck_assert_double_eq(rack_value(r, "w", "bytes"), 60000);
    sim_result_free(r);
}
END_TEST

/* The responder's room for READs binds the requester: nothing is refused and asked for again. */
START_TEST(ends_agree_on_the_number_of_reads) {
    SimResult *r = run_pair("reads: 128", "reads: 1",
                            "verb: read, message: 3000B, total: 3MB, outstanding: 64");
    ck_assert_double_eq(rack_value(r, "w", "bytes"), 3e6);
    ck_assert_double_eq(rack_value(r, "b", "out_of_sequence"), 0);
    ck_assert_double_eq(rack_value(r, "b", "duplicate_request"), 0);
    ck_assert_double_eq(rack_value(r, "a", "local_ack_timeout_err"), 0);
    sim_result_free(r);
}
END_TEST

/* Responses to a later READ do not count while an earlier one is incomplete; each byte is asked
 * for about once, so the line carries little more than the data. */
START_TEST(lost_responses_are_asked_for_once) {
    SimResult *r = run_pair("reads: 16, ack_timeout: 6, bit_errors: 1e-6", "ack_timeout: 6",
                            "verb: read, message: 200B, total: 2MB, outstanding: 16");
    ck_assert_double_eq(rack_value(r, "w", "bytes"), 2e6);
    ck_assert_double_eq(rack_value(r, "w", "failed"), 0);
    ck_assert_double_gt(rack_value(r, "a", "implied_nak_seq_err"), 0);
    ck_assert_double_lt(rack_value(r, "s/2->b/1", "bytes"), 2 * 1e4 * 98);
    ck_assert_double_lt(rack_value(r, "b/1->s/2", "bytes"), 2 * 1e4 * 286);
    sim_result_free(r);
}
END_TEST

/* Responses that were marked slow down the host that sends them. */
START_TEST(marked_responses_are_notified) {
    SimResult *r = rack_run(
        "schema: 1\nname: marks\ndescription: one host reads from two\nduration: 5ms\n"
        "classes: {storage: {priority: 3, pfc: true, ecn: {kmin: 5kB, kmax: 200kB, pmax: 1%}}}\n"
        "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
        "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s], congestion: dcqcn-paper}}}\n"
        "hosts: [{name: a, nic: {}}, {name: b, count: 2, nic: {}}]\n"
        "workloads: [{name: v, hosts: a, rdma: {to: b1, verb: read, message: 1MB}}, "
        "{name: w, hosts: a, rdma: {to: b2, verb: read, message: 1MB}}]\n");
    ck_assert_double_gt(rack_value(r, "s/1->a/1", "ecn_marked"), 0);
    ck_assert_double_gt(rack_value(r, "a", "cnps_sent"), 0);
    ck_assert_double_gt(rack_value(r, "b1", "cnps_handled"), 0);
    ck_assert_double_gt(rack_value(r, "b2", "cnps_handled"), 0);
    sim_result_free(r);
}
END_TEST

/* A host without carrier makes no connection requests, so none pile up. */
START_TEST(no_requests_without_carrier) {
    SimResult *r = rack_run(
        "schema: 1\nname: dead\ndescription: a cable is cut for long\nduration: 3s\n"
        "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
        "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 25Gbps, cables: [s], reconnect: 1ms}}]\n"
        "workloads: [{name: w, hosts: h1, rdma: {to: h2, message: 4KiB, total: 8KiB}}]\n"
        "faults: [{name: cut, at: 1ms, for: 2s, down: h1/1}]\n");
    ck_assert_double_eq(rack_value(r, "h1", "connections_broken"), 1);
    ck_assert_double_lt(rack_value(r, "h1/1->s/1", "frames"), 30);
    ck_assert_double_lt(rack_value(r, "run", "lost"), 200);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rc");
    TCase *tests = tcase_create("rc");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, reads_that_wait_go_on);
    tcase_add_test(tests, ends_agree_on_the_number_of_reads);
    tcase_add_test(tests, lost_responses_are_asked_for_once);
    tcase_add_test(tests, marked_responses_are_notified);
    tcase_add_test(tests, no_requests_without_carrier);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
