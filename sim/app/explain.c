#include "sim/scenario/explain.h"

#include "sim/app/options.h"
#include "sim/app/verbs.h"

int sim_verb_explain(int argc, char **argv) {
    char **words;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    const SimOptions options = {
        .verb = "explain",
        .summary = "explain a metric, a parameter, a diagnostic or a part",
        .words = "WHAT...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "Examples:\n"
                 "  rackcast explain write.p99\n"
                 "  rackcast explain switch.buffer\n"
                 "  rackcast explain E104\n"
                 "  rackcast explain mellanox-sn2410\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = SIM_EXIT_OK;
    for (char **word = words; *word; word++) {
        if (word != words) putchar('\n');
        if (!sim_explain(*word, stdout)) code = SIM_EXIT_USAGE;
    }
    g_strfreev(words);
    return code;
}
