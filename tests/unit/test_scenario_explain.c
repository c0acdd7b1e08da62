/* links: sim_scenario sim_base */
/* test_scenario_explain.c: what the tables say: explain, parts, JSON Schema, and that the
 * table of codes is complete. */
#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/scenario/codes.h"
#include "sim/scenario/explain.h"
#include "tests/unit/test_scenario_models.h"

static char *printed; /* by the last call below */

static void narrow(const char *text) {
    char **lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++)
        ck_assert_msg(g_utf8_strlen(*line, -1) <= 80, "too wide: %s", *line);
    g_strfreev(lines);
}

static bool explain(const char *what) {
    free(printed);
    size_t size;
    FILE *stream = open_memstream(&printed, &size);
    bool good = sim_explain(what, stream);
    fclose(stream);
    narrow(printed);
    return good;
}

static bool parts(const char *which) {
    free(printed);
    size_t size;
    FILE *stream = open_memstream(&printed, &size);
    bool good = sim_parts_write(stream, which);
    fclose(stream);
    narrow(printed);
    return good;
}

static void has(const char *word) {
    ck_assert_msg(strstr(printed, word), "no \"%s\" in:\n%s", word, printed);
}

START_TEST(everything_has_an_explanation) {
    ck_assert(explain("E104"));
    has("E104: no unit");
    ck_assert(explain("E310")); /* of a model */
    has("a port cabled twice");
    ck_assert(explain("hosts.nic.rate"));
    has("hosts.nic.rate\n");
    has("required");
    ck_assert(!strstr(printed, "switches.rate"));
    ck_assert(explain("rate"));
    has("hosts.nic.rate\n");
    has("switches.rate\n");
    has("at most: 800Gbps");
    ck_assert(explain("roce"));
    has("one of v1 v2");
    ck_assert(explain("hosts"));
    has("keys: nic, vnics");
    ck_assert(explain("cables.from"));
    has("refers to: switch|host");
    ck_assert(explain("latency"));
    has("default: 500ns");
    has("source: assumption: A-switch-latency");
    ck_assert(explain("A-switch-latency"));
    has("500 ns where no part says more");
    ck_assert(explain("write.p99"));
    has("a metric of a workload, in ns");
    ck_assert(explain("workload.write.p99"));
    ck_assert(explain("mellanox-sn2410"));
    has("product brief");
    ck_assert(explain("count"));
    ck_assert(explain("duration"));
    has("Length of the whole run");
}
END_TEST

START_TEST(the_unknown_gets_a_guess) {
    ck_assert(!explain("hosts.nic.rte"));
    has("did you mean hosts.nic.rate?");
    ck_assert(!explain("mellanox-sn2140"));
    has("did you mean mellanox-sn2410?");
    ck_assert(!explain("utterly-unknown-thing"));
    has("nothing is called");
    ck_assert(!explain(""));
}
END_TEST

START_TEST(parts_are_listed_and_shown) {
    ck_assert(parts(NULL));
    has("mellanox-sn2410  switch  ports 48, rate 25Gbps");
    has("p4510");
    ck_assert(parts("cna"));
    has("cx4lx");
    ck_assert(!strstr(printed, "p4510"));
    ck_assert(parts("mellanox-sn2410"));
    has("latency          300ns");
    has("data sheet");
    ck_assert(parts("p4510"));
    has("2018");
    ck_assert(!parts("p451"));
    has("did you mean p4510?");
}
END_TEST

/* Brackets match and no comma is missing or left over; a validator reads it in tests/cli. */
START_TEST(the_schema_is_well_formed) {
    free(printed);
    size_t size;
    FILE *stream = open_memstream(&printed, &size);
    sim_schema_write(stream);
    fclose(stream);
    int depth = 0;
    bool text = false;
    char before = ',';
    for (const char *at = printed; *at; at++) {
        if (text || *at == '"') {
            if (!text) ck_assert(strchr(",:[{", before));
            if (text && *at == '\\') {
                at++;
            } else if (*at == '"') {
                text = !text;
            }
        } else if (*at == '{' || *at == '[') {
            ck_assert(strchr(",:[{", before));
            depth++;
        } else if (*at == '}' || *at == ']') {
            ck_assert(before != ',' && --depth >= 0);
        }
        if (!g_ascii_isspace(*at)) before = *at;
    }
    ck_assert_int_eq(depth, 0);
    has("\"required\": [\"schema\", \"name\", \"description\", \"duration\"]");
    has("\"pattern\": \"^(0|[1-9][0-9]*)(\\\\.[0-9]+)?(bps|kbps|Mbps|Gbps)$\"");
    has("\"$ref\": \"#/definitions/host\"");
    has("\"oneOf\"");
}
END_TEST

START_TEST(codes_are_unique_and_told) {
    for (const SimDiagnosticDoc *a = sim_scenario_codes; a->code; a++) {
        ck_assert_ptr_eq(sim_code_find(a->code), a); /* none stands twice */
        ck_assert((a->code[0] == 'E' || a->code[0] == 'W') && strlen(a->code) == 4);
        ck_assert(*a->title && *a->doc && g_str_has_suffix(a->doc, "."));
    }
    ck_assert_ptr_null(sim_code_find("E999"));
}
END_TEST

/* Every code that the sources of the loader use stands in the table. */
START_TEST(codes_in_use_are_in_the_table) {
    const char *source = g_getenv("SOURCE");
    if (!source) return; /* by hand, without ctest */
    char *folder = g_build_filename(source, "sim", "scenario", NULL);
    GDir *dir = g_dir_open(folder, 0, NULL);
    ck_assert_ptr_nonnull(dir);
    int found = 0;
    for (const char *name; (name = g_dir_read_name(dir));) {
        if (!g_str_has_suffix(name, ".c") || strcmp(name, "codes.c") == 0) continue;
        char *path = g_build_filename(folder, name, NULL), *text;
        ck_assert(g_file_get_contents(path, &text, NULL, NULL));
        for (const char *at = text; (at = strpbrk(at, "EW")); at++) {
            bool code = at > text && at[-1] == '"' && strspn(at + 1, "0123456789") == 3;
            if (!code || at[4] != '"') continue;
            char word[5] = {at[0], at[1], at[2], at[3], 0};
            ck_assert_msg(sim_code_find(word), "%s in %s is not in codes.c", word, name);
            found++;
        }
        g_free(text);
        g_free(path);
    }
    g_dir_close(dir);
    g_free(folder);
    ck_assert_int_gt(found, 40);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scenario explain");
    TCase *tests = tcase_create("explain");
    tcase_add_test(tests, everything_has_an_explanation);
    tcase_add_test(tests, the_unknown_gets_a_guess);
    tcase_add_test(tests, parts_are_listed_and_shown);
    tcase_add_test(tests, the_schema_is_well_formed);
    tcase_add_test(tests, codes_are_unique_and_told);
    tcase_add_test(tests, codes_in_use_are_in_the_table);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    free(printed);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
