/* test_watchdog.c: PFC storms, and the watchdogs that end them. */
#include "tests/property/rack.h"

/* Three hosts at one switch: a writes to b, the victim, and to c, which storms from 20 ms on. The
 * second fault does nothing: it opens a window from 125 ms to 190 ms. */
static SimResult *run_storm(const char *tor, const char *nic, const char *lasts) {
    char yaml[2048];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: storm\ndescription: one port pauses for ever\nduration: 700ms\n"
             "switches: [{name: s, ports: 5, rate: 10Gbps%s}]\n"
             "defaults: {hosts: {nic: {ports: 1, rate: 10Gbps, mtu: 4096B, cables: [s]%s}}}\n"
             "hosts: [{name: a}, {name: b}, {name: c}, {name: d}]\n"
             "workloads:\n"
             "  - {name: victim, hosts: a, rdma: {to: b, message: 64KiB, outstanding: 2}}\n"
             "  - {name: guilty, hosts: a, rdma: {to: c, message: 1MiB, outstanding: 16}}\n"
             "faults:\n"
             "  - {name: begin, at: 30ms, for: 60ms, down: d}\n"
             "  - {name: late, at: 125ms, for: 65ms, down: d}\n"
             "  - {name: storm, at: 20ms, for: %s, storm: c/1}\n"
             "  - {name: after, at: 600ms, for: 100ms, down: d}\n",
             tor, nic, lasts);
    return rack_run(yaml);
}

static double value_in(const SimResult *r, const char *window, const char *entity,
                       const char *metric) {
    const SimRow *row = sim_result_find(r, entity, metric);
    if (!row) ck_abort_msg("no row %s.%s", entity, metric);
    for (uint32_t i = 0; i < r->n_windows; i++)
        if (strcmp(r->windows[i].name, window) == 0)
            return row->value[i].den ? (double)row->value[i].num / (double)row->value[i].den : 0;
    ck_abort_msg("no window %s", window);
    return 0;
}

/* Without a watchdog the storm stops whoever shares a queue with its victim, for as long as it
 * lasts: it is refreshed. */
START_TEST(a_storm_stops_the_innocent) {
    SimResult *r = run_storm("", "", "480ms");
    ck_assert_double_eq(value_in(r, "begin", "victim", "throughput"), 0);
    ck_assert_double_eq(value_in(r, "late", "victim", "throughput"), 0);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    /* a quantum is 512 bit times: half of 65535 of them is 1.68 ms at 10 Gb/s */
    ck_assert_double_ge(rack_value(r, "c/1->s/3", "pauses_sent"), 480 / 1.68 - 2);
    ck_assert_double_le(rack_value(r, "c/1->s/3", "pauses_sent"), 480 / 1.67 + 3);
    ck_assert_double_gt(value_in(r, "after", "victim", "throughput"), 4e9);
    ck_assert_double_gt(value_in(r, "after", "guilty", "throughput"), 4e9);
    sim_result_free(r);
}
END_TEST

/* Given up once, after its patience; the innocent have the line again. */
START_TEST(the_switch_gives_the_queue_up) {
    SimResult *r = run_storm(", watchdog: 100ms", "", "480ms");
    ck_assert_double_eq(rack_value(r, "s/3->c/1", "watchdog_events"), 1);
    ck_assert_double_gt(rack_value(r, "s/3->c/1", "dropped.watchdog"), 0);
    ck_assert_double_eq(rack_value(r, "s/2->b/1", "watchdog_events"), 0);
    ck_assert_double_eq(value_in(r, "begin", "victim", "throughput"), 0);
    /* the guilty connection sends its 16 MiB again at every timeout: half the line is fair */
    ck_assert_double_gt(value_in(r, "late", "victim", "throughput"), 0.95 * 9.78e9 / 2);
    ck_assert_double_eq(rack_value(r, "victim", "failed"), 0);
    /* what is lost is what was given up */
    ck_assert_double_eq(rack_value(r, "run", "lost"),
                        rack_value(r, "s/3->c/1", "dropped.watchdog") +
                            rack_sum(r, "port", "dropped.cut"));
    sim_result_free(r);
}
END_TEST

/* Taken back after a rest without pauses: the guilty connection comes to life again. */
START_TEST(the_switch_takes_the_queue_back) {
    SimResult *r = run_storm(", watchdog: 100ms, watchdog_restore: 50ms", "", "200ms");
    ck_assert_double_eq(rack_value(r, "s/3->c/1", "watchdog_events"), 1);
    ck_assert_double_gt(value_in(r, "after", "guilty", "throughput"), 4e9);
    sim_result_free(r);
    /* while the rest lasts, nothing passes: 220 ms + 500 ms lie beyond 600 ms */
    r = run_storm(", watchdog: 100ms, watchdog_restore: 500ms", "", "200ms");
    ck_assert_double_eq(value_in(r, "after", "s/3->c/1", "frames"),
                        value_in(r, "after", "s/3->c/1", "pauses_sent"));
    sim_result_free(r);
}
END_TEST

