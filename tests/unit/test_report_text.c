/* links: sim_report sim_metrics */
#include <check.h>
#include <glib.h>
#include <string.h>

#include "sample_result.h"
#include "sim/report/bottleneck.h"
#include "sim/report/human.h"
#include "sim/report/text.h"

static void check_human(__int128 num, int64_t den, const char *unit, const char *wanted) {
    char text[SIM_HUMAN_TEXT];
    ck_assert_str_eq(sim_human((SimValue){num, den}, unit, text), wanted);
}

START_TEST(figures_have_three_digits_and_a_unit) {
    check_human(1211436, 1, "ns", "1.21 ms");
    check_human(999499, 1, "ns", "999 us");
    check_human(999500, 1, "ns", "1.00 ms"); /* rounds into the next unit */
    check_human(99950, 1, "ns", "100 us");
    check_human(99949, 1, "ns", "99.9 us");
    check_human(999, 1, "ns", "999 ns");
    check_human(2501, 100, "ns", "25.0 ns");
    check_human(0, 1, "ns", "0 ns");
    check_human(-1500, 1, "ns", "-1.50 us");
    check_human(INT64_C(5400000000000), 1, "ns", "1.50 h");
    check_human(INT64_C(90000000000), 1, "ns", "1.50 min");
    check_human(INT64_C(172800000000000), 1, "ns", "2.00 d");
    check_human(4981000000, 1, "bps", "4.98 Gb/s");
    check_human(65536, 1, "bytes", "65.5 kB");
    check_human(304609, 2, "1/s", "152 k/s");
    check_human(973, 1000, "ratio", "97.3 %");
    check_human(1, 3, "ratio", "33.3 %");
    check_human(25, 1, "ratio", "2500 %");
    check_human(99999, 1, "", "99999");
    check_human(1234567, 1, "", "1.23 M");
    check_human(1, 0, "ns", "no sample");
    check_human((__int128)1 << 126, 1, "bps", "very large");
    char text[SIM_HUMAN_TEXT];
    ck_assert_str_eq(sim_human_time(SIM_NEVER, text), "not seen");
    ck_assert_str_eq(sim_human_time(35 * SIM_MS, text), "35.0 ms");
    ck_assert_str_eq(sim_human_grouped((SimValue){20000, 1}, text), "20 000");
    ck_assert_str_eq(sim_human_grouped((SimValue){-1234567, 1}, text), "-1 234 567");
    ck_assert_str_eq(sim_human_grouped((SimValue){123, 1}, text), "123");
}
END_TEST

static char *to_text(const SimResult *r, const SimTextOptions *options) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(sim_text_write(r, options, out));
    fclose(out);
    return text;
}

static void check_width(const char *text) {
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        ck_assert_msg(g_utf8_strlen(*line, -1) <= SIM_TEXT_WIDTH, "too wide: %s", *line);
    g_strfreev(lines);
}

#define LONG                                                                                       \
    "a-very-long-name-without-any-end-and-then-some-more-of-it-until-nobody-can-read-it-any-more"

/* Everything that carries a name, with a name longer than a line. */
static SimResult *unwieldy_result(void) {
    SimResult *r = sim_result_new(9);
    r->scenario = LONG;
    r->description = LONG LONG " caf\xc3\xa9 \xe2\x86\x92 end\x07";
    r->version = LONG;
    r->ingredients = LONG;
    r->duration = SIM_S;
    r->stopped_at = SIM_MS;
    for (int w = 0; w < 9; w++)
        r->windows[w] = (SimResultWindow){LONG, 0, SIM_S};
    SimValue *iops = sim_result_row(r, "workload", LONG, "iops", "1/s", 3);
    SimValue *outage = sim_result_row(r, "workload", LONG, "outage", "ns", 3);
    for (int w = 0; w < 9; w++) {
        iops[w] = (SimValue){(__int128)1 << 120, 1};
        outage[w] = (SimValue){-INT64_MAX, 1};
    }
    for (int i = 0; i < 12; i++) {
        char name[] = "x" LONG;
        name[0] = (char)('a' + i);
        SimResourceRow *row = sim_result_resource(r, name, LONG);
        row->utilization[0] = (SimValue){i * 90 + 10, i == 3 ? 0 : 1000};
        row->blocked[0] = (SimValue){1, 2};
        row->blocker = "b" LONG;
        sim_result_assume(r, name, LONG LONG, LONG);
    }
    SimFaultRow *fault = sim_result_fault(r, LONG, LONG);
    fault->until = fault->recovery = fault->outage = fault->longest_stall = SIM_NEVER;
    fault->lost_frames = INT64_MAX;
    sim_result_audit(r, LONG, LONG, false, "%s", LONG);
    sim_result_freeze(r);
    sim_bottleneck(r);
    return r;
}

