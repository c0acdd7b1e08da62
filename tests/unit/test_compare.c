/* links: sim_report sim_metrics */
#include <check.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

#include "sample_result.h"
#include "sim/report/compare.h"

static SimResult *a, *b;

static void setup(void) {
    a = sample_result();
    b = sample_result();
}

static void teardown(void) {
    sim_result_free(a);
    sim_result_free(b);
}

static SimRow *row_of(SimResult *r, const char *entity, const char *metric) {
    const SimRow *row = sim_result_find(r, entity, metric);
    ck_assert_ptr_nonnull(row);
    return &r->rows.items[row - r->rows.items];
}

START_TEST(the_same_is_the_same) {
    SimComparison *c = sim_compare(a, b, "A", "B", 0);
    ck_assert_uint_eq(c->n_inputs, 0);
    ck_assert_uint_eq(c->n_changes, 0);
    ck_assert_uint_gt(c->equal, 200);
    ck_assert(!sim_compare_exceeds(c));
    sim_compare_free(c);
    sim_compare_free(NULL);
}
END_TEST

START_TEST(the_largest_change_comes_first) {
    row_of(b, "run", "lost")->value[2] = (SimValue){413, 1};            /* + 0.24 % */
    row_of(b, "vms", "outstanding")->value[0] = (SimValue){64, 1};      /* - 50 % */
    row_of(b, "vms", "failed")->value[0] = (SimValue){1, 1};            /* from 0 */
    row_of(b, "copy", "outage")->value[1] = SIM_NULL;                   /* to null */
    b->resources.items[0].utilization[0] = (SimValue){412346, 1000000}; /* + 2.4 ppm */
    SimComparison *c = sim_compare(a, b, "A", "B", 100000);
    ck_assert_uint_eq(c->n_changes, 5);
    ck_assert_str_eq(c->changes[0].metric, "outage");
    ck_assert_int_eq(c->changes[0].ppm, SIM_CHANGE_BEYOND);
    ck_assert_int_eq(c->changes[0].difference.den, 0);
    ck_assert_str_eq(c->changes[1].metric, "failed");
    ck_assert_int_eq(c->changes[1].ratio.den, 0);
    ck_assert_str_eq(c->changes[2].metric, "outstanding");
    ck_assert_int_eq(c->changes[2].ppm, 500000);
    ck_assert_int_eq(sim_value_compare(c->changes[2].ratio, (SimValue){1, 2}), 0);
    ck_assert_int_eq(sim_value_compare(c->changes[2].difference, (SimValue){-64, 1}), 0);
    ck_assert_str_eq(c->changes[3].window, "tor1-dead");
    ck_assert_int_eq(c->changes[3].ppm, 2428); /* 1/412, rounded up */
    ck_assert_str_eq(c->changes[4].entity, "node1->tor1");
    ck_assert_int_eq(c->changes[4].ppm, 3);
    ck_assert_uint_eq(c->beyond, 3);
    sim_compare_free(c);
}
END_TEST

