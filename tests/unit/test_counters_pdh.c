/* links: sim_app rackcast_models */
/* Performance Monitor's CSV, read in all the forms in which it comes, and refused with a sentence
 * that names the line; and the interval of our own. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/counters.h"
#include "sim/report/pdh.h"

#define CORNER "\"(PDH-CSV 4.0) (UTC)(0)\","
#define PATH "\"\\\\A\\TCPv4\\Segments Sent/sec\""
#define FIRST "\"01/01/2026 00:00:00.000\","
#define SECOND "\"01/01/2026 00:00:00.500\","

static SimPdh *parse(const char *text, GError **error) {
    return sim_pdh_parse("file.csv", text, strlen(text), error);
}

static SimPdh *parsed(const char *text) {
    GError *error = NULL;
    SimPdh *pdh = parse(text, &error);
    if (!pdh) ck_abort_msg("%s", error->message);
    return pdh;
}

/* ---- what is taken ---- */

START_TEST(paths) {
    SimPdh *pdh =
        parsed(CORNER "\"\\\\NODE1\\RDMA Activity(Mellanox [X], port 1)\\A, \"\"b\"\"/sec\","
                      "\"\\Memory\\Available MBytes\","
                      "\"\\\\n\\PhysicalDisk(0 C: (old))\\Disk Reads/sec\","
                      "\"\\\\n\\Odd\\% of (all)\",\"A note on the collector.\"\r\n" FIRST
                      "\"1\",\"2\",\" \",\"\",\"\"\r\n" SECOND "\"1\",\"2\",\"3\",\"-1\"\r\n");
    ck_assert_uint_eq(pdh->n_columns, 4);
    ck_assert_str_eq(pdh->columns[0].machine, "NODE1");
    ck_assert_str_eq(pdh->columns[0].object, "RDMA Activity");
    ck_assert_str_eq(pdh->columns[0].instance, "Mellanox [X], port 1");
    ck_assert_str_eq(pdh->columns[0].counter, "A, \"b\"/sec");
    ck_assert_str_eq(pdh->columns[1].machine, "");
    ck_assert_str_eq(pdh->columns[1].object, "Memory");
    ck_assert_str_eq(pdh->columns[2].instance, "0 C: (old)");
    ck_assert_str_eq(pdh->columns[3].object, "Odd");
    ck_assert_str_eq(pdh->columns[3].instance, "");
    ck_assert_str_eq(pdh->columns[3].counter, "% of (all)");
    ck_assert_uint_eq(pdh->n_samples, 2);
    ck_assert(fabs(pdh->seconds[1] - 0.5) < 1e-6);
    ck_assert(isnan(pdh->columns[2].value[0]) && pdh->columns[2].value[1] == 3);
    ck_assert(isnan(pdh->columns[3].value[0]) && isnan(pdh->columns[3].value[1]));
    sim_pdh_free(pdh);
}
END_TEST

typedef struct Good {
    const char *text;
    double value; /* of the last reading */
} Good;

static const Good good[] = {
    {"(PDH-CSV 4.0)," PATH "\n" FIRST "1\n" SECOND "2.5e+003\n", 2500},
    {"Time\t\\\\A\\TCPv4\\Segments Sent/sec\n01/01/2026 1:00:00\t1\n01/01/2026 1:00:01\t7\n", 7},
    {"\"(PDH-CSV 4.0) (Mitteleuropa, Zeit)(-60)\";" PATH "\n"
     "\"01/01/2026 00:00:00.000\";\"1\"\n\"01/01/2026 00:00:00.500\";\"0,12345\"\n",
     0.12345},
    {CORNER PATH "\n" FIRST "\"1\"\n" SECOND "\"1,234,567.5\"\n", 1234567.5},
    {"\n\n" CORNER PATH "\n" FIRST "\"1\"\n\n" SECOND "\"4\"\nExiting, please wait...   \n\n", 4},
    {CORNER PATH ",\"\\\\A\\B\\C\"\n" FIRST "1,1\n" SECOND "9,1\n\"01/01/2026 00:0", 9},
    {CORNER PATH ",\"\\\\A\\B\\C\"\n" FIRST "1,1\n" SECOND "9,1\n\"01/01/2026 00:00:02\",\"1", 9},
    {CORNER PATH "\n\"2026-01-01 00:00:00\",1\n\"2026-01-01T00:00:01\",3\n", 3},
};

