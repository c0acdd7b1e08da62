/* report.c: rackcast report. A result is read back and shown again; the pictures are drawn from
 * the scripts and data beside it, which the user may have changed. */
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/expect.h"
#include "sim/report/json.h"
#include "sim/report/text.h"

/* The scenario as it was, for its expectations; NULL where it was not kept. */
static SimScenario *load_effective(const SimResult *result) {
    if (!result->effective) return NULL;
    SimDiagnostics *found = sim_diagnostics_new(SIM_RESULT_EFFECTIVE);
    SimScenario *scenario = sim_scenario_load_bytes(SIM_RESULT_EFFECTIVE, result->effective,
                                                    strlen(result->effective), NULL, 0, found);
    sim_diagnostics_free(found);
    return scenario;
}

static void print_text(const SimResult *result) {
    SimScenario *scenario = load_effective(result);
    SimExpectReport *expects =
        scenario ? sim_expect_evaluate(result, scenario->expects, scenario->n_expects) : NULL;
    SimTextOptions options = {
        .colour = sim_options_colour(stdout), .utf8 = sim_options_utf8(), .expects = expects};
    sim_text_write(result, &options, stdout);
    if (expects) sim_expect_free(expects);
    sim_scenario_free(scenario);
}

static bool draw(const char *folder, const char *script) {
    char *argv[] = {"gnuplot", (char *)script, NULL};
    char *complaint = NULL;
    int status = 0;
    GError *error = NULL;
    bool ok = g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                           NULL, NULL, NULL, &complaint, &status, &error) &&
              g_spawn_check_wait_status(status, &error);
    if (!ok) {
        fprintf(stderr, "rackcast report: %s: %s\n", script, error->message);
        if (complaint) fputs(complaint, stderr);
        g_error_free(error);
    }
    g_free(complaint);
    return ok;
}

static int draw_all(const char *folder) {
    GDir *dir = g_dir_open(folder, 0, NULL);
    int code = SIM_EXIT_OK;
    const char *name;
    while (dir && (name = g_dir_read_name(dir)))
        if (g_str_has_suffix(name, ".gp") && !draw(folder, name)) code = SIM_EXIT_FILE;
    if (dir) g_dir_close(dir);
    return code;
}

static int report_result(const char *where, bool plots, bool json) {
    bool is_folder = g_file_test(where, G_FILE_TEST_IS_DIR);
    char *path = is_folder ? g_build_filename(where, "result.json", NULL) : g_strdup(where);
    char *folder = g_path_get_dirname(path);
    GError *error = NULL;
    int code = SIM_EXIT_OK;
    SimResult *result = sim_json_read(path, &error);
    if (!result) {
        fprintf(stderr, "rackcast report: %s\n", error->message);
        g_error_free(error);
        code = SIM_EXIT_FILE;
    } else {
        if (json)
            sim_json_write(result, stdout);
        else
            print_text(result);
        fflush(stdout);
        if (plots) code = draw_all(folder);
        sim_result_free(result);
    }
    g_free(folder);
    g_free(path);
    return code;
}

int sim_verb_report(int argc, char **argv) {
    gboolean no_plots = FALSE, json = FALSE;
    char **words;
    const GOptionEntry entries[] = {
        {"no-plots", 0, 0, G_OPTION_ARG_NONE, &no_plots, "draw no pictures", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "print result.json instead of the forecast", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "report",
        .summary = "print the forecast of a result again and draw its pictures",
        .words = "RESULT",
        .words_min = 1,
        .words_max = 1,
        .entries = entries,
        .notes = "RESULT is a folder that `rackcast run` wrote, or its result.json. The pictures\n"
                 "are drawn from the .gp and .dat files beside it, which may be changed.\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = report_result(words[0], !no_plots, json);
    g_strfreev(words);
    return code;
}
