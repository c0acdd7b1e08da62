/* links: sim_report sim_metrics */
/* The bytes of result.json, metrics.csv and the text of the sample result. After an intended
 * change run this with RACKCAST_GOLDEN=write and look at the difference. */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "sample_result.h"
#include "sim/report/bottleneck.h"
#include "sim/report/csv.h"
#include "sim/report/expect.h"
#include "sim/report/json.h"
#include "sim/report/text.h"

static char *captured(bool (*write)(const SimResult *, FILE *), const SimResult *r) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(write(r, out));
    fclose(out);
    return text;
}

static void check_golden(const char *name, const char *text) {
    const char *source = g_getenv("SOURCE"); /* of the tree; without it, where we are */
    char *path = g_build_filename(source != NULL ? source : ".", "tests", "golden", name, NULL);
    char *wanted = NULL;
    if (g_strcmp0(g_getenv("RACKCAST_GOLDEN"), "write") == 0)
        ck_assert(g_file_set_contents(path, text, -1, NULL));
    ck_assert_msg(g_file_get_contents(path, &wanted, NULL, NULL), "no %s", path);
    ck_assert_str_eq(text, wanted);
    g_free(wanted);
    g_free(path);
}

static SimResult *judged_sample(void) {
    SimResult *r = sample_result();
    sim_bottleneck(r);
    return r;
}

static bool write_text(const SimResult *r, FILE *out) {
    static const SimExpect expects[] = {
        {"vms.write.p99 < 2 ms", "all", "vms", "write.p99", SIM_LT, 2000000, 1, "ns", NULL, 3, 5},
        {"vms.iops >= 80% of healthy", "tor1-dead", "vms", "iops", SIM_GE, 4, 5, "ratio", "healthy",
         4, 5}};
    static const char *const warnings[] = {
        "hosts[0].nic: both ports lead to the same switch, so that one dead switch takes the host"};
    SimExpectReport *report = sim_expect_evaluate(r, expects, 2);
    bool ok = sim_text_write(r, &(SimTextOptions){false, false, report, warnings, 1}, out);
    sim_expect_free(report);
    return ok;
}

START_TEST(json_is_as_before) {
    SimResult *r = judged_sample();
    char *text = captured(sim_json_write, r);
    check_golden("report.json", text);
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(csv_is_as_before) {
    SimResult *r = judged_sample();
    char *text = captured(sim_csv_write, r);
    check_golden("report.csv", text);
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(text_is_as_before) {
    SimResult *r = judged_sample();
    char *text = captured(write_text, r);
    check_golden("report.txt", text);
    free(text);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_golden");
    TCase *tests = tcase_create("report_golden");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, json_is_as_before);
    tcase_add_test(tests, csv_is_as_before);
    tcase_add_test(tests, text_is_as_before);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