START_TEST(forms) {
    SimPdh *pdh = parsed(good[_i].text);
    ck_assert_str_eq(pdh->columns[0].counter, "Segments Sent/sec");
    ck_assert_msg(fabs(pdh->columns[0].value[pdh->n_samples - 1] - good[_i].value) < 1e-6, "%f",
                  pdh->columns[0].value[pdh->n_samples - 1]);
    sim_pdh_free(pdh);
}
END_TEST

/* ---- what is refused ---- */

typedef struct Bad {
    const char *text, *sentence;
} Bad;

static const Bad bad[] = {
    {"", "file.csv:0: the file is empty"},
    {"\n\n", "the file is empty"},
    {"name,age\nx,1\n", "file.csv:1: no counters in the first line"},
    {"\"(PDH-CSV 4.0)\"\n", "no counters in the first line"},
    {CORNER PATH "\n", "there is none"},
    {CORNER PATH "\n" FIRST "1\n", "there is one"},
    {CORNER PATH "\n" FIRST "1\n" SECOND "1,2\n" SECOND "1\n", "file.csv:3: 3 fields where"},
    {CORNER PATH ",\"\\\\A\\B\\C\"\n" FIRST "1,2\n" SECOND "1\n" SECOND "1,2\n", "2 fields where"},
    {CORNER PATH "\n" FIRST "1\n" SECOND "many\n", "file.csv:3: 'many' is no figure (TCPv4"},
    {CORNER PATH "\n" FIRST "1\n" SECOND "nan\n", "'nan' is no figure"},
    {CORNER PATH "\n" FIRST "1\n" SECOND "1e999\n", "'1e999' is no figure"},
    {CORNER PATH "\n" FIRST "1\n" SECOND "0x10\n", "'0x10' is no figure"},
    {CORNER PATH "\n" SECOND "1\n" FIRST "1\n", "is before that of the line above"},
    {CORNER PATH "\n\"13/01/2026 00:00:00\",1\n", "file.csv:2: '13/01/2026 00:00:00' is no time"},
    {CORNER PATH "\n\"02/30/2026 00:00:00\",1\n", "is no time"},
    {CORNER PATH "\n\"01/01/2026 24:00:00\",1\n", "is no time"},
    {CORNER PATH "\n\"01/01/2026\",1\n", "is no time"},
    {CORNER PATH "\n" FIRST "\"1\n" SECOND "1\n", "a quoted field does not end on its line"},
};

START_TEST(refused) {
    GError *error = NULL;
    SimPdh *pdh = parse(bad[_i].text, &error);
    ck_assert_msg(!pdh, "%s", bad[_i].sentence);
    ck_assert_msg(strstr(error->message, bad[_i].sentence) != NULL, "%s: %s", bad[_i].sentence,
                  error->message);
    g_error_free(error);
}
END_TEST

START_TEST(no_text) {
    GError *error = NULL;
    ck_assert(!sim_pdh_parse("log.blg", "\"a\0b", 4, &error));
    ck_assert(strstr(error->message, "relog") != NULL);
    g_clear_error(&error);
    ck_assert(!sim_pdh_read("/nowhere/at/all.csv", &error));
    ck_assert(error->domain == G_FILE_ERROR);
    g_error_free(error);
}
END_TEST

