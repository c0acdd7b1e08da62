/* links: sim_metrics */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/metrics/result.h"

#define BIG (((__int128)INT64_MAX << 63) + INT64_MAX) /* 2^126 - 1 */
#define LEAST (-BIG * 2 - 1 - 1)                      /* -2^127 */

static const char *print(SimValue v, int decimals) {
    static _Thread_local char text[SIM_VALUE_TEXT];
    int length = sim_value_print(v, decimals, text, sizeof text);
    ck_assert_int_eq(length, (int)strlen(text));
    return text;
}

START_TEST(values_print_by_integer_division) {
    ck_assert_str_eq(print((SimValue){12345678, 1000}, 3), "12345.678");
    ck_assert_str_eq(print((SimValue){1, 3}, 6), "0.333333");
    ck_assert_str_eq(print((SimValue){2, 3}, 0), "1");
    ck_assert_str_eq(print((SimValue){1, 2}, 0), "1"); /* half away from zero */
    ck_assert_str_eq(print((SimValue){-1, 2}, 0), "-1");
    ck_assert_str_eq(print((SimValue){-1, 3}, 0), "0"); /* never -0 */
    ck_assert_str_eq(print((SimValue){-4, 1000}, 2), "0.00");
    ck_assert_str_eq(print((SimValue){-5, 1000}, 2), "-0.01");
    ck_assert_str_eq(print((SimValue){9995, 1000}, 2), "10.00"); /* the carry runs through */
    ck_assert_str_eq(print((SimValue){999999, 1000}, 0), "1000");
    ck_assert_str_eq(print((SimValue){0, 7}, 2), "0.00");
    ck_assert_str_eq(print(SIM_NULL, 2), "null");
    ck_assert_str_eq(print((SimValue){BIG, 1}, 0), "85070591730234615865843651857942052863");
    ck_assert_str_eq(print((SimValue){LEAST, 1}, 2), "-170141183460469231731687303715884105728.00");
    ck_assert_str_eq(print((SimValue){BIG, INT64_MAX}, 18),
                     "9223372036854775809.000000000000000000");
    ck_assert_str_eq(print((SimValue){INT64_MAX - 1, INT64_MAX}, 18), "1.000000000000000000");
    char small[4];
    ck_assert_int_eq(sim_value_print((SimValue){12345, 1}, 0, small, sizeof small), 5);
    ck_assert_str_eq(small, "123");
}
END_TEST

START_TEST(values_compare_exactly) {
    ck_assert_int_eq(sim_value_compare((SimValue){1, 3}, (SimValue){2, 6}), 0);
    ck_assert_int_eq(sim_value_compare((SimValue){1, 3}, (SimValue){333333333, 1000000000}), 1);
    ck_assert_int_eq(sim_value_compare((SimValue){-1, 3}, (SimValue){1, 3}), -1);
    ck_assert_int_eq(sim_value_compare((SimValue){-1, 3}, (SimValue){-1, 2}), 1);
    ck_assert_int_eq(sim_value_compare((SimValue){BIG, INT64_MAX}, (SimValue){BIG, INT64_MAX - 1}),
                     -1);
    ck_assert_int_eq(sim_value_compare((SimValue){BIG, 2}, (SimValue){BIG - 1, 2}), 1);
    ck_assert_int_eq(sim_value_compare(SIM_NULL, (SimValue){-5, 1}), -1);
    ck_assert_int_eq(sim_value_compare((SimValue){-5, 1}, SIM_NULL), 1);
    ck_assert_int_eq(sim_value_compare(SIM_NULL, SIM_NULL), -1);
}
END_TEST

START_TEST(values_scale_to_integers) {
    __int128 n;
    ck_assert(sim_value_scale((SimValue){-12345, 1000}, 2, &n) && n == -1235);
    ck_assert(sim_value_scale((SimValue){LEAST, 1}, 0, &n) && n == LEAST);
    ck_assert(!sim_value_scale((SimValue){BIG, 1}, 3, &n));
    ck_assert(!sim_value_scale(SIM_NULL, 3, &n));
}
END_TEST

START_TEST(names_order_by_their_numbers) {
    static const char *sorted[] = {"",        "node",    "node02",  "node2", "node10",
                                   "node10a", "node10b", "node100", "nodes", "tor1->node2"};
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
        for (size_t j = 0; j < sizeof sorted / sizeof *sorted; j++) {
            int order = sim_name_compare(sorted[i], sorted[j]);
            ck_assert_int_eq((order > 0) - (order < 0), (i > j) - (i < j));
        }
}
END_TEST

START_TEST(freezing_sorts_and_drops_doubles) {
    SimResult *r = sim_result_new(2);
    char name[] = "node10"; /* everything is copied */
    SimValue *values = sim_result_row(r, "host", name, "cores", "ratio", 6);
    values[1] = (SimValue){1, 2};
    name[4] = '9';
    sim_result_row(r, "host", "node2", "cores", "ratio", 6);
    sim_result_row(r, "class", "rdma", "iops", "1/s", 3);
    sim_result_resource(r, "node10/drive", "drive");
    sim_result_resource(r, "node9/drive", "drive");
    sim_result_assume(r, "A-two", "second", NULL);
    sim_result_assume(r, "A-one", "first", "datasheet");
    sim_result_assume(r, "A-two", "second", NULL);
    sim_result_audit(r, "io", "vms", true, "offered %d = delivered %d", 3, 3);
    sim_result_audit(r, "frames", "tor1", false, "lost");
    sim_result_freeze(r);
    ck_assert_uint_eq(r->rows.n, 3);
    ck_assert_str_eq(r->rows.items[0].kind, "class");
    ck_assert_str_eq(r->rows.items[1].entity, "node2");
    ck_assert_str_eq(r->rows.items[2].entity, "node10");
    ck_assert_str_eq(r->resources.items[0].name, "node9/drive");
    ck_assert_uint_eq(r->assumptions.n, 2);
    ck_assert_str_eq(r->assumptions.items[1].id, "A-two");
    ck_assert_str_eq(r->audit.items[0].law, "frames");
    ck_assert_str_eq(r->audit.items[1].detail, "offered 3 = delivered 3");
    const SimRow *row = sim_result_find(r, "node10", "cores");
    ck_assert_ptr_nonnull(row);
    ck_assert_int_eq(row->value[0].den, 0);
    ck_assert_int_eq(sim_value_compare(row->value[1], (SimValue){2, 4}), 0);
    ck_assert_ptr_null(sim_result_find(r, "node10", "iops"));
    sim_result_free(r);
    sim_result_free(NULL);
}
END_TEST

START_TEST(a_doubled_row_is_our_bug) {
    SimResult *r = sim_result_new(1);
    sim_result_row(r, "host", "node1", "cores", "ratio", 6);
    sim_result_row(r, "host", "node1", "cores", "ratio", 6);
    sim_result_freeze(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("result");
    TCase *tests = tcase_create("result");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, values_print_by_integer_division);
    tcase_add_test(tests, values_compare_exactly);
    tcase_add_test(tests, values_scale_to_integers);
    tcase_add_test(tests, names_order_by_their_numbers);
    tcase_add_test(tests, freezing_sorts_and_drops_doubles);
    tcase_add_exit_test(tests, a_doubled_row_is_our_bug, SIM_EXIT_INTERNAL);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