START_TEST(the_threshold_is_exact) {
    row_of(a, "vms", "outstanding")->value[0] = (SimValue){1000, 1};
    row_of(b, "vms", "outstanding")->value[0] = (SimValue){1100, 1};
    static const struct {
        int64_t ppm;
        bool exceeds;
    } cases[] = {{100000, false}, {99999, true}, {0, true}, {-1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        SimComparison *c = sim_compare(a, b, "A", "B", cases[i].ppm);
        ck_assert_uint_eq(c->n_changes, 1);
        ck_assert_int_eq(sim_compare_exceeds(c), cases[i].exceeds);
        sim_compare_free(c);
    }
}
END_TEST

/* Figures that print the same are the same: a result read back has lost the rest. */
START_TEST(what_prints_the_same_is_equal) {
    row_of(a, "vms", "iops")->value[0] = (SimValue){1000001, 10000000};
    row_of(b, "vms", "iops")->value[0] = (SimValue){1000002, 10000000};
    SimComparison *c = sim_compare(a, b, "A", "B", 0);
    ck_assert_uint_eq(c->n_changes, 0);
    sim_compare_free(c);
}
END_TEST

START_TEST(what_only_one_has_is_beyond) {
    SimResult *other = sim_result_new(1);
    other->windows[0].name = "all";
    other->scenario = "else";
    *sim_result_row(other, "run", "run", "events", "", 0) = (SimValue){12345678, 1};
    sim_result_freeze(other);
    SimComparison *c = sim_compare(a, other, "A", "B", 1000000);
    ck_assert_uint_eq(c->equal, 1);
    ck_assert_uint_eq(c->beyond, c->n_changes);
    ck_assert(c->changes[0].in_a && !c->changes[0].in_b);
    sim_compare_free(c);
    sim_result_free(other);
}
END_TEST

static bool has_input(const SimComparison *c, const char *text) {
    for (uint32_t i = 0; i < c->n_inputs; i++)
        if (strcmp(c->inputs[i], text) == 0) return true;
    return false;
}

START_TEST(inputs_are_told_line_by_line) {
    a->effective = "name: x\nhosts:\n  - name: node1\n    rate: 25Gbps\n  - name: node2\nend: 1\n";
    b->effective = "name: x\nhosts:\n  - name: node1\n    rate: 10Gbps\n    more: 1\n"
                   "  - name: node2\nend: 1\n";
    b->seed = 7;
    b->version = "0.2.0";
    b->duration = 2 * SIM_S;
    SimComparison *c = sim_compare(a, b, "A", "B", -1);
    ck_assert_uint_eq(c->n_inputs, 6);
    ck_assert(has_input(c, "seed: 1 -> 7"));
    ck_assert(has_input(c, "version: 0.1.0 -> 0.2.0"));
    ck_assert(has_input(c, "duration: 1.00 s -> 2.00 s"));
    ck_assert(has_input(c, "- 4: rate: 25Gbps"));
    ck_assert(has_input(c, "+ 4: rate: 10Gbps"));
    ck_assert(has_input(c, "+ 5: more: 1"));
    sim_compare_free(c);
    a->effective = NULL; /* not known: the header fields alone */
    c = sim_compare(a, b, "A", "B", -1);
    ck_assert_uint_eq(c->n_inputs, 3);
    sim_compare_free(c);
}
END_TEST

START_TEST(scenarios_too_long_to_align_are_still_told) {
    GString *p = g_string_new("same\n"), *q = g_string_new("same\n");
    for (int i = 0; i < 3000; i++) {
        g_string_append_printf(p, "a%d\n", i);
        g_string_append_printf(q, "b%d\n", i);
    }
    a->effective = p->str;
    b->effective = q->str;
    SimComparison *c = sim_compare(a, b, "A", "B", -1);
    ck_assert_uint_eq(c->n_inputs, 6000);
    ck_assert(has_input(c, "- 2: a0") && has_input(c, "+ 3001: b2999"));
    sim_compare_free(c);
    g_string_free(p, TRUE);
    g_string_free(q, TRUE);
}
END_TEST

static SimComparison *sample_comparison(void) {
    b->seed = 2;
    row_of(b, "run", "lost")->value[2] = (SimValue){413, 1};
    row_of(b, "vms", "failed")->value[0] = (SimValue){1, 1};
    SimResourceRow *row = &b->resources.items[6];
    row->utilization[0] = (SimValue){100000, 1000000};
    return sim_compare(a, b, "results/a/result.json", "results/b/result.json", 10000);
}

START_TEST(text_fits_the_page) {
    SimComparison *c = sample_comparison();
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(sim_compare_text(c, &(SimTextOptions){0}, out));
    fclose(out);
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        ck_assert_msg(strlen(*line) <= SIM_TEXT_WIDTH, "too wide: %s", *line);
    g_strfreev(lines);
    ck_assert_ptr_nonnull(strstr(text, "  seed: 1 -> 2\n"));
    ck_assert_ptr_nonnull(strstr(text, "3 differ, 2 by more than 1.0 %"));
    ck_assert(strstr(text, "Inputs") < strstr(text, "Metrics"));
    ck_assert_ptr_null(strchr(text, '\033'));
    free(text);
    sim_compare_free(c);
}
END_TEST

START_TEST(json_says_the_same) {
    SimComparison *c = sample_comparison();
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(sim_compare_json(c, out));
    fclose(out);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    json_t *metrics = json_object_get(root, "metrics"), *last = json_array_get(metrics, 2);
    ck_assert_uint_eq(json_array_size(metrics), 3);
    ck_assert_str_eq(json_string_value(json_object_get(last, "metric")), "lost");
    ck_assert_int_eq(json_integer_value(json_object_get(last, "change_ppm")), 2428);
    ck_assert(json_is_false(json_object_get(last, "beyond")));
    ck_assert(json_is_null(json_object_get(json_array_get(metrics, 0), "change_ppm")));
    ck_assert_int_eq(json_integer_value(json_object_get(root, "beyond")), 2);
    ck_assert_int_eq(json_integer_value(json_object_get(root, "threshold_ppm")), 10000);
    json_decref(root);
    free(text);
    sim_compare_free(c);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("compare");
    TCase *tests = tcase_create("compare");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_same_is_the_same);
    tcase_add_test(tests, the_largest_change_comes_first);
    tcase_add_test(tests, the_threshold_is_exact);
    tcase_add_test(tests, what_prints_the_same_is_equal);
    tcase_add_test(tests, what_only_one_has_is_beyond);
    tcase_add_test(tests, inputs_are_told_line_by_line);
    tcase_add_test(tests, scenarios_too_long_to_align_are_still_told);
    tcase_add_test(tests, text_fits_the_page);
    tcase_add_test(tests, json_says_the_same);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
