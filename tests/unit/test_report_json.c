/* links: sim_report sim_metrics */
#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <string.h>

#include "sample_result.h"
#include "sim/base/assert.h"
#include "sim/report/bottleneck.h"
#include "sim/report/csv.h"
#include "sim/report/json.h"

static char *to_json(const SimResult *r) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(sim_json_write(r, out));
    fclose(out);
    char *copy = strdup(text); /* gcc takes the stream's hold on `text` for a dangling pointer */
    free(text);
    return copy;
}

/* Reads text through a file; frees nothing of the caller's. */
static SimResult *from_json(const char *text, GError **error) {
    char *path = NULL;
    int fd = g_file_open_tmp("rackcast-test-XXXXXX", &path, NULL);
    ck_assert_int_ge(fd, 0);
    g_close(fd, NULL);
    ck_assert(g_file_set_contents(path, text, -1, NULL));
    SimResult *r = sim_json_read(path, error);
    g_unlink(path);
    g_free(path);
    return r;
}

START_TEST(keys_follow_the_rule) {
    static const char *const cases[][4] = {
        {"workload", "write.p99", "ns", "latency_ns.write.p99"},
        {"workload", "all.count", "", "latency_ns.all.count"},
        {"workload", "read.bytes", "bytes", "read_bytes"},
        {"workload", "outage", "ns", "outage_ns"},
        {"workload", "part.drive-service", "ns", "part_drive-service_ns"},
        {"workload", "iops", "1/s", "iops"},
        {"workload", "throughput", "bps", "throughput_bps"},
        {"class", "write.p99", "ns", "write_p99_ns"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *key = sim_json_key(cases[i][0], cases[i][1], cases[i][2]);
        ck_assert_str_eq(key, cases[i][3]);
        g_free(key);
    }
}
END_TEST

/* What is written is JSON, has the promised members, and every element stands on one line. */
START_TEST(result_has_its_members) {
    static const char *const members[] = {
        "schema",   "version",     "scenario",  "description", "seed",       "fingerprint",
        "complete", "audit",       "workloads", "resources",   "bottleneck", "classes",
        "ports",    "switches",    "hosts",     "run",         "windows",    "faults",
        "metrics",  "assumptions", "warmup_ns", "ingredients", "duration_ns"};
    SimResult *r = sample_result();
    sim_bottleneck(r);
    char *text = to_json(r);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(root);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        ck_assert_msg(json_object_get(root, members[i]) != NULL, "no %s", members[i]);
    json_t *vms = json_array_get(json_object_get(root, "workloads"), 1);
    json_t *latency = json_object_get(json_object_get(vms, "latency_ns"), "write");
    ck_assert_int_eq(json_integer_value(json_object_get(latency, "count")), 3000);
    ck_assert_ptr_nonnull(json_object_get(json_object_get(vms, "windows"), "tor1-dead"));
    ck_assert_str_eq(json_string_value(json_object_get(root, "fingerprint")), "0x00c0ffee12345678");
    json_decref(root);

    char **lines = g_strsplit(text, "\n", -1);
    uint32_t naming = 0;
    for (char **line = lines; *line != NULL; line++)
        if (strstr(*line, "\"name\": \"node2\"") != NULL) {
            naming++;
            ck_assert(g_str_has_prefix(*line, "    {") && strchr(*line, '}') != NULL);
        }
    ck_assert_uint_eq(naming, 1);
    g_strfreev(lines);
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(reading_back_gives_the_same_bytes) {
    SimResult *r = sample_result();
    r->complete = false;
    r->seed = UINT64_MAX;
    r->faults.items[0].recovery = r->faults.items[0].until = SIM_NEVER;
    r->description = "quotes \" and \\ and\ttabs\nand \x01, caf\xc3\xa9";
    sim_bottleneck(r);
    char *first = to_json(r);
    GError *error = NULL;
    SimResult *again = from_json(first, &error);
    ck_assert_msg(again != NULL, "%s", error != NULL ? error->message : "");
    char *second = to_json(again);
    ck_assert_str_eq(first, second);
    ck_assert_uint_eq(again->rows.n, r->rows.n);
    ck_assert(again->seed == r->seed && again->fingerprint == r->fingerprint);
    ck_assert_str_eq(again->description, r->description);
    ck_assert_int_eq(again->faults.items[0].until, SIM_NEVER);
    free(first);
    free(second);
    sim_result_free(again);
    sim_result_free(r);
}
END_TEST

/* Each of these once cut or bent is refused with a sentence; none may crash. */
START_TEST(what_is_no_result_gets_a_sentence) {
    static const struct {
        const char *from, *to, *says;
    } bends[] = {
        {"\"schema\": 1", "\"schema\": 2", "its schema is 2"},
        {"\"schema\": 1", "\"schemo\": 1", "\"schema\" is missing"},
        {"\"complete\": true", "\"complete\": 1", "\"complete\""},
        {"\"seed\": 1", "\"seed\": 1.5", "\"seed\""},
        {"\"fingerprint\": \"0x", "\"fingerprint\": \"", "\"fingerprint\""},
        {"\"warmup_ns\": 50000000", "\"warmup_ns\": 9000000000000000000", "beyond the clock"},
        {"\"name\": \"copy\"", "\"name\": \"vms\"", "stands twice"},
        {"\"name\": \"node2/nvme\"", "\"name\": \"node1/nvme\"", "stands twice"},
        {"\"iops\": 9600.000", "\"iops\": \"many\"", "not a number"},
        {"\"iops\": 9600.000", "\"iops\": 1e300", "too large"},
        {"\"decimals\": 6", "\"decimals\": 99", "\"decimals\""},
        {"\"hosts\": [", "\"hosts\": {}, \"hostess\": [", "\"hosts\""},
        {"{\n", "{\n\"seed\": 1,", "not JSON"},
        {"{\n", "[", "not JSON"},
    };
    SimResult *r = sample_result();
    sim_bottleneck(r);
    char *text = to_json(r);
    for (size_t i = 0; i < sizeof bends / sizeof *bends; i++) {
        char *at = strstr(text, bends[i].from);
        ck_assert_msg(at != NULL, "%s", bends[i].from);
        char *bent = g_strdup_printf("%.*s%s%s", (int)(at - text), text, bends[i].to,
                                     at + strlen(bends[i].from));
        GError *error = NULL;
        SimResult *bad = from_json(bent, &error);
        ck_assert_msg(bad == NULL, "%s was read", bends[i].to);
        ck_assert_msg(strstr(error->message, bends[i].says) != NULL, "%s", error->message);
        g_clear_error(&error);
        g_free(bent);
    }
    static const char *const junk[] = {"", "null", "{}", "[]", "{\"schema\": 1}", "\xff\xfe", "{"};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        GError *error = NULL;
        ck_assert_ptr_null(from_json(junk[i], &error));
        ck_assert_ptr_nonnull(error);
        g_clear_error(&error);
    }
    GError *error = NULL;
    ck_assert_ptr_null(sim_json_read("/nowhere/result.json", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    g_clear_error(&error);
    free(text);
    sim_result_free(r);
}
END_TEST

/* Every prefix of a result is refused, at every length that ends a line. */
START_TEST(a_cut_result_is_refused) {
    SimResult *r = sample_result();
    char *text = to_json(r);
    for (char *end = strchr(text, '\n'); end[1] != 0; end = strchr(end + 1, '\n')) {
        char *cut = g_strndup(text, (gsize)(end - text));
        GError *error = NULL;
        ck_assert_ptr_null(from_json(cut, &error));
        ck_assert_ptr_nonnull(error);
        g_clear_error(&error);
        g_free(cut);
        if (strstr(end + 1, "\n  \"workloads\"") == NULL) break;
    }
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(two_windows_of_one_name_keep_apart) {
    SimResult *r = sample_result();
    r->windows[2].name = "healthy";
    char *text = to_json(r);
    ck_assert_ptr_nonnull(strstr(text, "\"healthy#2\": {"));
    SimResult *again = from_json(text, NULL);
    char *second = to_json(again);
    ck_assert_str_eq(text, second);
    free(second);
    sim_result_free(again);
    free(text);
    sim_result_free(r);
}
END_TEST

/* A row that says again what the resource says is no doubled key. */
START_TEST(rows_of_resources_join_them) {
    SimResult *r = sim_result_new(1);
    sim_result_resource(r, "tor1->node1", "link");
    *sim_result_row(r, "resource", "tor1->node1", "utilization", "ratio", 6) = (SimValue){1, 2};
    *sim_result_row(r, "resource", "tor1->node1", "capacity", "bps", 0) = (SimValue){1000, 1};
    sim_result_freeze(r);
    char *text = to_json(r);
    ck_assert_ptr_nonnull(strstr(text, "\"capacity_bps\": 1000, \"kind\": \"link\", "
                                       "\"name\": \"tor1->node1\", \"utilization\": null"));
    free(text);
    sim_result_free(r);
}
END_TEST

START_TEST(two_metrics_on_one_key_are_our_bug) {
    SimResult *r = sim_result_new(1);
    sim_result_row(r, "port", "tor1/1", "a.b", "", 0);
    sim_result_row(r, "port", "tor1/1", "a_b", "", 0);
    sim_result_freeze(r);
    free(to_json(r));
}
END_TEST

START_TEST(a_full_disk_is_noticed) {
    SimResult *r = sample_result();
    bool (*const writers[])(const SimResult *, FILE *) = {sim_json_write, sim_csv_write};
    for (size_t i = 0; i < 2; i++) {
        FILE *full = fopen("/dev/full", "w");
        ck_assert_ptr_nonnull(full);
        setvbuf(full, NULL, _IONBF, 0);
        ck_assert(!writers[i](r, full));
        fclose(full);
    }
    sim_result_free(r);
}
END_TEST

START_TEST(csv_quotes_what_needs_it) {
    SimResult *r = sim_result_new(1);
    r->scenario = "a \"b\", c";
    r->windows[0].name = "all";
    *sim_result_row(r, "port", "tor1/1", "sent", "bytes", 1) = (SimValue){5, 2};
    sim_result_row(r, "port", "x\ny", "sent", "bytes", 1);
    sim_result_freeze(r);
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    ck_assert(sim_csv_write(r, out));
    fclose(out);
    ck_assert_str_eq(text, "run,window,entity,metric,unit,value\n"
                           "\"a \"\"b\"\", c\",all,tor1/1,sent,bytes,2.5\n"
                           "\"a \"\"b\"\", c\",all,\"x\ny\",sent,bytes,\n");
    free(text);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_json");
    TCase *tests = tcase_create("report_json");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, keys_follow_the_rule);
    tcase_add_test(tests, result_has_its_members);
    tcase_add_test(tests, reading_back_gives_the_same_bytes);
    tcase_add_test(tests, what_is_no_result_gets_a_sentence);
    tcase_add_test(tests, a_cut_result_is_refused);
    tcase_add_test(tests, two_windows_of_one_name_keep_apart);
    tcase_add_test(tests, rows_of_resources_join_them);
    tcase_add_exit_test(tests, two_metrics_on_one_key_are_our_bug, SIM_EXIT_INTERNAL);
    tcase_add_test(tests, a_full_disk_is_noticed);
    tcase_add_test(tests, csv_quotes_what_needs_it);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
