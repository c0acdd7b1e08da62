/* links: sim_report sim_metrics */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "sample_result.h"
#include "sim/report/gnuplot.h"

static const char *const pictures[] = {"latency-cdf", "throughput", "utilization"};
static char *folder;

static void setup(void) {
    folder = g_dir_make_tmp("rackcast-test-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static char *path_of(const char *name, const char *ending) {
    return g_strconcat(folder, "/", name, ending, NULL);
}

static void teardown(void) {
    static const char *const endings[] = {".dat", ".gp", ".svg"};
    for (size_t i = 0; i < 9; i++) {
        char *path = path_of(pictures[i / 3], endings[i % 3]);
        g_unlink(path);
        g_free(path);
    }
    g_rmdir(folder);
    g_free(folder);
}

static bool exists(const char *name, const char *ending) {
    char *path = path_of(name, ending);
    bool there = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    g_free(path);
    return there;
}

static char *content(const char *name, const char *ending) {
    char *path = path_of(name, ending), *text = NULL;
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "no %s", path);
    g_free(path);
    return text;
}

START_TEST(a_missing_program_is_only_a_warning) {
    SimResult *r = sample_result();
    char *warning = NULL;
    GError *error = NULL;
    ck_assert(sim_gnuplot_write(r, folder, "no-such-gnuplot", &warning, &error));
    ck_assert_ptr_null(error);
    ck_assert_ptr_nonnull(strstr(warning, "no-such-gnuplot is not installed"));
    g_free(warning);
    for (size_t i = 0; i < 3; i++)
        ck_assert(exists(pictures[i], ".dat") && exists(pictures[i], ".gp") &&
                  !exists(pictures[i], ".svg"));
    ck_assert(sim_gnuplot_write(r, folder, "false", &warning, &error)); /* a program that fails */
    ck_assert_ptr_nonnull(strstr(warning, "false did not draw latency-cdf.gp"));
    g_free(warning);
    ck_assert(sim_gnuplot_write(r, folder, NULL, &warning, &error));
    ck_assert_ptr_null(warning);
    sim_result_free(r);
}
END_TEST

START_TEST(pictures_are_drawn_where_gnuplot_is) {
    char *gnuplot = g_find_program_in_path("gnuplot"), *warning = NULL;
    if (gnuplot == NULL) return; /* an optional program; the other tests cover its absence */
    SimResult *r = sample_result();
    ck_assert(sim_gnuplot_write(r, folder, gnuplot, &warning, NULL));
    ck_assert_msg(warning == NULL, "%s", warning);
    static const char *const shows[] = {"vms write, tor1-dead", "tor1-dead", "tor2->node3"};
    for (size_t i = 0; i < 3; i++) {
        char *svg = content(pictures[i], ".svg");
        ck_assert_ptr_nonnull(strstr(svg, "</svg>"));
        ck_assert_msg(strstr(svg, shows[i]) != NULL, "%s shows no %s", pictures[i], shows[i]);
        ck_assert_ptr_nonnull(strstr(svg, "four-node-rocev2"));
        g_free(svg);
    }
    g_free(gnuplot);
    sim_result_free(r);
}
END_TEST

/* Names that mean something to gnuplot stay names. */
START_TEST(names_are_only_names) {
    char *gnuplot = g_find_program_in_path("gnuplot"), *warning = NULL;
    SimResult *r = sample_result();
    r->scenario = "it's `date` \\ \"x\"\nset output 'away'";
    r->windows[1].name = "a_b^2'; !touch away";
    ck_assert(sim_gnuplot_write(r, folder, gnuplot, &warning, NULL));
    ck_assert_msg(warning == NULL, "%s", warning);
    char *script = content("throughput", ".gp");
    ck_assert_ptr_null(strstr(script, "\nset output 'away'"));
    ck_assert_ptr_nonnull(strstr(script, "set title 'it''s `date` \\ \"x\" set output ''away''"));
    ck_assert(!exists("away", ""));
    g_free(script);
    g_free(gnuplot);
    sim_result_free(r);
}
END_TEST

START_TEST(the_curve_ends_at_all_and_the_series_at_the_stop) {
    SimResult *r = sample_result();
    r->stopped_at = 500 * SIM_MS;
    char *warning = NULL;
    ck_assert(sim_gnuplot_write(r, folder, NULL, &warning, NULL));
    char *data = content("latency-cdf", ".dat");
    ck_assert_ptr_nonnull(strstr(data, " 100.00000\n"));
    ck_assert_ptr_nonnull(strstr(data, "\n\n# vms read, healthy\n"));
    ck_assert_ptr_null(strstr(data, "vms all")); /* the sum of what is already shown */
    g_free(data);
    data = content("throughput", ".dat");
    ck_assert_ptr_nonnull(strstr(data, "\n2.500000 5.0")); /* first bucket of 5 ms, in Gb/s */
    ck_assert_ptr_null(strstr(data, "\n502.5"));
    g_free(data);
    sim_result_free(r);
}
END_TEST

START_TEST(nothing_to_show_makes_no_picture) {
    SimResult *r = sample_result(), *empty = sim_result_new(1);
    char *warning = NULL;
    ck_assert(sim_gnuplot_write(r, folder, NULL, &warning, NULL));
    ck_assert(sim_gnuplot_write(empty, folder, NULL, &warning, NULL));
    for (size_t i = 0; i < 3; i++)
        ck_assert(!exists(pictures[i], ".dat") && !exists(pictures[i], ".gp"));
    sim_result_free(r);
    sim_result_free(empty);
}
END_TEST

START_TEST(an_unwritable_folder_is_an_error) {
    SimResult *r = sample_result();
    char *warning = NULL;
    GError *error = NULL;
    ck_assert(!sim_gnuplot_write(r, "/nowhere", "gnuplot", &warning, &error));
    ck_assert_ptr_null(warning);
    ck_assert_ptr_nonnull(strstr(error->message, "cannot write /nowhere/latency-cdf.dat"));
    g_clear_error(&error);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_plot");
    TCase *tests = tcase_create("report_plot");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_missing_program_is_only_a_warning);
    tcase_add_test(tests, pictures_are_drawn_where_gnuplot_is);
    tcase_add_test(tests, names_are_only_names);
    tcase_add_test(tests, the_curve_ends_at_all_and_the_series_at_the_stop);
    tcase_add_test(tests, nothing_to_show_makes_no_picture);
    tcase_add_test(tests, an_unwritable_folder_is_an_error);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
