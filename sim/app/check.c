#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"

static int check_file(const char *file, char **sets, bool strict, bool json) {
    if (!sim_session_readable(file)) return SIM_EXIT_FILE;
    SimDiagnostics *found = sim_diagnostics_new(file);
    SimScenario *scenario = sim_session_load_into(file, sets, found);
    uint32_t errors = sim_diagnostics_errors(found);
    uint32_t warnings = sim_diagnostics_warnings(found);
    if (json)
        sim_diagnostics_json(found, stdout);
    else
        sim_diagnostics_print(found, stdout, sim_options_colour(stdout));
    if (!json && errors + warnings == 0) printf("%s: no problem found\n", file);
    int code = SIM_EXIT_OK;
    if (!scenario || errors || (strict && warnings)) code = SIM_EXIT_INVALID;
    sim_scenario_free(scenario);
    sim_diagnostics_free(found);
    return code;
}

int sim_verb_check(int argc, char **argv) {
    gboolean strict = FALSE, json = FALSE;
    char **sets = NULL, **files;
    const GOptionEntry entries[] = {
        {"strict", 0, 0, G_OPTION_ARG_NONE, &strict, "warnings count as errors", NULL},
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &sets, "check with a value changed; repeatable",
         "PATH=VALUE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array of what was found, one a file",
         NULL},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "check",
        .summary = "say everything that is wrong or unwise, without running",
        .words = "FILE...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "Exit code 3 where there is an error. `rackcast explain CODE` says more about\n"
                 "a code such as E104.\n",
    };
    int code = sim_options_parse(&options, argc, argv, &files);
    if (code == -1) {
        code = SIM_EXIT_OK;
        for (char **file = files; *file; file++)
            code = sim_exit_worse(code, check_file(*file, sets, strict, json));
        g_strfreev(files);
    }
    g_strfreev(sets);
    return code;
}
