#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/scenario/explain.h"

int sim_verb_parts(int argc, char **argv) {
    char **words;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    const SimOptions options = {
        .verb = "parts",
        .summary = "list the parts that a scenario can name",
        .words = "[KIND|NAME]",
        .words_min = 0,
        .words_max = 1,
        .entries = entries,
        .notes = "Examples:\n"
                 "  rackcast parts                    every part, by kind\n"
                 "  rackcast parts switch             the switches\n"
                 "  rackcast parts mellanox-sn2410    one part with its sources\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = sim_parts_write(stdout, words[0]) ? SIM_EXIT_OK : SIM_EXIT_USAGE;
    g_strfreev(words);
    return code;
}
