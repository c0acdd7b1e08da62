/* links: sim_report sim_metrics */
#include <check.h>
#include <string.h>

#include "sample_result.h"
#include "sim/report/expect.h"

static SimResult *r;

static void setup(void) {
    r = sample_result();
}

static void teardown(void) {
    sim_result_free(r);
}

/* Checks one line: whether it passes, and what is said to have been got. */
static void check_line(SimExpect expect, bool passes, const char *got) {
    if (expect.text == NULL) expect.text = "as written";
    SimExpectReport *report = sim_expect_evaluate(r, &expect, 1);
    const SimExpectLine *line = &report->lines[0];
    ck_assert_msg(strstr(line->got, got) != NULL, "%s: got %s, not %s", line->expected, line->got,
                  got);
    ck_assert_msg(line->passed == passes, "%s: got %s", line->expected, line->got);
    ck_assert_uint_eq(report->failed, !passes);
    ck_assert(strncmp(line->hint, "rackcast explain ", 17) == 0);
    sim_expect_free(report);
}

#define IN(window_, entity_, metric_, op_, num_, den_, unit_)                                      \
    ((SimExpect){.window = window_,                                                                \
                 .entity = entity_,                                                                \
                 .metric = metric_,                                                                \
                 .op = op_,                                                                        \
                 .num = num_,                                                                      \
                 .den = den_,                                                                      \
                 .unit = unit_})
#define ALL(...) IN("all", __VA_ARGS__)