/* Congestion pauses often but never for long. */
START_TEST(congestion_is_no_storm) {
    SimResult *r = rack_run(
        "schema: 1\nname: incast\ndescription: three write to one\nduration: 100ms\n"
        "switches: [{name: s, ports: 5, rate: 10Gbps, watchdog: 10ms, buffer: 500kB}]\n"
        "hosts: [{name: h, count: 4, nic: {ports: 1, rate: 10Gbps, mtu: 4096B, cables: [s]}}]\n"
        "workloads:\n"
        "  - {name: w, hosts: h1..3, rdma: {to: h4, message: 1MiB, outstanding: 4}}\n");
    ck_assert_double_gt(rack_sum(r, "port", "pauses_sent"), 100);
    ck_assert_double_eq(rack_sum(r, "port", "watchdog_events"), 0);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
}
END_TEST

/* The adapter's own watchdog ends its storm after its patience; then it loses what comes, until its
 * pipe moves again. */
START_TEST(the_adapter_ends_its_storm) {
    SimResult *r = run_storm("", ", pfc_watchdog: 100ms", "300ms");
    ck_assert_double_eq(rack_value(r, "c/1", "storms_ended"), 1);
    ck_assert_double_eq(value_in(r, "begin", "victim", "throughput"), 0);
    ck_assert_double_gt(value_in(r, "late", "victim", "throughput"), 0.95 * 9.78e9 / 2);
    ck_assert_double_gt(rack_value(r, "c/1->s/3", "dropped.buffer"), 0);
    ck_assert_double_gt(value_in(r, "after", "guilty", "throughput"), 4e9);
    sim_result_free(r);
}
END_TEST

/* A cable that goes down and comes back while its port storms: it storms on. */
START_TEST(a_storm_outlives_its_cable) {
    SimResult *r =
        rack_run("schema: 1\nname: storm\ndescription: a cut within a storm\nduration: 300ms\n"
                 "switches: [{name: s, ports: 5, rate: 10Gbps}]\n"
                 "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 10Gbps, cables: [s]}}]\n"
                 "workloads: [{name: w, hosts: h1, rdma: {to: h2, message: 64KiB}}]\n"
                 "faults:\n"
                 "  - {name: storm, at: 20ms, storm: h2}\n"
                 "  - {name: cut, at: 50ms, for: 10ms, down: h2}\n"
                 "  - {name: after, at: 100ms, for: 100ms, storm: h1}\n");
    ck_assert_double_eq(value_in(r, "after", "w", "throughput"), 0);
    ck_assert_double_gt(value_in(r, "after", "h2/1->s/2", "pauses_sent"), 50);
    sim_result_free(r);
}
END_TEST

/* Two routers hand frames for b to each other until 16 hops are used up: see
 * scenarios/validation/routing-loop-*.yaml. Above 5 Gb/s they lock. */
START_TEST(a_ring_that_locks_is_found) {
    const char *yaml =
        "schema: 1\nname: loop\ndescription: a routing loop\nduration: 100ms\n"
        "switches: [{name: s, count: 2, ports: 4, rate: 40Gbps, speeds: [%s], layer: l3}]\n"
        "cables: [{from: s1/4, to: s2/4}]\n"
        "routes: [{name: x, at: s1, to: b, via: s2}, {name: y, at: s2, to: b, via: s1}]\n"
        "hosts:\n"
        "  - {name: a, nic: {ports: 1, rate: 40Gbps, speeds: [%s], cable_rate: %s, cables: s1,\n"
        "                    ttl: 16, ack_timeout: 31}}\n"
        "  - {name: b, nic: {ports: 1, rate: 40Gbps, cables: s2}}\n"
        "workloads: [{name: w, hosts: a, rdma: {to: b, message: 1GiB}}]\n";
    static const char *const rate[] = {"4.5Gbps", "5.5Gbps"};
    char text[1024];
    for (int i = 0; i < 2; i++) {
        snprintf(text, sizeof text, yaml, rate[i], rate[i], rate[i]);
        SimResult *r = rack_run(text);
        ck_assert_double_eq(rack_value(r, "run", "deadlocks"), i);
        const SimRow *ring = sim_result_find(r, "s1/4->s2/4, s2/4->s1/4", "began");
        ck_assert_int_eq(ring != NULL, i);
        if (ring) ck_assert_int_lt((int)(ring->value[0].num / ring->value[0].den), 20000000);
        sim_result_free(r);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("watchdog");
    TCase *tests = tcase_create("watchdog");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_storm_stops_the_innocent);
    tcase_add_test(tests, the_switch_gives_the_queue_up);
    tcase_add_test(tests, the_switch_takes_the_queue_back);
    tcase_add_test(tests, congestion_is_no_storm);
    tcase_add_test(tests, the_adapter_ends_its_storm);
    tcase_add_test(tests, a_storm_outlives_its_cable);
    tcase_add_test(tests, a_ring_that_locks_is_found);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