/* Whatever is cut off or turned over: a sentence or a file, never a fault. */
START_TEST(every_beginning) {
    const char *whole = CORNER "\"\\\\A\\O(i, (k))\\C\"," PATH "\r\n" FIRST
                               "\"1,5\",\" \"\r\n" SECOND "\"2\",\"3\"\r\nbye\r\n";
    size_t size = strlen(whole);
    for (size_t n = 0; n <= size; n++) {
        for (int flip = 0; flip < 3; flip++) {
            GError *error = NULL;
            char *text = g_strndup(whole, size);
            if (flip && n < size) text[n] = flip == 1 ? '"' : '\n';
            SimPdh *pdh = sim_pdh_parse("cut", text, flip ? size : n, &error);
            ck_assert((pdh != NULL) != (error != NULL));
            sim_pdh_free(pdh);
            g_clear_error(&error);
            g_free(text);
        }
    }
}
END_TEST

/* ---- what is written ---- */

/* A month, an hour, a minute, a second and a bit. */
#define LATER (INT64_C(2682061) * 1000000 + 12345)

START_TEST(written) {
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    sim_pdh_put_corner(out);
    sim_pdh_put_path(out, "node1", "RDMA Activity", "1 [tor \"a\" 3]", "RDMA Inbound Bytes/sec");
    sim_pdh_put_path(out, "tor", "O", "", "c");
    fputs("\r\n", out);
    sim_pdh_put_time(out, 0, false);
    fputs(",\"1\",\"2\"\r\n", out);
    sim_pdh_put_time(out, LATER, false);
    fputs(",\"1\",\"2\"\r\n", out);
    sim_pdh_put_time(out, LATER, true);
    fputs(",\"1\",\"2\"\r\n", out);
    fclose(out);
    ck_assert_str_eq(
        text, "\"(PDH-CSV 4.0) (UTC)(0)\",\"\\\\NODE1\\RDMA Activity(1 [tor \"\"a\"\" 3])\\RDMA "
              "Inbound Bytes/sec\",\"\\\\TOR\\O\\c\"\r\n"
              "\"01/01/2026 00:00:00.000\",\"1\",\"2\"\r\n"
              "\"02/01/2026 01:01:01.012\",\"1\",\"2\"\r\n"
              "\"02/01/2026 01:01:01.012345\",\"1\",\"2\"\r\n");
    SimPdh *pdh = parsed(text);
    ck_assert_str_eq(pdh->columns[0].instance, "1 [tor \"a\" 3]");
    ck_assert(fabs(pdh->seconds[2] - (31 * 86400.0 + 3661.012345)) < 1e-6);
    sim_pdh_free(pdh);
    free(text);
}
END_TEST

START_TEST(intervals) {
    ck_assert_int_eq(sim_counters_interval(SIM_S), 50 * SIM_MS);
    ck_assert_int_eq(sim_counters_interval(520 * SIM_MS), 20 * SIM_MS);
    ck_assert_int_eq(sim_counters_interval(19 * SIM_US), 500 * SIM_NS);
    ck_assert_int_eq(sim_counters_interval(1), 1);
    for (SimTime t = SIM_COUNTERS_READINGS; t < SIM_S * 1000; t += t / 7 + 1) {
        SimTime every = sim_counters_interval(t);
        ck_assert_int_ge(t / every, SIM_COUNTERS_READINGS);
        ck_assert_int_le(t / every, 2 * SIM_COUNTERS_READINGS + SIM_COUNTERS_READINGS);
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("counters_pdh");
    TCase *tcase = tcase_create("pdh");
    tcase_add_test(tcase, paths);
    tcase_add_loop_test(tcase, forms, 0, (int)G_N_ELEMENTS(good));
    tcase_add_loop_test(tcase, refused, 0, (int)G_N_ELEMENTS(bad));
    tcase_add_test(tcase, no_text);
    tcase_add_test(tcase, every_beginning);
    tcase_add_test(tcase, written);
    tcase_add_test(tcase, intervals);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
