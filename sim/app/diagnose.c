/* diagnose.c: rackcast diagnose. Counters over time, of a run or of a rack, to likely causes. */
#include <glib.h>

#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/report/diagnose.h"

static int diagnose_file(const char *file, bool json) {
    GError *error = NULL;
    SimPdh *pdh = sim_pdh_read(file, &error);
    if (!pdh) {
        int code = error->domain == G_FILE_ERROR ? SIM_EXIT_FILE : SIM_EXIT_INVALID;
        fprintf(stderr, "rackcast diagnose: %s\n", error->message);
        g_error_free(error);
        return code;
    }
    SimDiagnosis *d = sim_diagnose(pdh);
    SimTextOptions options = {.colour = sim_options_colour(stdout), .utf8 = sim_options_utf8()};
    if (json)
        sim_diagnosis_json(d, file, stdout);
    else
        sim_diagnosis_text(d, file, &options, stdout);
    int code = d->findings.n ? SIM_EXIT_FAILED : SIM_EXIT_OK;
    sim_diagnosis_free(d);
    sim_pdh_free(pdh);
    return code;
}

int sim_verb_diagnose(int argc, char **argv) {
    gboolean json = FALSE;
    char **words;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "one JSON document instead of text", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "diagnose",
        .summary = "rank what may be wrong with a rack by its counters",
        .words = "FILE",
        .words_min = 1,
        .words_max = 1,
        .entries = entries,
        .notes =
            "FILE is a CSV of counters over time, written by `rackcast run --counters csv` or\n"
            "exported by Performance Monitor (relog log.blg -f csv -o log.csv). Columns may\n"
            "be missing or stand in any order. Exits with 1 where something is unusual.\n"
            "\n"
            "Examples:\n"
            "  rackcast run --counters csv rack.yaml\n"
            "  rackcast diagnose results/rack/counters.csv\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = diagnose_file(words[0], json);
    g_strfreev(words);
    return code;
}