START_TEST(nothing_is_wider_than_the_page) {
    const char *const warnings[] = {LONG " " LONG, "short"};
    const SimExpect expects[] = {{LONG, "all", LONG, "iops", SIM_GE, INT64_MAX, 1, "", NULL, 0, 0},
                                 {LONG, "all", LONG, LONG, SIM_GE, 1, 1, "", NULL, 0, 0},
                                 {LONG, LONG "x", LONG, LONG, SIM_GE, 1, 1, "", NULL, 0, 0}};
    SimResult *r = unwieldy_result();
    SimExpectReport *report = sim_expect_evaluate(r, expects, 3);
    for (int utf8 = 0; utf8 < 2; utf8++) {
        char *text = to_text(r, &(SimTextOptions){false, utf8, report, warnings, 2});
        check_width(text);
        bool ascii = true;
        for (const char *c = text; *c != 0; c++) {
            ck_assert(*c == '\n' || (unsigned char)*c >= 0x20);
            ascii = ascii && (unsigned char)*c < 0x80;
        }
        ck_assert(ascii == !utf8);
        ck_assert(g_utf8_validate(text, -1, NULL));
        free(text);
    }
    sim_expect_free(report);
    sim_result_free(r);
}
END_TEST

START_TEST(colour_comes_only_when_asked) {
    SimResult *r = sample_result();
    sim_bottleneck(r);
    char *plain = to_text(r, &(SimTextOptions){0}), *inked = to_text(r, &(SimTextOptions){true});
    ck_assert_ptr_null(strchr(plain, '\033'));
    ck_assert_ptr_nonnull(strchr(inked, '\033'));
    GRegex *escapes = g_regex_new("\033\\[[0-9]+m", 0, 0, NULL);
    char *washed = g_regex_replace_literal(escapes, inked, -1, 0, "", 0, NULL);
    ck_assert_str_eq(washed, plain);
    g_free(washed);
    g_regex_unref(escapes);
    free(plain);
    free(inked);
    sim_result_free(r);
}
END_TEST

START_TEST(an_interrupted_run_says_so) {
    SimResult *r = sample_result();
    r->complete = false;
    r->stopped_at = 300 * SIM_MS;
    char *text = to_text(r, &(SimTextOptions){0});
    ck_assert_ptr_nonnull(strstr(text, "incomplete: the run ended at 300 ms of 1.00 s"));
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(an_empty_result_prints) {
    SimResult *r = sim_result_new(1);
    sim_result_freeze(r);
    sim_bottleneck(r);
    char *text = to_text(r, &(SimTextOptions){0});
    ck_assert_ptr_nonnull(strstr(text, "there is no workload"));
    free(text);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_text");
    TCase *tests = tcase_create("report_text");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, figures_have_three_digits_and_a_unit);
    tcase_add_test(tests, nothing_is_wider_than_the_page);
    tcase_add_test(tests, colour_comes_only_when_asked);
    tcase_add_test(tests, an_interrupted_run_says_so);
    tcase_add_test(tests, an_empty_result_prints);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
