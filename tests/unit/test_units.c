/* links: sim_scenario sim_base */
/* test_units.c: exact values, and a sentence for each way to write them wrongly. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/units.h"
#include "tests/unit/test_scenario_models.h"

static int64_t value(SimType type, const char *text) {
    int64_t out = -1;
    SimValueError error;
    bool good = sim_number_parse(type, text, &out, &error);
    ck_assert_msg(good, "%s: %s", text, good ? "" : error.text);
    return out;
}

static void bad(SimType type, const char *text, const char *code, const char *meant) {
    int64_t out;
    SimValueError error;
    ck_assert_msg(!sim_number_parse(type, text, &out, &error), "%s was taken", text);
    ck_assert_msg(strcmp(error.code, code) == 0, "%s: %s %s", text, error.code, error.text);
    ck_assert_msg(strcmp(error.meant, meant) == 0, "%s: did you mean %s", text, error.meant);
    ck_assert(*error.text);
}

START_TEST(numbers_are_exact) {
    ck_assert_int_eq(value(SIM_COUNT, "0"), 0);
    ck_assert_int_eq(value(SIM_COUNT, "-12"), -12);
    ck_assert_int_eq(value(SIM_COUNT, "9223372036854775807"), INT64_MAX);
    ck_assert_int_eq(value(SIM_COUNT, "4.0"), 4);
    ck_assert_int_eq(value(SIM_TIME, "0.01ns"), 1);
    ck_assert_int_eq(value(SIM_TIME, "1.5us"), 150000);
    ck_assert_int_eq(value(SIM_TIME, "2min"), 2 * SIM_MIN);
    ck_assert_int_eq(value(SIM_TIME, "1h"), SIM_H);
    ck_assert_int_eq(value(SIM_TIME, "1067d"), 1067 * SIM_DAY);
    ck_assert_int_eq(value(SIM_TIME, "0.10000000000s"), SIM_S / 10);
    ck_assert_int_eq(value(SIM_RATE, "2.5Gbps"), INT64_C(2500000000));
    ck_assert_int_eq(value(SIM_SIZE, "4KiB"), 4096);
    ck_assert_int_eq(value(SIM_SIZE, "4kB"), 4000);
    ck_assert_int_eq(value(SIM_SIZE, "0.5KiB"), 512);
    ck_assert_int_eq(value(SIM_SIZE, "1TiB"), INT64_C(1) << 40);
    ck_assert_int_eq(value(SIM_SPEED, "3.2GB/s"), INT64_C(3200000000));
    ck_assert_int_eq(value(SIM_LENGTH, "0.5m"), 500);
    ck_assert_int_eq(value(SIM_LENGTH, "2km"), 2000000);
    ck_assert_int_eq(value(SIM_RATIO, "33.3333%"), 333333);
    ck_assert_int_eq(value(SIM_CHANCE, "1e-12"), 1000000);
    ck_assert_int_eq(value(SIM_CHANCE, "2.5e-3"), INT64_C(2500000000000000));
    ck_assert_int_eq(value(SIM_CHANCE, "0.1"), INT64_C(100000000000000000));
    ck_assert_int_eq(value(SIM_CHANCE, "1"), INT64_C(1000000000000000000));
}
END_TEST

START_TEST(no_number_is_guessed) {
    bad(SIM_COUNT, "", "E106", "");
    bad(SIM_COUNT, "four", "E106", "");
    bad(SIM_COUNT, "+4", "E106", "4");
    bad(SIM_COUNT, "010", "E106", "10");
    bad(SIM_COUNT, "0x10", "E106", "16");
    bad(SIM_COUNT, "1_000", "E106", "1000");
    bad(SIM_COUNT, "1,000", "E106", "1000");
    bad(SIM_COUNT, "1e3", "E106", "1000");
    bad(SIM_COUNT, "1.5", "E106", "");
    bad(SIM_COUNT, "1.", "E106", "1");
    bad(SIM_COUNT, "yes", "E106", "");
    bad(SIM_COUNT, "4 ", "E106", "4");
    bad(SIM_COUNT, "9223372036854775808", "E111", "");
    bad(SIM_COUNT, "999999999999999999999999999999999999999999", "E111", "");
    bad(SIM_COUNT, "25Gbps", "E105", "25");
    bad(SIM_COUNT, "4KiB", "E105", "4");
    bad(SIM_CHANCE, "10%", "E105", "0.1");
    bad(SIM_CHANCE, "1e-19", "E111", "");
    bad(SIM_CHANCE, "1e999", "E111", "");
    bad(SIM_CHANCE, "1e", "E106", "1");
}
END_TEST

START_TEST(units_are_asked_for) {
    bad(SIM_RATE, "25", "E104", "25Gbps");
    bad(SIM_TIME, "0", "E104", "0s");
    bad(SIM_TIME, "150", "E104", "150s");
    bad(SIM_RATIO, "70", "E104", "70%");
    bad(SIM_RATIO, "0.7", "E104", "70%");
    bad(SIM_RATE, "25gbps", "E105", "25Gbps");
    bad(SIM_RATE, "25GB", "E105", "");
    bad(SIM_RATE, "25G", "E105", "25Gbps");
    bad(SIM_RATE, "1e3Mbps", "E106", "1000Mbps");
    bad(SIM_RATE, "25 Gbps", "E106", "25Gbps");
    bad(SIM_RATE, "025Gbps", "E106", "25Gbps");
    bad(SIM_RATE, "0.5bps", "E111", "");
    bad(SIM_TIME, "10m", "E105", "10min");
    bad(SIM_TIME, "10sec", "E105", "10s");
    bad(SIM_TIME, "10\302\265s", "E105", "10us");
    bad(SIM_TIME, "0.001ns", "E111", "");
    bad(SIM_TIME, "1068d", "E151", "");
    bad(SIM_SIZE, "4KB", "E105", "4kB");
    bad(SIM_SIZE, "4K", "E105", "4KiB");
    bad(SIM_SIZE, "0.3B", "E111", "");
    bad(SIM_SIZE, "99999999TB", "E111", "");
    bad(SIM_SPEED, "3GB", "E105", "3GB/s");
    bad(SIM_SPEED, "3GBps", "E105", "3GB/s");
    bad(SIM_LENGTH, "3", "E104", "3m");
}
END_TEST

static const SimParam bounded = {
    .key = "ports", .type = SIM_COUNT, .min = "1", .max = "8", .doc = "Ports."};
static const SimParam flag = {.key = "pfc", .type = SIM_BOOL, .def = "false", .doc = "Pause."};
static const SimParam word = {
    .key = "mode", .type = SIM_CHOICE, .choices = "cut-through|store-and-forward", .doc = "Mode."};
static const SimParam name = {.key = "name", .type = SIM_NAME, .doc = "Name."};
static const SimParam offset = {.key = "shift", .type = SIM_TIME, .min = "-1s", .doc = "Shift."};
static const SimParam loss = {.key = "loss", .type = SIM_CHANCE, .doc = "Loss."};

static SimParsed good_value(const SimParam *param, const char *text) {
    SimParsed out;
    SimValueError error;
    bool good = sim_value_parse(param, text, &out, &error);
    ck_assert_msg(good, "%s: %s", text, good ? "" : error.text);
    return out;
}

static void bad_value(const SimParam *param, const char *text, const char *code,
                      const char *meant) {
    SimParsed out;
    SimValueError error;
    ck_assert_msg(!sim_value_parse(param, text, &out, &error), "%s was taken", text);
    ck_assert_msg(strcmp(error.code, code) == 0, "%s: %s %s", text, error.code, error.text);
    ck_assert_msg(strcmp(error.meant, meant) == 0, "%s: did you mean %s", text, error.meant);
}

START_TEST(rows_bound_their_values) {
    ck_assert_int_eq(good_value(&bounded, "1").integer, 1);
    ck_assert_int_eq(good_value(&bounded, "8").integer, 8);
    bad_value(&bounded, "0", "E107", "");
    bad_value(&bounded, "9", "E107", "");
    bad_value(&bounded, "-1", "E114", "");
    ck_assert_int_eq(good_value(&offset, "-1s").integer, -SIM_S);
    bad_value(&offset, "-2s", "E107", "");
    bad_value(&loss, "1.5", "E107", "");
    bad_value(&loss, "-1e-3", "E114", "");
    ck_assert(good_value(&flag, "true").truth);
    ck_assert(!good_value(&flag, "false").truth);
    bad_value(&flag, "yes", "E109", "true");
    bad_value(&flag, "Off", "E109", "false");
    bad_value(&flag, "True", "E109", "true");
    bad_value(&flag, "maybe", "E109", "");
    ck_assert_int_eq(good_value(&word, "store-and-forward").choice, 1);
    bad_value(&word, "cut-trough", "E108", "cut-through");
    bad_value(&word, "", "E108", "");
    ck_assert_str_eq(good_value(&name, "tor-a1").text, "tor-a1");
    bad_value(&name, "Tor A", "E110", "tor-a");
    bad_value(&name, "1tor", "E110", "");
    bad_value(&name, "", "E110", "");
    bad_value(&name, "a.b", "E110", "a-b");
}
END_TEST

static void quantity(const char *text, int64_t num, int64_t den, const char *unit) {
    int64_t n, d;
    const char *u;
    SimValueError error;
    bool good = sim_quantity_parse(text, &n, &d, &u, &error);
    ck_assert_msg(good, "%s: %s", text, good ? "" : error.text);
    ck_assert_int_eq(n, num);
    ck_assert_int_eq(d, den);
    ck_assert_str_eq(u, unit);
}

START_TEST(quantities_have_one_base) {
    quantity("0", 0, 1, "");
    quantity("-3", -3, 1, "");
    quantity("1e-3", 1, 1000, "");
    quantity("2.50", 5, 2, "");
    quantity("1ms", 1000000, 1, "ns");
    quantity("0.01ns", 1, 100, "ns");
    quantity("80%", 4, 5, "ratio");
    quantity("4KiB", 4096, 1, "bytes");
    quantity("25Gbps", INT64_C(25000000000), 1, "bps");
    quantity("1GB/s", INT64_C(8000000000), 1, "bps");
    int64_t n, d;
    const char *u;
    SimValueError error;
    ck_assert(!sim_quantity_parse("1Gb", &n, &d, &u, &error));
    ck_assert_str_eq(error.code, "E105");
    ck_assert(!sim_quantity_parse("fast", &n, &d, &u, &error));
    ck_assert_str_eq(error.code, "E106");
    ck_assert(!sim_quantity_parse("1e-30", &n, &d, &u, &error));
    ck_assert_str_eq(error.code, "E111");
    ck_assert(!sim_quantity_parse("1e30", &n, &d, &u, &error));
    ck_assert_str_eq(error.code, "E111");
}
END_TEST

/* Whatever is written, the answer is a value or a sentence that fits its room. */
START_TEST(long_text_is_cut) {
    char text[5000];
    memset(text, '7', sizeof text - 1);
    text[sizeof text - 1] = 0;
    bad(SIM_COUNT, text, "E111", "");
    memset(text, 'x', sizeof text - 1);
    bad(SIM_TIME, text, "E106", "");
    bad_value(&name, text, "E110", "");
    for (size_t i = 0; i + 2 < sizeof text; i += 2)
        memcpy(text + i, "\303\251", 2);
    text[sizeof text - 2] = 0;
    bad_value(&name, text, "E110", "");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("units");
    TCase *tests = tcase_create("units");
    tcase_add_test(tests, numbers_are_exact);
    tcase_add_test(tests, no_number_is_guessed);
    tcase_add_test(tests, units_are_asked_for);
    tcase_add_test(tests, rows_bound_their_values);
    tcase_add_test(tests, quantities_have_one_base);
    tcase_add_test(tests, long_text_is_cut);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