START_TEST(every_comparison_compares) {
    /* vms.iops is 148006 exactly over the whole run */
    static const struct {
        SimOp op;
        bool below, at, above; /* passes where the limit is below, at, above the figure */
    } cases[] = {{SIM_LE, false, true, true},  {SIM_LT, false, false, true},
                 {SIM_GE, true, true, false},  {SIM_GT, true, false, false},
                 {SIM_EQ, false, true, false}, {SIM_NE, true, false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SimOp op = cases[i].op;
        check_line(ALL("vms", "iops", op, 148005, 1, ""), cases[i].below, "148 k/s (148006");
        check_line(ALL("vms", "iops", op, 148006, 1, ""), cases[i].at, "148 k/s (148006");
        check_line(ALL("vms", "iops", op, 1480061, 10, ""), cases[i].above, "148 k/s (148006");
    }
}
END_TEST

START_TEST(metrics_answer_to_their_aliases) {
    check_line(ALL("vms", "outage", SIM_LT, 150000000, 1, "ns"), true, "35.2 ms (35210000.12 ns)");
    check_line(ALL("vms", "outage_ns", SIM_LT, 1, 1, "ns"), false, "35.2 ms");
    check_line(ALL("vms", "write.p99_ns", SIM_GT, 0, 1, "ns"), true, "us (");
    check_line(ALL("vms", "latency_ns.write.p99", SIM_GT, 0, 1, "ns"), true, "us (");
    check_line(ALL("vms", "part_drive-service_ns", SIM_EQ, 80000, 1, "ns"), true, "80.0 us");
    check_line(ALL("vms", "count", SIM_EQ, 10000, 1, ""), true, "10000"); /* all.count */
    check_line(ALL("vms", "p99", SIM_GT, 0, 1, "ns"), true, "us (");
    check_line(ALL("run", "lost", SIM_EQ, 412, 1, ""), true, "412");
    check_line(ALL("node1/nvme", "utilization", SIM_LT, 4, 5, "ratio"), true, "71.2 % (0.712)");
    check_line(IN("tor1-dead", "node1->tor2", "blocked", SIM_EQ, 21, 1000, "ratio"), true, "2.1 %");
}
END_TEST

START_TEST(a_share_of_another_window_is_exact) {
    SimExpect expect = IN("tor1-dead", "vms", "iops", SIM_GE, 201377, 304001, "ratio");
    expect.of = "healthy";
    check_line(expect, true, "101 k/s (100688.5 1/s); healthy: 152 k/s (152000.5 1/s)");
    expect.op = SIM_GT;
    check_line(expect, false, "101 k/s");
    expect.num = INT64_MAX - 1; /* products beyond 128 bits */
    expect.den = INT64_MAX;
    check_line(expect, false, "101 k/s");
    expect.op = SIM_LT;
    check_line(expect, true, "101 k/s");
    expect = IN("tor1-dead", "copy", "outage", SIM_LT, 2, 1, "ratio");
    expect.of = "healthy";
    check_line(expect, false, "no sample; healthy: 510 ns");
}
END_TEST

START_TEST(nearly_equal_giants_are_told_apart) {
    SimResult *giant = sim_result_new(1);
    giant->windows[0].name = "all";
    __int128 big = ((__int128)1 << 126) - 1;
    *sim_result_row(giant, "run", "run", "x", "", 0) = (SimValue){big, INT64_MAX};
    *sim_result_row(giant, "run", "run", "y", "", 0) = (SimValue){-big, INT64_MAX};
    sim_result_freeze(giant);
    SimExpect expects[] = {
        {"", "all", "run", "x", SIM_LT, INT64_MAX, INT64_MAX, "ratio", "all", 0, 0},
        {"", "all", "run", "x", SIM_LT, INT64_MAX, INT64_MAX - 1, "ratio", "all", 0, 0},
        {"", "all", "run", "y", SIM_GT, INT64_MAX, INT64_MAX - 1, "ratio", "all", 0, 0},
        {"", "all", "run", "y", SIM_LT, 0, 1, "", NULL, 0, 0}};
    SimExpectReport *report = sim_expect_evaluate(giant, expects, 4);
    ck_assert(!report->lines[0].passed);
    ck_assert(report->lines[1].passed && report->lines[2].passed && report->lines[3].passed);
    sim_expect_free(report);
    sim_result_free(giant);
}
END_TEST

START_TEST(a_name_for_several_asks_each) {
    check_line(ALL("*", "failed", SIM_EQ, 0, 1, ""), false, "2"); /* copy failed two */
    check_line(ALL("*", "outage", SIM_LT, 40000000, 1, "ns"), true, "35.2 ms"); /* the worst */
    check_line(ALL("*", "iops", SIM_GT, 1000, 1, ""), true, "9.60 k/s");
    check_line(ALL("node", "cpu.busy", SIM_LT, 222, 1000, "ratio"), false, "22.3 %");
    check_line(ALL("node2..9", "cpu.busy", SIM_LT, 222, 1000, "ratio"), true, "22.0 %");
    check_line(ALL("node3..9", "cpu.busy", SIM_LT, 1, 1, "ratio"), false, "nothing is named");
    check_line(ALL("host", "cpu.busy", SIM_LT, 222, 1000, "ratio"), false, "22.3 %");
    check_line(ALL("drive", "utilization", SIM_LT, 7, 10, "ratio"), false, "71.2 %");
    check_line(IN("tor1-dead", "*", "outage", SIM_LT, 1, 1, "ns"), false, "");
}
END_TEST

START_TEST(no_sample_fails) {
    check_line(IN("tor1-dead", "copy", "outage", SIM_LT, 1, 1, "ns"), false, "no sample");
    check_line(IN("tor1-dead", "copy", "outage", SIM_NE, 1, 1, "ns"), false, "no sample");
    check_line(IN("tor1-dead", "*", "outage", SIM_LT, SIM_S, 1, "ns"), false, "no sample");
}
END_TEST

START_TEST(what_is_not_there_names_its_neighbours) {
    check_line(ALL("vmz", "iops", SIM_GT, 1, 1, ""), false, "nothing is named vmz; near it: vms,");
    check_line(ALL("vms", "wite.p99", SIM_GT, 1, 1, ""), false,
               "vms has no metric wite.p99; near it: write.p99");
    check_line(ALL("node1/nvme", "utilisation", SIM_GT, 1, 1, ""), false, "near it: utilization");
    check_line(IN("tor2-dead", "vms", "iops", SIM_GT, 1, 1, ""), false,
               "there is no window tor2-dead; near it: tor1-dead");
    check_line(ALL("*", "colour", SIM_GT, 1, 1, ""), false, "no workload has the metric colour");
    SimExpect expect = ALL("vms", "iops", SIM_GT, 1, 1, "ratio");
    expect.of = "helthy";
    check_line(expect, false, "there is no window helthy; near it: healthy");
}
END_TEST

START_TEST(units_must_agree) {
    check_line(ALL("vms", "outage", SIM_LT, 150, 1, "bytes"), false, "outage is in ns, the limit");
    check_line(ALL("vms", "outage", SIM_LT, 150, 1, ""), false, "the limit in plain numbers");
    check_line(ALL("vms", "iops", SIM_GT, 1, 2, "ratio"), false, "iops is in 1/s, the limit in");
    check_line(ALL("vms", "outage", SIM_GT, 0, 1, ""), true, "35.2 ms"); /* 0 of anything */
    check_line(ALL("node1", "cpu.busy", SIM_LT, 1, 2, ""), true, "22.3 %");
}
END_TEST

START_TEST(lines_read_well) {
    SimExpect expects[] = {
        {"vms.write.p99 < 2 ms", "all", "vms", "write.p99", SIM_LT, 2000000, 1, "ns", NULL, 0, 0},
        {"x", "tor1-dead", "vms", "iops", SIM_GE, 4, 5, "ratio", "healthy", 0, 0}};
    SimExpectReport *report = sim_expect_evaluate(r, expects, 2);
    ck_assert_uint_eq(report->failed, 1);
    ck_assert_str_eq(report->lines[0].expected, "vms.write.p99 < 2.00 ms (2000000 ns)");
    ck_assert_str_eq(report->lines[0].hint, "rackcast explain write.p99");
    ck_assert_str_eq(report->lines[1].expected, "vms.iops >= 80.0 % of healthy in tor1-dead");
    sim_expect_free(report);
    sim_expect_free(NULL);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("expect");
    TCase *tests = tcase_create("expect");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_comparison_compares);
    tcase_add_test(tests, metrics_answer_to_their_aliases);
    tcase_add_test(tests, a_share_of_another_window_is_exact);
    tcase_add_test(tests, nearly_equal_giants_are_told_apart);
    tcase_add_test(tests, a_name_for_several_asks_each);
    tcase_add_test(tests, no_sample_fails);
    tcase_add_test(tests, what_is_not_there_names_its_neighbours);
    tcase_add_test(tests, units_must_agree);
    tcase_add_test(tests, lines_read_well);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
