/* compare.c: rackcast compare. Each side is a result that was written or a scenario to be run. */
#include <glib.h>
#include <string.h>

#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/compare.h"
#include "sim/report/json.h"

static SimResult *read_result(const char *path, int *code) {
    GError *error = NULL;
    SimResult *result = sim_json_read(path, &error);
    if (result) return result;
    fprintf(stderr, "rackcast compare: %s\n", error->message);
    g_error_free(error);
    *code = SIM_EXIT_FILE;
    return NULL;
}

static SimResult *run_scenario(const char *file, char **sets, int *code) {
    SimScenario *scenario = sim_session_load(file, sets, code);
    if (!scenario) return NULL;
    SimSessionOptions options = {.progress = true, .interruptible = true};
    SimSessionFacts facts;
    SimResult *result = sim_session_run(scenario, &options, &facts);
    sim_scenario_free(scenario);
    if (sim_session_audits(result)) *code = SIM_EXIT_BUG;
    if (facts.interrupted) *code = SIM_EXIT_INTERRUPTED;
    return result;
}

/* Sets *code where there is nothing to compare. */
static SimResult *open_side(const char *what, char **sets, int *code) {
    if (g_file_test(what, G_FILE_TEST_IS_DIR)) {
        char *path = g_build_filename(what, "result.json", NULL);
        SimResult *result = read_result(path, code);
        g_free(path);
        return result;
    }
    if (g_str_has_suffix(what, ".json")) return read_result(what, code);
    return run_scenario(what, sets, code);
}

static int print_comparison(const SimResult *a, const SimResult *b, char **words,
                            int64_t threshold_ppm, bool json) {
    SimComparison *c = sim_compare(a, b, words[0], words[1], threshold_ppm);
    SimTextOptions options = {.colour = sim_options_colour(stdout), .utf8 = sim_options_utf8()};
    if (json)
        sim_compare_json(c, stdout);
    else
        sim_compare_text(c, &options, stdout);
    bool exceeds = sim_compare_exceeds(c);
    sim_compare_free(c);
    return exceeds ? SIM_EXIT_FAILED : SIM_EXIT_OK;
}

static int compare_sides(char **words, char **sets, int64_t threshold_ppm, bool json) {
    int code = SIM_EXIT_OK;
    SimResult *a = open_side(words[0], sets, &code), *b = NULL;
    if (code == SIM_EXIT_OK) b = open_side(words[1], sets, &code);
    if (code == SIM_EXIT_OK) code = print_comparison(a, b, words, threshold_ppm, json);
    if (a) sim_result_free(a);
    if (b) sim_result_free(b);
    return code;
}

static int parse_threshold(const char *text, int64_t *ppm) {
    *ppm = -1;
    if (!text || sim_options_share(text, ppm)) return -1;
    fprintf(stderr, "rackcast compare: --threshold takes a share such as 2%%, not '%s'\n", text);
    return SIM_EXIT_USAGE;
}

int sim_verb_compare(int argc, char **argv) {
    gboolean json = FALSE;
    char *threshold = NULL, **sets = NULL, **words;
    const GOptionEntry entries[] = {
        {"threshold", 0, 0, G_OPTION_ARG_FILENAME, &threshold,
         "exit with 1 where a figure changes by more", "SHARE"},
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &sets,
         "change a value of scenarios that are run; repeatable", "PATH=VALUE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "one JSON document instead of a table", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "compare",
        .summary = "set two results or two scenarios side by side",
        .words = "A B",
        .words_min = 2,
        .words_max = 2,
        .entries = entries,
        .notes = "A and B are folders that `rackcast run` wrote, their result.json, or scenarios,\n"
                 "which are then run. First come the differences of the inputs, then every figure\n"
                 "that differs, the largest change first.\n"
                 "\n"
                 "Examples:\n"
                 "  rackcast compare results/before results/after\n"
                 "  rackcast compare --threshold 2% results/before rack.yaml\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code == -1) {
        int64_t ppm;
        code = parse_threshold(threshold, &ppm);
        if (code == -1) code = compare_sides(words, sets, ppm, json);
        g_strfreev(words);
    }
    g_strfreev(sets);
    g_free(threshold);
    return code;
}
